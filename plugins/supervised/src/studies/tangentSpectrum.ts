import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  deriveKey,
  type Figure,
  logLogSlope,
  randomKey,
  type Study,
  symmetricEigen,
  type Table,
} from '@muflow/core';
import { z } from 'zod';
import { tangentKernel } from '../theory/tangentKernel.js';
import {
  drawNeurons,
  relativeSquare,
  type ScaledRun,
  scaledProblem,
  tangentValues,
  trainScaled,
} from './scaledNetworks.js';

const params = z.strictObject({
  inputs: z.int().min(2).max(200).default(10).describe('dimension d of the inputs'),
  rows: z.int().min(8).max(1000).default(64),
  testRows: z.int().min(4).max(5000).default(100),
  frequency: z
    .number()
    .positive()
    .max(20)
    .default(5)
    .describe('the teacher is sin of this times one hidden coordinate'),
  activation: z.string().default('tanh').describe('a smooth one'),
  width: z.int().min(2).max(4096).default(64),
  scales: z
    .array(z.number().positive().max(1e4))
    .min(4)
    .refine((scales) => scales.every((scale, k) => k === 0 || scale > scales[k - 1]), 'ascending')
    .default([1, 10, 30, 100, 300])
    .describe('output scales alpha, ascending: features at the first, lazy at the last three'),
  horizon: z.number().positive().max(1e5).default(100).describe('time of training times alpha'),
  modes: z.int().min(1).max(100).default(8).describe('modes whose decay is compared with the closed form'),
});

type Params = z.output<typeof params>;

interface Spectrum {
  /** Eigenvalues over L, largest first: rates of decay in the time of the mean. */
  readonly rates: readonly number[];
  /** `y^T K y / (|K|_F |y|^2)` with means over the rows taken off both: the constant mode tells nothing. */
  readonly alignment: number;
  /** `(tr K)^2 / tr K^2` of the same: how many directions the kernel has. */
  readonly dimension: number;
  /** Share of `|y|^2` in the five leading eigenvectors. */
  readonly leading: number;
}

interface Outcome {
  readonly start: Spectrum;
  /** By scale. */
  readonly after: readonly Spectrum[];
  readonly runs: readonly ScaledRun[];
  /** `|K_T - K_0|_F / |K_0|_F` by scale. */
  readonly changes: readonly number[];
  /** Residuals in the leading modes at the end, over those of the start: measured at the largest scale, and exp(-T rate). */
  readonly decay: { readonly measured: readonly number[]; readonly predicted: readonly number[] };
}

const leadingModes = 5;

function spectrumOf(gram: Float64Array, targets: Float64Array): Spectrum {
  const rows = targets.length;
  const { values, vectors } = symmetricEigen(gram, rows);
  const square = targets.reduce((sum, y) => sum + y * y, 0);
  let leading = 0;
  for (let k = Math.max(0, rows - leadingModes); k < rows; k++) leading += along(vectors, k, targets) ** 2;
  return {
    rates: Array.from(values, (value) => value / rows).reverse(),
    ...centered(gram, targets),
    leading: leading / square,
  };
}

/** Alignment and number of directions of the kernel without its constant mode. */
function centered(
  gram: Float64Array,
  targets: Float64Array,
): { readonly alignment: number; readonly dimension: number } {
  const rows = targets.length;
  const mean = targets.reduce((sum, y) => sum + y, 0) / rows;
  const means = Float64Array.from({ length: rows }, (_, l) => {
    let sum = 0;
    for (let k = 0; k < rows; k++) sum += gram[l * rows + k];
    return sum / rows;
  });
  const grand = means.reduce((sum, value) => sum + value, 0) / rows;
  let [weighted, trace, squares, square] = [0, 0, 0, 0];
  for (let l = 0; l < rows; l++) {
    square += (targets[l] - mean) ** 2;
    for (let k = 0; k < rows; k++) {
      const entry = gram[l * rows + k] - means[l] - means[k] + grand;
      weighted += (targets[l] - mean) * entry * (targets[k] - mean);
      squares += entry * entry;
      if (k === l) trace += entry;
    }
  }
  return { alignment: weighted / (Math.sqrt(squares) * square), dimension: trace ** 2 / squares };
}

/** Inner product of a vector with the k-th eigenvector. */
function along(vectors: Float64Array, k: number, values: Float64Array): number {
  let sum = 0;
  for (let l = 0; l < values.length; l++) sum += vectors[l * values.length + k] * values[l];
  return sum;
}

/** Residuals over targets in the leading modes of the kernel at the start, at the end of a run. */
function decayOf(gram: Float64Array, targets: Float64Array, seen: Float64Array, given: Params): Outcome['decay'] {
  const rows = targets.length;
  const { values, vectors } = symmetricEigen(gram, rows);
  const [measured, predicted]: [number[], number[]] = [[], []];
  const residual = targets.map((y, l) => y - seen[l]);
  for (let k = rows - 1; k >= Math.max(0, rows - given.modes); k--) {
    measured.push(along(vectors, k, residual) / along(vectors, k, targets));
    predicted.push(Math.exp((-given.horizon * values[k]) / rows));
  }
  return { measured, predicted };
}

function claimsOf({ start, after, changes, decay, runs }: Outcome, { scales }: Params): Claim[] {
  const last = scales.length - 1;
  const lazy = [last - 2, last - 1, last];
  return [
    claimAtMost({
      statement: `Scale ${scales[last]}: relative change of the tangent kernel`,
      bound: 0.02,
      measured: changes[last],
    }),
    claimWithin({
      statement: 'Exponent of the scale in the change of the tangent kernel, lazy scales',
      predicted: -1,
      tolerance: 0.1,
      measured: logLogSlope(
        lazy.map((s) => scales[s]),
        lazy.map((s) => changes[s]),
      ),
    }),
    claimAtMost({
      statement: `Scale ${scales[last]}: what is left in the leading modes against exp(-T rate), largest difference`,
      bound: 0.02,
      measured: Math.max(...decay.measured.map((value, k) => Math.abs(value - decay.predicted[k]))),
    }),
    claimAtLeast({
      statement: `Scale ${scales[0]}: alignment of the tangent kernel with the targets, after over before`,
      bound: 1,
      measured: after[0].alignment / start.alignment,
    }),
    claimAtLeast({
      statement: `Scale ${scales[0]}: share of the targets in the ${leadingModes} leading modes, after over before`,
      bound: 1,
      measured: after[0].leading / start.leading,
    }),
    claimAtLeast({
      statement: `Test error at scale ${scales[last]} over that at scale ${scales[0]}`,
      bound: 1.5,
      measured: runs[last].test / runs[0].test,
    }),
  ];
}

function tablesOf({ start, after, changes, runs, decay }: Outcome, { scales }: Params): Table[] {
  const shown = ({ rates, alignment, dimension, leading }: Spectrum): number[] => [
    rates[0],
    alignment,
    dimension,
    leading,
  ];
  return [
    {
      title: 'Tangent kernel over the training rows',
      summary: true,
      columns: [
        { name: 'alpha' },
        { name: 'largest rate' },
        { name: 'alignment' },
        { name: 'directions' },
        { name: `share of y in ${leadingModes} modes` },
        { name: 'change of the kernel' },
        { name: 'train' },
        { name: 'test' },
      ],
      rows: [
        ['start', ...shown(start), null, 1, 1],
        ...scales.map((scale, s) => [scale, ...shown(after[s]), changes[s], runs[s].train, runs[s].test]),
      ],
    },
    {
      title: 'Residual in the leading modes at the end, over that at the start, at the largest scale',
      columns: [{ name: 'mode' }, { name: 'rate' }, { name: 'exp(-T rate)' }, { name: 'measured' }],
      rows: decay.measured.map((value, k) => [k + 1, start.rates[k], decay.predicted[k], value]),
    },
  ];
}

function figuresOf({ start, after, changes }: Outcome, { scales }: Params): Figure[] {
  const line = (label: string, { rates }: Spectrum) => {
    const seen = rates.filter((rate) => rate > 1e-10 * rates[0]);
    return { type: 'line' as const, label, x: seen.map((_, k) => k + 1), y: seen };
  };
  const last = scales.length - 1;
  return [
    {
      id: 'spectrum',
      title: 'Spectrum of the tangent kernel before and after training',
      caption: 'At the largest scale training leaves it where it was; at the smallest few directions grow.',
      x: { label: 'index', scale: 'log' },
      y: { label: 'rate', scale: 'log' },
      marks: [
        line('at the start', start),
        line(`after, scale ${scales[0]}`, after[0]),
        line(`after, scale ${scales[last]}`, after[last]),
      ],
    },
    {
      id: 'change',
      title: 'Change of the tangent kernel against the scale',
      caption: 'Relative, in the norm of Frobenius. In the lazy regime it is in proportion to 1/alpha.',
      x: { label: 'scale alpha', scale: 'log' },
      y: { label: '|K_T - K_0| / |K_0|', scale: 'log' },
      marks: [
        { type: 'line', x: [...scales], y: [...changes] },
        { type: 'dot', x: [...scales], y: [...changes] },
      ],
    },
  ];
}

/** The spectrum of the tangent kernel before and after training, from features to lazy. */
export const tangentSpectrumStudy: Study<Params> = {
  id: 'supervised/tangent-spectrum',
  title: 'Tangent kernel before and after training: fixed at large scales, aligned with the target at small ones',
  reference: 'JacotGabrielHongler2018; ChizatOyallonBach2019',
  params,
  async run(given, context) {
    const { inputs: inputDim, rows, testRows, frequency, activation, width, scales, horizon } = given;
    const key = deriveKey(randomKey(context.seed), 'tangent-spectrum');
    const problem = scaledProblem({ activation, inputDim, rows, testRows, frequency, key });
    const { unit, inputs, targets } = problem;
    const positions = drawNeurons(inputDim, width, deriveKey(key, 'neurons'));
    const { gram } = tangentValues(problem, positions, width, horizon);
    const runs: ScaledRun[] = [];
    const grams: Float64Array[] = [];
    for (const factor of scales) {
      const run = await trainScaled({
        problem,
        positions,
        width,
        factor,
        horizon,
        label: `scale ${factor}`,
        context,
      });
      runs.push(run);
      grams.push(tangentKernel({ unit, inputs, inputDim }, run.last).map((value) => value / factor));
    }
    const outcome: Outcome = {
      start: spectrumOf(gram, targets),
      after: grams.map((after) => spectrumOf(after, targets)),
      runs,
      changes: grams.map((after) => Math.sqrt(relativeSquare(after, gram))),
      decay: decayOf(gram, targets, runs[runs.length - 1].seen, given),
    };
    return {
      claims: claimsOf(outcome, given),
      notes: [
        `A network alpha/m sum_i a_i ${activation}(<w_i, x> + b_i) of ${width} independent neurons, less its value at the start, and the teacher sin(${frequency} <theta, x>) of a hidden direction; flow of the square risk over ${rows} rows on the unit sphere of dimension ${inputDim} up to the time ${horizon}/alpha, in which the tangent model goes equally far for every alpha.`,
        'Kernels are those of the mean of neurons, so that they compare across scales; rates are their eigenvalues over the number of rows. Alignment and number of directions are those of the kernel with its means over the rows taken off.',
        'Theory tells that the kernel stays for large alpha. That it turns to the targets at alpha = 1 is what this network does; far below, where weights grow by much, the alignment may fall again.',
      ],
      tables: tablesOf(outcome, given),
      figures: figuresOf(outcome, given),
    };
  },
};
