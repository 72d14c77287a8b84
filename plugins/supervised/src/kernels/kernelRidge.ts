import { type Backend, defaultBackend } from '@muflow/core';
import { checkKernelRidge } from './checkKernelRidge.js';
import type { IterativeSolution } from './conjugateGradients.js';
import { directFits } from './directFits.js';
import type { KernelInto } from './featureKernel.js';
import { iterativeFits } from './iterativeFits.js';
import type { IterativeOptions, KernelRidgeProblem, PenaltyFit, PenaltyRule, PenaltyScore } from './penaltyFit.js';

export interface KernelRidgeOptions {
  readonly kernel: KernelInto;
  /** L*d, row-major. */
  readonly inputs: Float64Array;
  /** L. */
  readonly targets: Float64Array;
  /** The penalty, > 0; or penalties to choose from: default 1e-9, 1e-8, ..., 1e2. */
  readonly lambda?: number | readonly number[];
  /** Default `loo` for the direct solver, `validation` for the iterative one, which has no other. */
  readonly select?: PenaltyRule;
  readonly validation?: { readonly inputs: Float64Array; readonly targets: Float64Array };
  /**
   * `cholesky`, the default up to 6000 rows, stores one L*L matrix; `conjugate-gradients` computes blocks of it anew
   * in every iteration and stores `L landmarks` numbers.
   */
  readonly solver?: 'cholesky' | 'conjugate-gradients';
  readonly iterative?: IterativeOptions;
  readonly backend?: Backend;
  /** Awaited between blocks of work, with the share that is done. */
  readonly pause?: (fraction: number) => Promise<void>;
}

/** `f(x) = sum_l alpha_l k(x, x_l)`. */
export interface KernelRidgeFit {
  /** alpha, L numbers. */
  readonly coefficients: Float64Array;
  readonly lambda: number;
  /** One for every penalty, in their order. */
  readonly scores: readonly PenaltyScore[];
  /** `|f|^2 = <alpha, K alpha>` in the space of the kernel. */
  readonly squaredNorm: number;
  /** Mean squared error on the rows of the fit. */
  readonly trainError: number;
  /** Of the direct solver with `loo` or `gcv`: `y_l - f_{-l}(x_l)` at the penalty that was chosen. */
  readonly looResiduals: Float64Array | null;
  /** How the iterative solver ended; null for the direct one. */
  readonly solution: Omit<IterativeSolution, 'x'> | null;
  /** Values at inputs (rows*d). */
  predict(inputs: Float64Array, rows: number): Float64Array;
}

/** Rows of predictions that are computed at once: `predictRows L` numbers are stored. */
const predictRows = 256;
/** Above this many rows, 288 MB, the direct solver is no longer the default. */
const mostDirect = 6000;

const defaultLambdas = Array.from({ length: 12 }, (_, k) => 10 ** (k - 9));

/**
 * Kernel ridge regression: the f that minimizes `(1/L) sum_l (f(x_l) - y_l)^2 + lambda |f|^2` in the space of the
 * kernel, `f = sum_l alpha_l k(., x_l)` with `(K + lambda L I) alpha = y`. The convention is that of `fitRidge`;
 * others write `K + lambda I`, whose lambda is L times ours.
 *
 * Leaving rows out costs nothing more: `y_l - f_{-l}(x_l) = alpha_l / (A^-1)_ll` with `A = K + lambda L I` (the penalty of
 * those that remain is still lambda L), and `gcv = L |alpha|^2 / tr(A^-1)^2`. Both come from a second pass over the factor
 * of A. Every penalty is factorized anew: the twelve of the default, in products of matrices, take half the time of the
 * eigendecomposition of `ridgePath` at 500 rows. Of penalties that are equally good the first is taken.
 *
 * Cost of `cholesky` for each penalty: L^3/3 operations, twice that with `loo` or `gcv`; memory 8 L^2 bytes. Of
 * `conjugate-gradients`: L^2 kernel values an iteration.
 * Source: [GolubHeathWahba1979] for the rules; [RudiCarratinoRosasco2017] for the iterative solver.
 *
 * @throws `invalid-argument` for penalties that are not positive, or nothing that chooses among several; `shape-mismatch` for
 * inputs that are no rows of targets.
 *
 * @example
 * import { radialBasisKernel, kernelRidge } from '@muflow/supervised';
 * const inputs = Float64Array.from({ length: 20 }, (_, l) => l / 4);
 * const kernel = radialBasisKernel(1).gramInto;
 * const fit = await kernelRidge({ kernel, inputs, targets: inputs.map(Math.sin), lambda: 1e-8 });
 * console.log(Math.abs(fit.predict(Float64Array.of(2.1), 1)[0] - Math.sin(2.1)) < 1e-4); // => true
 */
export async function kernelRidge(options: KernelRidgeOptions): Promise<KernelRidgeFit> {
  const { kernel, inputs, targets, backend = defaultBackend(), pause = async () => undefined, validation } = options;
  const rows = targets.length;
  const solver = options.solver ?? (rows <= mostDirect ? 'cholesky' : 'conjugate-gradients');
  const lambdas = typeof options.lambda === 'number' ? [options.lambda] : (options.lambda ?? defaultLambdas);
  const fallback = solver === 'cholesky' ? 'loo' : 'validation';
  const select = options.select ?? (lambdas.length > 1 ? fallback : null);
  checkKernelRidge({ rows, inputs, lambdas, select, solver, validation });
  const predictor = (coefficients: Float64Array) => (points: Float64Array, count: number) =>
    predict({ kernel, inputs, rows, coefficients, backend }, points, count);
  const problem: KernelRidgeProblem = {
    ...{ kernel, inputs, targets, rows, lambdas, select, backend, pause },
    iterative: options.iterative ?? {},
    validationError: (coefficients) =>
      validation === undefined
        ? null
        : meanSquareOf(predictor(coefficients)(validation.inputs, validation.targets.length), validation.targets),
  };
  const fits = solver === 'cholesky' ? directFits(problem) : iterativeFits(problem);
  const scores: PenaltyScore[] = [];
  let best: PenaltyFit | undefined;
  for await (const fit of fits) {
    scores.push(fit.score);
    if (best === undefined || (select !== null && Number(fit.score[select]) < Number(best.score[select]))) best = fit;
  }
  const { score, coefficients, looResiduals, solution } = best as PenaltyFit;
  const { lambda } = score;
  return {
    coefficients,
    lambda,
    scores,
    ...sizesOf(coefficients, targets, lambda),
    looResiduals,
    solution,
    predict: predictor(coefficients),
  };
}

/** `K alpha = y - lambda L alpha`, so the norm and the error need no kernel. */
function sizesOf(alpha: Float64Array, y: Float64Array, lambda: number): { squaredNorm: number; trainError: number } {
  const rows = y.length;
  let [norm, error] = [0, 0];
  for (let l = 0; l < rows; l++) {
    const residual = lambda * rows * alpha[l];
    norm += alpha[l] * (y[l] - residual);
    error += residual * residual;
  }
  return { squaredNorm: norm, trainError: error / rows };
}

interface Fitted {
  readonly kernel: KernelInto;
  readonly inputs: Float64Array;
  readonly rows: number;
  readonly coefficients: Float64Array;
  readonly backend: Backend;
}

function predict(fitted: Fitted, points: Float64Array, count: number): Float64Array {
  const { kernel, inputs, rows, coefficients, backend } = fitted;
  const d = inputs.length / rows;
  const out = new Float64Array(count);
  const block = new Float64Array(Math.min(count, predictRows) * rows);
  for (let first = 0; first < count; first += predictRows) {
    const height = Math.min(predictRows, count - first);
    kernel(block, points.subarray(first * d, (first + height) * d), height, inputs, rows);
    backend.matmulInto(out.subarray(first, first + height), block, coefficients, { n: height, k: rows, m: 1 });
  }
  return out;
}

function meanSquareOf(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum / a.length;
}
