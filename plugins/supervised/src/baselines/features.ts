import {
  type Backend,
  compileFunction,
  deriveKey,
  parseFormula,
  permutation,
  type RandomKey,
  randomStream,
} from '@muflow/core';
import type { Part } from '../dataset.js';
import { drawnUnits } from '../kernels/drawnUnits.js';
import type { KernelInto, UnitLaw } from '../kernels/featureKernel.js';
import type { FeatureMap } from './ridge.js';

/** The inputs themselves: linear ridge regression of standardized columns, whose intercept is 0. */
export function linearFeatures(inputDim: number): FeatureMap {
  return {
    count: inputDim,
    valuesInto: (out, inputs, rows) => out.set(inputs.subarray(0, rows * inputDim)),
  };
}

/** The law of a neuron `sigma(<w, x> + b)` at the start of training: w ~ N(0, weight^2 I) and b ~ N(0, bias^2). */
export interface StartLaw extends Required<UnitLaw> {
  readonly activation: string;
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
  const formula = parseFormula(`${law.activation}(t)`, { variables: { t: { role: 'uniform' } } });
  const activation = compileFunction(formula, [{ name: 't', size: 1 }]);
  return drawnUnits(law, { ...options, inputDim }, (values, count) => {
    for (let k = 0; k < count; k++) values[k] = activation(values, k);
  });
}
