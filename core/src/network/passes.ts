import { fail } from '../errors.js';
import type { DeepLayer, DeepNetwork } from './deepNetwork.js';

/** What a forward pass leaves for derivatives, and the scratch of backward passes; all arrays rows*width. */
export interface DeepPass {
  readonly rows: number;
  /** `a_0, ..., a_L`; `a_0` is the array of inputs of the last pass. */
  readonly activations: Float64Array[];
  /** `sigma'(z_1), ..., sigma'(z_L)`. */
  readonly slopes: readonly Float64Array[];
  /** rows*outputs. */
  readonly outputs: Float64Array;
  /** Cotangents of `z_1, ..., z_{L+1}` after a backward pass, the last one as it was given. */
  readonly cotangents: Float64Array[];
  /** Scratch of the widest layer, three times. */
  readonly scratch: readonly [Float64Array, Float64Array, Float64Array];
}

/** Buffers for passes of a network over so many rows: about `4 rows` numbers a neuron. */
export function allocatePass(network: DeepNetwork, rows: number): DeepPass {
  const hidden = network.layers.slice(0, -1).map(({ outputs }) => outputs);
  const widest = Math.max(network.inputs, network.outputs, ...hidden);
  const allocate = (): Float64Array[] => hidden.map((width) => new Float64Array(rows * width));
  return {
    rows,
    activations: [new Float64Array(0), ...allocate()],
    slopes: allocate(),
    outputs: new Float64Array(rows * network.outputs),
    cotangents: [...allocate(), new Float64Array(0)],
    scratch: [new Float64Array(rows * widest), new Float64Array(rows * widest), new Float64Array(rows * widest)],
  };
}

const weightsOf = (parameters: Float64Array, { weights, inputs, outputs }: DeepLayer): Float64Array =>
  parameters.subarray(weights, weights + inputs * outputs);

/**
 * The network at `pass.rows` inputs (rows*n_0): fills `pass.outputs`, and what derivatives need. `2 rows` times the number of
 * weights operations; no array is copied, the inputs are kept by reference.
 */
export function forward(network: DeepNetwork, pass: DeepPass, parameters: Float64Array, inputs: Float64Array): void {
  checkLength('forward', 'inputs', inputs, pass.rows * network.inputs);
  checkLength('forward', 'parameters', parameters, network.parameterCount);
  const { layers, activation, backend } = network;
  const { rows, activations, slopes, outputs } = pass;
  activations[0] = inputs;
  layers.forEach((layer, l) => {
    const isLast = l === layers.length - 1;
    const z = isLast ? outputs : activations[l + 1];
    const shape = { n: rows, k: layer.inputs, m: layer.outputs, transposeB: true };
    backend.matmulInto(z, activations[l], weightsOf(parameters, layer), shape);
    addBiases(z, parameters, layer, rows);
    if (!isLast) activation.slopeInto(z, slopes[l], z, rows * layer.outputs);
  });
}

/** `z <- weightScale z + biasScale b`, row by row. */
function addBiases(z: Float64Array, parameters: Float64Array, layer: DeepLayer, rows: number): void {
  const { outputs: width, weightScale, biasScale, biases } = layer;
  for (let r = 0; r < rows; r++) {
    const at = r * width;
    if (biases < 0) for (let i = 0; i < width; i++) z[at + i] *= weightScale;
    else for (let i = 0; i < width; i++) z[at + i] = weightScale * z[at + i] + biasScale * parameters[biases + i];
  }
}

/**
 * Cotangents of every `z_l` from those of the outputs (rows*outputs, kept by reference), after a forward pass at these
 * parameters: `c_l = sigma'(z_l) * s_{l+1} W_{l+1}^T c_{l+1}`. Rows stay apart.
 */
export function backward(
  network: DeepNetwork,
  pass: DeepPass,
  parameters: Float64Array,
  cotangent: Float64Array,
): void {
  checkLength('backward', 'cotangent', cotangent, pass.rows * network.outputs);
  const { layers, backend } = network;
  const { rows, slopes, cotangents } = pass;
  cotangents[layers.length - 1] = cotangent;
  for (let l = layers.length - 1; l >= 1; l--) {
    const { inputs, outputs, weightScale } = layers[l];
    const below = cotangents[l - 1];
    const weights = weightsOf(parameters, layers[l]);
    backend.matmulInto(below, cotangents[l], weights, { n: rows, k: outputs, m: inputs });
    const slope = slopes[l - 1];
    for (let i = 0; i < rows * inputs; i++) below[i] *= weightScale * slope[i];
  }
}

/**
 * The vector-Jacobian product: fills `out` (one number a parameter) with `sum_r <c_r, df(x_r)/dtheta>` for cotangents c
 * (rows*outputs), after a forward pass at these parameters. About twice the cost of the forward pass.
 *
 * With `c = (f - y)/rows` it is the gradient of half the mean square error. Source: [GriewankWalther2008], section 3.2.
 */
export function parameterGradientInto(
  out: Float64Array,
  network: DeepNetwork,
  pass: DeepPass,
  { parameters, cotangent }: { readonly parameters: Float64Array; readonly cotangent: Float64Array },
): void {
  checkLength('parameterGradientInto', 'out', out, network.parameterCount);
  backward(network, pass, parameters, cotangent);
  const { layers, backend } = network;
  const { rows, activations, cotangents } = pass;
  layers.forEach((layer, l) => {
    const { inputs, outputs: width, weightScale, biasScale, biases } = layer;
    const slope = weightsOf(out, layer);
    const shape = { n: width, k: rows, m: inputs, transposeA: true };
    backend.matmulInto(slope, cotangents[l], activations[l], shape);
    if (weightScale !== 1) for (let i = 0; i < slope.length; i++) slope[i] *= weightScale;
    if (biases < 0) return;
    out.fill(0, biases, biases + width);
    for (let r = 0; r < rows; r++) for (let i = 0; i < width; i++) out[biases + i] += cotangents[l][r * width + i];
    for (let i = 0; i < width; i++) out[biases + i] *= biasScale;
  });
}

/**
 * The Jacobian-vector product: fills `out` (rows*outputs) with `df(x_r)/dtheta direction`, after a forward pass at these
 * parameters. About twice the cost of the forward pass.
 */
export function directionalInto(
  out: Float64Array,
  network: DeepNetwork,
  pass: DeepPass,
  { parameters, direction }: { readonly parameters: Float64Array; readonly direction: Float64Array },
): void {
  checkLength('directionalInto', 'direction', direction, network.parameterCount);
  checkLength('directionalInto', 'out', out, pass.rows * network.outputs);
  const { layers, backend } = network;
  const { rows, activations, slopes, scratch } = pass;
  // The tangent of a_{l-1}; that of the inputs is 0.
  const carried = scratch[2];
  let [tangent, next] = scratch;
  layers.forEach((layer, l) => {
    const isLast = l === layers.length - 1;
    const size = rows * layer.outputs;
    const target = isLast ? out : next;
    const shape = { n: rows, k: layer.inputs, m: layer.outputs, transposeB: true };
    backend.matmulInto(target, activations[l], weightsOf(direction, layer), shape);
    addBiases(target, direction, layer, rows);
    if (l > 0) {
      backend.matmulInto(carried, tangent, weightsOf(parameters, layer), shape);
      for (let i = 0; i < size; i++) target[i] += layer.weightScale * carried[i];
    }
    if (!isLast) for (let i = 0; i < size; i++) target[i] *= slopes[l][i];
    [tangent, next] = [target, tangent];
  });
}

function checkLength(where: string, name: string, array: Float64Array, length: number): void {
  if (array.length === length) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: `the ${name} have the wrong length`,
    got: String(array.length),
    expected: String(length),
    fix: 'pass arrays of the network and the rows of the pass',
  });
}
