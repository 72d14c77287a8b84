import { deriveKey, type RandomKey } from '@muflow/core';
import type { FittedNetwork } from './fittedNetwork.js';
import { drawSamples, type FitProblem } from './problem.js';
import { drawUnitsInto, regressOuterInto, type ShallowClass, shallowNetwork } from './shallowNetwork.js';

/** Options of {@link randomFeatureFit}. */
export interface RandomFeatureOptions extends ShallowClass {
  /** Rows of the regression; default `max(2048, 8 width)`. */
  readonly rows?: number;
  readonly key: RandomKey;
}

/**
 * Random features with ridge: inner weights drawn once (at the data), outer weights and the constant by ridge
 * regression whose penalty generalized cross-validation chooses. Convex, hence the best network
 * of the drawn units up to the sample. Cost `rows M^2 + M^3`. A pure function of its key.
 *
 * @throws `invalid-argument` for a number of rows or units that is none.
 * @example
 * const fit = randomFeatureFit({ target, law }, { width: 64, key: randomKey(1) });
 * networkCeiling({ target, law }, fit, { points: 10_000, key: randomKey(2) }).value;
 */
export function randomFeatureFit(problem: FitProblem, options: RandomFeatureOptions): FittedNetwork {
  const { width, scale = 1, key, rows = Math.max(2048, 8 * width) } = options;
  const samples = drawSamples(problem, rows, deriveKey(key, 'regression'));
  const network = shallowNetwork(problem, options);
  const parameters = new Float64Array(network.parameterCount);
  drawUnitsInto(parameters, network, { samples, key, scales: [scale] });
  regressOuterInto(parameters, network, samples);
  return { network, parameters, method: 'random features with ridge' };
}
