import {
  ballLaw,
  boxLaw,
  categorical,
  deriveKey,
  fail,
  gaussianLaw,
  type InitialLaw,
  normalAt,
  type RandomKey,
  randomStream,
  shellLaw,
  show,
  uniformAt,
} from '@muflow/core';
import { type SetBatch, setBatchFromArrays } from './setBatch.js';

/**
 * A law of random sets: given parameters of its own, which differ from set to set, the points of a set are independent
 * of one law. Draws are addressed: a larger set of the same key begins with the smaller one.
 */
export interface SetLaw {
  readonly name: string;
  readonly dim: number;
  /** The law of the points of the set that belongs to `key`. */
  pointLaw(key: RandomKey): Pick<InitialLaw, 'pointInto'>;
  readonly moments: SetMoments;
}

/**
 * Exact moments: a point has mean `mean` and covariance `within + between`, the mean of a set of N points has covariance
 * `between + within / N`. Matrices are d*d, row-major.
 */
export interface SetMoments {
  readonly mean: Float64Array;
  /** The mean over sets of the covariance of their points. */
  readonly within: Float64Array;
  /** The covariance over sets of the mean of their law. */
  readonly between: Float64Array;
}

export interface DrawSetsOptions {
  /** How many sets. */
  readonly sets: number;
  /** Points of a set: a number, or the ends of the integers from which each size is drawn uniformly. */
  readonly size: number | readonly [number, number];
  readonly key: RandomKey;
  /** Ids are this and a number from 0; default no prefix. */
  readonly idPrefix?: string;
}

/**
 * Independent random sets. Set s depends on its number and the key only, and its first points do not depend on its size.
 *
 * @throws `invalid-argument` for a number of sets or points that is not positive.
 * @example
 * ```ts
 * import { randomKey } from '@muflow/core';
 * import { boxSets, drawSets } from '@muflow/symmetric';
 * const batch = drawSets(boxSets({ dim: 10, radius: 3 }), { sets: 100, size: [4, 16], key: randomKey(1) });
 * console.log(batch.count, batch.dim); // => 100 10
 * ```
 */
export function drawSets(law: SetLaw, { sets, size, key, idPrefix = '' }: DrawSetsOptions): SetBatch {
  const [low, high] = typeof size === 'number' ? [size, size] : size;
  const usable = [sets, low, high].every((n) => Number.isSafeInteger(n) && n >= 1) && low <= high;
  if (!usable) {
    fail({
      code: 'invalid-argument',
      where: 'drawSets',
      problem: 'the numbers of sets and points are not usable',
      got: `${show(sets)} sets of ${show(size)} points`,
      expected: 'integers from 1, a range from low to high',
      fix: 'pass for instance { sets: 100, size: [4, 16] }',
    });
  }
  const sizes = deriveKey(key, 'sizes');
  const offsets = new Int32Array(sets + 1);
  for (let s = 0; s < sets; s++) {
    offsets[s + 1] = offsets[s] + Math.min(high, low + Math.floor((high - low + 1) * uniformAt(sizes, s, 0)));
  }
  const points = new Float64Array(offsets[sets] * law.dim);
  for (let s = 0; s < sets; s++) {
    const own = deriveKey(key, 'set', s);
    const { pointInto } = law.pointLaw(own);
    for (let i = offsets[s]; i < offsets[s + 1]; i++) pointInto(points, i * law.dim, own, i - offsets[s]);
  }
  const ids = Array.from({ length: sets }, (_, s) => `${idPrefix}${s}`);
  return setBatchFromArrays({ dim: law.dim, offsets, points, ids });
}

/** Points uniform in the box `[-radius, radius]^d`, the same law for every set: `within = radius^2 / 3 I`. */
export function boxSets({ dim, radius }: RoundSets): SetLaw {
  checkPositive('boxSets', { dim, radius });
  const intervals = Array.from({ length: dim }, (): [number, number] => [-radius, radius]);
  return oneLaw(boxLaw(intervals), isotropic(dim, radius ** 2 / 3));
}

/** Points uniform in the ball of this radius: `within = radius^2 / (d + 2) I`. */
export function ballSets({ dim, radius }: RoundSets): SetLaw {
  checkPositive('ballSets', { dim, radius });
  return oneLaw(ballLaw({ dim, radius }), isotropic(dim, radius ** 2 / (dim + 2)));
}

/** Points uniform on the sphere of this radius: `within = radius^2 / d I`. */
export function sphereSets({ dim, radius }: RoundSets): SetLaw {
  checkPositive('sphereSets', { dim, radius });
  return oneLaw(shellLaw({ dim, radius }), isotropic(dim, radius ** 2 / dim));
}

export interface RoundSets {
  readonly dim: number;
  readonly radius: number;
}

/**
 * Gaussian sets of random place and scale: `x = m + sigma z` with `m ~ N(0, spread^2 I)` and `log sigma` uniform between
 * the logarithms of the scales, both drawn once a set, z ~ N(0, I). `between = spread^2 I`,
 * `within = (b^2 - a^2) / (2 log(b / a)) I` for scales [a, b] (a^2 I for a = b).
 */
export function gaussianSets(options: {
  readonly dim: number;
  /** Standard deviation of the places, >= 0. */
  readonly spread: number;
  /** Smallest and largest scale, > 0. */
  readonly scales: readonly [number, number];
}): SetLaw {
  const { dim, spread, scales } = options;
  const [low, high] = scales;
  checkPositive('gaussianSets', { dim, 'the smallest scale': low, 'the largest scale over the smallest': high / low });
  if (!(spread >= 0 && spread < Infinity && high >= low)) {
    fail({
      code: 'invalid-argument',
      where: 'gaussianSets',
      problem: 'spread or scales are not usable',
      got: `spread ${show(spread)}, scales ${show(scales)}`,
      expected: 'a finite spread >= 0 and scales [low, high] with 0 < low <= high',
      fix: 'pass for instance { dim: 2, spread: 1, scales: [0.5, 2] }',
    });
  }
  const square = high > low ? (high ** 2 - low ** 2) / (2 * Math.log(high / low)) : low ** 2;
  return {
    name: `Gaussian sets of spread ${spread} and scales from ${low} to ${high}`,
    dim,
    moments: { mean: new Float64Array(dim), within: isotropic(dim, square), between: isotropic(dim, spread ** 2) },
    pointLaw(key) {
      const [place, scale] = [deriveKey(key, 'place'), deriveKey(key, 'scale')];
      const mean = Float64Array.from({ length: dim }, (_, k) => spread * normalAt(place, 0, k));
      return gaussianLaw({ dim, mean, std: low * (high / low) ** uniformAt(scale, 0, 0) });
    },
  };
}

/**
 * Points of a Gaussian mixture `sum_k p_k N(c_k, deviation^2 I)`, the same for every set:
 * `within = sum_k p_k (c_k - c)(c_k - c)^T + deviation^2 I` about `c = sum_k p_k c_k`.
 */
export function mixtureSets(options: {
  /** One array of coordinates a component. */
  readonly centers: readonly ArrayLike<number>[];
  /** Default equal. */
  readonly shares?: ArrayLike<number>;
  /** > 0. */
  readonly deviation: number;
}): SetLaw {
  const { centers, deviation } = options;
  const dim = centers[0]?.length ?? 0;
  checkPositive('mixtureSets', { 'the dimension of the centers': dim, deviation });
  const given = Float64Array.from(options.shares ?? centers.map(() => 1));
  const total = given.reduce((sum, share) => sum + share, 0);
  if (given.length !== centers.length || centers.some((center) => center.length !== dim) || !(total > 0)) {
    fail({
      code: 'shape-mismatch',
      where: 'mixtureSets',
      problem: 'the components do not fit',
      got: `centers of ${centers.map((center) => center.length).join(', ')} coordinates and shares ${show(given)}`,
      expected: 'centers of one dimension, and one share >= 0 each',
      fix: 'pass for instance { centers: [[-1, 0], [1, 0]], deviation: 0.3 }',
    });
  }
  const shares = given.map((share) => share / total);
  const mean = new Float64Array(dim);
  centers.forEach((center, c) => {
    for (let k = 0; k < dim; k++) mean[k] += shares[c] * center[k];
  });
  const within = isotropic(dim, deviation ** 2);
  centers.forEach((center, c) => {
    for (let k = 0; k < dim; k++) {
      for (let l = 0; l < dim; l++) within[k * dim + l] += shares[c] * (center[k] - mean[k]) * (center[l] - mean[l]);
    }
  });
  const components = centers.map((center) => gaussianLaw({ dim, mean: center, std: deviation }));
  return {
    name: `mixture of ${centers.length} Gaussians`,
    dim,
    moments: { mean, within, between: new Float64Array(dim * dim) },
    pointLaw: () => ({
      pointInto: (out, start, key, index) => {
        const component = categorical(shares, randomStream(deriveKey(key, 'component', index)));
        components[component].pointInto(out, start, key, index);
      },
    }),
  };
}

function oneLaw(law: InitialLaw, within: Float64Array): SetLaw {
  const dim = law.space.dim;
  const moments = { mean: new Float64Array(dim), within, between: new Float64Array(dim * dim) };
  return { name: law.name, dim, moments, pointLaw: () => law };
}

const isotropic = (dim: number, variance: number): Float64Array =>
  Float64Array.from({ length: dim * dim }, (_, at) => (at % (dim + 1) === 0 ? variance : 0));

function checkPositive(where: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    const whole = name.includes('dim') ? Number.isInteger(value) : true;
    if (value > 0 && value < Infinity && whole) continue;
    fail({
      code: 'invalid-argument',
      where,
      problem: `${name} is not usable`,
      got: show(value),
      expected: `a positive ${name.includes('dim') ? 'integer' : 'number'}`,
      fix: 'correct the number',
    });
  }
}
