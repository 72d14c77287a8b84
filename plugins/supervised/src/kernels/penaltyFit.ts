import type { Backend, RandomKey } from '@muflow/core';
import type { IterativeSolution } from './conjugateGradients.js';
import type { KernelInto } from './featureKernel.js';

/**
 * What chooses a penalty: the error of rows left out one by one, its rotation-invariant version, or rows kept aside.
 */
export type PenaltyRule = 'loo' | 'gcv' | 'validation';

/** How conjugate gradients run. */
export interface IterativeOptions {
  /** Relative residual at which a solution counts as converged; default 1e-10. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly maxIterations?: number;
  /** Rows of which the preconditioner is made; default `min(L, 5 sqrt L)`. */
  readonly landmarks?: number;
  /** Draws the landmarks; default a fixed key. */
  readonly key?: RandomKey;
}

/**
 * A penalty with the mean squared errors that choose among several; null where that rule was not asked for or has no
 * closed form.
 */
export interface PenaltyScore {
  readonly lambda: number;
  /** `(1/L) sum_l (y_l - f_{-l}(x_l))^2`, f_{-l} fitted without row l. */
  readonly loo: number | null;
  /** `(1/L) |y - f|^2 / (1 - tr(S)/L)^2`, S the matrix that takes y to f. */
  readonly gcv: number | null;
  readonly validation: number | null;
  /** `tr S`, the number of degrees of freedom. */
  readonly degrees: number | null;
}

/** One penalty with what was computed for it. */
export interface PenaltyFit {
  readonly score: PenaltyScore;
  readonly coefficients: Float64Array;
  readonly looResiduals: Float64Array | null;
  readonly solution: Omit<IterativeSolution, 'x'> | null;
}

/** What the solvers are given: options with their defaults. */
export interface KernelRidgeProblem {
  readonly kernel: KernelInto;
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly rows: number;
  readonly lambdas: readonly number[];
  readonly select: PenaltyRule | null;
  readonly iterative: IterativeOptions;
  readonly backend: Backend;
  readonly pause: (fraction: number) => Promise<void>;
  /** Mean squared error on the validation rows; null where there are none. */
  readonly validationError: (coefficients: Float64Array) => number | null;
}
