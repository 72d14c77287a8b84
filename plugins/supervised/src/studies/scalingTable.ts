import {
  type Claim,
  claimWithin,
  deriveKey,
  type Figure,
  type LinearFit,
  logLogFit,
  type RandomKey,
  type Risk,
  randomKey,
  risk,
  type Scaling,
  type Study,
  type StudyContext,
  scalingFactor,
  type Table,
} from '@muflow/core';
import { z } from 'zod';
import { neuronScales, scaleCriterion } from '../lazy/scaleCriterion.js';
import { tangentKernel } from '../theory/tangentKernel.js';
import {
  drawNeurons,
  predictions,
  relativeSquare,
  type ScaledProblem,
  scaledMeasure,
  scaledProblem,
  trainScaled,
} from './scaledNetworks.js';

const params = z.strictObject({
  inputs: z.int().min(1).max(200).default(5).describe('dimension d of the inputs'),
  rows: z.int().min(2).max(1000).default(32),
  frequency: z
    .number()
    .positive()
    .max(20)
    .default(4)
    .describe('the teacher is sin of this times one hidden coordinate'),
  activation: z.string().default('tanh').describe('a smooth one'),
  widths: z
    .array(z.int().min(2).max(8192))
    .min(3)
    .refine((widths) => widths.every((width, k) => k === 0 || width > widths[k - 1]), 'ascending')
    .default([32, 64, 128, 256])
    .describe('widths m, ascending'),
  draws: z.int().min(1).max(1000).default(4).describe('trained starts of every width'),
  startDraws: z.int().min(2).max(10_000).default(64).describe('starts of every width for the initial predictor'),
  horizon: z.number().positive().max(1e5).default(20).describe('time of training times m alpha(m)'),
});

type Params = z.output<typeof params>;

const scalings: readonly { readonly name: Scaling; readonly factor: string }[] = [
  { name: 'mean', factor: '1/m' },
  { name: 'square-root', factor: '1/sqrt(m)' },
  { name: 'sum', factor: '1' },
];

/** What is read off, with the exponent of m for `alpha(m) = m^(-p)`: the predictions are powers of m and of m alpha(m). */
const quantities = [
  { id: 'start', title: 'initial predictor |h(w_0)|', exponent: (p: number) => 0.5 - p, tolerance: 0.1 },
  { id: 'kappa', title: 'scale kappa', exponent: (p: number) => p - 1, tolerance: 0.15 },
  { id: 'atom', title: 'motion of an atom', exponent: (p: number) => p - 1, tolerance: 0.15 },
  { id: 'weights', title: 'motion of all weights |w_T - w_0|', exponent: (p: number) => p - 0.5, tolerance: 0.15 },
  { id: 'relative', title: '|w_T - w_0| / |w_0|', exponent: (p: number) => p - 1, tolerance: 0.15 },
] as const;

type Quantity = (typeof quantities)[number]['id'];

/** Means over draws of one width in one scaling; the change of the tangent kernel is shown beside the claims. */
interface Entry {
  readonly scaling: Scaling;
  readonly width: number;
  readonly values: Readonly<Record<Quantity | 'kernel', number>>;
}

const powerOf = (scaling: Scaling): number => (scaling === 'mean' ? 1 : scaling === 'square-root' ? 0.5 : 0);

/** Root mean square over draws. */
const rootMeanSquare = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

async function measureWidth(
  given: Params,
  problem: ScaledProblem,
  width: number,
  context: StudyContext,
): Promise<Entry[]> {
  const { draws, startDraws, horizon } = given;
  const key = deriveKey(randomKey(context.seed), 'scaling-table', 'neurons', width);
  const plain = risk({ unit: problem.unit, inputs: problem.inputs, targets: problem.targets });
  const starts: number[] = [];
  for (let draw = 0; draw < startDraws; draw++)
    starts.push(startSize(plain, problem, width, deriveKey(key, 'start', draw)));
  const entries: Entry[] = [];
  for (const { name } of scalings) {
    const factor = scalingFactor(name, width);
    const found: Record<Exclude<Quantity, 'start'> | 'kernel', number>[] = [];
    for (let draw = 0; draw < draws; draw++) {
      const positions = drawNeurons(given.inputs, width, deriveKey(key, 'trained', draw));
      const label = `${name}, width ${width}, draw ${draw + 1}`;
      const run = await trainScaled({ problem, positions, width, factor, horizon, label, context });
      const { unit, inputs, targets } = problem;
      const kernel = { unit, inputs, inputDim: given.inputs };
      const scales = neuronScales({ ...kernel, tolerance: 1e-4 }, run.initial);
      const moved = run.displacement * Math.sqrt(width);
      found.push({
        kappa: scaleCriterion({ ...scales, values: new Float64Array(targets.length) }, targets),
        atom: run.displacement,
        weights: moved,
        relative: moved / rootMeanSquare(Array.from(positions)) / Math.sqrt(positions.length),
        kernel: Math.sqrt(relativeSquare(tangentKernel(kernel, run.last), tangentKernel(kernel, run.initial))),
      });
    }
    const mean = (id: keyof (typeof found)[number]): number => rootMeanSquare(found.map((one) => one[id]));
    entries.push({
      scaling: name,
      width,
      values: {
        start: factor * rootMeanSquare(starts),
        kappa: mean('kappa'),
        atom: mean('atom'),
        weights: mean('weights'),
        relative: mean('relative'),
        kernel: mean('kernel'),
      },
    });
  }
  return entries;
}

/** Root mean square over the rows of the mean of units at a random start. */
function startSize(plain: Risk, { inputs, inputDim }: ScaledProblem, width: number, key: RandomKey): number {
  const mu = scaledMeasure(drawNeurons(inputDim, width, key), width, 1);
  return rootMeanSquare(Array.from(predictions(plain, inputs, mu)));
}

const ofScaling = (entries: readonly Entry[], scaling: Scaling): Entry[] =>
  entries.filter((entry) => entry.scaling === scaling);

function fitOf(entries: readonly Entry[], scaling: Scaling, id: Quantity | 'kernel'): LinearFit {
  const own = ofScaling(entries, scaling);
  return logLogFit(
    own.map(({ width }) => width),
    own.map(({ values }) => values[id]),
  );
}

function claimsOf(entries: readonly Entry[]): Claim[] {
  return scalings.flatMap(({ name, factor }) =>
    quantities.map(({ id, title, exponent, tolerance }) =>
      claimWithin({
        statement: `alpha(m) = ${factor}: exponent of m in the ${title}`,
        predicted: exponent(powerOf(name)),
        tolerance,
        measured: fitOf(entries, name, id).slope,
      }),
    ),
  );
}

function tablesOf(entries: readonly Entry[]): Table[] {
  return [
    {
      title: 'Exponents of m: predicted, measured',
      summary: true,
      columns: [
        { name: 'quantity' },
        ...scalings.flatMap(({ factor }) => [{ name: `${factor}: predicted` }, { name: 'measured' }]),
      ],
      rows: [
        ...quantities.map(({ id, title, exponent }) => [
          title,
          ...scalings.flatMap(({ name }) => [exponent(powerOf(name)), fitOf(entries, name, id).slope]),
        ]),
        [
          'change of the tangent kernel',
          ...scalings.flatMap(({ name }) => [null, fitOf(entries, name, 'kernel').slope]),
        ],
      ],
    },
    {
      title: 'Root mean squares over the draws',
      columns: [
        { name: 'alpha(m)' },
        { name: 'm' },
        ...quantities.map(({ title }) => ({ name: title })),
        { name: 'relative change of the tangent kernel' },
      ],
      rows: scalings.flatMap(({ name, factor }) =>
        ofScaling(entries, name).map(({ width, values }) => [
          factor,
          width,
          ...quantities.map(({ id }) => values[id]),
          values.kernel,
        ]),
      ),
    },
  ];
}

function figuresOf(entries: readonly Entry[]): Figure[] {
  const shown = [quantities[0], quantities[1], quantities[4]];
  return shown.map(({ id, title }) => ({
    id,
    title: `${title} against the width`,
    caption: 'One line for each scaling of the sum over neurons; the slopes are in the table.',
    x: { label: 'width m', scale: 'log' as const },
    y: { label: title, scale: 'log' as const },
    marks: scalings.map(({ name, factor }) => ({
      type: 'line' as const,
      label: factor,
      x: ofScaling(entries, name).map(({ width }) => width),
      y: ofScaling(entries, name).map(({ values }) => values[id]),
    })),
  }));
}

/** The table of mean-field against lazy: start, scale and motion of the weights as powers of the width. */
export const scalingTableStudy: Study<Params> = {
  id: 'supervised/scaling-table',
  title: 'Mean-field against lazy scaling: powers of the width in start, scale and motion',
  reference: 'ChizatOyallonBach2019, section 1',
  params,
  async run(given, context) {
    const { inputs, rows, frequency, activation, widths, horizon } = given;
    const key = deriveKey(randomKey(context.seed), 'scaling-table');
    const problem = scaledProblem({ activation, inputDim: inputs, rows, testRows: 1, frequency, key });
    const entries: Entry[] = [];
    for (const width of widths) {
      await context.pause({ label: `width ${width}`, step: entries.length });
      entries.push(...(await measureWidth(given, problem, width, context)));
    }
    return {
      claims: claimsOf(entries),
      notes: [
        `Networks alpha(m) sum_i a_i ${activation}(<w_i, x> + b_i) of independent neurons N(0, 1); flow of the square risk over ${rows} rows on the unit sphere of dimension ${inputs} up to the time ${horizon} / (m alpha(m)), in which the tangent models of all scalings go equally far.`,
        'The initial predictor is that of the network itself. Training and kappa take it off, so that they show the scaling alone: otherwise a start of size sqrt(m), as in the plain sum, has to be unlearned first.',
        'kappa is of the largest atom, and the largest of m Gaussian weights grows like sqrt(log m): measured exponents lie above the predicted powers by that.',
        'The change of the tangent kernel is shown without a claim: what atoms of opposite output weights do to it cancels in the mean, so that it falls faster than their motion.',
      ],
      tables: tablesOf(entries),
      figures: figuresOf(entries),
    };
  },
};
