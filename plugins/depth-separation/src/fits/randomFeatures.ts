import { type DeepNetwork, deriveKey, type RandomKey } from '@muflow/core';
import { featureRidge } from './featureRidge.js';
import type { FittedNetwork } from './fittedNetwork.js';
import { drawSamples, type FitProblem, type Samples } from './problem.js';
import { drawUnitsInto, type ShallowClass, shallowNetwork } from './shallowNetwork.js';

/** Options of {@link randomFeatureFit}. */
export interface RandomFeatureOptions extends ShallowClass {
  /** Rows of the regression, more than units; default `max(2048, 8 width)`. */
  readonly rows?: number;
  readonly key: RandomKey;
}

/**
 * Random features with ridge: inner weights drawn once ({@link drawUnitsInto}), outer weights and the constant by ridge
 * regression whose penalty generalized cross-validation chooses ({@link featureRidge}). Convex, hence the best network
 * of the drawn units up to the sample. Cost `rows M^2 + M^3`. A pure function of its key.
 *
 * @throws `shape-mismatch` unless there are more rows than units.
 * @example
 * const fit = randomFeatureFit({ target, law }, { width: 64, key: randomKey(1) });
 * networkCeiling({ target, law }, fit, { points: 10_000, key: randomKey(2) }).value;
 */
export function randomFeatureFit(problem: FitProblem, options: RandomFeatureOptions): FittedNetwork {
  const { width, scale, key, rows = Math.max(2048, 8 * width) } = options;
  const samples = drawSamples(problem, rows, deriveKey(key, 'regression'));
  const network = shallowNetwork(problem, options);
  const parameters = new Float64Array(network.parameterCount);
  drawUnitsInto(parameters, network, { samples, key, scale });
  regressOuterInto(parameters, network, samples);
  return { network, parameters, method: 'random features with ridge' };
}

/** Sets the outer weights and the constant of a shallow network by ridge regression on the samples. */
export function regressOuterInto(parameters: Float64Array, network: DeepNetwork, samples: Samples): void {
  const { outputs: width } = network.layers[0];
  const { outputs, weights, biases } = network.layers[1];
  const features = unitValues(network, parameters, samples);
  const { coefficients } = featureRidge(
    { rows: samples.count, features, width: width + 1, targets: samples.values, outputs },
    network.backend,
  );
  for (let o = 0; o < outputs; o++) {
    for (let j = 0; j < width; j++) parameters[weights + o * width + j] = coefficients[o * (width + 1) + j];
    parameters[biases + o] = coefficients[o * (width + 1) + width];
  }
}

/** Values of the units at the samples, and 1 as the last feature: count*(width + 1). */
function unitValues(network: DeepNetwork, parameters: Float64Array, { points, count }: Samples): Float64Array {
  const { inputs: d, outputs: width, weights, biases } = network.layers[0];
  const z = new Float64Array(count * width);
  const inner = parameters.subarray(weights, weights + width * d);
  network.backend.matmulInto(z, points, inner, { n: count, k: d, m: width, transposeB: true });
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) z[i * width + j] += parameters[biases + j];
  network.activation.valueInto(z, z, z.length);
  const features = new Float64Array(count * (width + 1)).fill(1);
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) features[i * (width + 1) + j] = z[i * width + j];
  return features;
}
