import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { fail, show } from '../errors.js';
import { deriveKey, fillNormal, type RandomKey } from '../math/random.js';
import { type Activation, compileActivation } from './activation.js';

export interface DeepNetworkOptions {
  /** Inputs n_0 >= 1. */
  readonly inputs: number;
  /** Widths n_1, ..., n_L of the hidden layers; none for a linear model. */
  readonly widths: readonly number[];
  /** Outputs n_{L+1}, default 1. */
  readonly outputs?: number;
  /** A name such as `relu` or a formula in z. */
  readonly activation: string;
  /** Variance tau_w^2 of a weight times the number that feed a neuron, default 1. */
  readonly weightVariance?: number;
  /** Variance tau_b^2 of a bias, default 0. Biases are there, and learn, only where it is above 0. */
  readonly biasVariance?: number;
  /** Where the variances stand: in the formula (`ntk`, the default) or in the law of the start (`standard`). */
  readonly parameterization?: 'ntk' | 'standard';
  readonly backend?: Backend;
}

/** One affine map `z = weightScale W a + biasScale b`, W of outputs*inputs numbers row by row. */
export interface DeepLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** Where W begins in the parameters. */
  readonly weights: number;
  /** Where b begins; -1 without biases. */
  readonly biases: number;
  readonly weightScale: number;
  readonly biasScale: number;
  /** Standard deviations of the entries of W and b at the start. */
  readonly weightDeviation: number;
  readonly biasDeviation: number;
}

/** A fully connected network; parameters are one flat array. Immutable. */
export interface DeepNetwork {
  readonly inputs: number;
  readonly outputs: number;
  readonly layers: readonly DeepLayer[];
  readonly activation: Activation;
  /** Number of parameters. */
  readonly parameterCount: number;
  readonly backend: Backend;
}

/**
 * A fully connected network of any depth,
 *
 *     a_0 = x,   z_l = s_l W_l a_{l-1} + r b_l,   a_l = sigma(z_l) for l <= L,   f(x) = z_{L+1}.
 *
 * Parameterization `ntk`: entries of W and b start as N(0, 1), `s_l = tau_w / sqrt(n_{l-1})`, `r = tau_b`; `standard`:
 * entries start as N(0, tau_w^2 / n_{l-1}) and N(0, tau_b^2), `s_l = r = 1`. Both are the same function of the same
 * draw; they differ in how fast gradients move the layers. Source: [JacotGabrielHongler2018], section 2.
 *
 * @throws `invalid-argument` for sizes that are no positive integers or variances that are negative.
 * @example
 * const network = deepNetwork({ inputs: 2, widths: [64, 64], activation: 'relu', weightVariance: 2 });
 * const pass = allocatePass(network, 1);
 * forward(network, pass, drawParameters(network, randomKey(1)), Float64Array.of(1, -1));
 * console.log(pass.outputs.length); // => 1
 */
export function deepNetwork(options: DeepNetworkOptions): DeepNetwork {
  const { inputs, widths, outputs = 1, weightVariance = 1, biasVariance = 0, parameterization = 'ntk' } = options;
  const { backend = defaultBackend() } = options;
  checkOptions([inputs, ...widths, outputs], weightVariance, biasVariance);
  const layers: DeepLayer[] = [];
  let at = 0;
  const sizes = [inputs, ...widths, outputs];
  for (let l = 1; l < sizes.length; l++) {
    const [from, to] = [sizes[l - 1], sizes[l]];
    const [weight, bias] = [Math.sqrt(weightVariance / from), Math.sqrt(biasVariance)];
    const inFormula = parameterization === 'ntk';
    layers.push({
      inputs: from,
      outputs: to,
      weights: at,
      biases: bias > 0 ? at + from * to : -1,
      weightScale: inFormula ? weight : 1,
      biasScale: inFormula ? bias : 1,
      weightDeviation: inFormula ? 1 : weight,
      biasDeviation: inFormula ? 1 : bias,
    });
    at += from * to + (bias > 0 ? to : 0);
  }
  const activation = compileActivation(options.activation, backend);
  return { inputs, outputs, layers, activation, parameterCount: at, backend };
}

/** Parameters at the start: independent Gaussian entries, one key a layer. */
export function drawParameters(network: DeepNetwork, key: RandomKey): Float64Array {
  const parameters = new Float64Array(network.parameterCount);
  network.layers.forEach((layer, l) => {
    const weights = parameters.subarray(layer.weights, layer.weights + layer.inputs * layer.outputs);
    fillNormal(weights, deriveKey(key, 'weights', l));
    for (let i = 0; i < weights.length; i++) weights[i] *= layer.weightDeviation;
    if (layer.biases < 0) return;
    const biases = parameters.subarray(layer.biases, layer.biases + layer.outputs);
    fillNormal(biases, deriveKey(key, 'biases', l));
    for (let i = 0; i < biases.length; i++) biases[i] *= layer.biasDeviation;
  });
  return parameters;
}

function checkOptions(sizes: readonly number[], weightVariance: number, biasVariance: number): void {
  const whole = sizes.every((size) => Number.isInteger(size) && size >= 1);
  if (whole && weightVariance > 0 && biasVariance >= 0 && Number.isFinite(weightVariance + biasVariance)) return;
  fail({
    code: 'invalid-argument',
    where: 'deepNetwork',
    problem: 'the network is not usable',
    got: `sizes ${show(sizes)}, weightVariance ${show(weightVariance)}, biasVariance ${show(biasVariance)}`,
    expected: 'whole sizes from 1, a finite weightVariance > 0 and a finite biasVariance >= 0',
    fix: "write { inputs: 2, widths: [64, 64], activation: 'relu', weightVariance: 2 }",
  });
}
