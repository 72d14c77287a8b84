import { fail } from '../errors.js';
import { symmetricEigen } from './linalg.js';

/** Kernel ridge regression at one penalty. */
export interface RidgePoint {
  /** alpha, L numbers for each output, row-major. */
  readonly coefficients: Float64Array;
  /** `(1/L) sum_l (y_l - f_{-l}(x_l))^2`, summed over outputs; null without a penalty. */
  readonly loo: number | null;
  /** `(1/L) |y - f|^2 / (1 - tr(S)/L)^2`, summed over outputs; null without a penalty. */
  readonly gcv: number | null;
  /** `tr S`, the number of degrees of freedom of one output; without a penalty the rank. */
  readonly degrees: number;
  /** `(1/L) |y - f|^2` on the rows of the fit, summed over outputs. */
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
 * @param targets - L numbers, or L rows of `outputs` numbers, which share the penalty.
 * @throws `shape-mismatch` if the matrix is not L*L, `invalid-argument` if it is not symmetric or a penalty is negative.
 */
export function ridgePath(gram: Float64Array, targets: Float64Array, outputs = 1): RidgePath {
  const rows = targets.length / outputs;
  const { values, vectors } = symmetricEigen(gram, rows);
  const moments = new Float64Array(rows * outputs);
  for (let l = 0; l < rows; l++) {
    for (let k = 0; k < rows; k++) {
      for (let o = 0; o < outputs; o++) moments[o * rows + k] += vectors[l * rows + k] * targets[l * outputs + o];
    }
  }
  return {
    values,
    at(lambda) {
      checkPenalty(lambda);
      const inverse = inverseValues(values, lambda * rows);
      const coefficients = new Float64Array(rows * outputs);
      let [left, trace, squares, error] = [0, 0, 0, 0];
      for (let l = 0; l < rows; l++) {
        let diagonal = 0;
        for (let k = 0; k < rows; k++) diagonal += vectors[l * rows + k] * inverse[k] * vectors[l * rows + k];
        trace += diagonal;
        for (let o = 0; o < outputs; o++) {
          let [alpha, fitted] = [0, 0];
          for (let k = 0; k < rows; k++) {
            const entry = vectors[l * rows + k] * inverse[k] * moments[o * rows + k];
            alpha += entry;
            fitted += entry * values[k];
          }
          coefficients[l * outputs + o] = alpha;
          left += (alpha / diagonal) ** 2;
          squares += alpha * alpha;
          error += (targets[l * outputs + o] - fitted) ** 2;
        }
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
