import {
  type Backend,
  compileFunction,
  defaultBackend,
  deriveKey,
  fillNormal,
  parseFormula,
  permutation,
  type RandomKey,
  randomStream,
} from '@muflow/core';
import type { Part } from '../dataset.js';
import type { FeatureMap } from './ridge.js';

/** The inputs themselves: linear ridge regression of standardized columns, whose intercept is 0. */
export function linearFeatures(inputDim: number): FeatureMap {
  return {
    count: inputDim,
    valuesInto: (out, inputs, rows) => out.set(inputs.subarray(0, rows * inputDim)),
  };
}

/** The law of a neuron `sigma(<w, x> + b)` at the start of training: w ~ N(0, weight^2 I) and b ~ N(0, bias^2). */
export interface StartLaw {
  readonly activation: string;
  readonly weight: number;
  readonly bias: number;
}

/** A kernel between rows of two inputs: `out` is rows*others. */
export type KernelInto = (
  out: Float64Array,
  inputs: Float64Array,
  rows: number,
  others: Float64Array,
  otherRows: number,
) => void;

/**
 * `k(x, x') = E[relu(<w, x> + b) relu(<w, x'> + b)]` under a start law: with `z = (weight x, bias)` and t the angle
 * between z and z', `|z| |z'| (sin t + (pi - t) cos t) / (2 pi)`. Source: [ChoSaul2009], equation 6.
 */
export function reluStartKernel(inputDim: number, law: StartLaw, backend: Backend = defaultBackend()): KernelInto {
  const scale = law.weight ** 2;
  const shift = law.bias ** 2;
  return (out, inputs, rows, others, otherRows) => {
    backend.matmulInto(out, inputs, others, { n: rows, k: inputDim, m: otherRows, transposeB: true });
    const lengths = lengthsOf(inputs, rows, inputDim, law);
    const otherLengths = lengthsOf(others, otherRows, inputDim, law);
    for (let l = 0; l < rows; l++) {
      for (let j = 0; j < otherRows; j++) {
        const size = lengths[l] * otherLengths[j];
        const cosine = size > 0 ? Math.min(1, Math.max(-1, (scale * out[l * otherRows + j] + shift) / size)) : 1;
        const angle = Math.acos(cosine);
        out[l * otherRows + j] = (size * (Math.sqrt(1 - cosine * cosine) + (Math.PI - angle) * cosine)) / (2 * Math.PI);
      }
    }
  };
}

/**
 * A kernel at landmarks: features `k(x, z_j)` with the penalty `K_jk = k(z_j, z_k)`. With every training row a landmark
 * ridge regression on them is kernel ridge regression; with some it is its Nystrom approximation.
 *
 * Landmarks are distinct training rows drawn by the key. Source: [WilliamsSeeger2001].
 */
export function landmarkFeatures(kernel: KernelInto, train: Part, most: number, key: RandomKey): FeatureMap {
  const rows = train.targets.length;
  const d = train.inputs.length / rows;
  const count = Math.min(most, rows);
  const chosen = permutation(rows, randomStream(deriveKey(key, 'landmarks')))
    .slice(0, count)
    .sort();
  const landmarks = new Float64Array(count * d);
  chosen.forEach((row, j) => {
    landmarks.set(train.inputs.subarray(row * d, (row + 1) * d), j * d);
  });
  const penalty = new Float64Array(count * count);
  kernel(penalty, landmarks, count, landmarks, count);
  return { count, penalty, valuesInto: (out, inputs, n) => kernel(out, inputs, n, landmarks, count) };
}

/**
 * Neurons drawn from a start law and divided by the square root of their number: ridge regression on them approximates
 * that with the kernel `E[sigma(<w, x> + b) sigma(<w, x'> + b)]`. Source: [RahimiRecht2007].
 *
 * @throws `unknown-id` for an activation that formulas do not have.
 */
export function randomFeatures(
  inputDim: number,
  law: StartLaw,
  options: { readonly count: number; readonly key: RandomKey; readonly backend?: Backend },
): FeatureMap {
  const { count, key, backend = defaultBackend() } = options;
  const formula = parseFormula(`${law.activation}(t)`, { variables: { t: { role: 'uniform' } } });
  const activation = compileFunction(formula, [{ name: 't', size: 1 }]);
  const weights = new Float64Array(count * inputDim);
  const biases = new Float64Array(count);
  fillNormal(weights, deriveKey(key, 'feature weights'));
  fillNormal(biases, deriveKey(key, 'feature biases'));
  const scale = 1 / Math.sqrt(count);
  return {
    count,
    valuesInto(out, inputs, rows) {
      backend.matmulInto(out, inputs, weights, { n: rows, k: inputDim, m: count, transposeB: true });
      for (let l = 0; l < rows; l++) {
        for (let j = 0; j < count; j++) {
          const at = l * count + j;
          out[at] = law.weight * out[at] + law.bias * biases[j];
          out[at] = scale * activation(out, at);
        }
      }
    },
  };
}

function lengthsOf(inputs: Float64Array, rows: number, d: number, { weight, bias }: StartLaw): Float64Array {
  const out = new Float64Array(rows);
  for (let l = 0; l < rows; l++) {
    let squares = 0;
    for (let k = 0; k < d; k++) squares += inputs[l * d + k] ** 2;
    out[l] = Math.sqrt(weight ** 2 * squares + bias ** 2);
  }
  return out;
}
