import { fail, show } from '../errors.js';
import { normalizeLogs } from '../math/sums.js';
import type { Space } from '../space/space.js';
import { checkIds, checkLogMasses, checkNextId, checkPositions, wrongSize, wrongTotal } from './checkParts.js';
import type { Measure, MeasureKind } from './measure.js';

/** What {@link measure} builds from; at most one of `masses` and `logMasses`, equal masses 1/n without either. */
export interface MeasureOptions {
  readonly space: Space;
  /** n*d, row-major; copied. */
  readonly positions: ArrayLike<number>;
  /** n numbers >= 0. */
  readonly masses?: ArrayLike<number>;
  /** n logarithms of masses; -Infinity is no mass. */
  readonly logMasses?: ArrayLike<number>;
  /** Default `probability`. */
  readonly kind?: MeasureKind;
  /** n distinct integers in [0, 2^32); default 0, ..., n-1. */
  readonly ids?: ArrayLike<number>;
  /** Above every id; default the largest id plus one. */
  readonly nextId?: number;
}

/** The stored parts of a measure, taken as they are. */
export interface MeasureParts {
  readonly space: Space;
  readonly kind: MeasureKind;
  readonly positions: Float64Array;
  readonly logMasses: Float64Array;
  readonly ids: Uint32Array;
  readonly nextId: number;
}

/**
 * The discrete measure `sum_i m_i delta_{x_i}`, checked and copied.
 *
 * Sizes must agree, every number must be finite, every atom must lie in the space, and no mass may be negative.
 * A probability must sum to 1 within 1e-9 and is then renormalized, so that its total is 1 to rounding.
 *
 * @param options - the space, the positions (n*d, row-major) and optionally masses, kind and ids.
 * @returns an immutable measure. Cost O(n d), allocates.
 * @throws `shape-mismatch`, `not-finite`, `invalid-argument` (outside the space, negative mass, wrong total).
 *
 * @example
 * ```ts
 * import { euclidean, measure } from '@muflow/core';
 * const mu = measure({ space: euclidean(1), positions: [-1, 1], masses: [0.25, 0.75] });
 * console.log(mu.count, mu.masses[1]); // => 2 0.75
 * ```
 */
export function measure(options: MeasureOptions): Measure {
  const { space, kind = 'probability' } = options;
  const positions = checkPositions(space, options.positions);
  const count = positions.length / space.dim;
  const logMasses = checkLogMasses(options, count);
  if (kind === 'probability') normalizeLogs(logMasses);
  const ids = checkIds(options.ids, count);
  const nextId = checkNextId(options.nextId, ids);
  return measureFromParts({ space, kind, positions, logMasses, ids, nextId });
}

/** A measure on the given arrays, neither copied nor checked: for code that has just made them. */
export function measureFromParts(parts: MeasureParts): Measure {
  const { space, kind, positions, logMasses, ids, nextId } = parts;
  const count = logMasses.length;
  let masses: Float64Array | null = null;
  return {
    space,
    kind,
    count,
    dim: space.dim,
    positions,
    logMasses,
    get masses() {
      masses ??= expInto(new Float64Array(logMasses.length), logMasses);
      return masses;
    },
    ids,
    nextId,
  };
}

/** Masses by their logarithms; runs of equal ones, as transport keeps them, take one exponential. */
export function expInto(masses: Float64Array, logMasses: Float64Array): Float64Array {
  let last = Number.NaN;
  let mass = Number.NaN;
  for (let i = 0; i < masses.length; i++) {
    if (logMasses[i] !== last) {
      last = logMasses[i];
      mass = Math.exp(last);
    }
    masses[i] = mass;
  }
  return masses;
}

/** The same atoms with other masses (n numbers >= 0); the kind stays, so a probability must still sum to 1. */
export function withMasses(mu: Measure, masses: ArrayLike<number>): Measure {
  return measure({ ...partsOf(mu), masses });
}

/** The same atoms with other log-masses (n numbers, -Infinity allowed). */
export function withLogMasses(mu: Measure, logMasses: ArrayLike<number>): Measure {
  return measure({ ...partsOf(mu), logMasses });
}

/** The same masses and ids at other positions (n*d numbers, inside the space). */
export function withPositions(mu: Measure, positions: ArrayLike<number>): Measure {
  const moved = checkPositions(mu.space, positions);
  if (moved.length !== mu.positions.length) wrongSize('positions', moved.length, `${mu.count} * ${mu.dim}`);
  return measureFromParts({ ...mu, positions: moved });
}

/**
 * The measure `factor * mu`; a positive measure, whatever mu was.
 *
 * @param factor - finite and > 0.
 */
export function rescale(mu: Measure, factor: number): Measure {
  if (!(factor > 0 && Number.isFinite(factor))) {
    fail({
      code: 'invalid-argument',
      where: 'rescale',
      problem: 'the factor must be positive',
      got: show(factor),
      expected: 'a finite number > 0',
      fix: 'pass how many times more mass there should be',
    });
  }
  const shift = Math.log(factor);
  return measureFromParts({ ...mu, kind: 'positive', logMasses: mu.logMasses.map((logMass) => logMass + shift) });
}

/** The probability measure `mu / mu(X)`; works at log-masses far below underflow. */
export function normalize(mu: Measure): Measure {
  const logMasses = mu.logMasses.slice();
  const logTotal = normalizeLogs(logMasses);
  if (!Number.isFinite(logTotal)) wrongTotal('normalize', Math.exp(logTotal), 'a positive finite total mass');
  return measureFromParts({ ...mu, kind: 'probability', logMasses });
}

function partsOf({ space, positions, kind, ids, nextId }: Measure): MeasureOptions {
  return { space, positions, kind, ids, nextId };
}
