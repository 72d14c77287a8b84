import {
  adaptive,
  deriveKey,
  dopri5,
  energyRecorder,
  euclidean,
  gradientFlow,
  type Measure,
  measure,
  networkUnit,
  type Plan,
  type Problem,
  type RandomKey,
  type RunResult,
  risk,
  runAsync,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import type { FittedNetwork } from './fittedNetwork.js';
import { drawSamples, type FitProblem } from './problem.js';

/** Options of {@link flowFit}. */
export interface FlowFitOptions {
  /** `wasserstein` moves the units; `wassersteinFisherRao` changes their masses too. */
  readonly metric: 'wasserstein' | 'wassersteinFisherRao';
  /** Rows of the risk. */
  readonly rows: number;
  /** Steps, chosen by the error estimate. */
  readonly steps: number;
  readonly key: RandomKey;
  /** Runs the flow; `context.simulate` in a study, `runAsync` by default. */
  readonly simulate?: (label: string, problem: Problem, plan: Plan) => Promise<RunResult>;
}

/** Relative and absolute error of a step: the limit is wanted, not the path. */
const tolerance = { rtol: 1e-3, atol: 1e-4 };

/** Places on the way at which the risk is read, about. */
const records = 20;

/**
 * A shallow network, trained further by the gradient flow of its risk on the measure of its units,
 *
 *     F(mu) = (1/n) sum_i |c + int a sigma(<w, x_i> + b) dmu - g(x_i)|^2 / 2,
 *
 * in the Wasserstein or Wasserstein-Fisher-Rao metric, from mass 1/M on each unit and `M a_j` for its outer weight. The
 * constant c stays, the rows are fixed: with few of them the flow fits the rows and not the law. The measure of least
 * risk on the way is kept: where outer weights are large and units have kinks, explicit steps follow the flow only
 * roughly, and it can gain nothing over its start. A pure function of its key and start. Source: [ChizatBach2018], [RotskoffEtAl2019].
 *
 * @throws `invalid-argument` for networks of more than one hidden layer.
 */
export async function flowFit(
  start: FittedNetwork,
  problem: FitProblem,
  options: FlowFitOptions,
): Promise<FittedNetwork> {
  const { metric, rows, steps, key, simulate = (_, given, plan) => runAsync(given, plan) } = options;
  const { network } = start;
  const { points, values } = drawSamples(problem, rows, deriveKey(key, 'rows'));
  const constants = start.parameters.subarray(network.layers[1].biases);
  const targets = values.map((value, i) => value - constants[i % network.outputs]);
  const unit = networkUnit({
    activation: network.activation.formula,
    inputs: network.inputs,
    outputs: network.outputs,
  });
  const energy = risk({ unit, inputs: points, targets, backend: network.backend });
  const flow = gradientFlow(energy, metric === 'wasserstein' ? wasserstein() : wassersteinFisherRao());
  const { frames } = await simulate(
    `${metric} flow`,
    { flow, initial: unitsMeasure(start) },
    {
      stepper: adaptive(dopri5(), tolerance),
      dt: 1,
      maxSteps: steps,
      seed: 0,
      record: { every: Math.max(1, Math.floor(steps / records)), recorders: [energyRecorder(energy)] },
    },
  );
  const best = frames.reduce((a, b) => (b.values.energy < a.values.energy ? b : a));
  return { network, parameters: fromMeasure(best.profile[0], start), method: `${metric} flow` };
}

/** Mass 1/M on (M a, w, b) for every unit. */
function unitsMeasure({ network, parameters }: FittedNetwork): Measure {
  const [inner, outer] = network.layers;
  const { inputs: d, outputs: width } = inner;
  const { outputs } = network;
  const dim = outputs + d + 1;
  const positions = new Float64Array(width * dim);
  for (let j = 0; j < width; j++) {
    for (let o = 0; o < outputs; o++) {
      positions[j * dim + o] = width * parameters[outer.weights + o * width + j];
    }
    for (let k = 0; k < d; k++) positions[j * dim + outputs + k] = parameters[inner.weights + j * d + k];
    positions[j * dim + outputs + d] = parameters[inner.biases + j];
  }
  const masses = new Float64Array(width).fill(1 / width);
  return measure({ space: euclidean(dim), kind: 'positive', positions, masses });
}

function fromMeasure({ positions, masses, dim }: Measure, { network, parameters }: FittedNetwork): Float64Array {
  const [inner, outer] = network.layers;
  const { inputs: d, outputs: width } = inner;
  const { outputs } = network;
  const moved = parameters.slice();
  for (let j = 0; j < width; j++) {
    for (let o = 0; o < outputs; o++) moved[outer.weights + o * width + j] = masses[j] * positions[j * dim + o];
    for (let k = 0; k < d; k++) moved[inner.weights + j * d + k] = positions[j * dim + outputs + k];
    moved[inner.biases + j] = positions[j * dim + outputs + d];
  }
  return moved;
}
