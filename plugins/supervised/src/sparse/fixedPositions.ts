import { type Measure, measure } from '@muflow/core';
import { kernelProblem, signedAtoms } from '../certificate/penalizedProblem.js';
import type { DeconvolutionProblem } from './deconvolution.js';
import { optimizeWeights } from './optimizeWeights.js';
import { kernelFormula } from './waveKernel.js';

export interface FixedPositionsOptions {
  /** Stop once the duality gap of the problem in the masses is below this share of the energy, default 1e-10. */
  readonly tolerance?: number;
  /** Most sweeps over all masses, default 20,000. */
  readonly maxSweeps?: number;
  /** Masses to start from, default 0. */
  readonly masses?: ArrayLike<number>;
}

/**
 * The convex problem in the masses alone: `min_{w >= 0} (1/2) |sum_i w_i delta_{x_i} - nu0|_K^2 + lambda sum w_i` for
 * given positions: {@link optimizeWeights} of positive measures, which has weights of both signs too.
 *
 * @param positions - n*d angles.
 * @returns the measure of the n atoms, masses of 0 included.
 */
export function optimizeMasses(
  { target, kernel, lambda }: DeconvolutionProblem,
  positions: Float64Array,
  options: FixedPositionsOptions = {},
): Measure {
  const { masses, ...rest } = options;
  const { space } = signedAtoms(target);
  const problem = kernelProblem({ target, kernel: kernelFormula(kernel, space.dim), lambda, sign: 'positive' });
  const { weights } = optimizeWeights(problem, positions, {
    ...rest,
    ...(masses === undefined ? {} : { weights: masses }),
  });
  return measure({ space, kind: 'positive', positions, masses: weights });
}
