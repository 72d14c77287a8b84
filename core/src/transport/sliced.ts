import { fail, show } from '../errors.js';
import { normalsInto, randomKey } from '../math/random.js';
import { compensatedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { checkFinite } from './energyDistance.js';
import { type TransportSide, transportSides } from './sides.js';
import { circleMean } from './slicedCircle.js';
import { equalMassSquared, lineSorter, monotoneSquared } from './slicedLine.js';

/** Options of {@link slicedWasserstein}. */
export interface SlicedOptions {
  /**
   * How many random directions (default 100), the directions themselves (k*d numbers, row-major, normalized here), or `all`: the
   * exact mean over the circle in the plane.
   */
  readonly directions?: number | ArrayLike<number> | 'all';
  /** Seed of the random directions; default 0. */
  readonly seed?: number | string;
}

/** A sliced distance with what each direction gave. */
export interface SlicedDistance extends CertifiedDistance {
  /** Number of directions; Infinity for the mean over all. */
  readonly directions: number;
  /** `W_2^2` of the projections on each direction; empty for the mean over all. */
  readonly squaredByDirection: Float64Array;
  /** Standard error of `squared` as an estimate of the mean over all directions; 0 where that is what it is, NaN for one direction. */
  readonly standardError: number;
}

/**
 * Sliced Wasserstein distance, the root of the mean over directions u of `W_2^2` of the projections `<u, x>`, on Euclidean spaces
 * and boxes. Exact for the directions taken: `lower` and `upper` allow for rounding, `standardError` tells how far the
 * mean over the directions may be from that over the sphere.
 *
 * @param mu - measure with n atoms.
 * @param nu - measure with m atoms on the same space and of the same total within 1e-9.
 * @returns the distance, its square by direction and the standard error. O(k (n + m) (d + log(n + m))) for k directions,
 * O((n^2 + m^2) (n + m)) for all of the plane.
 * @throws `shape-mismatch` on different spaces or broken directions; `invalid-argument` where totals differ;
 * `unsupported` on curved spaces. Source: [BonneelEtAl2015], section 3.
 *
 * @example
 * ```ts
 * import { diracs, euclidean, measure, slicedWasserstein } from '@muflow/core';
 * const at = (...positions: number[]) => measure({ space: euclidean(2), positions });
 * const { squared } = slicedWasserstein(at(0, 0), at(2, 0), { directions: 'all' });
 * console.log(squared.toFixed(12)); // => 2.000000000000
 * ```
 */
export function slicedWasserstein(mu: Measure, nu: Measure, options: SlicedOptions = {}): SlicedDistance {
  const { directions = 100, seed = 0 } = options;
  const sides = transportSides('slicedWasserstein', [mu, nu], { balanced: true });
  checkSpace(mu);
  if (directions === 'all' && mu.dim === 2) {
    // The integral of a piece may be a rounding below zero.
    const squared = Math.max(0, circleMean(...sides));
    return {
      ...bounded(squared, sides),
      directions: Infinity,
      squaredByDirection: new Float64Array(0),
      standardError: 0,
    };
  }
  const units = slicedDirections(directions, mu.dim, seed);
  const squares = slices(units, sides);
  const squared = compensatedSum(squares) / squares.length;
  let spread = 0;
  for (const value of squares) spread += (value - squared) ** 2;
  const count = squares.length;
  return {
    ...bounded(squared, sides),
    directions: count,
    squaredByDirection: squares,
    standardError: mu.dim === 1 ? 0 : Math.sqrt(spread / ((count - 1) * count)),
  };
}

/** The unit vectors (k*d numbers) that {@link SlicedOptions} ask for; on the line one, as both give the same. */
export function slicedDirections(
  directions: number | ArrayLike<number> | 'all',
  d: number,
  seed: number | string,
): Float64Array {
  if (typeof directions === 'object') return normalized(directions, d);
  return d === 1 ? Float64Array.of(1) : randomDirections(directions, d, seed);
}

function slices(units: Float64Array, [source, target]: readonly [TransportSide, TransportSide]): Float64Array {
  const d = source.dim;
  const [x, y] = [lineSorter(source.count), lineSorter(target.count)];
  const px = new Float64Array(source.count);
  const py = new Float64Array(target.count);
  const equal = source.count === target.count && isUniform(source) && isUniform(target);
  const masses = { source: source.masses, target: target.masses };
  const squares = new Float64Array(units.length / d);
  for (let k = 0; k < squares.length; k++) {
    projectInto(px, source, units, k * d);
    projectInto(py, target, units, k * d);
    x.sort(px);
    y.sort(py);
    squares[k] = equal
      ? equalMassSquared(x.values, y.values, source.total / source.count)
      : monotoneSquared(x, y, masses);
  }
  return squares;
}

function projectInto(out: Float64Array, { positions, dim }: TransportSide, units: Float64Array, start: number): void {
  if (dim === 2) {
    const c = units[start];
    const s = units[start + 1];
    for (let i = 0; i < out.length; i++) out[i] = c * positions[2 * i] + s * positions[2 * i + 1];
    return;
  }
  for (let i = 0, at = 0; i < out.length; i++) {
    let sum = 0;
    for (let k = 0; k < dim; k++) sum += units[start + k] * positions[at++];
    out[i] = sum;
  }
}

/**
 * Projections are off by `(d + 4) 2^-53` of the size of the points at most, which moves every W_2, and their root mean
 * square, by as much; sums and the masses left over from rounding add `2 (n + m + 16) 2^-53` of the largest square.
 */
function bounded(squared: number, [source, target]: readonly [TransportSide, TransportSide]): CertifiedDistance {
  checkFinite('slicedWasserstein', squared);
  let [largest, span] = [0, 0];
  for (let c = 0; c < source.dim; c++) {
    const [low, high] = range(c, [source, target]);
    largest += Math.max(-low, high) ** 2;
    span += (high - low) ** 2;
  }
  const unit = 2 ** -53;
  const moved = 2 * (source.dim + 4) * unit * Math.sqrt(source.total * largest);
  const sums = (2 * source.total * span + squared) * (source.count + target.count + 16) * unit;
  return {
    value: Math.sqrt(squared),
    squared,
    lower: Math.max(0, Math.sqrt(Math.max(0, squared - sums)) - moved),
    upper: Math.sqrt(squared + sums) + moved,
    status: 'exact',
    iterations: 0,
  };
}

function range(c: number, sides: readonly TransportSide[]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { positions, dim, count } of sides) {
    for (let i = 0; i < count; i++) {
      const value = positions[i * dim + c];
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/** True where no mass differs from the mean by more than rounding. */
function isUniform({ masses, total, count }: TransportSide): boolean {
  const mean = total / count;
  for (let i = 0; i < count; i++) if (Math.abs(masses[i] - mean) > mean * 2 ** -50) return false;
  return true;
}

function randomDirections(count: number | 'all', d: number, seed: number | string): Float64Array {
  if (count === 'all' || !(Number.isInteger(count) && count >= 1 && count <= 1e7)) {
    return refuse(
      'invalid-argument',
      'the number of directions is not usable',
      show(count),
      'an integer from 1 to 10000000, "all" in the plane, or unit vectors',
    );
  }
  const units = new Float64Array(count * d);
  const key = randomKey(seed);
  for (let k = 0; k < count; k++) normalsInto(units, k * d, d, key, k);
  return normalized(units, d);
}

function normalized(given: ArrayLike<number>, d: number): Float64Array {
  if (given.length === 0 || given.length % d !== 0) {
    refuse(
      'shape-mismatch',
      'the directions have the wrong size',
      `${given.length} numbers`,
      `k * ${d} numbers, k >= 1`,
    );
  }
  const units = Float64Array.from(given);
  for (let k = 0; k < units.length; k += d) {
    let size = 0;
    for (let c = 0; c < d; c++) size += units[k + c] * units[k + c];
    if (!(size > 0 && Number.isFinite(size))) {
      refuse(
        'invalid-argument',
        `direction ${k / d} has no length`,
        show(units.slice(k, k + d)),
        'a vector of finite length > 0',
      );
    }
    for (let c = 0; c < d; c++) units[k + c] /= Math.sqrt(size);
  }
  return units;
}

function checkSpace({ space }: Measure): void {
  if (space.kind === 'euclidean' || space.kind === 'box') return;
  refuse('unsupported', 'projections on directions need straight lines', space.name, 'a Euclidean space or a box');
}

function refuse(
  code: 'invalid-argument' | 'shape-mismatch' | 'unsupported',
  problem: string,
  got: string,
  expected: string,
): never {
  return fail({ code, where: 'slicedWasserstein', problem, got, expected, fix: `pass ${expected}` });
}
