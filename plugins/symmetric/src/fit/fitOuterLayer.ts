import { type ChooseRidgeOptions, type ChosenRidge, chooseRidge } from '@muflow/core';
import { allocateSetPass, forwardSets } from '../network/setPass.js';
import type { SetBatch } from '../sets/setBatch.js';
import type { ParametrizedNetwork } from './middleMeasure.js';

/** What an outer layer is fitted to, and which network it belongs to. */
export interface OuterLayerData extends ParametrizedNetwork {
  readonly batch: SetBatch;
  /** S*c, row-major. */
  readonly targets: Float64Array;
}

/** A network whose outer layer was fitted. */
export interface FittedOuterLayer {
  /** A copy of the parameters, with A replaced. */
  readonly parameters: Float64Array;
  /** Penalty, degrees of freedom and scores. */
  readonly ridge: ChosenRidge;
}

/**
 * The class S3 in closed form: A of a network whose other layers stay, by ridge regression on its neurons
 * `outer(<v_j, Phi(mu)>)` with the penalty of {@link chooseRidge}. No training, and the best that any training of A
 * alone can do for that penalty.
 *
 * @throws as {@link chooseRidge} and `allocateSetPass`.
 * @example
 * const network = setNetwork({ class: 'S3', dim: 2, innerWidth: 200, outerWidth: 200 });
 * const fit = fitOuterLayer({ network, parameters: drawSetParameters(network, randomKey(1)), batch, targets });
 */
export function fitOuterLayer(data: OuterLayerData, options: ChooseRidgeOptions = {}): FittedOuterLayer {
  const { network, batch, targets } = data;
  const features = neuronsOf(data, batch);
  const ridge = chooseRidge({ features, width: network.outerWidth, targets, outputs: network.outputs }, options);
  return { parameters: withOuterLayer(data, ridge.weights), ridge };
}

/** The neurons of a network at every set, S*m2: the features of its outer layer. */
export function neuronsOf({ network, parameters }: ParametrizedNetwork, batch: SetBatch): Float64Array {
  const pass = allocateSetPass(network, batch, { derivatives: false });
  forwardSets(pass, parameters);
  return pass.neurons;
}

/** A copy of the parameters with another outer layer. */
export function withOuterLayer({ network, parameters }: ParametrizedNetwork, weights: Float64Array): Float64Array {
  const out = parameters.slice();
  out.set(weights, network.parts.outer[0]);
  return out;
}
