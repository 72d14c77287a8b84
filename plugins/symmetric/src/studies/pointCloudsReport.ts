import { type Claim, claimAtLeast, claimAtMost, type Figure, type Mark, type Table } from '@muflow/core';
import { selectSets } from '../sets/batches.js';
import type { CloudData, PointCloudsParams } from './pointCloudsParams.js';
import { type CloudFit, type Learner, learners, wrongShare } from './pointCloudsRuns.js';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const of = (fits: readonly CloudFit[], learner: Learner, size: number): CloudFit[] =>
  fits.filter((fit) => fit.learner === learner && fit.size === size);

const testErrors = (fits: readonly CloudFit[], learner: Learner, size: number): number[] =>
  of(fits, learner, size).map(({ testError }) => testError);

const testMean = (fits: readonly CloudFit[], learner: Learner, size: number): number =>
  mean(testErrors(fits, learner, size));

/** Share of wrong answers of the one that always names the commonest class of the held-out clouds. */
function chance({ labels, test, classes }: CloudData): number {
  const counts = new Uint32Array(classes.length);
  for (const at of test) counts[labels[at]]++;
  return 1 - counts.reduce((most, count) => Math.max(most, count)) / test.length;
}

/** What is claimed of held-out clouds, as means over the repetitions: of tables only that something is learned. */
export function cloudClaims(fits: readonly CloudFit[], data: CloudData, { sizes, table }: PointCloudsParams): Claim[] {
  const last = sizes[sizes.length - 1];
  const wrong = `share of held-out clouds of ${last} points that are wrong`;
  const measured = testMean(fits, 'S1', last);
  if (table !== null) {
    const statement = `S1 errs less than one who always names one class: ${wrong}`;
    return [claimAtMost({ statement, measured, bound: chance(data) })];
  }
  const claims = [
    claimAtMost({
      statement: `S1 errs at most half as often as one who always names one class: ${wrong}`,
      measured,
      bound: chance(data) / 2,
    }),
    claimAtLeast({
      statement: `The smallest class trained by Adam errs more than the largest: S3 less S1, mean over cloud sizes`,
      measured: mean(sizes.map((size) => testMean(fits, 'S3', size) - testMean(fits, 'S1', size))),
      bound: 0,
    }),
  ];
  if (sizes.length === 1) return claims;
  return [
    ...claims,
    claimAtMost({
      statement: `More points tell more: error of S1 on clouds of ${last} less that on clouds of ${sizes[0]}`,
      measured: measured - testMean(fits, 'S1', sizes[0]),
      bound: 0,
    }),
  ];
}

/** Errors of all, and errors of networks on clouds of sizes they were not trained on. */
export function cloudTables(fits: readonly CloudFit[], data: CloudData, params: PointCloudsParams): Table[] {
  const { sizes } = params;
  const percent = (value: number): number => Number((100 * value).toPrecision(6));
  const errors: Table = {
    title: `Wrong classes of clouds, means over ${params.seeds} repetitions`,
    summary: true,
    columns: [
      { name: 'learner' },
      { name: 'points' },
      { name: 'training', unit: '%' },
      { name: 'held out', unit: '%' },
      { name: 'least', unit: '%' },
      { name: 'most', unit: '%' },
      { name: 'norm' },
    ],
    rows: sizes.flatMap((size) =>
      learners.map((learner) => {
        const own = of(fits, learner, size);
        const held = own.map(({ testError }) => testError);
        return [
          learner,
          size,
          percent(mean(own.map(({ trainError }) => trainError))),
          percent(mean(held)),
          percent(Math.min(...held)),
          percent(Math.max(...held)),
          mean(own.map(({ norm }) => norm)),
        ];
      }),
    ),
  };
  if (sizes.length === 1) return [errors];
  return [errors, transferTable(fits, data, params)];
}

function transferTable(fits: readonly CloudFit[], data: CloudData, { sizes }: PointCloudsParams): Table {
  const firsts = learners.flatMap((learner) => sizes.flatMap((size) => of(fits, learner, size).slice(0, 1)));
  return {
    title: 'Wrong classes of held-out clouds by the size trained on and the size met, first repetition',
    columns: [
      { name: 'learner' },
      { name: 'trained on' },
      ...sizes.map((size) => ({ name: `on ${size} points`, unit: '%' })),
    ],
    rows: firsts.map((fit) => [
      fit.learner,
      fit.size,
      ...sizes.map((_, at) => 100 * wrongShare(fit, selectSets(data.batches[at], data.test), data, data.test)),
    ]),
  };
}

/** Held-out errors against the size, risks along the training, and one cloud of every class. */
export function cloudFigures(fits: readonly CloudFit[], data: CloudData, params: PointCloudsParams): Figure[] {
  const figures = [riskFigure(fits, params), pictureFigure(data, params)];
  return params.sizes.length > 1 ? [errorFigure(fits, data, params), ...figures] : figures;
}

function errorFigure(fits: readonly CloudFit[], data: CloudData, { sizes, seeds }: PointCloudsParams): Figure {
  const marks = learners.flatMap((learner): Mark[] => {
    const errors = sizes.map((size) => testErrors(fits, learner, size));
    return [
      {
        type: 'band',
        x: sizes,
        low: errors.map((all) => Math.min(...all)),
        high: errors.map((all) => Math.max(...all)),
        label: learner,
      },
      { type: 'line', x: sizes, y: errors.map(mean), label: learner },
    ];
  });
  return {
    id: 'error',
    title: 'Held-out error against the size of clouds',
    caption: `Share of wrong classes on clouds of the size trained on; bands are the least and the largest of ${seeds} repetitions. One class for all: ${chance(data).toPrecision(3)}.`,
    x: { label: 'points of a cloud', scale: 'log' },
    y: { label: 'share of wrong classes' },
    marks,
  };
}

function riskFigure(fits: readonly CloudFit[], { sizes }: PointCloudsParams): Figure {
  const last = sizes[sizes.length - 1];
  const shown = fits.filter(({ size, repetition, risks }) => size === last && repetition === 0 && risks.length > 0);
  return {
    id: 'risk',
    title: `Training on clouds of ${last} points`,
    caption: 'Mean cross-entropy of the training clouds, first repetition.',
    x: { label: 'step' },
    y: { label: 'cross-entropy', scale: 'log' },
    marks: shown.map(({ learner, risks }) => ({
      type: 'line',
      label: learner,
      x: risks.map(({ step }) => step),
      y: risks.map(({ risk }) => risk),
    })),
  };
}

const mostPictures = 10;

function pictureFigure(
  { batches, classes, labels, test, coordinates }: CloudData,
  { sizes }: PointCloudsParams,
): Figure {
  const { points, offsets, dim } = batches[batches.length - 1];
  const shown = classes.slice(0, mostPictures).flatMap((name, c) => {
    const at = test.find((cloud) => labels[cloud] === c);
    return at === undefined ? [] : [{ name, at }];
  });
  const all = shown.flatMap(({ at }) => Array.from(points.subarray(offsets[at] * dim, offsets[at + 1] * dim)));
  const step = 2.2 * all.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return {
    id: 'clouds',
    title: `A held-out cloud of every class, at most ${sizes[sizes.length - 1]} points`,
    caption: `Coordinates ${coordinates.slice(0, 2).join(' and ')}, clouds side by side.`,
    x: { label: `${coordinates[0]}, shifted` },
    y: { label: coordinates[1] ?? 'all at 0' },
    marks: shown.map(({ name, at }, k) => {
      const places = Array.from({ length: offsets[at + 1] - offsets[at] }, (_, i) => (offsets[at] + i) * dim);
      return {
        type: 'dot',
        label: name,
        x: places.map((place) => points[place] + k * step),
        y: places.map((place) => (dim > 1 ? points[place + 1] : 0)),
      };
    }),
  };
}

export function cloudNotes({ train, test, classes, images }: CloudData, params: PointCloudsParams): string[] {
  const { frozenFactor, innerWidth, outerWidth, steps, rate } = params;
  const what =
    images === null
      ? params.table === null
        ? 'Shapes are turned and scaled at random; their means and mean square lengths agree, so that only finer features tell them apart.'
        : 'Sets of a table; of larger ones as many points as the size says are drawn.'
      : `Images of ${images.width} by ${images.height} pixels as clouds of pixels above ${images.threshold} of white, of which as many as the size says are drawn.`;
  return [
    `${classes.length} classes, ${train.length} clouds train, ${test.length} are held out. ${what}${params.normalized ? ' Every cloud is moved to mean 0 and mean square length 1 first.' : ''}`,
    `S1 has ${innerWidth} test features and ${outerWidth} neurons; what is frozen is ${frozenFactor} times as wide. S1, S2 and S3 take ${steps} steps of Adam at the rate ${rate} alike; "S3 ridge" fits the same frozen features by least squares on the classes, with the penalty by generalized cross-validation, so that what Adam loses on S3 can be told from what the class loses.`,
    'The network S1 of the largest clouds is saved: muflow predict <folder> takes clouds of any size.',
  ];
}
