import {
  euclidean,
  gradientFlow,
  heun,
  type Measure,
  measure,
  minibatch,
  networkUnit,
  type RandomKey,
  type Risk,
  randomKey,
  risk,
  type StudyContext,
  wassersteinFisherRao,
} from '@muflow/core';
import type { StartLaw } from '../baselines/features.js';
import type { Dataset, Part } from '../dataset.js';
import { symmetricStart } from '../network.js';
import { lossRecorder } from '../risks/curves.js';
import { tangentScale } from './tangentScale.js';

/** How a network is trained. */
export interface TrainingOptions {
  readonly law: StartLaw;
  /** Number of neurons, even. */
  readonly width: number;
  readonly alpha: number;
  readonly gamma: number;
  /** Path-norm penalty. */
  readonly lambda: number;
  readonly steps: number;
  /** Step size times the fastest rate at the start, below 2. */
  readonly courant: number;
  /** Rows of a step; all of them where there are no more. */
  readonly batch: number;
}

/** A trained network: the measure at the recorded step of least validation loss, and the way there. */
export interface Trained {
  readonly network: Risk;
  readonly measure: Measure;
  readonly curve: readonly CurvePoint[];
  /** The point of the curve at which the measure was taken. */
  readonly best: CurvePoint;
}

/** Where training stood at a recorded step. */
export interface CurvePoint {
  readonly step: number;
  readonly time: number;
  readonly dt: number;
  readonly trainLoss: number;
  readonly validationLoss: number;
}

/** Rows that are enough to find the fastest rate. */
const probeRows = 1000;
const phases = 20;
const framesPerPhase = 5;

/**
 * Trains `int a sigma(<w, x> + b) dmu` by the Wasserstein-Fisher-Rao flow of its mean squared error, on batches where
 * there are many rows, and keeps the measure of least loss on the validation rows (early stopping).
 *
 * Steps are those of Heun in twenty phases; in each of them the step is `courant` over the fastest rate of the tangent
 * kernel at its start ({@link tangentScale}), which grows as the network learns. Training ends early, with what it has,
 * where a phase does not stay finite.
 */
export async function trainNetwork(data: Dataset, options: TrainingOptions, context: StudyContext): Promise<Trained> {
  const { law, width, alpha, gamma, steps, batch, courant } = options;
  const key = randomKey(context.seed);
  const network = riskOn(data.train, data.inputDim, options, context);
  const validation = riskOn(data.validation, data.inputDim, { ...options, lambda: 0 }, context);
  const metric = wassersteinFisherRao({ alpha, gamma });
  const count = data.train.rows.length;
  const flow = gradientFlow(network, metric, batch < count ? { estimate: minibatch(network, { size: batch }) } : {});
  const rows = Math.min(count, probeRows);
  const inputs = data.train.inputs.subarray(0, rows * data.inputDim);
  const losses = lossRecorder({ train: measuredRows(network, batch), validation });
  const phaseSteps = Math.ceil(steps / phases);
  let mu = startOf(data.inputDim, width, law, key);
  let kept: { point: CurvePoint; measure: Measure } | undefined;
  const curve: CurvePoint[] = [];
  for (let [step, time] = [0, 0]; step < steps; ) {
    const dt = courant / tangentScale(network, mu, { metric, inputs, rows, key, rounds: step === 0 ? 12 : 6 });
    const run = await context.simulate(
      'training',
      { flow, initial: mu, time },
      {
        stepper: heun(),
        dt,
        maxSteps: Math.min(phaseSteps, steps - step),
        seed: `${context.seed}/${step}`,
        record: { every: Math.ceil(phaseSteps / framesPerPhase), recorders: [losses] },
      },
      { stepsBefore: step, stepsInAll: steps },
    );
    for (const frame of run.frames) {
      const { trainLoss, validationLoss } = frame.values;
      if (frame.step === 0 && step > 0) continue;
      const point = { step: step + frame.step, time: frame.time, dt, trainLoss, validationLoss };
      curve.push(point);
      if (kept === undefined || validationLoss < kept.point.validationLoss) kept = { point, measure: frame.profile[0] };
    }
    if (run.status !== 'maxSteps') break;
    step += run.step;
    time = run.time;
    mu = run.profile[0];
  }
  if (kept === undefined) throw new Error('a run records its start');
  return { network, measure: kept.measure, curve, best: kept.point };
}

/** Pairs of neurons with output weights 1 and -1 and (w, b) of the law: the network is 0. */
export function startOf(inputDim: number, width: number, { weight, bias }: StartLaw, key: RandomKey): Measure {
  const { positions, dim } = symmetricStart(inputDim, width, key);
  const scaled = positions.map((value, k) => value * (k % dim === 0 ? 1 : k % dim === dim - 1 ? bias : weight));
  return measure({ space: euclidean(dim), positions: scaled });
}

function riskOn(part: Part, inputDim: number, { law, lambda }: TrainingOptions, { backend }: StudyContext): Risk {
  return risk({
    unit: networkUnit({ activation: law.activation, inputs: inputDim }),
    inputs: part.inputs,
    targets: part.targets,
    backend,
    ...(lambda > 0 ? { penalty: { kind: 'pathNorm' as const, lambda } } : {}),
  });
}

/** On training rows only the first ones are measured where there are more than a few batches. */
function measuredRows(network: Risk, batch: number): Risk {
  const most = Math.max(2000, 2 * batch);
  return network.rowCount > most ? network.withRows(Uint32Array.from({ length: most }, (_, l) => l)) : network;
}
