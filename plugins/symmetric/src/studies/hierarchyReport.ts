import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  claimWithinFactor,
  type Figure,
  type Table,
} from '@muflow/core';
import { type SetClass, setClasses } from '../network/setNetwork.js';
import type { SetTargetId } from '../targets/catalog.js';
import type { HierarchyParams } from './hierarchyParams.js';
import type { HierarchyRun } from './hierarchyRuns.js';
import type { PenaltyEffect } from './penaltyEffect.js';

/** Runs of one class and target, of one dimension and number of sets where these are given. */
interface Choice {
  readonly class: SetClass;
  readonly target: SetTargetId;
  readonly dim?: number;
  readonly sets?: number;
}

const chosen = (runs: readonly HierarchyRun[], { class: kind, target, dim, sets }: Choice): readonly HierarchyRun[] =>
  runs.filter(
    (run) =>
      run.class === kind &&
      run.target === target &&
      (dim === undefined || run.dim === dim) &&
      (sets === undefined || run.sets === sets),
  );

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const geometricMean = (values: readonly number[]): number => Math.exp(mean(values.map(Math.log)));

function deviation(values: readonly number[]): number {
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}

/** Geometric mean over seeds of how the errors of two classes compare at a test size. */
function ratio(runs: readonly HierarchyRun[], target: SetTargetId, [a, b]: readonly SetClass[], at: number): number {
  const [above, below] = [a, b].map((kind) => chosen(runs, { class: kind, target }));
  return geometricMean(above.map((run, k) => run.shares[at] / below[k].shares[at]));
}

/** Mean over seeds of the error share at one test size less that at another. */
const rise = (runs: readonly HierarchyRun[], choice: Choice, [from, to]: readonly [number, number]): number =>
  mean(chosen(runs, choice).map(({ shares }) => shares[to] - shares[from]));

export function hierarchyClaims(
  runs: readonly HierarchyRun[],
  effect: PenaltyEffect,
  params: HierarchyParams,
): Claim[] {
  const { targets, testSizes, setSize } = params;
  const own = testSizes.indexOf(setSize);
  const largest = testSizes.indexOf(Math.max(...testSizes));
  const claims: Claim[] = [];
  if (own >= 0 && targets.includes('single-neuron')) {
    for (const kind of ['S2', 'S3'] as const) {
      claims.push(
        claimAtLeast({
          statement: `Single neuron: error of ${kind} over that of S1 at sets of ${setSize}, geometric mean over seeds`,
          bound: 1,
          measured: ratio(runs, 'single-neuron', [kind, 'S1'], own),
        }),
      );
    }
    if (largest !== own) {
      claims.push(
        claimAtMost({
          statement: `Single neuron: S1 transfers, its error share at sets of ${testSizes[largest]} less that at ${setSize}, mean`,
          bound: 0.1,
          measured: rise(runs, { class: 'S1', target: 'single-neuron' }, [own, largest]),
        }),
        claimAtLeast({
          statement: 'Single neuron: S2 loses more on the way to these sizes, its rise less that of S1',
          bound: 0,
          measured:
            rise(runs, { class: 'S2', target: 'single-neuron' }, [own, largest]) -
            rise(runs, { class: 'S1', target: 'single-neuron' }, [own, largest]),
        }),
      );
    }
  }
  if (own >= 0 && targets.includes('smooth-neuron')) {
    claims.push(
      claimWithinFactor({
        statement: `Smooth neuron, whose features S2 is given: error of S2 over that of S1 at sets of ${setSize}`,
        predicted: 1,
        measured: ratio(runs, 'smooth-neuron', ['S2', 'S1'], own),
        factor: 2,
      }),
    );
  }
  claims.push(
    claimAtLeast({
      statement:
        'The penalty acts: largest difference of a weight between penalties 0 and 1e-2, least over the classes',
      bound: 1e-3,
      measured: effect.moved,
    }),
    claimAtMost({
      statement: 'The penalty acts: norm where it weighs as much as the risk at the start over that without, largest',
      bound: 0.9,
      measured: effect.normRatio,
    }),
  );
  return isCard(params) && own >= 0 ? [...claims, ...cardClaims(runs, own)] : claims;
}

/** Measured before with another program: mean and deviation over three seeds of the error share at sets of 4. */
const card = {
  'single-neuron': { S1: [0.124, 0.037], S2: [0.195, 0.004], S3: [0.177, 0.026] },
  'smooth-neuron': { S1: [0.344, 0.038], S2: [0.291, 0.032], S3: [0.371, 0.013] },
} as const;

/** Whether the sizes are those at which the figures of the card were measured. */
function isCard({ dims, trainSets, setSize, width, frozenWidth, rate, steps, ...rest }: HierarchyParams): boolean {
  const sizes = [dims.length, dims[0], trainSets.length, trainSets[0], setSize, width, frozenWidth, rate, steps];
  const wanted = [1, 10, 1, 100, 4, 100, 1000, 5e-4, 2000];
  const isModel = rest.inner === 'squared-relu' && rest.outer === 'relu' && rest.lambda === 0 && rest.radius === 3;
  return rest.unitTeacher && isModel && sizes.every((size, k) => size === wanted[k]);
}

/** The spread of a mean of seeds is not known better than by either of two samples: the larger one is taken. */
function cardClaims(runs: readonly HierarchyRun[], own: number): Claim[] {
  return (['single-neuron', 'smooth-neuron'] as const).flatMap((target) =>
    setClasses.flatMap((kind) => {
      const shares = chosen(runs, { class: kind, target }).map((run) => run.shares[own]);
      if (shares.length === 0) return [];
      const [predicted, spread] = card[target][kind];
      return [
        claimWithin({
          statement: `${target}, ${kind}: mean error share at sets of 4, within twice the larger spread over seeds`,
          predicted,
          measured: mean(shares),
          tolerance: 2 * Math.max(spread, deviation(shares)),
        }),
      ];
    }),
  );
}

export function hierarchyTables(runs: readonly HierarchyRun[], params: HierarchyParams): Table[] {
  const { targets, dims, trainSets, testSizes, setSize, seeds } = params;
  const own = testSizes.indexOf(setSize);
  const rows = dims.flatMap((dim) =>
    trainSets.flatMap((sets) =>
      targets.flatMap((target) =>
        setClasses.map((kind) => {
          const some = chosen(runs, { class: kind, target, dim, sets });
          const spread = own < 0 ? null : deviation(some.map(({ shares }) => shares[own]));
          return [
            target,
            dim,
            sets,
            kind,
            ...testSizes.map((_, at) => mean(some.map(({ shares }) => shares[at]))),
            spread,
            mean(some.map(({ trainShare }) => trainShare)),
            geometricMean(some.map(({ lambda }) => lambda)),
          ];
        }),
      ),
    ),
  );
  const columns = [
    ...['target', 'd', 'sets', 'class'],
    ...testSizes.map((size) => `N = ${size}`),
    ...[`deviation at N = ${setSize}`, 'on the sets learned', 'penalty'],
  ].map((name) => ({ name }));
  return [{ title: `Error over the variance of the target, means of ${seeds} seeds`, summary: true, columns, rows }];
}

export function hierarchyFigures(runs: readonly HierarchyRun[], params: HierarchyParams): Figure[] {
  const { targets, dims, trainSets, testSizes, setSize } = params;
  const own = testSizes.indexOf(setSize);
  const place = { dim: dims[0], sets: trainSets[0] };
  const bySize = targets.map(
    (target): Figure => ({
      id: `sizes-${target}`,
      title: `${target}: error against the size of sets`,
      caption: `Error over the variance of the target at that size; d = ${place.dim}, ${place.sets} sets of ${setSize} to learn from. Lines are geometric means over seeds, bands reach from the least to the largest. A flat line is transfer without loss.`,
      x: { label: 'points N of a set', scale: 'log' },
      y: { label: 'error over variance', scale: 'log' },
      marks: setClasses.flatMap((kind) =>
        curve(testSizes, kind, (at) => chosen(runs, { class: kind, target, ...place }).map(({ shares }) => shares[at])),
      ),
    }),
  );
  const along = (axis: 'dim' | 'sets', values: readonly number[], label: string): Figure[] =>
    values.length < 2 || own < 0
      ? []
      : targets.map((target) => ({
          id: `${axis}-${target}`,
          title: `${target}: error at sets of ${setSize} against the ${label}`,
          caption: 'Lines are geometric means over seeds, bands reach from the least to the largest.',
          x: { label, scale: 'log' },
          y: { label: 'error over variance', scale: 'log' },
          marks: setClasses.flatMap((kind) =>
            curve(values, kind, (at) =>
              chosen(runs, { class: kind, target, ...place, [axis]: values[at] }).map(({ shares }) => shares[own]),
            ),
          ),
        }));
  return [...bySize, ...along('dim', dims, 'dimension of the points'), ...along('sets', trainSets, 'number of sets')];
}

/** A line of geometric means with a band of all seeds. */
function curve(xs: readonly number[], label: string, valuesAt: (at: number) => readonly number[]): Figure['marks'] {
  const columns = xs.map((_, at) => valuesAt(at));
  return [
    {
      type: 'band',
      x: [...xs],
      low: columns.map((values) => Math.min(...values)),
      high: columns.map((values) => Math.max(...values)),
      label,
    },
    { type: 'line', x: [...xs], y: columns.map(geometricMean), label },
  ];
}

export function hierarchyNotes(params: HierarchyParams): string[] {
  const { targets, setSize, width, frozenWidth, inner, outer, radius, rate, steps, unitTeacher } = params;
  return [
    `Networks of ${width} test functions (unit ${inner}) and ${width} neurons (unit ${outer}) learn from sets of ${setSize} points, uniform in [-${radius}, ${radius}]^d. S1 trains all of it; S2 has ${frozenWidth} frozen test features of unit weight; S3 has ${frozenWidth} frozen neurons too, and its last layer is ridge regression in closed form with the penalty that generalized cross-validation chooses. S1 and S2 are trained by ${steps} steps of Adam at the rate ${rate}, on all sets at once.`,
    'Shown is the error over the variance of the target at each size of sets. The mean squared error itself falls with the size for every learner, because the target varies less: that is not generalization.',
    'Classes are compared on the same teacher and the same sets. With squared units inside, the single neuron is linear in the measure: its outer relu never acts. The smooth neuron has 100 test features, which the frozen layers of S2 and S3 are given as their first ones.',
    ...(targets.includes('second-largest')
      ? [
          'The second largest of scores is no function of the measure: repeating every point changes it. It is learned at one size of sets and need not mean anything at another.',
        ]
      : []),
    `The order depends on the scale of the target beside the start. ${unitTeacher ? 'Here the single neuron has a unit weight, at which little of the first layer has to move; with the weight as drawn, of length about sqrt(1.25 (d + 1)), S1 gains more.' : 'Here the single neuron has the weight as it is drawn, of length about sqrt(1.25 (d + 1)); scaled to a unit weight S1 gains much less, as its features move less.'}`,
  ];
}
