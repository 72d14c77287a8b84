import { allocatePass, fail, forward, special } from '@muflow/core';
import type { FittedNetwork } from './fittedNetwork.js';
import type { Samples } from './problem.js';

/** The budget of a shallow network over the size of its target, measured. */
export interface NormBudget {
  readonly value: number;
  /** Upper end of its one-sided band of 99.9 %. */
  readonly high: number;
}

/** One-sided 99.9 %. */
const confidence = 0.999;

/**
 * The norm budget `(|c| + sum_j |a_j| |sigma_j|) / |g|` of a shallow network `c + sum_j a_j sigma(<w_j, x> + b_j)` of one
 * output, norms in the mean square over the samples. The band is normal, by the delta method, and asymptotic. O(count M).
 *
 * @throws `invalid-argument` for networks of several outputs or hidden layers.
 */
export function normBudget({ network, parameters }: FittedNetwork, samples: Samples): NormBudget {
  if (network.layers.length !== 2 || network.outputs !== 1) {
    fail({
      code: 'invalid-argument',
      where: 'normBudget',
      problem: 'the network has no such budget',
      got: `${network.layers.length - 1} hidden layers and ${network.outputs} outputs`,
      expected: 'one of both',
      fix: 'fit a shallow network to a real target',
    });
  }
  const { count, points, values } = samples;
  const { inputs: width, weights, biases } = network.layers[1];
  const pass = allocatePass(network, count);
  forward(network, pass, parameters, points);
  const units = pass.activations[1];
  const squares = new Float64Array(width);
  let size = 0;
  for (let i = 0; i < count; i++) {
    size += values[i] ** 2 / count;
    for (let j = 0; j < width; j++) squares[j] += units[i * width + j] ** 2 / count;
  }
  let budget = Math.abs(parameters[biases]);
  for (let j = 0; j < width; j++) budget += Math.abs(parameters[weights + j]) * Math.sqrt(squares[j]);
  // Influence of a point on budget / |g|.
  let spread = 0;
  for (let i = 0; i < count; i++) {
    let pull = 0;
    for (let j = 0; j < width; j++) {
      if (squares[j] === 0) continue;
      const a = Math.abs(parameters[weights + j]);
      pull += (a * (units[i * width + j] ** 2 - squares[j])) / (2 * Math.sqrt(squares[j]));
    }
    spread += (pull - (budget * (values[i] ** 2 - size)) / (2 * size)) ** 2 / count;
  }
  const reach = special.normalQuantile(confidence) * Math.sqrt(spread / count);
  const value = budget / Math.sqrt(size);
  return { value, high: value + reach / Math.sqrt(size) };
}
