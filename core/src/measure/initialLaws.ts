import { fail, show } from '../errors.js';
import { deriveKey, normalsInto, type RandomKey, randomKey, randomStream, uniformAt } from '../math/random.js';
import { categorical } from '../math/sampling.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { product } from '../space/product.js';
import type { Space } from '../space/space.js';
import { measureFromParts } from './createMeasure.js';
import type { Measure } from './measure.js';
import { proportions } from './statistics.js';

/**
 * A probability law on a space, from which atoms are drawn. Draws are addressed, not consumed: the point of
 * (key, index) is a pure function, so a larger draw begins with the smaller one, and order never matters.
 */
export interface InitialLaw {
  readonly name: string;
  readonly space: Space;
  /** Writes the point of (key, index) at `out[start ... start + dim - 1]`. */
  pointInto(out: Float64Array, start: number, key: RandomKey, index: number): void;
}

/** The uniform law of a space of finite volume. */
export function uniformLaw(space: Space): InitialLaw {
  const name = `uniform on ${space.name}`;
  if (!Number.isFinite(space.volume)) {
    fail({
      code: 'unsupported',
      where: 'uniformLaw',
      problem: 'there is no uniform law on a space of infinite volume',
      got: space.name,
      expected: 'a bounded space',
      fix: 'use boxLaw or gaussianLaw',
    });
  }
  const point = new Float64Array(space.dim);
  return {
    name,
    space,
    pointInto: (out, start, key, index) => {
      space.sampleInto(point, 1, randomStream(deriveKey(key, 'uniform', index)));
      out.set(point, start);
    },
  };
}

/**
 * The Gaussian law with independent coordinates `x_k ~ N(mean_k, std_k^2)`.
 *
 * @param options - `mean` and `std` are one number for all coordinates or `dim` numbers (defaults 0 and 1, std >= 0);
 * on a `space` other than R^dim (default) each point is then moved to a nearest point of it.
 */
export function gaussianLaw(options: {
  readonly dim: number;
  readonly mean?: number | ArrayLike<number>;
  readonly std?: number | ArrayLike<number>;
  readonly space?: Space;
}): InitialLaw {
  const { dim, space = euclidean(dim) } = options;
  const mean = perCoordinate('mean', options.mean ?? 0, dim);
  const std = perCoordinate('std', options.std ?? 1, dim);
  if (space.dim !== dim || std.some((value) => value < 0)) {
    fail({
      code: 'invalid-argument',
      where: 'gaussianLaw',
      problem: space.dim === dim ? 'a standard deviation is negative' : 'the space has other coordinates',
      got: space.dim === dim ? show(std) : space.name,
      expected: space.dim === dim ? 'std >= 0' : `a space of ${dim} coordinates`,
      fix: 'pass the dimension of the space and standard deviations (not variances)',
    });
  }
  const point = new Float64Array(dim);
  return {
    name: `Gaussian on ${space.name}`,
    space,
    pointInto: (out, start, key, index) => {
      normalsInto(point, 0, dim, deriveKey(key, 'gaussian'), index);
      for (let k = 0; k < dim; k++) point[k] = mean[k] + std[k] * point[k];
      space.projectInto(point, point, 1);
      out.set(point, start);
    },
  };
}

/**
 * The uniform law of a box inside a larger space.
 *
 * @param intervals - `[lower, upper]` per coordinate.
 * @param space - where the atoms live, default R^d; use `uniformLaw(box(intervals))` to keep them in the box.
 */
export function boxLaw(
  intervals: readonly (readonly [number, number])[],
  space: Space = euclidean(intervals.length),
): InitialLaw {
  const dim = intervals.length;
  const name = `uniform on ${box(intervals).name}`;
  const corners = Float64Array.from([...intervals.map(([low]) => low), ...intervals.map(([, high]) => high)]);
  if (space.dim !== dim || !space.contains(corners, 0) || !space.contains(corners, dim)) {
    fail({
      code: 'invalid-argument',
      where: 'boxLaw',
      problem: 'the box does not lie in the space',
      got: `${show(intervals.flat())} in ${space.name}`,
      expected: `a box of ${space.dim} intervals inside ${space.name}`,
      fix: 'shrink the box or leave the space out',
    });
  }
  return {
    name,
    space,
    pointInto: (out, start, key, index) => {
      const here = deriveKey(key, 'box');
      for (let k = 0; k < dim; k++) {
        const [low, high] = intervals[k];
        out[start + k] = low + (high - low) * uniformAt(here, index, k);
      }
    },
  };
}

/** The law that draws an atom of `mu` with probability proportional to its mass: output signs, a bootstrap, a constant. */
export function atomsLaw(mu: Measure): InitialLaw {
  const shares = proportions(mu);
  return {
    name: `one of ${mu.count} atoms`,
    space: mu.space,
    pointInto: (out, start, key, index) => {
      const i = categorical(shares, randomStream(deriveKey(key, 'atoms', index)));
      for (let k = 0; k < mu.dim; k++) out[start + k] = mu.positions[i * mu.dim + k];
    },
  };
}

/**
 * The product of laws, on the product of their spaces: coordinates of a lifted space `u = (a, z)` drawn independently.
 *
 * @example
 * ```ts
 * import { draw, gaussianLaw, independent, sphere, uniformLaw } from '@muflow/core';
 * const law = independent([gaussianLaw({ dim: 1 }), uniformLaw(sphere(3))]);
 * const mu = draw(law, 100, 7); // 100 atoms (a, w) with |w| = 1
 * ```
 */
export function independent(laws: readonly InitialLaw[]): InitialLaw {
  const space = product(laws.map((law) => law.space));
  const starts = laws.map((_, f) => laws.slice(0, f).reduce((sum, law) => sum + law.space.dim, 0));
  return {
    name: laws.map((law) => law.name).join(' x '),
    space,
    pointInto: (out, start, key, index) => {
      laws.forEach((law, f) => {
        law.pointInto(out, start + starts[f], deriveKey(key, 'factor', f), index);
      });
    },
  };
}

/** A probability of n independent atoms of equal mass 1/n. The key may be given as a seed. */
export function draw(law: InitialLaw, n: number, key: RandomKey | number | string): Measure {
  checkCount('draw', n);
  const { space } = law;
  checkSize('draw', n, space.dim);
  const positions = new Float64Array(n * space.dim);
  const resolved = typeof key === 'object' ? key : randomKey(key);
  for (let i = 0; i < n; i++) law.pointInto(positions, i * space.dim, resolved, i);
  return measureFromParts({
    space,
    kind: 'probability',
    positions,
    logMasses: new Float64Array(n).fill(-Math.log(n)),
    ids: Uint32Array.from({ length: n }, (_, i) => i),
    nextId: n,
  });
}

/** Refuses a number of atoms that is no integer >= 1. */
export function checkCount(where: string, n: number): void {
  if (Number.isSafeInteger(n) && n >= 1) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the number of atoms is not usable',
    got: show(n),
    expected: 'an integer >= 1',
    fix: 'pass how many atoms there should be',
  });
}

/** The most coordinates of all atoms together: 800 MB. */
const mostNumbers = 100_000_000;

/** Refuses n atoms of `dim` coordinates where their positions would not fit in memory. */
export function checkSize(where: string, n: number, dim: number): void {
  if (n * dim <= mostNumbers) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the measure would be too large',
    got: `${n} atoms of ${dim} coordinates`,
    expected: `at most ${mostNumbers} coordinates of all atoms together`,
    fix: 'take fewer atoms',
  });
}

function perCoordinate(name: string, given: number | ArrayLike<number>, dim: number): Float64Array {
  const values = typeof given === 'number' ? new Float64Array(dim).fill(given) : Float64Array.from(given);
  if (values.length === dim && values.every(Number.isFinite)) return values;
  return fail({
    code: 'shape-mismatch',
    where: 'gaussianLaw',
    problem: `${name} does not fit`,
    got: show(given),
    expected: `one finite number or ${dim}`,
    fix: 'pass one number for all coordinates or one per coordinate',
  });
}
