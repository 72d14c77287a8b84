import { type DeepNetwork, deepNetwork, fail, show } from '@muflow/core';

/** The largest number of folds: beyond it the pieces are shorter than the spacing of doubles near 1. */
export const mostFolds = 52;

/**
 * The k-fold tent map at x in [0, 1]: `T(x) = 2 min(x, 1 - x)` applied k times. It has 2^k pieces of slope +-2^k and
 * meets the level 1/2 exactly once in each. Exact in doubles: `1 - x` is, for x from 1/2 to 1.
 *
 * Source: [Telgarsky2016].
 */
export function tent(x: number, folds: number): number {
  let y = x;
  for (let k = 0; k < folds; k++) y = y <= 0.5 ? 2 * y : 2 * (1 - y);
  return y;
}

/** A network with its parameters. */
export interface FixedNetwork {
  readonly network: DeepNetwork;
  readonly parameters: Float64Array;
}

/**
 * The k-fold tent map on [0, 1] as a network of k hidden layers of two rectifiers each:
 * `T(y) = 2 relu(y) - 4 relu(y - 1/2)`. All weights are powers of two, so that nothing is rounded.
 *
 * @param folds k, 1 to 52.
 * @throws `invalid-argument` otherwise.
 * @example
 * const { network, parameters } = tentNetwork(3); // 3 hidden layers of 2 units, 8 pieces
 */
export function tentNetwork(folds: number): FixedNetwork {
  checkFolds('tentNetwork', folds);
  const network = deepNetwork({
    inputs: 1,
    widths: new Array<number>(folds).fill(2),
    activation: 'relu',
    biasVariance: 1,
    parameterization: 'standard',
  });
  const parameters = new Float64Array(network.parameterCount);
  network.layers.forEach((layer, l) => {
    // The incoming function is x in the first layer, 2 a_1 - 4 a_2 later.
    const row = l === 0 ? [1] : [2, -4];
    for (let i = 0; i < layer.outputs; i++) parameters.set(row, layer.weights + i * layer.inputs);
    if (layer.outputs === 2) parameters[layer.biases + 1] = -0.5;
  });
  return { network, parameters };
}

export function checkFolds(where: string, folds: number): void {
  if (Number.isInteger(folds) && folds >= 1 && folds <= mostFolds) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the number of folds is not usable',
    got: show(folds),
    expected: `a whole number from 1 to ${mostFolds}`,
    fix: 'pass for instance 6, for 64 pieces',
  });
}
