import { type Claim, claimAtLeast, claimAtMost, claimWithinFactor, type Figure, type Table } from '@muflow/core';

/** A function of the hidden coordinate. */
export interface Profiled {
  readonly value: (z: number) => number;
  /** Its variation norm over neurons with directions (w, b) of length 1. */
  readonly norm: number;
  readonly formula: string;
}

/** One of the two fits to one data set. */
export interface Fitted {
  /** Mean squared error on rows held out, noise included, and against the clean targets of these rows. */
  readonly heldOut: number;
  readonly excess: number;
  readonly penalty: number;
  /** Variation norm of the network, or norm in the space of the kernel of directions uniform on the sphere. */
  readonly norm: number;
}

export interface Trial {
  readonly dimension: number;
  readonly repeat: number;
  readonly feature: Fitted;
  readonly kernel: Fitted;
  readonly neurons: number;
  readonly alignment: number;
}

/** A mean over data sets with its band. */
export interface Band {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** 97.5 % quantiles of Student's law with 1, 2, ... degrees of freedom. */
const student = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086,
];

/** The band of 95 % of a mean; from 21 degrees of freedom on with the quantile of 20, which is wider. */
export function bandOf(values: readonly number[]): Band {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  const half = student[Math.min(n - 2, student.length - 1)] * Math.sqrt(variance / n);
  return { mean, low: mean - half, high: mean + half };
}

type Kind = 'feature' | 'kernel';

const dimensionsOf = (trials: readonly Trial[]): number[] => [...new Set(trials.map(({ dimension }) => dimension))];

const bandsOf = (trials: readonly Trial[], kind: Kind, read: (fit: Fitted) => number): Band[] =>
  dimensionsOf(trials).map((d) =>
    bandOf(trials.filter(({ dimension }) => dimension === d).map((trial) => read(trial[kind]))),
  );

const heldOut = ({ heldOut }: Fitted): number => heldOut;
const excess = ({ excess }: Fitted): number => excess;
const norm = ({ norm }: Fitted): number => norm;

export function dimensionClaims(trials: readonly Trial[], target: Profiled): Claim[] {
  const dimensions = dimensionsOf(trials);
  const last = dimensions.length - 1;
  const [feature, kernel] = [bandsOf(trials, 'feature', heldOut), bandsOf(trials, 'kernel', heldOut)];
  const clean = { feature: bandsOf(trials, 'feature', excess), kernel: bandsOf(trials, 'kernel', excess) };
  const span = `d = ${dimensions[0]} to ${dimensions[last]}`;
  const far = `d = ${dimensions[last]}`;
  return [
    claimAtMost({
      statement: `F1 is flat, ${span}: largest lower end of a band of its held-out error over the smallest upper end`,
      bound: 1,
      measured: Math.max(...feature.map(({ low }) => low)) / Math.min(...feature.map(({ high }) => high)),
    }),
    claimAtLeast({
      statement: `F2 grows, ${span}: lower end of the last band of its held-out error over the upper end of the first`,
      bound: 1,
      measured: kernel[last].low / kernel[0].high,
    }),
    claimAtLeast({
      statement: `F2 is above F1, ${far}: lower end of its band of held-out errors over the upper end of that of F1`,
      bound: 1,
      measured: kernel[last].low / feature[last].high,
    }),
    claimAtLeast({
      statement: `Against clean targets, ${far}: mean error of F2 over that of F1`,
      bound: 3,
      measured: clean.kernel[last].mean / clean.feature[last].mean,
    }),
    ...bandsOf(trials, 'feature', norm).map(({ mean }, k) =>
      claimWithinFactor({
        statement: `Mean variation norm of the fits, d = ${dimensions[k]}: that of ${target.formula}`,
        predicted: target.norm,
        measured: mean,
        factor: 1.25,
      }),
    ),
  ];
}

export function dimensionTables(trials: readonly Trial[]): Table[] {
  const dimensions = dimensionsOf(trials);
  const [feature, kernel] = [bandsOf(trials, 'feature', heldOut), bandsOf(trials, 'kernel', heldOut)];
  const clean = { feature: bandsOf(trials, 'feature', excess), kernel: bandsOf(trials, 'kernel', excess) };
  const norms = { feature: bandsOf(trials, 'feature', norm), kernel: bandsOf(trials, 'kernel', norm) };
  const meanOf = (d: number, read: (trial: Trial) => number): number => {
    const own = trials.filter(({ dimension }) => dimension === d);
    return own.reduce((sum, trial) => sum + read(trial), 0) / own.length;
  };
  const ends = ({ low, mean, high }: Band): number[] => [low, mean, high];
  return [
    {
      title: 'Held-out mean squared error, noise included: mean over the data sets and its band of 95 %',
      columns: ['d', 'F1 low', 'F1', 'F1 high', 'F2 low', 'F2', 'F2 high'].map((name) => ({ name })),
      rows: dimensions.map((d, k) => [d, ...ends(feature[k]), ...ends(kernel[k])]),
    },
    {
      title: 'The fits: error against clean targets, norms, and what the network found; means',
      columns: [
        ...['d', 'F1 clean error', 'F2 clean error', 'F1 norm', 'F2 norm', 'neurons', 'share along u'],
        ...['F1 penalty', 'F2 penalty'],
      ].map((name) => ({ name })),
      rows: dimensions.map((d, k) => [
        d,
        clean.feature[k].mean,
        clean.kernel[k].mean,
        norms.feature[k].mean,
        norms.kernel[k].mean,
        meanOf(d, ({ neurons }) => neurons),
        meanOf(d, ({ alignment }) => alignment),
        meanOf(d, ({ feature: { penalty } }) => penalty),
        meanOf(d, ({ kernel: { penalty } }) => penalty),
      ]),
    },
  ];
}

export function dimensionFigures(trials: readonly Trial[], noise: number): Figure[] {
  const x = dimensionsOf(trials);
  const marksOf = (kind: Kind, label: string, read: (fit: Fitted) => number): Figure['marks'] => {
    const bands = bandsOf(trials, kind, read);
    const low = bands.map((band) => band.low);
    return [
      { type: 'band', label: `${label}, 95 %`, x, low, high: bands.map((band) => band.high) },
      { type: 'line', label, x, y: bands.map(({ mean }) => mean) },
      { type: 'dot', label, x: trials.map(({ dimension }) => dimension), y: trials.map((trial) => read(trial[kind])) },
    ];
  };
  return [
    {
      id: 'held-out-error',
      title: 'Held-out error against the dimension, one direction being hidden',
      caption:
        'Moving neurons (F1) find the direction: their error stays near that of the noise. The kernel of the same neurons (F2) spends its rows on all directions alike, and its error grows with their number.',
      x: { label: 'dimension d', scale: 'log' },
      y: { label: 'mean squared error' },
      marks: [
        ...marksOf('feature', 'F1, neurons that move', heldOut),
        ...marksOf('kernel', 'F2, their kernel', heldOut),
        { type: 'line', label: 'noise', x: [x[0], x[x.length - 1]], y: [noise ** 2, noise ** 2] },
      ],
    },
    {
      id: 'norms',
      title: 'Norms of the fits',
      caption:
        'The variation norm of the networks stays at that of the target; the norm that the kernel pays for its worse fits grows.',
      x: { label: 'dimension d', scale: 'log' },
      y: { label: 'norm', scale: 'log' },
      marks: (['feature', 'kernel'] as const).map((kind) => ({
        type: 'line' as const,
        label: kind === 'feature' ? 'F1' : 'F2',
        x,
        y: bandsOf(trials, kind, norm).map(({ mean }) => mean),
      })),
    },
  ];
}
