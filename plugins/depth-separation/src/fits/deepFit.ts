import { type Backend, deepNetwork, deriveKey, type RandomKey } from '@muflow/core';
import type { FittedNetwork } from './fittedNetwork.js';
import { drawSamples, type FitProblem, outputsOf } from './problem.js';
import { boundedRamp, drawUnitsInto, regressOuterInto } from './shallowNetwork.js';
import { type TrainingOptions, trainInto } from './training.js';

/** Options of {@link deepFit}. */
export interface DeepFitOptions extends TrainingOptions {
  /** Widths of the hidden layers; two of them make depth three. */
  readonly widths: readonly number[];
  /** A name such as `relu` or a formula in z, default `min(relu(z), 1)`. */
  readonly activation?: string;
  /** Length of the drawn weights of a unit, of every hidden layer in turn, default 1; the last holds for further ones. */
  readonly scales?: readonly number[];
  /** Rows of the regression of the start, default `max(2048, 8 last width)`. */
  readonly rows?: number;
  readonly backend?: Backend;
  readonly key: RandomKey;
}

/**
 * A deep network trained by Adam, from hidden layers drawn at the data (as random features are, each layer reading what
 * the one before says) and an outer layer by ridge regression: what training finds, next to what a construction proves
 * possible. A pure function of its key.
 *
 * @throws as `deepNetwork` and {@link trainInto}; `shape-mismatch` unless there are more rows than last units.
 */
export async function deepFit(problem: FitProblem, options: DeepFitOptions): Promise<FittedNetwork> {
  const { widths, activation = boundedRamp, scales, backend, key } = options;
  const { rows = Math.max(2048, 8 * widths[widths.length - 1]) } = options;
  const network = deepNetwork({
    inputs: problem.target.dim,
    widths,
    outputs: outputsOf(problem.target),
    activation,
    biasVariance: 1,
    parameterization: 'standard',
    ...(backend && { backend }),
  });
  const parameters = new Float64Array(network.parameterCount);
  const samples = drawSamples(problem, rows, deriveKey(key, 'regression'));
  drawUnitsInto(parameters, network, { samples, key, scales });
  regressOuterInto(parameters, network, samples);
  await trainInto(parameters, network, problem, { ...options, key: deriveKey(key, 'training') });
  return { network, parameters, method: `depth ${widths.length + 1} trained by Adam` };
}
