import { fail, symmetricEigen } from '@muflow/core';
import type { Posterior } from './gaussianProcess.js';

export interface KernelFlowOptions {
  /** The tangent kernel at the training inputs (rows*rows), symmetric positive semidefinite. */
  readonly gram: Float64Array;
  /** The tangent kernel between watched and training inputs (points*rows); default the Gram matrix itself. */
  readonly cross?: Float64Array;
  readonly targets: Float64Array;
  /** For gradient descent in steps of this size instead of the flow: `(1 - h T/L)^(t/h)` in place of the exponential. */
  readonly stepSize?: number;
}

/** Values of a function at the training inputs and at the watched ones. */
export interface FlowValues {
  readonly seen: Float64Array;
  readonly watched: Float64Array;
}

export interface KernelFlow {
  /** Eigenvalues of the Gram matrix, ascending: modes decay at rates `values / rows`. */
  readonly values: Float64Array;
  /** `f_t` at the watched inputs for a start f_0; at `time = Infinity` the limit of training. */
  valuesAt(time: number, start: FlowValues): Float64Array;
  /** Mean and covariance of `f_t` at the watched inputs for f_0 a Gaussian process of mean 0. */
  ensembleAt(time: number, start: StartCovariance): Posterior;
}

/** Covariances of f_0: seen*seen, watched*seen, watched*watched. */
export interface StartCovariance {
  readonly seen: Float64Array;
  readonly cross: Float64Array;
  readonly watched: Float64Array;
}

/** Modes below this share of the largest eigenvalue are rounding: at infinite time they have not moved. */
const silentShare = 1e-13;

/**
 * The gradient flow of the square risk `(1/2 L) sum_l (f(x_l) - y_l)^2` under a tangent kernel T that does not move, in
 * closed form at any time:
 *
 *     f_t(x) = f_0(x) + A_t(x) (y - f_0(X)),   A_t(x) = T(x, X) T(X, X)^-1 (1 - exp(-t T(X, X)/L)),
 *
 * and, where f_0 is a Gaussian process with covariance K, f_t is one with mean `A_t y` and
 *
 *     cov = K(x, x') + A_t(x) K(X, X) A_t(x')^T - A_t(x) K(X, x') - K(x, X) A_t(x')^T.
 *
 * With T the NTK and K the NNGP of an infinite network this is the law of a trained wide network; with the tangent kernel
 * of one network it is the flow of its linearization. One eigendecomposition, O(L^3); a time costs O(points L^2).
 * Source: [LeeEtAl2019], section 2.3.
 *
 * @throws `shape-mismatch` where matrices do not fit the targets.
 * @example
 * const flow = kernelFlow({ gram: Float64Array.of(2), targets: Float64Array.of(1) });
 * const start = { seen: Float64Array.of(0), watched: Float64Array.of(0) };
 * console.log(flow.valuesAt(1, start)[0].toFixed(6)); // => 0.864665
 */
export function kernelFlow({ gram, cross = gram, targets, stepSize }: KernelFlowOptions): KernelFlow {
  const rows = targets.length;
  const points = cross.length / rows;
  checkShapes(gram.length, points, rows);
  const { values, vectors } = symmetricEigen(gram, rows);
  // T(x, X) in the eigenbasis.
  const modes = product(cross, vectors, [points, rows, rows]);
  const operatorAt = (time: number): Float64Array => {
    const scaled = new Float64Array(points * rows);
    for (let k = 0; k < rows; k++) {
      const factor =
        stepSize === undefined || time === Number.POSITIVE_INFINITY
          ? response(values[k], time / rows, silentShare * values[rows - 1])
          : stepResponse(values[k], stepSize / rows, Math.round(time / stepSize));
      for (let i = 0; i < points; i++) scaled[i * rows + k] = factor * modes[i * rows + k];
    }
    return product(scaled, transposed(vectors, rows, rows), [points, rows, rows]);
  };
  return {
    values,
    valuesAt(time, { seen, watched }) {
      const residual = targets.map((y, l) => y - seen[l]);
      const moved = product(operatorAt(time), residual, [points, rows, 1]);
      return moved.map((change, i) => watched[i] + change);
    },
    ensembleAt(time, start) {
      const a = operatorAt(time);
      const turned = transposed(a, points, rows);
      const own = product(product(a, start.seen, [points, rows, rows]), turned, [points, rows, points]);
      const mixed = product(start.cross, turned, [points, rows, points]);
      const covariance = new Float64Array(points * points);
      for (let i = 0; i < points; i++) {
        for (let j = 0; j < points; j++) {
          const [at, other] = [i * points + j, j * points + i];
          covariance[at] = start.watched[at] + own[at] - mixed[at] - mixed[other];
        }
      }
      return { mean: product(a, targets, [points, rows, 1]), covariance };
    },
  };
}

/** `(1 - exp(-s v))/v`, continued by s at v = 0. */
function response(v: number, s: number, silent: number): number {
  if (s === Number.POSITIVE_INFINITY) return v > silent ? 1 / v : 0;
  return v === 0 ? s : -Math.expm1(-s * v) / v;
}

/** `(1 - (1 - h v)^steps)/v`, continued by `h steps` at v = 0. */
function stepResponse(v: number, h: number, steps: number): number {
  if (v === 0) return h * steps;
  return h * v < 1 ? -Math.expm1(steps * Math.log1p(-h * v)) / v : (1 - (1 - h * v) ** steps) / v;
}

/** a b for a (n*k) and b (k*m). */
function product(a: Float64Array, b: Float64Array, [n, k, m]: readonly [number, number, number]): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < k; l++) {
      const factor = a[i * k + l];
      for (let j = 0; j < m; j++) out[i * m + j] += factor * b[l * m + j];
    }
  }
  return out;
}

function transposed(a: Float64Array, n: number, m: number): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[j * n + i] = a[i * m + j];
  return out;
}

function checkShapes(gram: number, points: number, rows: number): void {
  if (rows >= 1 && gram === rows * rows && Number.isInteger(points) && points >= 1) return;
  fail({
    code: 'shape-mismatch',
    where: 'kernelFlow',
    problem: 'the kernel matrices do not fit the targets',
    got: `${gram} entries of the Gram matrix, ${points} watched rows, ${rows} targets`,
    expected: `at least one target, ${rows * rows} entries and whole rows of ${rows}`,
    fix: 'pass gram as rows*rows and cross as points*rows',
  });
}
