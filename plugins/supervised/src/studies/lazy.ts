import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  type Figure,
  quantiles,
  type Study,
  type StudyContext,
  type Table,
} from '@muflow/core';
import { z } from 'zod';
import {
  drawTrial,
  halfMeanSquare,
  type LazyRun,
  type LazySizes,
  relativeDistance,
  type TangentRun,
  tangentRates,
  trainAt,
  trainTangent,
} from './lazyTrials.js';

const params = z.strictObject({
  inputs: z.int().min(2).max(1000).default(30).describe('dimension d of the inputs; 100 in the published setting'),
  rows: z.int().min(8).max(5000).default(200).describe('training rows, and as many test rows; published: 1000'),
  pairs: z.int().min(1).max(1000).default(25).describe('pairs of units, which cancel at the start'),
  scales: z
    .array(z.number().positive().max(1000))
    .default([0.1, 1, 3, 10])
    .refine((scales) => [0.1, 1, 3, 10].every((scale) => scales.includes(scale)), '0.1, 1, 3 and 10 among them')
    .describe('scales tau of the weights at the start'),
  trials: z.int().min(5).max(100).default(5),
  steps: z.int().min(10).max(100_000).default(600).describe('steps of gradient descent; published: 3000'),
  largestStep: z.number().positive().max(1000).default(10).describe('bound on the step size, 0.1 / tau^2 below it'),
});

type Params = z.output<typeof params>;

/** Where the tangent model is put beside the network. */
const tangentScale = 10;

interface Outcome {
  /** [trial][scale] */
  readonly runs: readonly (readonly LazyRun[])[];
  readonly zero: readonly number[];
  readonly tangents: readonly TangentRun[];
  /** Of the first trial, largest first: before training, and after it at the smallest and the largest scale. */
  readonly spectra: readonly { readonly label: string; readonly rates: readonly number[] }[];
}

async function runAll(given: Params, context: StudyContext): Promise<Outcome> {
  const { scales, trials, pairs } = given;
  const sizes: LazySizes = { ...given, units: 2 * pairs };
  const runs: LazyRun[][] = [];
  const [zero, tangents, spectra]: [number[], TangentRun[], Outcome['spectra'][number][]] = [[], [], []];
  for (let t = 0; t < trials; t++) {
    const label = `trial ${t + 1} of ${trials}`;
    const trial = drawTrial(sizes, context.seed, t);
    zero.push(halfMeanSquare(new Float64Array(sizes.rows), trial.testTargets));
    const row: LazyRun[] = [];
    for (const scale of scales) row.push(await trainAt(trial, scale, `${label}, scale ${scale}`, context));
    runs.push(row);
    tangents.push(await trainTangent(trial, tangentScale, `${label}, tangent model`, context));
    if (t > 0) continue;
    const [least, most] = [Math.min(...scales), Math.max(...scales)];
    const ofRun = (scale: number): number[] => descending(tangentRates(trial, row[scales.indexOf(scale)].last), scale);
    spectra.push(
      { label: 'at the start', rates: descending(tangents[0].rates, tangentScale) },
      { label: `trained from scale ${least}`, rates: ofRun(least) },
      { label: `trained from scale ${most}`, rates: ofRun(most) },
    );
  }
  return { runs, zero, tangents, spectra };
}

/** Rates over tau^2, largest first: at the start they are the same at every scale. */
const descending = (rates: Float64Array, scale: number): number[] =>
  [...rates].reverse().map((rate) => rate / scale ** 2);

const median = (values: readonly number[]): number => quantiles(values).median;
const spread = (values: readonly number[]): number[] => [median(values), Math.max(...values)];
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Half width of the band of 95 % by Student's law for few trials, taken as 2.8 standard errors (exact at 5). */
function band(values: readonly number[]): number {
  const center = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1);
  return 2.8 * Math.sqrt(variance / values.length);
}

/** Relative distances of test predictions to those of the tangent model, by trial. */
const distances = ({ runs, tangents }: Outcome, s: number): number[] =>
  runs.map((row, t) => relativeDistance(row[s].predictions, tangents[t].predictions));

function claimsOf(outcome: Outcome, scales: readonly number[]): Claim[] {
  const { runs, tangents } = outcome;
  const at = (row: readonly LazyRun[], scale: number): LazyRun => row[scales.indexOf(scale)];
  const tests = (scale: number): number[] => runs.map((row) => at(row, scale).test);
  const ratio = mean(runs.map((row) => at(row, 3).test / at(row, 0.1).test));
  return [
    claimAtLeast({ statement: 'Mean over trials of test(3) / test(0.1)', bound: 1.3, measured: ratio }),
    claimAtMost({
      statement: '|test(10) - test(1)| / test(1), of means over trials',
      bound: 0.02,
      measured: Math.abs(mean(tests(10)) - mean(tests(1))) / mean(tests(1)),
    }),
    claimAtMost({
      statement: 'Test predictions from scale 10 against the tangent model: relative distance, median of the trials',
      bound: 0.02,
      measured: median(distances(outcome, scales.indexOf(10))),
    }),
    claimAtMost({
      statement: 'Tangent model integrated against its closed form, relative, largest of all trials',
      bound: 1e-6,
      measured: Math.max(...tangents.map(({ closedError }) => closedError)),
    }),
  ];
}

function summary(outcome: Outcome, scales: readonly number[]): Table {
  const { runs, zero, tangents } = outcome;
  const column = (s: number, read: (run: LazyRun) => number): number[] => runs.map((row) => read(row[s]));
  return {
    title: 'Half the mean squared error by scale of the start; means over trials',
    summary: true,
    columns: [
      { name: 'tau' },
      { name: 'train' },
      { name: 'test' },
      { name: '95 % band of test, +-' },
      { name: '|w - w_0| / |w_0|' },
      { name: 'distance to the tangent model, median' },
      { name: 'largest' },
    ],
    rows: [
      ...scales.map((scale, s) => {
        const test = column(s, (run) => run.test);
        const train = mean(column(s, (run) => run.train));
        return [
          scale,
          train,
          mean(test),
          band(test),
          mean(column(s, (run) => run.displacement)),
          ...spread(distances(outcome, s)),
        ];
      }),
      [
        'tangent model',
        null,
        mean(tangents.map(({ test }) => test)),
        band(tangents.map(({ test }) => test)),
        null,
        0,
        0,
      ],
      ['zero', null, mean(zero), band(zero), null, null, null],
    ],
  };
}

function figures({ runs, tangents, spectra }: Outcome, scales: readonly number[]): Figure[] {
  const order = scales.map((_, s) => s).sort((a, b) => scales[a] - scales[b]);
  const x = order.map((s) => scales[s]);
  const tests = order.map((s) => runs.map((row) => row[s].test));
  return [
    {
      id: 'test-error',
      title: 'Test error against the scale of the start',
      caption:
        'Mean over trials with a band of 95 %. From small scales units move and find the directions of the teacher; from large ones the network stays with its tangent model (rule).',
      x: { label: 'scale tau', scale: 'log' },
      y: { label: 'test error', scale: 'log' },
      marks: [
        {
          type: 'band',
          x,
          // A log axis has no place for a band that reaches 0.
          low: tests.map((row) => Math.max(mean(row) - band(row), mean(row) / 100)),
          high: tests.map((row) => mean(row) + band(row)),
        },
        { type: 'line', x, y: tests.map(mean) },
        { type: 'dot', x, y: tests.map(mean) },
        { type: 'rule', axis: 'y', at: mean(tangents.map(({ test }) => test)), label: 'tangent model' },
      ],
    },
    {
      id: 'spectrum',
      title: 'Spectrum of the tangent kernel over the training rows',
      caption:
        'Rates of decay over tau^2, first trial. From the largest scale training leaves the spectrum where it was: the two lines coincide. From the smallest the weights grow and turn, and the spectrum with them.',
      x: { label: 'index', scale: 'log' },
      y: { label: 'rate / tau^2', scale: 'log' },
      marks: spectra.map(({ label, rates }) => {
        const shown = rates.filter((rate) => rate > 1e-12 * rates[0]);
        return { type: 'line' as const, label, x: shown.map((_, k) => k + 1), y: shown };
      }),
    },
  ];
}

/** Scaling the start makes training lazy: the network follows its tangent model and stops learning features. */
export const lazyStudy: Study<Params> = {
  id: 'supervised/lazy',
  title: 'Lazy training: a large start follows the tangent model and predicts worse',
  reference: 'ChizatOyallonBach2019, section 3',
  params,
  async run(given, context) {
    const { scales, inputs, rows, pairs, steps, largestStep } = given;
    const outcome = await runAll(given, context);
    return {
      claims: claimsOf(outcome, scales),
      notes: [
        `Rows uniform on the unit sphere of dimension ${inputs}; a teacher of three unit ReLU neurons with random signs; a student of ${2 * pairs} neurons, plain sum, whose weights tau N(0, 1) come in pairs that cancel. Gradient descent on half the mean squared error over ${rows} rows, ${steps} steps of min(${largestStep}, 0.1 / tau^2): the Euler steps of the Wasserstein flow of atoms of mass 1.`,
        'The published setting is --set inputs=100 --set rows=1000 --set steps=3000; the defaults are smaller so that they run in seconds.',
        'The tangent model is linear in the displacement of the weights around the start at scale 10. It takes the same steps as the network, and its values are also computed in closed form from the tangent kernel, (1 - h T/L)^k.',
        'At a finite scale single units still cross single rows, where relu has its kink; each crossing changes what that row sees of the tangent kernel by one unit of all. So a trial may lie some percent off where others are at 1e-4, and the claim is about the median.',
        'Scale is not width: the network is the same at every scale, and only its start is farther from 0.',
      ],
      tables: [summary(outcome, scales)],
      figures: figures(outcome, scales),
    };
  },
};
