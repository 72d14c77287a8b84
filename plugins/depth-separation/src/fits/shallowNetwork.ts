import {
  type Backend,
  type DeepNetwork,
  deepNetwork,
  deriveKey,
  type RandomKey,
  randomStream,
  sphereInto,
} from '@muflow/core';
import { type FitProblem, outputsOf, type Samples } from './problem.js';

/** A rectifier that stops at 1. */
export const boundedRamp = 'min(relu(z), 1)';

/** Which shallow networks are fitted: `sum_j a_j sigma(<w_j, x> + b_j) + c`, with a_j and c in C for complex targets. */
export interface ShallowClass {
  /** Number M of units. */
  readonly width: number;
  /**
   * A name such as `relu` or a formula in z; default `min(relu(z), 1)`, two relus that stay bounded, so that errors have
   * all moments under heavy tails.
   */
  readonly activation?: string;
  /** Length of the drawn weights, default 1: the ramp of the default rises over `1 / scale`. */
  readonly scale?: number;
  readonly backend?: Backend;
}

/** The shallow network of a class for a problem; its parameters are left to the fits. */
export function shallowNetwork(
  { target }: FitProblem,
  { width, activation = boundedRamp, backend }: ShallowClass,
): DeepNetwork {
  return deepNetwork({
    inputs: target.dim,
    widths: [width],
    outputs: outputsOf(target),
    activation,
    biasVariance: 1,
    parameterization: 'standard',
    ...(backend && { backend }),
  });
}

/**
 * Draws inner parameters into the network's: directions uniform on the sphere, times the scale, and biases
 * `-<w, x_i>` with x_i a random row of the samples, so that the kinks fall where the data are.
 */
export function drawUnitsInto(
  parameters: Float64Array,
  network: DeepNetwork,
  {
    samples,
    key,
    scale = 1,
  }: { readonly samples: Samples; readonly key: RandomKey; readonly scale?: number | undefined },
): void {
  const { inputs: d, outputs: width, weights, biases } = network.layers[0];
  const stream = randomStream(deriveKey(key, 'units'));
  for (let j = 0; j < width; j++) {
    sphereInto(parameters, weights + j * d, d, stream);
    const row = stream.integer(samples.count) * d;
    let at = 0;
    for (let k = 0; k < d; k++) {
      const w = scale * parameters[weights + j * d + k];
      parameters[weights + j * d + k] = w;
      at += w * samples.points[row + k];
    }
    parameters[biases + j] = -at;
  }
}
