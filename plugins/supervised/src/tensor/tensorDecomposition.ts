import { type Energy, type Measure, type SignedAtoms, sphere } from '@muflow/core';
import { kernelProblem, type PenalizedProblem, signedAtoms } from '../certificate/penalizedProblem.js';
import { largestEigenvalue } from './spectrum.js';
import { squareEnergy } from './squareEnergy.js';
import { checkOrder, contractInto, momentTensor, powerInto } from './symmetricTensor.js';

/** A symmetric tensor to be written as a sum of few powers of unit vectors. */
export interface TensorDecomposition {
  /** `T = int theta^(tensor k) dnu0`: a measure or signed atoms on the unit sphere. */
  readonly target: Measure | SignedAtoms;
  /** k, from 2 to 6. */
  readonly order: number;
  /** Penalty lambda >= 0 of the total variation: of the trace for k = 2. */
  readonly lambda: number;
  /** Atoms are `(s, theta)`; default false: masses are positive, which loses nothing for odd k. */
  readonly signed?: boolean;
}

/**
 * The energy of low-rank symmetric tensor decomposition over measures on the sphere of R^d,
 *
 *     F(mu) = (1/2) |int theta^(tensor k) dnu - T|^2 + lambda |nu|,   V(theta) = R(theta, ..., theta) + lambda,
 *     R = int theta^(tensor k) d(nu - nu0),
 *
 * of kernel `<theta, theta'>^k`. For k = 2 it depends on nu through one matrix: its atoms are not determined. From
 * k = 3 on, `T = sum w_i e_i^(tensor k)` of orthonormal e_i has the only minimizer `sum (w_i - lambda)_+ delta_{e_i}`.
 * Cost O(n d^k). Source: [ChizatBach2018], section 2 (sparse measures and their kernels).
 *
 * @throws `invalid-argument` for atoms that are not on a unit sphere, another order, or a lambda below 0.
 * @example
 * const target = measure({ space: sphere(2), kind: 'positive', positions: [1, 0, 0, 1], masses: [2, 1] });
 * const energy = tensorEnergy({ target, order: 3, lambda: 0.1 });
 */
export function tensorEnergy({ order, lambda, signed = false, ...given }: TensorDecomposition): Energy {
  const target = signedAtoms(given.target);
  checkOrder('tensorEnergy', target.space, order);
  const { dim } = target.space;
  const { values } = momentTensor(target, order);
  const scratch = new Float64Array(dim ** (order - 1));
  const slope = new Float64Array(dim);
  const shape = { dim, order, weight: 1 };
  const residualTensor = { dim, order, values };
  const map = {
    name: `tensor decomposition, order ${order}`,
    space: target.space,
    size: values.length,
    goal: values,
    featuresInto: (out: Float64Array, points: Float64Array, start: number, weight: number) => {
      shape.weight = weight;
      powerInto(out, points, start, shape);
    },
    correlateInto: (out: Float64Array, at: number, residual: Float64Array, points: Float64Array, start: number) => {
      residualTensor.values = residual;
      const value = contractInto(slope, residualTensor, points, start, scratch);
      for (let b = 0; b < dim; b++) out[at + b] = order * slope[b];
      return value;
    },
  };
  return squareEnergy(map, { lambda, signed });
}

/**
 * The same problem for `dualityGap`. Its supremum `sup_theta R(theta, ..., theta)` is the largest eigenvalue for k = 2,
 * proven at once in any dimension; for k >= 3 it is searched by branch and bound: seconds for d = 4.
 *
 * @throws as {@link tensorEnergy}.
 */
export function tensorProblem({ target, order, lambda, signed = false }: TensorDecomposition): PenalizedProblem {
  const goal = signedAtoms(target);
  checkOrder('tensorProblem', goal.space, order);
  const { dim } = goal.space;
  const sign = signed ? 'signed' : 'positive';
  const problem = kernelProblem({ target: goal, kernel: `dot(x, y)^${order}`, lambda, sign });
  const { values } = momentTensor(goal, order);
  return {
    ...problem,
    residualOf(nu) {
      const residual = values.slice();
      const fitted = momentTensor({ ...nu, space: sphere(dim) }, order).values;
      let squaredNorm = 0;
      for (let f = 0; f < residual.length; f++) {
        residual[f] -= fitted[f];
        squaredNorm += residual[f] * residual[f];
      }
      const supremum = (side: 1 | -1) => largestEigenvalue(side === 1 ? residual : residual.map((r) => -r), dim);
      return { ...problem.residualOf(nu), squaredNorm, ...(order === 2 ? { supremum } : {}) };
    },
  };
}
