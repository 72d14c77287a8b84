import { type Claim, claimAtLeast, claimAtMost, claimWithin, type Figure, logLogSlope, type Table } from '@muflow/core';

/** Errors of every data set (inner lists) at every width. */
export interface Descent {
  readonly rows: number;
  readonly widths: readonly number[];
  readonly free: readonly (readonly number[])[];
  readonly penalized: readonly (readonly number[])[];
  readonly train: readonly (readonly number[])[];
  readonly chosen: readonly (readonly number[])[];
  /** Of the kernel itself, with a penalty chosen alike. */
  readonly limit: readonly number[];
}

/** Distances to the kernel and to what it learns, of several draws (inner lists) for every number of features. */
export interface Approach {
  readonly counts: readonly number[];
  readonly lambda: number;
  readonly kernels: readonly (readonly number[])[];
  readonly predictors: readonly (readonly number[])[];
}

/** Lower quartile, median and upper quartile, between neighbors by their distance. */
function quartiles(values: readonly number[]): {
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
} {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  return { lower: at(0.25), median: at(0.5), upper: at(0.75) };
}

const median = (values: readonly number[]): number => quartiles(values).median;
const medians = (lists: readonly (readonly number[])[]): number[] => lists.map(median);

/** The peak without a penalty, and that there is none with one. Source: [BelkinEtAl2019]. */
export function descentClaims({ rows, widths, free, penalized, train, limit }: Descent): Claim[] {
  const [errors, tamed] = [medians(free), medians(penalized)];
  const peak = errors.indexOf(Math.max(...errors));
  const rises = tamed.map((error, k) => error / Math.min(...tamed.slice(0, k + 1)));
  const above = train.flatMap((list, k) => (widths[k] > rows ? list : []));
  return [
    claimWithin({
      statement:
        'Without a penalty the median test error is largest where features are as many as rows: their ratio there',
      predicted: 1,
      measured: widths[peak] / rows,
      tolerance: 0,
    }),
    claimAtLeast({
      statement: 'The peak over the least error of fewer features than rows',
      bound: 2,
      measured: errors[peak] / Math.min(...errors.slice(0, Math.max(1, peak))),
    }),
    claimAtLeast({
      statement: 'The peak over the error of the most features: the second descent',
      bound: 5,
      measured: errors[peak] / errors[errors.length - 1],
    }),
    ...(above.length > 0
      ? [
          claimAtMost({
            statement: 'More features than rows interpolate: largest mean squared error on the rows to learn from',
            bound: 1e-12,
            measured: Math.max(...above),
          }),
        ]
      : []),
    // Medians of 15 data sets scatter by 8 %, the ratio of two by up to 11 %: a rise of 1.3 is nearly three deviations.
    claimAtMost({
      statement:
        'With the penalty that leaving rows out chooses there is no peak: largest median error over the least before it',
      bound: 1.3,
      measured: Math.max(...rises),
    }),
    claimAtMost({
      statement: 'With that penalty, at the peak: median error over that without a penalty',
      bound: 0.5,
      measured: tamed[peak] / errors[peak],
    }),
    claimWithin({
      statement: 'With that penalty the most features reach the kernel: median error over that of the kernel',
      predicted: 1,
      measured: tamed[tamed.length - 1] / median(limit),
      tolerance: 0.1,
    }),
  ];
}

/** Root mean squares over the draws fall like the root of the number of features. */
export function approachClaims({ counts, kernels, predictors }: Approach): Claim[] {
  // Slopes of means over 8 draws on a range of 64 scatter by 0.03; the bands are three times that.
  return [
    claimWithin({
      statement: 'Distance of the kernel of drawn features to the closed form: slope in their number',
      predicted: -0.5,
      measured: logLogSlope(counts, rootMeans(kernels)),
      tolerance: 0.1,
    }),
    claimWithin({
      statement: 'Distance of what is learned with them to what the kernel learns: slope in their number',
      predicted: -0.5,
      measured: logLogSlope(counts, rootMeans(predictors)),
      tolerance: 0.1,
    }),
  ];
}

const rootMeans = (lists: readonly (readonly number[])[]): number[] =>
  lists.map((list) => Math.sqrt(list.reduce((sum, value) => sum + value * value, 0) / list.length));

export function randomFeaturesTables(descent: Descent, { counts, kernels, predictors, lambda }: Approach): Table[] {
  const [free, tamed] = [descent.free.map((list) => quartiles(list)), descent.penalized.map((list) => quartiles(list))];
  return [
    {
      title: `Test error over the variance of the target, ${descent.limit.length} data sets of ${descent.rows} rows`,
      summary: true,
      columns: [
        'features',
        'no penalty: median',
        'lower quartile',
        'upper quartile',
        'penalty by rows left out: median',
        'lower quartile',
        'upper quartile',
        'median penalty',
      ].map((name) => ({ name })),
      rows: [
        ...descent.widths.map((width, k) => [
          width,
          ...[free[k].median, free[k].lower, free[k].upper],
          ...[tamed[k].median, tamed[k].lower, tamed[k].upper],
          median(descent.chosen[k]),
        ]),
        ['the kernel', null, null, null, median(descent.limit), null, null, null],
      ],
    },
    {
      title: `Root mean square distances to the kernel, relative, and to what it learns with the penalty ${lambda}`,
      columns: ['features', 'kernel', 'prediction'].map((name) => ({ name })),
      rows: counts.map((count, k) => [count, rootMeans(kernels)[k], rootMeans(predictors)[k]]),
    },
  ];
}

export function randomFeaturesFigures(descent: Descent, { counts, kernels, predictors }: Approach): Figure[] {
  const x = [...descent.widths];
  const band = (lists: readonly (readonly number[])[], label: string) => {
    const found = lists.map((list) => quartiles(list));
    return [
      { type: 'band' as const, label, x, low: found.map(({ lower }) => lower), high: found.map(({ upper }) => upper) },
      { type: 'line' as const, label, x, y: found.map(({ median: middle }) => middle) },
    ];
  };
  return [
    {
      id: 'double-descent',
      title: 'Test error of random features',
      caption:
        'Medians and quartiles over the data sets. Without a penalty the error peaks where features are as many as rows and falls again; with the penalty that leaving rows out chooses there is no peak.',
      x: { label: 'features', scale: 'log' },
      y: { label: 'test error over the variance of the target', scale: 'log' },
      marks: [
        ...band(descent.free, 'no penalty'),
        ...band(descent.penalized, 'penalty by rows left out'),
        { type: 'rule', axis: 'x', at: descent.rows, label: 'rows' },
        { type: 'rule', axis: 'y', at: median(descent.limit), label: 'kernel' },
      ],
    },
    {
      id: 'way-to-the-kernel',
      title: 'Distances to the kernel',
      caption:
        'Root mean squares over draws of the features. Both distances fall with the root of the number of features.',
      x: { label: 'features', scale: 'log' },
      y: { label: 'distance', scale: 'log' },
      marks: [
        { type: 'line', label: 'kernel, relative', x: [...counts], y: rootMeans(kernels) },
        { type: 'line', label: 'prediction', x: [...counts], y: rootMeans(predictors) },
      ],
    },
  ];
}
