import { type Backend, deepNetwork, deriveKey, drawParameters, type RandomKey } from '@muflow/core';
import type { FittedNetwork } from './fittedNetwork.js';
import { type FitProblem, outputsOf } from './problem.js';
import { type TrainingOptions, trainInto } from './training.js';

/** Options of {@link deepFit}. */
export interface DeepFitOptions extends TrainingOptions {
  /** Widths of the hidden layers; two of them make depth three. */
  readonly widths: readonly number[];
  /** A name such as `relu` or a formula in z, default `relu`. */
  readonly activation?: string;
  readonly backend?: Backend;
  readonly key: RandomKey;
}

/**
 * A deep network trained by Adam from Gaussian weights of variance 2 over the number that feed a unit, biases of variance
 * 1/4: what training finds from a plain start, next to what a construction proves possible. A pure function of its key.
 *
 * @throws as `deepNetwork` and {@link trainInto}.
 */
export async function deepFit(problem: FitProblem, options: DeepFitOptions): Promise<FittedNetwork> {
  const { widths, activation = 'relu', backend, key } = options;
  const network = deepNetwork({
    inputs: problem.target.dim,
    widths,
    outputs: outputsOf(problem.target),
    activation,
    weightVariance: 2,
    biasVariance: 0.25,
    parameterization: 'standard',
    ...(backend && { backend }),
  });
  const parameters = drawParameters(network, deriveKey(key, 'start'));
  await trainInto(parameters, network, problem, { ...options, key: deriveKey(key, 'training') });
  return { network, parameters, method: `depth ${widths.length + 1} trained by Adam` };
}
