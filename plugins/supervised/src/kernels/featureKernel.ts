import type { RandomKey } from '@muflow/core';
import type { FeatureMap } from '../baselines/ridge.js';

/** A kernel between rows of two inputs: `out` is rows*others. */
export type KernelInto = (
  out: Float64Array,
  inputs: Float64Array,
  rows: number,
  others: Float64Array,
  otherRows: number,
) => void;

/** Rows of inputs (rows*d, row-major). */
export interface Rows {
  readonly inputs: Float64Array;
  readonly rows: number;
}

/**
 * A space F2: the kernel `k(x, x') = E[phi(x, w) phi(x', w)]` of features phi with a fixed law of w, in closed form
 * and beside the law that it is the mean of. Source: [RahimiRecht2007], [Bach2017], section 2.3.
 */
export interface FeatureKernel {
  readonly name: string;
  /** Dimension d of the inputs. */
  readonly inputDim: number;
  /**
   * Values between rows and other rows. Where both are the same array, one half of the matrix is computed and the other
   * copied, so that it is symmetric to the bit.
   */
  readonly gramInto: KernelInto;
  /** `k(x, x)` at every row. */
  diagonalInto(out: Float64Array, points: Rows): void;
  /**
   * Gradients in x of `sum_j c_j k(x, z_j)` at every row (rows*d); absent where k has none.
   */
  gradientInto?(out: Float64Array, points: Rows, others: Rows, coefficients: Float64Array): void;
  /**
   * Features drawn from the law, each divided by the root of their number: `<phi(x), phi(x')>` tends to k as the
   * number grows.
   */
  draw(count: number, key: RandomKey): FeatureMap;
}

/** What a factory of a kernel of units `sigma(<w, x> + b)` takes: w ~ N(0, weight^2 I) and b ~ N(0, bias^2). */
export interface UnitLaw {
  /** Standard deviation of the weights; default 1. */
  readonly weight?: number;
  /** Standard deviation of the biases; default 0, none. */
  readonly bias?: number;
}
