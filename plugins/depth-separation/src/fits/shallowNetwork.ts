import {
  allocatePass,
  type Backend,
  chooseRidge,
  type DeepNetwork,
  deepNetwork,
  deriveKey,
  forward,
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

/** How units are drawn. */
export interface DrawOptions {
  readonly samples: Samples;
  readonly key: RandomKey;
  /** Length of the weights of a unit, of every hidden layer in turn; the last number holds for further layers. */
  readonly scales?: readonly number[] | undefined;
}

/**
 * Draws the parameters of all hidden layers: directions uniform on the sphere, times the scale of the layer, and biases
 * `-<w, h_i>` with h_i what the layer reads at a random row of the samples, so that the kinks fall where the data are.
 */
export function drawUnitsInto(parameters: Float64Array, network: DeepNetwork, options: DrawOptions): void {
  const { samples, key, scales = [1] } = options;
  const pass = allocatePass(network, samples.count);
  const hidden = network.layers.slice(0, -1);
  hidden.forEach(({ inputs: d, outputs: width, weights, biases }, l) => {
    const stream = randomStream(l === 0 ? deriveKey(key, 'units') : deriveKey(key, 'units', l));
    if (l > 0) forward(network, pass, parameters, samples.points);
    const read = l === 0 ? samples.points : pass.activations[l];
    const scale = scales[Math.min(l, scales.length - 1)];
    for (let j = 0; j < width; j++) {
      sphereInto(parameters, weights + j * d, d, stream);
      const row = stream.integer(samples.count) * d;
      let at = 0;
      for (let k = 0; k < d; k++) {
        const w = scale * parameters[weights + j * d + k];
        parameters[weights + j * d + k] = w;
        at += w * read[row + k];
      }
      parameters[biases + j] = -at;
    }
  });
}

/** Sets the outer weights and constants of a network by ridge regression on the values of its last hidden layer. */
export function regressOuterInto(parameters: Float64Array, network: DeepNetwork, samples: Samples): void {
  const { inputs: width, outputs, weights, biases } = network.layers[network.layers.length - 1];
  const { count, points, values } = samples;
  const pass = allocatePass(network, count);
  forward(network, pass, parameters, points);
  const units = pass.activations[network.layers.length - 1];
  // The constant is the last feature.
  const features = new Float64Array(count * (width + 1)).fill(1);
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) features[i * (width + 1) + j] = units[i * width + j];
  const rows = { features, width: width + 1, targets: values, outputs, backend: network.backend };
  const { weights: fitted } = chooseRidge(rows);
  for (let o = 0; o < outputs; o++) {
    for (let j = 0; j < width; j++) parameters[weights + o * width + j] = fitted[j * outputs + o];
    parameters[biases + o] = fitted[width * outputs + o];
  }
}
