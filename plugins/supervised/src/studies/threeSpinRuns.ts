import {
  deriveKey,
  energyRecorder,
  euclidean,
  euler,
  type FormulaUnit,
  gradientFlow,
  type Measure,
  type Metric,
  measure,
  networkUnit,
  type RandomKey,
  type RiskData,
  randomKey,
  randomStream,
  risk,
  type StudyContext,
  sphereInto,
  wasserstein,
} from '@muflow/core';
import { z } from 'zod';
import { gaussianUnits } from '../population/gaussianUnits.js';
import { networkPopulation } from '../population/networkPopulation.js';
import { type ThreeSpin, threeSpin, wideSphere } from '../population/threeSpin.js';
import { threeSpinTarget } from '../population/threeSpinTarget.js';
import { drawSamples, freshSamples, type SampleLaw } from '../risks/freshSamples.js';

const widths = z.array(z.int().min(2).max(4096)).min(3);

export const threeSpinParams = z.strictObject({
  inputs: z.array(z.int().min(2).max(50)).min(1).default([5]).describe('dimensions d of the inputs'),
  repeats: z.int().min(2).max(64).default(2).describe('starts of each width'),
  sigmoidWidths: widths.default([32, 64, 128, 256, 512]),
  batches: z
    .array(z.int().min(1).max(10_000))
    .min(1)
    .default([20])
    .describe('fresh samples in each step of the sigmoid networks'),
  sigmoidSteps: z.int().min(16).max(1_000_000).default(6400).describe('steps of 0.5'),
  gaussianWidths: widths.default([32, 64, 128]),
  gaussianBatches: z
    .array(z.int().min(1).max(10_000))
    .default([])
    .describe('fresh samples in each step of Gaussian units that are trained by them, beside the exact flow'),
  gaussianTime: z.number().positive().max(1e6).default(1000).describe('duration of Gaussian units, in steps of 0.5'),
});

export type ThreeSpinParams = z.output<typeof threeSpinParams>;

/** Losses over d of the networks of one kind in one dimension. */
export interface Losses {
  readonly kind: string;
  readonly inputs: number;
  readonly widths: readonly number[];
  readonly times: readonly number[];
  /** [repeat][width][record] */
  readonly values: readonly (readonly (readonly number[])[])[];
}

/** The kind of the networks that follow the loss itself. */
export const exactKind = 'Gaussian units, exact';

/** Step size of the sigmoid networks and of the exact flow. */
const dt = 0.5;
/** Test inputs of the sigmoid networks, drawn once: their loss is known to about sqrt(2/4000) = 2 %. */
const testInputs = 4000;
/** Records of a run after its start. */
const records = 16;

export const formOf = (inputs: number, seed: number | string): ThreeSpin =>
  threeSpin(inputs, deriveKey(randomKey(seed), 'three-spin', inputs));

/** `width` atoms: a ~ N(0, 1), then `coordinates` numbers that `fill` writes. */
function startOf(
  width: number,
  coordinates: number,
  key: RandomKey,
  fill: (out: Float64Array, start: number, random: ReturnType<typeof randomStream>) => void,
) {
  const random = randomStream(key);
  const positions = new Float64Array(width * (coordinates + 1));
  for (let i = 0; i < width; i++) {
    positions[i * (coordinates + 1)] = random.normal();
    fill(positions, i * (coordinates + 1) + 1, random);
  }
  return measure({ space: euclidean(coordinates + 1), positions });
}

/** Runs every width and repeat of one kind and collects the losses over d at the records. */
async function sweep(
  kind: string,
  inputs: number,
  { widths: all, repeats }: { readonly widths: readonly number[]; readonly repeats: number },
  run: (width: number, repeat: number, label: string) => Promise<{ times: number[]; losses: number[] }>,
): Promise<Losses> {
  const values: number[][][] = [];
  let times: readonly number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const ofRepeat: number[][] = [];
    for (const width of all) {
      const label = `d = ${inputs}, ${kind}, width ${width}, run ${repeat + 1} of ${repeats}`;
      const outcome = await run(width, repeat, label);
      times = outcome.times;
      ofRepeat.push(outcome.losses.map((loss) => loss / inputs));
    }
    values.push(ofRepeat);
  }
  return { kind, inputs, widths: all, times, values };
}

/** Inputs from the sphere with the values of the form; test inputs drawn once. */
function samplesOf(form: ThreeSpin, seed: number | string): { readonly law: SampleLaw; readonly test: RiskData } {
  const d = form.inputs;
  const law: SampleLaw = {
    name: 'three-spin',
    inputDim: d,
    outputs: 1,
    rowsInto(inputs, targets, count, key) {
      inputs.set(wideSphere(d, count, key));
      form.valuesInto(targets, inputs, count);
    },
  };
  return { law, test: drawSamples(law, testInputs, deriveKey(randomKey(seed), 'three-spin test', d)) };
}

/** A kind of networks that are trained by stochastic gradient descent on fresh samples. */
interface Trained {
  readonly kind: string;
  readonly unit: FormulaUnit;
  readonly metric: Metric;
  readonly widths: readonly number[];
  readonly steps: number;
  readonly batch: number;
  readonly start: (width: number, repeat: number) => Measure;
}

/** Losses on test inputs. */
function trainedLosses(form: ThreeSpin, how: Trained, repeats: number, context: StudyContext): Promise<Losses> {
  const { kind, unit, metric, widths: all, steps, batch, start } = how;
  const { law, test } = samplesOf(form, context.seed);
  const onTest = risk({ unit, ...test, loss: 'square', backend: context.backend });
  const estimate = freshSamples({ risk: onTest, law, size: batch });
  return sweep(kind, form.inputs, { widths: all, repeats }, async (width, repeat, label) => {
    const { frames } = await context.simulate(
      label,
      { flow: gradientFlow(onTest, metric, { estimate }), initial: start(width, repeat) },
      {
        stepper: euler(),
        dt,
        maxSteps: steps,
        seed: `${context.seed} ${batch} ${repeat}`,
        record: { every: Math.max(1, Math.floor(steps / records)) },
      },
    );
    return {
      times: frames.map((frame) => frame.time),
      losses: frames.map((frame) => 2 * onTest.value(frame.profile[0])),
    };
  });
}

/** Sigmoid networks by stochastic gradient descent on fresh samples. */
export function sigmoidLosses(
  form: ThreeSpin,
  batch: number,
  { sigmoidWidths, sigmoidSteps, repeats }: ThreeSpinParams,
  context: StudyContext,
): Promise<Losses> {
  const d = form.inputs;
  const how: Trained = {
    kind: `sigmoid units, batch ${batch}`,
    unit: networkUnit({ activation: 'sigmoid', inputs: d }),
    metric: wasserstein(),
    widths: sigmoidWidths,
    steps: sigmoidSteps,
    batch,
    start: (width, repeat) => {
      const key = deriveKey(randomKey(context.seed), 'three-spin sigmoid', d, width, repeat);
      return startOf(width, d + 1, key, (out, start, random) => {
        for (let k = 0; k <= d; k++) out[start + k] = random.normal();
      });
    },
  };
  return trainedLosses(form, how, repeats, context);
}

/**
 * Rate at which centers move, relative to output weights and to d: at 0.05 steps of 0.5 lose stability near time 170,
 * when the output weights have grown, at 0.01 not up to 2000 (measured at d = 5).
 */
const centerRate = 0.01;

/** Output weights from N(0, 1), centers uniform on the sphere; output weights and centers move at their rates. */
const gaussianStart = (d: number, seed: number | string, width: number, repeat: number): Measure => {
  const key = deriveKey(randomKey(seed), 'three-spin gaussian', d, width, repeat);
  return startOf(width, d, key, (out, start, random) => {
    sphereInto(out, start, d, random);
    for (let k = 0; k < d; k++) out[start + k] *= Math.sqrt(d);
  });
};
const gaussianMetric = (d: number): Metric => wasserstein({ blocks: [{ start: 1, end: 1 + d, rate: centerRate * d }] });

/** Gaussian units by the gradient flow of the population loss itself: no sample is drawn. */
export function gaussianLosses(
  form: ThreeSpin,
  { gaussianWidths, gaussianTime, repeats }: ThreeSpinParams,
  context: StudyContext,
): Promise<Losses> {
  const d = form.inputs;
  const units = gaussianUnits(d, 5 / d);
  const energy = networkPopulation(units.kernel, d, threeSpinTarget(form, units));
  const steps = Math.ceil(gaussianTime / dt);
  return sweep(exactKind, d, { widths: gaussianWidths, repeats }, async (width, repeat, label) => {
    const { frames } = await context.simulate(
      label,
      { flow: gradientFlow(energy, gaussianMetric(d)), initial: gaussianStart(d, context.seed, width, repeat) },
      {
        stepper: euler(),
        dt,
        maxSteps: steps,
        record: { every: Math.max(1, Math.floor(steps / records)), recorders: [energyRecorder(energy)] },
      },
    );
    return { times: frames.map((frame) => frame.time), losses: frames.map((frame) => 2 * frame.values.energy) };
  });
}

/** The same units from the same starts by stochastic gradient descent on fresh samples. */
export function gaussianTrainedLosses(
  form: ThreeSpin,
  batch: number,
  { gaussianWidths, gaussianTime, repeats }: ThreeSpinParams,
  context: StudyContext,
): Promise<Losses> {
  const d = form.inputs;
  const { alpha, amplitude } = gaussianUnits(d, 5 / d);
  const how: Trained = {
    kind: `Gaussian units, batch ${batch}`,
    unit: { formula: `${amplitude} * a * exp(-${alpha / 2} * norm2(x - z))`, atom: { a: 1, z: d } },
    metric: gaussianMetric(d),
    widths: gaussianWidths,
    steps: Math.ceil(gaussianTime / dt),
    batch,
    start: (width, repeat) => gaussianStart(d, context.seed, width, repeat),
  };
  return trainedLosses(form, how, repeats, context);
}
