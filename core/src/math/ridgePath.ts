import { fail } from '../errors.js';
import { symmetricEigen } from './linalg.js';

/** Kernel ridge regression at one penalty. */
export interface RidgePoint {
  /** alpha, L numbers. */
  readonly coefficients: Float64Array;
  /** `(1/L) sum_l (y_l - f_{-l}(x_l))^2`; null without a penalty. */
  readonly loo: number | null;
  /** `(1/L) |y - f|^2 / (1 - tr(S)/L)^2`; null without a penalty. */
  readonly gcv: number | null;
  /** `tr S`, the number of degrees of freedom; without a penalty the rank. */
  readonly degrees: number;
  /** `(1/L) |y - f|^2` on the rows of the fit. */
  readonly trainError: number;
}

/** All penalties of one kernel matrix. */
export interface RidgePath {
  /** Eigenvalues of the kernel matrix, ascending. */
  readonly values: Float64Array;
  /** The fit at a penalty >= 0; without one that of least norm, as the limit of small penalties. Cost O(L^2). */
  at(lambda: number): RidgePoint;
}

/** Eigenvalues up to this share of the largest count as 0 where there is no penalty. */
const cutoff = 1e-11;

/**
 * Kernel ridge regression `(K + lambda L I) alpha = y` at any penalty from one eigendecomposition `K = U diag(s) U^T`
 * of the kernel matrix (L*L): `alpha = U diag(1/(s + lambda L)) U^T y`, and the diagonal of the inverse for rows left
 * out one by one. For some hundred rows and many penalties; `kernelRidge` is for more rows, and faster for few
 * penalties. The convention of lambda is that of `kernelRidge`. Cost O(L^3) once, a plain algorithm. Source:
 * [GolubHeathWahba1979].
 *
 * @throws `shape-mismatch` if the matrix is not L*L, `invalid-argument` if it is not symmetric or a penalty is negative.
 */
export function ridgePath(gram: Float64Array, targets: Float64Array): RidgePath {
  const rows = targets.length;
  const { values, vectors } = symmetricEigen(gram, rows);
  const moments = new Float64Array(rows);
  for (let l = 0; l < rows; l++) {
    for (let k = 0; k < rows; k++) moments[k] += vectors[l * rows + k] * targets[l];
  }
  return {
    values,
    at(lambda) {
      checkPenalty(lambda);
      const inverse = inverseValues(values, lambda * rows);
      const coefficients = new Float64Array(rows);
      let [left, trace, squares, error] = [0, 0, 0, 0];
      for (let l = 0; l < rows; l++) {
        let [alpha, diagonal, fitted] = [0, 0, 0];
        for (let k = 0; k < rows; k++) {
          const entry = vectors[l * rows + k] * inverse[k];
          alpha += entry * moments[k];
          diagonal += entry * vectors[l * rows + k];
          fitted += entry * values[k] * moments[k];
        }
        coefficients[l] = alpha;
        left += (alpha / diagonal) ** 2;
        trace += diagonal;
        squares += alpha * alpha;
        error += (targets[l] - fitted) ** 2;
      }
      const degrees = inverse.reduce((sum, factor, k) => sum + factor * values[k], 0);
      if (lambda === 0) return { coefficients, loo: null, gcv: null, degrees, trainError: error / rows };
      return { coefficients, loo: left / rows, gcv: (rows * squares) / trace ** 2, degrees, trainError: error / rows };
    },
  };
}

function inverseValues(values: Float64Array, shift: number): Float64Array {
  const least = cutoff * values[values.length - 1];
  if (shift > 0) return values.map((value) => 1 / (Math.max(0, value) + shift));
  return values.map((value) => (value > least ? 1 / value : 0));
}

function checkPenalty(lambda: number): void {
  if (lambda >= 0 && lambda < Infinity) return;
  fail({
    code: 'invalid-argument',
    where: 'ridgePath',
    problem: 'the penalty is negative or not finite',
    got: String(lambda),
    expected: 'a number >= 0',
    fix: 'pass 0 for the fit of least norm',
  });
}
