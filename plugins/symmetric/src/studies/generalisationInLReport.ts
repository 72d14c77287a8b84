import { type Claim, claimAtLeast, claimAtMost, claimWithin, type Figure, logLogSlope, type Table } from '@muflow/core';

/** One student of the teacher. */
export interface Gap {
  readonly rows: number;
  /** Risk less training loss. */
  readonly gap: number;
  readonly risk: number;
  readonly trainLoss: number;
  readonly bound: number;
  readonly norm: number;
}

/** The best of the neurons drawn, on one sample. */
export interface Search {
  readonly rows: number;
  /** Their largest gap at the norm of the ball. */
  readonly gap: number;
  /** Their largest correlation with random signs at norm 1. */
  readonly found: number;
  /** The bound of the complexity of the unit ball on the sample. */
  readonly complexity: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rootMeanSquare = (values: readonly number[]): number => Math.sqrt(mean(values.map((value) => value ** 2)));

/** A quantity of the entries of each L. */
function byRows<T extends { readonly rows: number }>(
  all: readonly T[],
  of: (entries: readonly T[]) => number,
): { readonly rows: number[]; readonly values: number[] } {
  const rows = [...new Set(all.map((entry) => entry.rows))];
  return { rows, values: rows.map((count) => of(all.filter((entry) => entry.rows === count))) };
}

/** Means over the samples of each L. */
function seriesOf(gaps: readonly Gap[], searches: readonly Search[]) {
  return {
    trained: byRows(gaps, (entries) => mean(entries.map(({ gap }) => gap))),
    size: byRows(gaps, (entries) => rootMeanSquare(entries.map(({ gap }) => gap))),
    bound: byRows(gaps, (entries) => mean(entries.map(({ bound }) => bound))),
    largest: byRows(searches, (entries) => mean(entries.map(({ gap }) => gap))),
    found: byRows(searches, (entries) => mean(entries.map(({ found }) => found))),
    complexity: byRows(searches, (entries) => mean(entries.map(({ complexity }) => complexity))),
  };
}

export function gapClaims(gaps: readonly Gap[], searches: readonly Search[], norm: number): Claim[] {
  const { size, largest, found } = seriesOf(gaps, searches);
  const bounds = new Map(gaps.map(({ rows, bound }) => [rows, bound]));
  const ratios = [
    ...gaps.map(({ gap, bound }) => gap / bound),
    ...searches.map(({ rows, gap }) => gap / (bounds.get(rows) ?? Number.NaN)),
  ];
  const slope = ({ rows, values }: typeof size): number => logLogSlope(rows, values);
  return [
    claimAtLeast({
      statement: 'The norm is active: least path norm of a student over the largest allowed',
      bound: 0.999,
      measured: Math.min(...gaps.map((fit) => fit.norm)) / norm,
    }),
    claimAtMost({
      statement: 'The bound lies above every gap, of students and of neurons drawn: largest ratio',
      bound: 1,
      measured: Math.max(...ratios),
    }),
    claimWithin({
      statement: 'Largest gap of neurons drawn in the ball, mean over samples, against L: exponent',
      predicted: -0.5,
      measured: slope(largest),
      tolerance: 0.15,
    }),
    claimAtMost({
      statement: 'The gap of trained networks falls at least that fast: exponent of its root mean square',
      bound: -0.35,
      measured: slope(size),
    }),
    claimWithin({
      statement: 'Largest correlation of neurons drawn with random signs, mean over samples, against L: exponent',
      predicted: -0.5,
      measured: slope(found),
      tolerance: 0.15,
    }),
    claimAtMost({
      statement: 'That correlation, a floor under the Rademacher complexity, over its bound: largest mean over samples',
      bound: 1,
      measured: Math.max(...found.values.map((value, k) => value / seriesOf(gaps, searches).complexity.values[k])),
    }),
  ];
}

export function gapNotes({
  dim,
  points,
  norm,
  teacherNorm,
  noise,
}: {
  readonly dim: number;
  readonly points: number;
  readonly norm: number;
  readonly teacherNorm: number;
  readonly noise: number;
}): string[] {
  return [
    `Sets of ${points} points, uniform in the unit ball of dimension ${dim}. The target is one neuron on the difference of two relu test functions, of path norm ${teacherNorm}, with noise of size ${noise} and random sign. All three layers of the students are trained by Adam; after every step the outer weights are scaled back into the ball of path norm ${norm}. The loss is (1/2)(f - y)^2.`,
    'The bound holds with probability 0.95 for all networks of that norm and any width at once: 2 Lip delta R_L plus a deviation, of the form delta (1 + delta) / sqrt L, with R_L <= 4 sqrt(2 / L) by contraction: a factor 2 for each of the two units and sqrt 2 for the largest |(x, 1)|.',
    'A trained network is one point of the ball, and its gap can only fail to contradict a bound of the worst one. Neurons drawn at random and tried one by one give floors under the largest gap in the ball and under its complexity; what lies between floor and bound holds both the constants of contraction and what the search misses.',
    'A gap has a part that a fixed function has too, the fluctuation of a mean of L losses, of order L^(-1/2) and of either sign, and a part from fitting noise, which falls faster where the network has few degrees of freedom: so the gap of trained networks may fall faster than L^(-1/2), and its root mean square over samples is shown.',
  ];
}

export function gapTable(gaps: readonly Gap[], searches: readonly Search[]): Table {
  const { trained, size, bound, largest, found, complexity } = seriesOf(gaps, searches);
  const columns = {
    'gap trained, mean': trained,
    'gap trained, rms': size,
    'risk trained': byRows(gaps, (entries) => mean(entries.map(({ risk }) => risk))),
    'largest gap drawn': largest,
    bound,
    'correlation drawn': found,
    'complexity, bound': complexity,
  };
  return {
    title: 'Gaps of generalization and complexity, means over samples',
    summary: true,
    columns: [{ name: 'L' }, ...Object.keys(columns).map((name) => ({ name }))],
    rows: size.rows.map((rows, k) => [rows, ...Object.values(columns).map(({ values }) => values[k])]),
  };
}

export function gapFigures(gaps: readonly Gap[], searches: readonly Search[]): Figure[] {
  const { size, bound, largest, found, complexity } = seriesOf(gaps, searches);
  const line = (label: string, { rows, values }: typeof size) => ({ type: 'line' as const, label, x: rows, y: values });
  const half = largest.rows.map((rows) => largest.values[0] * Math.sqrt(largest.rows[0] / rows));
  return [
    {
      id: 'gap',
      title: 'Gap of generalization at a fixed path norm',
      caption:
        'Every dot is one trained network, in absolute value. The bound holds for the worst network of that norm.',
      x: { label: 'training sets L', scale: 'log' },
      y: { label: 'gap', scale: 'log' },
      marks: [
        { type: 'dot', label: 'trained', x: gaps.map(({ rows }) => rows), y: gaps.map(({ gap }) => Math.abs(gap)) },
        line('trained, root mean square', size),
        line('largest of neurons drawn', largest),
        line('slope -1/2', { rows: largest.rows, values: half }),
        line('bound', bound),
      ],
    },
    {
      id: 'signs',
      title: 'Correlation with random signs in the unit ball',
      caption:
        'The empirical Rademacher complexity lies between what drawn neurons reach and the bound by contraction.',
      x: { label: 'training sets L', scale: 'log' },
      y: { label: 'complexity', scale: 'log' },
      marks: [line('neurons drawn', found), line('bound', complexity)],
    },
  ];
}
