import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithinFactor,
  type Figure,
  logLogFit,
  type Table,
} from '@muflow/core';

/** One trained network. */
export interface Fit {
  readonly rows: number;
  readonly lambda: number;
  readonly width: number;
  /** `R(f) - R_L(f)`, of the loss (1/2)(f - y)^2. */
  readonly gap: number;
  /** The gap less that of the best network of this penalty for the whole law: of the same mean, with less noise. */
  readonly relativeGap: number;
  /** `R(f) - R(f*)`. */
  readonly excess: number;
  /** Variation norm. */
  readonly norm: number;
  readonly bound: number;
  /** The bound with the complexity of the rows themselves. */
  readonly empiricalBound: number;
}

/** Parts of `R(f) - R(f*)` of one kind of network, means over training sets; they add up to it. */
export interface Decomposition {
  readonly lambda: number;
  readonly steps: number;
  /** Excess of the best network of this penalty for the whole law. */
  readonly approximation: number;
  /** What training on L rows, to the end, adds. */
  readonly statistical: number;
  /** What stopping early adds; negative where it helps. */
  readonly optimization: number;
}

/** What was run. */
export interface Sweep {
  readonly rows: readonly number[];
  readonly lambdas: readonly number[];
  readonly widths: readonly number[];
}

const usualWidth = ({ widths }: Sweep): number => widths[widths.length - 2];

function chosen(fits: readonly Fit[], rows: number, lambda: number, width: number): readonly Fit[] {
  return fits.filter((fit) => fit.rows === rows && fit.lambda === lambda && fit.width === width);
}

const meanOf = (fits: readonly Fit[], value: (fit: Fit) => number): number =>
  fits.reduce((sum, fit) => sum + value(fit), 0) / fits.length;

const meanGap = (fits: readonly Fit[]): number => meanOf(fits, ({ relativeGap }) => relativeGap);

export function gapClaims(fits: readonly Fit[], sweep: Sweep): Claim[] {
  const { rows, lambdas, widths } = sweep;
  const usual = usualWidth(sweep);
  const gapAt = (count: number, lambda: number, width = usual): number => meanGap(chosen(fits, count, lambda, width));
  const [weak, strong] = [lambdas[0], lambdas[lambdas.length - 1]];
  const widest = widths[widths.length - 1];
  return [
    claimAtMost({
      statement: 'Gap over its bound, greatest of all networks (bound by contraction)',
      bound: 1,
      measured: Math.max(...fits.map(({ gap, bound }) => gap / bound)),
    }),
    claimAtMost({
      statement: 'Gap over its bound, greatest of all networks (complexity of the rows)',
      bound: 1,
      measured: Math.max(...fits.map(({ gap, empiricalBound }) => gap / empiricalBound)),
    }),
    ...lambdas.map((lambda) =>
      claimAtMost({
        statement: `Slope of log mean gap in log L, lambda ${lambda}: at least as steep as the bound`,
        bound: -0.5,
        measured: slopeOf(
          rows,
          rows.map((count) => gapAt(count, lambda)),
        ),
      }),
    ),
    ...rows.map((count) =>
      claimAtLeast({
        statement: `Mean gap at lambda ${weak} over that at ${strong}, L = ${count}: a penalty closes the gap`,
        bound: 1.5,
        measured: gapAt(count, weak) / gapAt(count, strong),
      }),
    ),
    claimWithinFactor({
      statement: `Mean gap at n = ${widest} over that at n = ${usual}, L = ${rows[1]}, lambda ${weak}: width does not overfit`,
      predicted: 1,
      measured: gapAt(rows[1], weak, widest) / gapAt(rows[1], weak),
      factor: 1.25,
    }),
  ];
}

/** NaN where a mean is not positive, so that the claim fails. */
function slopeOf(x: readonly number[], y: readonly number[]): number {
  return y.every((value) => value > 0) ? logLogFit(x, y).slope : Number.NaN;
}

export function gapTables(fits: readonly Fit[], parts: readonly Decomposition[], sweep: Sweep): Table[] {
  const { rows, lambdas, widths } = sweep;
  const columns = ['mean gap', 'norm', 'excess risk', 'bound', 'bound, rows at hand'];
  const row = (some: readonly Fit[]): number[] => [
    meanGap(some),
    meanOf(some, ({ norm }) => norm),
    meanOf(some, ({ excess }) => excess),
    meanOf(some, ({ bound }) => bound),
    meanOf(some, ({ empiricalBound }) => empiricalBound),
  ];
  return [
    {
      title: `Gap between test and training loss, n = ${usualWidth(sweep)}`,
      columns: ['L', 'lambda', ...columns].map((name) => ({ name })),
      rows: rows.flatMap((count) =>
        lambdas.map((lambda) => [count, lambda, ...row(chosen(fits, count, lambda, usualWidth(sweep)))]),
      ),
    },
    {
      title: `Gap against width, L = ${rows[1]}, lambda ${lambdas[0]}`,
      columns: ['n', ...columns].map((name) => ({ name })),
      rows: widths.map((width) => [width, ...row(chosen(fits, rows[1], lambdas[0], width))]),
    },
    {
      title: `Parts of the excess risk, L = ${rows[1]}, n = ${usualWidth(sweep)}`,
      columns: ['lambda', 'stopped after', 'approximation', 'statistical', 'optimization', 'sum'].map((name) => ({
        name,
      })),
      rows: parts.map(({ lambda, steps, approximation, statistical, optimization }) => [
        lambda,
        steps,
        approximation,
        statistical,
        optimization,
        approximation + statistical + optimization,
      ]),
    },
  ];
}

export function gapFigures(fits: readonly Fit[], sweep: Sweep): Figure[] {
  const { rows, lambdas, widths } = sweep;
  const usual = usualWidth(sweep);
  const line = (label: string, x: readonly number[], y: readonly number[]) => ({ type: 'line' as const, label, x, y });
  return [
    {
      id: 'rows',
      title: 'Mean gap and its bound against the number of rows',
      caption: 'Lines: measured, one for each penalty. The bounds are those of the trained norms; all fall with L.',
      x: { label: 'rows L', scale: 'log' },
      y: { label: 'test loss - training loss', scale: 'log' },
      marks: lambdas.flatMap((lambda) => {
        const at = rows.map((count) => chosen(fits, count, lambda, usual));
        return [
          line(`lambda ${lambda}`, rows, at.map(meanGap)),
          line(
            `lambda ${lambda}, bound`,
            rows,
            at.map((some) => meanOf(some, ({ bound }) => bound)),
          ),
        ];
      }),
    },
    {
      id: 'width',
      title: 'Mean gap and excess risk against width',
      caption: 'More units than the solution needs change neither: the penalty bounds the norm, not the number.',
      x: { label: 'units n', scale: 'log' },
      y: { label: 'loss', scale: 'log' },
      marks: [
        line(
          'gap',
          widths,
          widths.map((width) => meanGap(chosen(fits, rows[1], lambdas[0], width))),
        ),
        line(
          'excess risk',
          widths,
          widths.map((width) => meanOf(chosen(fits, rows[1], lambdas[0], width), ({ excess }) => excess)),
        ),
      ],
    },
  ];
}
