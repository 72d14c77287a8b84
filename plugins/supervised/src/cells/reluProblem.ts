import { sphere } from '@muflow/core';
import { featureProblem, type PenalizedProblem } from '../certificate/penalizedProblem.js';
import { type ActivationCells, activationCells } from './activationCells.js';
import { cellSupremum, correlationAt } from './cellSupremum.js';

export interface ReluProblemOptions {
  /** L*d, row-major. */
  readonly inputs: Float64Array;
  /** L numbers y. */
  readonly targets: Float64Array;
  readonly lambda: number;
  /** Neurons `relu(<w, x> + b)` with `|(w, b)| = 1`; without a bias `relu(<w, x>)`, `|w| = 1`. */
  readonly bias: boolean;
  /** Default `signed`. */
  readonly sign?: 'signed' | 'positive';
}

/** A penalized problem of rectifiers with its activation cells. */
export interface ReluProblem extends PenalizedProblem {
  readonly cells: ActivationCells;
  readonly targets: Float64Array;
}

/**
 * Penalized least squares over measures of rectifiers on the unit sphere,
 *
 *     P(nu) = (1/2L) sum_l (int relu(<theta, x_l>) dnu - y_l)^2 + lambda |nu|,
 *
 * with a 1 appended to the inputs for a bias. For `dualityGap` the supremum is found by listing all activation cells:
 * proven, and exact up to rounding (where it is negative, its bound is 0, which serves as well).
 *
 * @throws `unsupported` where the sphere is no circle or sphere in space, `shape-mismatch` for data that do not fit.
 * Source: [DeDiosBruna2020]; [Bach2017].
 * @example
 * const problem = reluProblem({ inputs: Float64Array.of(-1, 0, 1), targets: Float64Array.of(1, 0, 1), lambda: 0.1, bias: true });
 */
export function reluProblem(options: ReluProblemOptions): ReluProblem {
  const { targets, lambda, bias, sign = 'signed' } = options;
  const rowCount = targets.length;
  const inputDim = options.inputs.length / rowCount;
  const dim = inputDim + (bias ? 1 : 0);
  const inputs = new Float64Array(rowCount * dim).fill(1);
  for (let l = 0; l < rowCount; l++) {
    for (let k = 0; k < inputDim; k++) inputs[l * dim + k] = options.inputs[l * inputDim + k];
  }
  const cells = activationCells(inputs, dim);
  const feature = dim === 1 ? 'relu(theta*x)' : 'relu(dot(theta, x))';
  const base = featureProblem({ space: sphere(dim), feature, inputs, targets, lambda, sign });
  return {
    ...base,
    cells,
    targets,
    residualOf(nu) {
      const residual = base.residualOf(nu);
      const { weights } = residual.correlation.against.over;
      return { ...residual, supremum: (side) => supremumOf(cells, weights, side) };
    },
  };
}

function supremumOf(cells: ActivationCells, residual: Float64Array, side: 1 | -1) {
  const r = residual.map((x) => side * x);
  const { lower, upper, at } = cellSupremum(cells, r);
  if (at !== null) return { lower, upper, at };
  const axis = new Float64Array(cells.dim);
  axis[0] = 1;
  return { lower: correlationAt(cells, r, axis), upper, at: axis };
}
