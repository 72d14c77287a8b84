import {
  allocatePass,
  claimAtMost,
  claimWithin,
  claimWithinFactor,
  type DeepNetwork,
  deepNetwork,
  deriveKey,
  drawParameters,
  fillNormal,
  forward,
  type RandomKey,
  randomKey,
  type StudyContext,
} from '@muflow/core';
import { deepStepper } from '../deep/train.js';
import { infiniteNetwork } from '../infinite/infiniteNetwork.js';
import { type KernelFlow, kernelFlow } from '../infinite/kernelFlow.js';
import { type NngpNtkPart, type Shape, slopeOf } from './nngpNtkKernels.js';

export interface TrainingOptions {
  readonly shape: Shape;
  readonly depth: number;
  readonly widths: readonly number[];
  readonly draws: number;
  readonly rows: number;
  readonly points: number;
  readonly stepSize: number;
  readonly steps: number;
}

interface Problem {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
  readonly points: Float64Array;
}

/** Inputs of law N(0, I) with `y = sin(2 x_1)`, and other inputs. */
function problemOf({ shape, rows, points }: TrainingOptions, key: RandomKey): Problem {
  const d = shape.inputs;
  const [inputs, watched] = [new Float64Array(rows * d), new Float64Array(points * d)];
  fillNormal(inputs, deriveKey(key, 'inputs'));
  fillNormal(watched, deriveKey(key, 'points'));
  return {
    inputs,
    points: watched,
    targets: Float64Array.from({ length: rows }, (_, l) => Math.sin(2 * inputs[l * d])),
  };
}

function valuesOf(network: DeepNetwork, parameters: Float64Array, inputs: Float64Array): Float64Array {
  const pass = allocatePass(network, inputs.length / network.inputs);
  forward(network, pass, parameters, inputs);
  return pass.outputs;
}

/** What the networks of one width become, beside the prediction from their own starts. */
interface Trained {
  /** Mean square distance at the watched inputs from `f_0 + A_t (y - f_0)`, a number a draw. */
  readonly squares: number[];
  /** Outputs at the watched inputs, an array a draw. */
  readonly outputs: Float64Array[];
}

async function trainWidth(
  width: number,
  { shape, depth, draws, stepSize, steps }: TrainingOptions,
  [problem, flow, key]: readonly [Problem, KernelFlow, RandomKey],
  context: StudyContext,
): Promise<Trained> {
  const { inputs, targets, points } = problem;
  const network = deepNetwork({ ...shape, widths: Array.from({ length: depth }, () => width) });
  const stepper = deepStepper(network, targets.length);
  const out: Trained = { squares: [], outputs: [] };
  for (let draw = 0; draw < draws; draw++) {
    const parameters = drawParameters(network, deriveKey(key, width, draw));
    const start = { seen: valuesOf(network, parameters, inputs), watched: valuesOf(network, parameters, points) };
    const predicted = flow.valuesAt(steps * stepSize, start);
    for (let k = 0; k < steps; k++) {
      stepper.step(parameters, { inputs, targets }, stepSize);
      await context.pause({ label: `training at width ${width}, network ${draw + 1} of ${draws}`, step: k + 1 });
    }
    const outputs = valuesOf(network, parameters, points);
    out.squares.push(outputs.reduce((sum, value, i) => sum + (value - predicted[i]) ** 2, 0) / outputs.length);
    out.outputs.push(outputs);
  }
  return out;
}

/** Networks trained by gradient descent beside what the kernels of infinite width predict. */
export async function trainingPart(options: TrainingOptions, context: StudyContext): Promise<NngpNtkPart> {
  const { shape, depth, widths, draws, stepSize, steps } = options;
  const key = deriveKey(randomKey(context.seed), 'nngp-ntk training');
  const problem = problemOf(options, key);
  const { inputs, targets, points } = problem;
  const { nngp, ntk } = infiniteNetwork({ ...shape, depth });
  const block = (kernel: typeof nngp, a: Float64Array, b: Float64Array): Float64Array => {
    const [rows, others] = [a.length / shape.inputs, b.length / shape.inputs];
    const out = new Float64Array(rows * others);
    kernel(out, a, rows, b, others);
    return out;
  };
  const flow = kernelFlow({
    gram: block(ntk, inputs, inputs),
    cross: block(ntk, points, inputs),
    targets,
    stepSize,
  });
  const law = flow.ensembleAt(steps * stepSize, {
    seen: block(nngp, inputs, inputs),
    cross: block(nngp, points, inputs),
    watched: block(nngp, points, points),
  });
  const trained: Trained[] = [];
  for (const width of widths) trained.push(await trainWidth(width, options, [problem, flow, key], context));
  const count = law.mean.length;
  const deviations = Float64Array.from({ length: count }, (_, i) => Math.sqrt(law.covariance[i * count + i]));
  const widest = trained[trained.length - 1].outputs;
  const means = law.mean.map((_, i) => widest.reduce((sum, values) => sum + values[i], 0) / draws);
  const spreads = law.mean.map((mean, i) => Math.sqrt(widest.reduce((sum, f) => sum + (f[i] - mean) ** 2, 0) / draws));
  const offset = Math.max(...means.map((mean, i) => Math.abs(mean - law.mean[i]) / (deviations[i] / Math.sqrt(draws))));
  // Watched inputs depend on each other: as uncertain as one of them, a chi-square of so many draws.
  const ratio = spreads.reduce((sum, spread, i) => sum + (spread / deviations[i]) ** 2, 0) / count;
  const slope = slopeOf(
    widths,
    trained.map(({ squares }) => squares),
  );
  const errors = trained.map(({ squares }) => Math.sqrt(squares.reduce((sum, value) => sum + value, 0) / draws));
  const name = `${shape.activation} networks of depth ${depth}`;
  return {
    claims: [
      claimWithin({
        statement: `${name} after ${steps} steps: slope in the width of their distance from the prediction (standard error ${slope.deviation.toFixed(3)})`,
        predicted: -0.5,
        measured: slope.value,
        tolerance: 0.15,
      }),
      claimAtMost({
        statement: `Width ${widths[widths.length - 1]}: largest deviation of the mean of ${draws} trained networks from the predicted mean, in standard errors`,
        bound: 4,
        measured: offset,
      }),
      claimWithinFactor({
        statement: `Width ${widths[widths.length - 1]}: variance of trained networks over that of the predicted law, mean over inputs`,
        predicted: 1,
        measured: ratio,
        factor: Math.exp(3.5 * Math.sqrt(2 / draws)),
      }),
    ],
    tables: [
      {
        title: 'Distance of trained networks from the prediction from their own starts, root mean square',
        columns: [{ name: 'width' }, { name: 'distance' }],
        rows: widths.map((width, k) => [width, errors[k]]),
      },
      {
        title: `The law of trained networks at ${count} inputs, width ${widths[widths.length - 1]}`,
        columns: ['input', 'mean, predicted', 'mean, trained', 'deviation, predicted', 'deviation, trained'].map(
          (column) => ({
            name: column,
          }),
        ),
        rows: Array.from(means, (mean, i) => [i + 1, law.mean[i], mean, deviations[i], spreads[i]]),
      },
    ],
    figures: [
      {
        id: 'training',
        title: 'Trained networks approach the prediction of infinite width',
        caption: 'Root mean square distance at inputs not trained on, both logarithmic; slope -1/2 predicted.',
        x: { label: 'width', scale: 'log' },
        y: { label: 'distance', scale: 'log' },
        marks: [{ type: 'line', label: name, x: [...widths], y: errors }],
      },
    ],
  };
}
