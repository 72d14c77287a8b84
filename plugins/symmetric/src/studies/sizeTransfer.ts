import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  claimWithinFactor,
  deriveKey,
  type Figure,
  logLogSlope,
  type RandomKey,
  randomKey,
  type Study,
  type StudyContext,
  type Table,
} from '@muflow/core';
import { z } from 'zod';
import { trainSetSteps } from '../fit/trainSetNetwork.js';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type SetNetwork, setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { setVariance } from '../targets/index.js';
import {
  drawGaussians,
  fromFeatures,
  type GaussianMeasure,
  gaussianFeatures,
  sampleGaussians,
  samplingConstant,
} from './gaussianLimit.js';

const params = z.strictObject({
  dim: z.int().min(1).max(32).default(2).describe('dimension d of the points'),
  inner: z.enum(['relu', 'squared-relu']).default('squared-relu').describe('unit of the test functions'),
  outer: z.string().default('softplus').describe('a smooth unit'),
  innerWidth: z.int().min(1).max(2000).default(24),
  outerWidth: z.int().min(1).max(2000).default(8),
  trainSets: z.int().min(4).max(100_000).default(400),
  trainSize: z.int().min(2).max(1024).default(8).describe('points of a set at training'),
  steps: z.int().min(1).max(100_000).default(400),
  rate: z.number().positive().default(0.03).describe('step size of Adam'),
  sizes: z
    .array(z.int().min(1).max(100_000))
    .min(3)
    .default([2, 4, 8, 16, 32, 64, 128, 256, 512])
    .describe('points N of a set at testing, ascending, the size of training among them'),
  measures: z.int().min(2).max(10_000).default(50).describe('measures tested'),
  samples: z.int().min(1).max(1000).default(10).describe('samples of each measure'),
});

type Params = z.output<typeof params>;

/** What is found at one size. */
interface Row {
  readonly size: number;
  /** Mean of `|f(mu_N) - f(mu)|^2`, with mean pooling and with sum pooling. */
  readonly error: number;
  readonly sumError: number;
  /** Mean of `|f(mu_N) - y(mu_N)|^2` over the variance of y at that size. */
  readonly unexplained: number;
  readonly sumUnexplained: number;
}

async function train(network: SetNetwork, given: Params, key: RandomKey, context: StudyContext): Promise<Float64Array> {
  const measures = drawGaussians(given.dim, given.trainSets, deriveKey(key, 'training measures'));
  const batch = sampleGaussians(measures, given.trainSize, deriveKey(key, 'training points'));
  const training = trainSetSteps({
    ...{ network, batch, targets: setVariance().values(batch), steps: given.steps },
    start: drawSetParameters(network, deriveKey(key, 'start')),
    rule: { kind: 'adam', rate: given.rate },
  });
  let next = training.next();
  for (; !next.done; next = training.next()) {
    await context.pause({ label: 'training', step: next.value, fraction: next.value / given.steps });
  }
  return next.value.parameters;
}

/** Errors of both readings at one size, over all measures and samples. */
function measureSize(
  size: number,
  networks: { readonly mean: SetNetwork; readonly sum: SetNetwork },
  {
    parameters,
    measures,
    limits,
    samples,
    key,
  }: {
    readonly parameters: { readonly mean: Float64Array; readonly sum: Float64Array };
    readonly measures: readonly GaussianMeasure[];
    readonly limits: Float64Array;
    readonly samples: number;
    readonly key: RandomKey;
  },
): Row {
  const squares = { error: 0, sumError: 0, residual: 0, sumResidual: 0 };
  const targets: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const batch = sampleGaussians(measures, size, deriveKey(key, 'points', sample));
    const values = evaluateSets(networks.mean, parameters.mean, batch);
    const sums = evaluateSets(networks.sum, parameters.sum, batch);
    const wanted = setVariance().values(batch);
    for (let s = 0; s < measures.length; s++) {
      squares.error += (values[s] - limits[s]) ** 2;
      squares.sumError += (sums[s] - limits[s]) ** 2;
      squares.residual += (values[s] - wanted[s]) ** 2;
      squares.sumResidual += (sums[s] - wanted[s]) ** 2;
      targets.push(wanted[s]);
    }
  }
  const center = targets.reduce((sum, value) => sum + value, 0) / targets.length;
  const variance = targets.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return {
    size,
    error: squares.error / targets.length,
    sumError: squares.sumError / targets.length,
    unexplained: squares.residual / variance,
    sumUnexplained: squares.sumResidual / variance,
  };
}

function claimsOf(rows: readonly Row[], constant: number, { trainSize }: Params): Claim[] {
  const far = rows.filter(({ size }) => size >= Math.min(8, rows[rows.length - 3].size));
  const last = rows[rows.length - 1];
  const at = rows.find(({ size }) => size === trainSize);
  const claims: Claim[] = [
    claimWithin({
      statement: 'Mean pooling: |f(mu_N) - f(mu)|^2, f(mu) in closed form, against N: exponent',
      predicted: -1,
      measured: logLogSlope(
        far.map(({ size }) => size),
        far.map(({ error }) => error),
      ),
      tolerance: 0.1,
    }),
    claimWithinFactor({
      statement: 'N |f(mu_N) - f(mu)|^2 at the largest N is the variance of the first variation of f under mu',
      predicted: constant,
      measured: last.size * last.error,
      factor: 1.3,
    }),
  ];
  if (at === undefined) return claims;
  return [
    ...claims,
    claimAtMost({
      statement: 'Mean pooling has learned: unexplained share of the target at the size of training',
      bound: 0.25,
      measured: at.unexplained,
    }),
    claimAtMost({
      statement: 'Mean pooling transfers to the largest sets: unexplained share there over that at training',
      bound: 2,
      measured: last.unexplained / at.unexplained,
    }),
    claimAtMost({
      statement: 'Sum pooling is the same function at the size of training: relative difference of their errors',
      bound: 1e-9,
      measured: Math.abs(at.sumError / at.error - 1),
    }),
    claimAtLeast({
      statement: 'Sum pooling does not transfer: unexplained share of the target at the largest sets',
      bound: 1,
      measured: last.sumUnexplained,
    }),
  ];
}

function tableOf(rows: readonly Row[], constant: number): Table {
  return {
    title: 'Errors against the number of points',
    summary: true,
    columns: [
      { name: 'N' },
      { name: '|f(mu_N) - f(mu)|^2' },
      { name: 'N times it over its limit' },
      { name: 'unexplained share' },
      { name: 'with sum pooling' },
    ],
    rows: rows.map((row) => [
      row.size,
      row.error,
      (row.size * row.error) / constant,
      row.unexplained,
      row.sumUnexplained,
    ]),
  };
}

function figuresOf(rows: readonly Row[], constant: number): Figure[] {
  const sizes = rows.map(({ size }) => size);
  return [
    {
      id: 'sampling',
      title: 'Error of a sample of N points',
      caption: 'With mean pooling a network is a smooth function of the measure, and its error falls like 1/N.',
      x: { label: 'points N', scale: 'log' },
      y: { label: '|f(mu_N) - f(mu)|^2', scale: 'log' },
      marks: [
        { type: 'dot', label: 'mean pooling', x: sizes, y: rows.map(({ error }) => error) },
        { type: 'line', label: 'Var(first variation) / N', x: sizes, y: sizes.map((size) => constant / size) },
        { type: 'line', label: 'sum pooling', x: sizes, y: rows.map(({ sumError }) => sumError) },
      ],
    },
    {
      id: 'transfer',
      title: 'Unexplained share of the target on sets of other sizes',
      caption: 'Both readings are the same function at the size of training, and only mean pooling keeps it elsewhere.',
      x: { label: 'points N', scale: 'log' },
      y: { label: 'error / variance of the target', scale: 'log' },
      marks: [
        { type: 'line', label: 'mean pooling', x: sizes, y: rows.map(({ unexplained }) => unexplained) },
        { type: 'line', label: 'sum pooling', x: sizes, y: rows.map(({ sumUnexplained }) => sumUnexplained) },
      ],
    },
  ];
}

/** A network trained on sets of one size, on sets of all sizes and on the measure itself. */
export const sizeTransferStudy: Study<Params> = {
  id: 'symmetric/size-transfer',
  title: 'Set networks on sets of other sizes: mean pooling converges like 1/N, sum pooling does not',
  reference: 'ZweigBruna2021',
  params,
  async run(given, context) {
    const key = deriveKey(randomKey(context.seed), 'size transfer');
    const { dim, inner, outer, innerWidth, outerWidth, trainSize } = given;
    const shape = { dim, inner, outer, innerWidth, outerWidth, backend: context.backend };
    const networks = { mean: setNetwork(shape), sum: setNetwork({ ...shape, pooling: 'sum' }) };
    const parameters = await train(networks.mean, given, key, context);
    // A sum over trainSize points with the middle layer divided by it is the mean.
    const scaled = parameters.slice();
    for (let i = networks.mean.parts.middle[0]; i < networks.mean.parts.middle[1]; i++) scaled[i] /= trainSize;
    const measures = drawGaussians(dim, given.measures, deriveKey(key, 'measures'));
    const features = gaussianFeatures(networks.mean, parameters, { measures, power: inner === 'relu' ? 1 : 2 });
    const { values: limits, differentials } = fromFeatures(networks.mean, parameters, features);
    const sampling = { measures, differentials, draws: 2000, key: deriveKey(key, 'constant') };
    const constant = samplingConstant(networks.mean, parameters, sampling);
    const tested = { parameters: { mean: parameters, sum: scaled }, measures, limits, samples: given.samples, key };
    const rows: Row[] = [];
    for (const [i, size] of given.sizes.entries()) {
      rows.push(measureSize(size, networks, tested));
      await context.pause({ label: `sets of ${size}`, step: i + 1, fraction: (i + 1) / given.sizes.length });
    }
    return {
      claims: claimsOf(rows, constant, given),
      notes: [
        `A network of class S1 (inner ${inner}, outer ${outer}) learns the total variance of a set on ${given.trainSets} sets of ${trainSize} points of Gaussians of random place and deviation. It is then asked for samples of other sizes, of ${given.measures} measures it has not seen, and for the measures themselves, where its features have a closed form.`,
        'For a smooth f the error of a sample is that of its linear part: N |f(mu_N) - f(mu)|^2 tends to the variance under mu of the first variation of f, here estimated from 2000 points of each measure, independently of the samples. At small N the curvature of f adds a term of order 1/N^2.',
        'Sum pooling is read off the same weights, the middle layer divided by the number of points at training: on sets of that size it is the same network. It is a function of the sum over points, hence of N, so nothing makes it right elsewhere. A network trained with sum pooling on sets of several sizes can learn to undo N there; that is another experiment.',
        'Raw errors fall with N because samples concentrate. Errors against the target are therefore told over the variance of the target among sets of that size.',
      ],
      tables: [tableOf(rows, constant)],
      figures: figuresOf(rows, constant),
      metrics: {
        size: rows.map(({ size }) => size),
        error: rows.map(({ error }) => error),
        unexplained: rows.map(({ unexplained }) => unexplained),
        sumUnexplained: rows.map(({ sumUnexplained }) => sumUnexplained),
      },
    };
  },
};
