import { allocatePass, backward, type DeepNetwork, forward } from '@muflow/core';

/** Measured at one network, layer by layer l = 1, ..., L. */
export interface MeasuredSignals {
  /** Mean square of `a_l`, over neurons and rows. */
  readonly activations: Float64Array;
  /** `|df/dz_l|^2` of the first output, mean over rows. */
  readonly gradients: Float64Array;
}

/**
 * The sizes of the signal and of the gradient in every layer of a network: what `signalPropagation` predicts, the mean
 * square of `a_l` being `(q_{l+1} - tau_b^2)/tau_w^2`. One forward and one backward pass. The gradients are those with
 * respect to `z_l`, the same in both parameterizations.
 */
export function measureSignals(network: DeepNetwork, parameters: Float64Array, inputs: Float64Array): MeasuredSignals {
  const rows = inputs.length / network.inputs;
  const pass = allocatePass(network, rows);
  forward(network, pass, parameters, inputs);
  const cotangent = new Float64Array(rows * network.outputs);
  for (let r = 0; r < rows; r++) cotangent[r * network.outputs] = 1;
  backward(network, pass, parameters, cotangent);
  const hidden = network.layers.length - 1;
  const [activations, gradients] = [new Float64Array(hidden), new Float64Array(hidden)];
  for (let l = 0; l < hidden; l++) {
    activations[l] = squaresOf(pass.activations[l + 1]) / pass.activations[l + 1].length;
    gradients[l] = squaresOf(pass.cotangents[l]) / rows;
  }
  return { activations, gradients };
}

function squaresOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}
