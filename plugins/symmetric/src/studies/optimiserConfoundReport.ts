import { type Claim, claimAtLeast, claimAtMost, claimWithin, type Figure, type Table } from '@muflow/core';
import type { ConfoundParams } from './optimiserConfoundParams.js';
import type { ConfoundRun, TrapRun } from './optimiserConfoundRuns.js';

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** What is compared: geometric means over seeds. */
interface Summary {
  readonly closed: number;
  readonly adam: number;
  readonly longer: number;
  /** From a last layer of 0, after as many steps as `adam` and as `longer`. */
  readonly zero: number;
  readonly zeroLonger: number;
  readonly first: number;
  /** Share of the logarithm of `adam / first` that `adam / closed` makes up. */
  readonly share: number;
}

function summary(runs: readonly ConfoundRun[], { steps }: ConfoundParams): Summary {
  const at = runs[0].steps.findIndex((step) => step >= steps);
  const closed = geometricMean(runs.map((run) => run.closed));
  const adam = geometricMean(runs.map((run) => run.adam[at]));
  const longer = geometricMean(runs.map((run) => run.adam[run.adam.length - 1]));
  const first = geometricMean(runs.map((run) => run.first));
  const zero = geometricMean(runs.map((run) => run.zero[at]));
  const zeroLonger = geometricMean(runs.map((run) => run.zero[run.zero.length - 1]));
  return { closed, adam, longer, zero, zeroLonger, first, share: Math.log(adam / closed) / Math.log(adam / first) };
}

/** Geometric means over seeds at every width. */
const meansOf = (traps: readonly (readonly TrapRun[])[], read: (run: TrapRun) => number): number[] =>
  traps[0].map((_, k) => geometricMean(traps.map((runs) => read(runs[k]))));

export function confoundClaims(
  runs: readonly ConfoundRun[],
  traps: readonly (readonly TrapRun[])[],
  params: ConfoundParams,
): Claim[] {
  const { closed, adam, zero, share } = summary(runs, params);
  const [free, chosen] = [meansOf(traps, (run) => run.free), meansOf(traps, (run) => run.chosen)];
  const peak = params.shares.indexOf(1);
  const claims = [
    claimAtLeast({
      statement: `Error of S3 after ${params.steps} steps of Adam over that of its closed form, geometric mean over seeds`,
      bound: 1.1,
      measured: adam / closed,
    }),
    longerClaim(runs, params),
    claimAtMost({
      statement:
        'Another part is the start, of which training keeps what no set sees: error from a last layer of 0 over that',
      bound: 1,
      measured: zero / adam,
    }),
    claimAtLeast({
      statement: 'Share of the gap between S3 and S1, both by Adam, that the closed form takes away (of its logarithm)',
      bound: 0.1,
      measured: share,
    }),
  ];
  if (peak < 0) return claims;
  return [
    ...claims,
    claimAtLeast({
      statement: 'As many frozen neurons as sets: error without a penalty over that with the penalty chosen',
      bound: 2,
      measured: free[peak] / chosen[peak],
    }),
    claimAtMost({
      statement: 'With the penalty chosen there is no peak: error at as many neurons as sets over the largest of fewer',
      bound: 1.1,
      measured: chosen[peak] / Math.max(...chosen.filter((_, k) => params.shares[k] < 1)),
    }),
  ];
}

/** Training goes on as long as the sets are not fitted; once they are, more steps change nothing. */
function longerClaim(runs: readonly ConfoundRun[], params: ConfoundParams): Claim {
  const { adam, longer } = summary(runs, params);
  if (trainAt(runs, params.steps) > fitted) {
    return claimAtMost({
      statement: `Of that factor, what is left after ${params.longer} times as many steps: the rest was training not finished`,
      bound: 0.9,
      measured: longer / adam,
    });
  }
  return claimWithin({
    statement: `Adam has fitted all sets by then, and ${params.longer} times as many steps change nothing: ratio of errors`,
    predicted: 1,
    measured: longer / adam,
    tolerance: 0.05,
  });
}

/** Error over variance on the sets learned from below which they count as fitted. */
const fitted = 1e-3;

/** Geometric mean over seeds of the error of Adam on the sets learned, after some steps. */
const trainAt = (runs: readonly ConfoundRun[], step: number): number =>
  geometricMean(runs.map(({ steps, adamTrain }) => adamTrain[steps.findIndex((done) => done >= step)]));

export function confoundTables(
  runs: readonly ConfoundRun[],
  traps: readonly (readonly TrapRun[])[],
  params: ConfoundParams,
): Table[] {
  const { closed, adam, longer, zero, zeroLonger, first } = summary(runs, params);
  const [{ steps }] = runs;
  const rows = [
    ['S3, closed form', null, closed, null],
    ['S3, Adam', params.steps, adam, trainAt(runs, params.steps)],
    ['S3, Adam', steps[steps.length - 1], longer, trainAt(runs, steps[steps.length - 1])],
    ['S3, Adam from 0', params.steps, zero, null],
    ['S3, Adam from 0', steps[steps.length - 1], zeroLonger, null],
    ['S1, Adam', params.steps, first, null],
  ];
  const columns = ['fit', 'steps', 'error over variance', 'on the sets learned'].map((name) => ({ name }));
  const trap = traps[0].map(({ width }, k) => [
    width,
    meansOf(traps, (run) => run.free)[k],
    meansOf(traps, (run) => run.chosen)[k],
    meansOf(traps, (run) => run.degrees)[k],
  ]);
  return [
    { title: `Geometric means of ${params.seeds} seeds, sets of ${params.setSize}`, summary: true, columns, rows },
    {
      title: `S3 in closed form on ${params.sets} sets, geometric means of ${params.seeds} seeds`,
      summary: true,
      columns: ['frozen neurons', 'no penalty', 'penalty chosen', 'degrees of freedom'].map((name) => ({ name })),
      rows: trap,
    },
  ];
}

export function confoundFigures(
  runs: readonly ConfoundRun[],
  traps: readonly (readonly TrapRun[])[],
  params: ConfoundParams,
): Figure[] {
  const { closed, first } = summary(runs, params);
  const [{ steps }] = runs;
  const from = 1;
  const columns = steps.slice(from).map((_, k) => runs.map((run) => run.adam[k + from]));
  const widths = traps[0].map(({ width }) => width);
  return [
    {
      id: 'steps',
      title: 'S3 by Adam on its way to the closed form',
      caption:
        'Error over the variance of the target; the line is the geometric mean over seeds, the band all of them. The rules are the closed form with the penalty that cross-validation chooses, and S1 after the steps that are compared.',
      x: { label: 'steps of Adam', scale: 'log' },
      y: { label: 'error over variance', scale: 'log' },
      marks: [
        {
          type: 'band',
          x: steps.slice(from),
          low: columns.map((values) => Math.min(...values)),
          high: columns.map((values) => Math.max(...values)),
          label: 'S3, Adam',
        },
        { type: 'line', x: steps.slice(from), y: columns.map(geometricMean), label: 'S3, Adam' },
        { type: 'rule', axis: 'y', at: closed, label: 'S3, closed form' },
        { type: 'rule', axis: 'y', at: first, label: `S1, ${params.steps} steps` },
      ],
    },
    {
      id: 'trap',
      title: 'The trap: no penalty, and as many frozen neurons as sets',
      caption: 'Error over the variance of the target on fresh sets, geometric means over seeds.',
      x: { label: 'frozen neurons', scale: 'log' },
      y: { label: 'error over variance', scale: 'log' },
      marks: [
        { type: 'line', x: widths, y: meansOf(traps, (run) => run.free), label: 'no penalty' },
        { type: 'line', x: widths, y: meansOf(traps, (run) => run.chosen), label: 'penalty chosen' },
        { type: 'rule', axis: 'x', at: params.sets, label: 'as many as sets' },
      ],
    },
  ];
}

export function confoundNotes({ frozenWidth, sets, rate, inner, outer, unitTeacher }: ConfoundParams): string[] {
  return [
    `The class S3 leaves one layer free, so its training is convex and its solution is known: ridge regression on ${frozenWidth} frozen neurons (unit ${outer}) of as many frozen test features (unit ${inner}). Trained by Adam at the rate ${rate} instead, it may be compared to other classes before it has learned what the sets say, and it keeps of its start what no set sees.`,
    `Adam has no penalty here: what it does not reach acts as one. The closed form has the penalty of least generalized cross-validation, which sees the ${sets} sets that are learned from and no others.`,
    'The share of the gap is that of logarithms, log(S3 Adam / S3 closed form) / log(S3 Adam / S1 Adam). It depends on the number of steps that is compared, and need not vanish with more of them: of all last layers that fit the sets Adam does not pick that of least norm.',
    `The single neuron has ${unitTeacher ? 'a unit weight' : 'the weight as it is drawn'}; the scale of the target decides how far Adam has to go.`,
  ];
}
