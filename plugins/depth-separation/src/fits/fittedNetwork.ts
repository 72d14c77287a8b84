import { allocatePass, type DeepNetwork, forward, type RandomKey } from '@muflow/core';
import { type Ceiling, measuredCeiling } from '../probe/index.js';
import { drawSamples, type FitProblem, type Samples } from './problem.js';

/** A network with its parameters, as some method left it. */
export interface FittedNetwork {
  readonly network: DeepNetwork;
  readonly parameters: Float64Array;
  /** How it was found, as a noun: `random features with ridge`. */
  readonly method: string;
}

/** Rows of one pass; what is stored does not grow with the number of points. */
const blockRows = 1024;

/** Units of a network: the widths of its hidden layers added up. A constant is no unit of its own. */
export const unitsOf = ({ network }: FittedNetwork): number =>
  network.layers.slice(0, -1).reduce((sum, { outputs }) => sum + outputs, 0);

/** Writes f at `count` points (row-major): count*outputs numbers. */
export function networkValuesInto(
  out: Float64Array,
  { network, parameters }: FittedNetwork,
  points: Float64Array,
  count: number,
): void {
  const { inputs, outputs } = network;
  const full = Math.min(count, blockRows);
  let pass = allocatePass(network, full);
  for (let start = 0; start < count; start += blockRows) {
    const rows = Math.min(blockRows, count - start);
    if (rows !== pass.rows) pass = allocatePass(network, rows);
    forward(network, pass, parameters, points.subarray(start * inputs, (start + rows) * inputs));
    out.set(pass.outputs, start * outputs);
  }
}

/** Mean over the samples of `|f - g|^2`. */
export function meanSquaredError(fit: FittedNetwork, samples: Samples): number {
  const errors = squaredErrors(fit, samples);
  return errors.reduce((sum, error) => sum + error, 0) / samples.count;
}

/**
 * The relative squared error of a fitted network on points of its own, a number from above only: a better network may
 * exist. The band of {@link measuredCeiling} asks for errors of finite variance. Where the law has tails `x^-4` and
 * the network grows linearly (relu), the variance is infinite and the band is too short; bounded units have all moments.
 *
 * @param points - independent points to draw, on which nothing was fitted or chosen.
 */
export function networkCeiling(
  problem: FitProblem,
  fit: FittedNetwork,
  { points, key }: { readonly points: number; readonly key: RandomKey },
): Ceiling {
  const samples = drawSamples(problem, points, key);
  const { outputs } = fit.network;
  const squaredTargets = new Float64Array(points);
  for (let i = 0; i < squaredTargets.length; i++) {
    for (let k = 0; k < outputs; k++) squaredTargets[i] += samples.values[i * outputs + k] ** 2;
  }
  return measuredCeiling({
    squaredErrors: squaredErrors(fit, samples),
    squaredTargets,
    method: fit.method,
    units: unitsOf(fit),
    problem: problem.label,
  });
}

function squaredErrors(fit: FittedNetwork, { points, values, count }: Samples): Float64Array {
  const { outputs } = fit.network;
  const predicted = new Float64Array(values.length);
  networkValuesInto(predicted, fit, points, count);
  const errors = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let k = i * outputs; k < (i + 1) * outputs; k++) errors[i] += (predicted[k] - values[k]) ** 2;
  }
  return errors;
}
