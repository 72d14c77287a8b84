import { symmetricEigen } from '../math/linalg.js';
import { above, below } from './derivativeSlots.js';
import { choleskyMargin, isPositiveSemidefinite } from './positiveDefinite.js';

/** `q(t) = t'At + b't + c` on the unit sphere of R^d. */
export interface SphereQuadratic {
  readonly dim: number;
  /** d*d, symmetric to the last digit. */
  readonly matrix: Float64Array;
  readonly linear: Float64Array;
  readonly constant: number;
}

/** Proven: the minimum lies in `[lower, upper]`, and q at `at`, divided by its length, is at most `upper`. */
export interface SphereMinimum {
  readonly lower: number;
  readonly upper: number;
  readonly at: Float64Array;
}

/**
 * The minimum of a quadratic over the unit sphere, by duality: for every lambda with `M = A - lambda I` positive
 * semidefinite and every s, `q(t) = c + lambda + t'Mt + b't >= c + lambda - s'Ms - |2Ms + b|` on the sphere, with
 * equality for the greatest lambda and s the minimizer (S-lemma). The eigenvectors of A and the secular equation only
 * suggest lambda and s; what is proven are a Cholesky factorization of M and the sums above, with their rounding.
 * Cost O(d^3). Source: [ConnGouldToint2000], section 7.3.
 */
export function sphereQuadraticMinimum(quadratic: SphereQuadratic): SphereMinimum {
  const { dim: d, matrix, linear, constant } = quadratic;
  const { lambda: best, point } = secularSolution(quadratic);
  const lambda = provenShift(matrix, d, best);
  let [squared, residual, form, terms, norm, value] = [0, 0, 0, 0, 0, constant];
  for (let i = 0; i < d; i++) {
    let product = 0;
    let size = Math.abs(lambda * point[i]);
    for (let j = 0; j < d; j++) {
      product += matrix[i * d + j] * point[j];
      size += Math.abs(matrix[i * d + j] * point[j]);
      norm += Math.abs(matrix[i * d + j]);
    }
    const shifted = product - lambda * point[i];
    const rest = 2 * shifted + linear[i];
    squared += point[i] * point[i];
    residual += rest * rest;
    form += point[i] * shifted;
    value += point[i] * (product + linear[i]);
    terms += (1 + Math.abs(point[i])) * (2 * size + Math.abs(linear[i]));
    norm += Math.abs(linear[i]);
  }
  // Fewer than 4 d + 16 roundings on any path, of terms of these sizes; the second one is the length of the point.
  const error = above((terms + Math.abs(constant) + Math.abs(lambda)) * (4 * d + 16) * 2 ** -52);
  const off = above(Math.abs(squared - 1) + (d + 4) * 2 ** -52);
  const lower = below(constant + lambda - form - Math.sqrt(residual) - error);
  return { lower, upper: above(value + error + above(4 * norm * off)), at: point };
}

/** The greatest lambda at hand of which `A - lambda I` is proven positive semidefinite. */
function provenShift(matrix: Float64Array, d: number, best: number): number {
  const factor = new Float64Array(d * d);
  let step = 2 * choleskyMargin(matrix, d, best) + 2 ** -1000;
  let lambda = best;
  // Ends at the latest where the diagonal dominates: the step doubles.
  while (!isPositiveSemidefinite(matrix, factor, d, -lambda)) {
    if (!(lambda > -Infinity)) return -Infinity;
    lambda = best - step;
    step *= 2;
  }
  return lambda;
}

/**
 * Multiplier and minimizer to rounding. In eigenvectors of A, `t_k = -b_k / (2 (a_k - lambda))` with
 * `|t| = 1`, lambda below the least a_k; in the hard case, b orthogonal to the least eigenvectors, lambda is the
 * least a_k and what is left of the length goes there.
 */
function secularSolution({ dim: d, matrix, linear }: SphereQuadratic): { lambda: number; point: Float64Array } {
  const { values, vectors } = symmetricEigen(matrix, d);
  const half = new Float64Array(d);
  let length = 0;
  for (let k = 0; k < d; k++) {
    for (let i = 0; i < d; i++) half[k] += (vectors[i * d + k] * linear[i]) / 2;
    length += half[k] * half[k];
  }
  length = Math.sqrt(length);
  const lengthAt = (gap: number): number => {
    let sum = 0;
    for (let k = 0; k < d; k++) if (half[k] !== 0) sum += (half[k] / (values[k] - values[0] + gap)) ** 2;
    return Math.sqrt(sum);
  };
  const least = 2 ** -50 * Math.max(Math.abs(values[0]), Math.abs(values[d - 1]), length) + 2 ** -1000;
  // |t| falls with the gap, and is at most 1 where the gap is |b|/2: bisection of its logarithm.
  let [low, high] = [least, Math.max(least, length)];
  for (let k = 0; k < 80 && lengthAt(low) > 1; k++) {
    const middle = Math.sqrt(low) * Math.sqrt(high);
    if (!(middle > low && middle < high)) break;
    if (lengthAt(middle) > 1) low = middle;
    else high = middle;
  }
  const hard = lengthAt(low) <= 1;
  const gap = hard ? low : high;
  const along = new Float64Array(d);
  let rest = 1;
  for (let k = d - 1; k >= 0; k--) {
    along[k] = -half[k] / (values[k] - values[0] + gap);
    if (k > 0) rest -= along[k] * along[k];
  }
  if (hard) along[0] = (half[0] > 0 ? -1 : 1) * Math.sqrt(Math.max(0, rest));
  const point = new Float64Array(d);
  let norm = 0;
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < d; k++) point[i] += vectors[i * d + k] * along[k];
    norm += point[i] * point[i];
  }
  for (let i = 0; i < d; i++) point[i] /= Math.sqrt(norm);
  return { lambda: values[0] - (hard ? 0 : gap), point };
}
