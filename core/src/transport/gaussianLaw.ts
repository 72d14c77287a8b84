import { fail, show } from '../errors.js';
import { symmetricEigen } from '../math/linalg.js';

/** A Gaussian law N(mean, covariance) on R^d. */
export interface GaussianLaw {
  /** d numbers. */
  readonly mean: ArrayLike<number>;
  /** d*d, row-major, symmetric positive semidefinite. */
  readonly covariance: ArrayLike<number>;
}

/**
 * The dimension of Gaussian laws that can be compared.
 *
 * @throws `shape-mismatch` where sizes do not agree, `not-finite`, `invalid-argument` for what is no covariance.
 */
export function checkLaws(where: string, laws: readonly GaussianLaw[]): number {
  const d = laws.length > 0 ? laws[0].mean.length : 0;
  const shapes = laws.map(({ mean, covariance }) => `mean ${mean.length}, covariance ${covariance.length}`);
  if (!(d > 0 && shapes.every((shape) => shape === `mean ${d}, covariance ${d * d}`))) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'means and covariances do not agree',
      got: shapes.join(' and ') || 'no laws',
      expected: 'd numbers and d*d numbers for each law',
      fix: 'pass flat row-major covariances of one dimension',
    });
  }
  for (const { mean, covariance } of laws) {
    checkFinite(where, 'a mean', mean);
    checkCovariance(where, covariance, d);
  }
  return d;
}

/** A covariance (d*d) as an array of its own. @throws as {@link checkLaws}. */
export function checkCovariance(where: string, given: ArrayLike<number>, d: number): Float64Array {
  const matrix = Float64Array.from(given);
  if (matrix.length !== d * d) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the covariance has the wrong size',
      got: `${matrix.length} numbers`,
      expected: `${d} * ${d}`,
      fix: 'pass a flat row-major matrix',
    });
  }
  checkFinite(where, 'a covariance', matrix);
  const scale = matrix.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(matrix[i * d + j] - matrix[j * d + i]) <= 1e-12 * scale) continue;
      fail({
        code: 'invalid-argument',
        where,
        problem: `the covariance is not symmetric at (${i}, ${j})`,
        got: `${matrix[i * d + j]} and ${matrix[j * d + i]}`,
        expected: 'a symmetric matrix',
        fix: 'average it with its transpose',
      });
    }
  }
  const [least] = symmetricEigen(matrix, d).values;
  if (least < -1e-10 * scale) {
    fail({
      code: 'invalid-argument',
      where,
      problem: 'the covariance has a negative eigenvalue',
      got: show(least),
      expected: 'a positive semidefinite matrix',
      fix: 'check how it was computed',
    });
  }
  return matrix;
}

/** Refuses a time outside of [0, latest]. */
export function checkTime(where: string, t: number, latest: number): void {
  if (t >= 0 && t <= latest && t < Number.POSITIVE_INFINITY) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the time is not on the path',
    got: show(t),
    expected: latest === 1 ? 'a number from 0 to 1' : 'a finite number >= 0',
    fix: 'ask for a time between both ends',
  });
}

function checkFinite(where: string, what: string, values: ArrayLike<number>): void {
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(values[k])) continue;
    fail({
      code: 'not-finite',
      where,
      problem: `entry ${k} of ${what} is not finite`,
      got: show(values[k]),
      expected: 'finite numbers',
      fix: 'look for the first non-finite value upstream',
    });
  }
}
