import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  type Figure,
  linearFit,
  logLogSlope,
  type StudyResult,
  type Table,
} from '@muflow/core';
import { type Ceiling, type Floor, soundness } from '../probe/index.js';
import { shellFloor, shellUnits } from '../radial/shellFloor.js';

/** A norm budget over the standard deviation, from below and from above. */
export interface NormBudgets {
  readonly proved: number;
  /** By averages of one ridge function, of infinite width. */
  readonly attained: number;
}

/** Norm budgets under the Gaussian, for relative L2 error one half. */
export interface NormRow {
  readonly dim: number;
  readonly shells: number;
  readonly ball: NormBudgets;
  readonly alternating: NormBudgets;
}

/** The indicator of a ball by depth three under the Gaussian law, errors over the variance. */
export interface BallRow {
  readonly dim: number;
  readonly ceiling: Ceiling;
  /** The norm budget one layer needs for the same error. */
  readonly needed: number;
}

export interface RadialOutcome {
  readonly balls: readonly BallRow[];
  readonly rate: number;
  readonly width: number;
  readonly deepDims: readonly number[];
  readonly deep: readonly Ceiling[];
  readonly difference: number;
  /** Dimension of each fit. */
  readonly fitDims: readonly number[];
  readonly fits: readonly Ceiling[];
  readonly norms: readonly NormRow[];
}

export function radialResult(outcome: RadialOutcome): StudyResult {
  const { fits, deep, rate } = outcome;
  return {
    claims: claimsOf(outcome),
    tables: tablesOf(outcome),
    figures: [unitsFigure(outcome), normFigure(outcome)],
    notes: [
      soundness(floorsOf(outcome), fits, deep),
      `The floor is proved in closed form: under a law whose root density is band-limited, a ridge function reaches a tube around a line in frequency, and the target cos(${rate} |x|) lies on a shell, exactly so in odd dimensions. It is a floor in units that asks nothing of the weights. The indicator of a ball has no such shell, and no floor in units is told for it here.`,
      'For the Gaussian law norms are known: the budgets of the second figure are proved from below and attained, up to the degrees left out, by averages of one ridge function at infinite width; nothing is said about the width. At error 1/2 the ball needs a power of d, and shells whose number grows with d need exponentially much; at the error that depth three has the ball needs far more, as its table shows.',
    ],
  };
}

/** The floor of the fitted width in every dimension with a fit. */
const floorsOf = ({ fitDims, width, rate }: RadialOutcome): Floor[] =>
  [...new Set(fitDims)].map((dim) => ({ ...shellFloor({ dim, rate }, width), problem: `d = ${dim}` }));

function claimsOf(outcome: RadialOutcome): Claim[] {
  const { balls, deep, deepDims, fits, fitDims, difference, norms, rate, width } = outcome;
  const growing = norms.filter(({ dim }) => dim >= 8);
  const dims = growing.map(({ dim }) => dim);
  return [
    claimAtMost({
      statement: 'Depth three as a network against its formula: largest difference',
      bound: 1e-8,
      measured: difference,
    }),
    ...deep.map((ceiling, i) =>
      claimAtMost({
        statement: `Depth three, d = ${deepDims[i]}, ${ceiling.units} units: upper end of the band of the relative squared error`,
        bound: 0.1,
        measured: ceiling.high,
      }),
    ),
    ...deep.flatMap((ceiling, i) =>
      deepDims[i] < 9
        ? []
        : [
            claimAtLeast({
              statement: `As many units in one hidden layer, d = ${deepDims[i]}: proved floor`,
              bound: 0.5,
              measured: shellFloor({ dim: deepDims[i], rate }, ceiling.units).value,
            }),
          ],
    ),
    ...balls.map(({ dim, ceiling }) =>
      claimAtMost({
        statement: `Gaussian law, ball by depth three, d = ${dim}, ${ceiling.units} units: upper end of the band over the variance`,
        bound: 0.1,
        measured: ceiling.high,
      }),
    ),
    ...(fits.length === 0
      ? []
      : [
          claimAtLeast({
            statement: 'No fitted shallow network is below its floor: least distance of its band above',
            bound: 0,
            measured: Math.min(...fits.map(({ high }, i) => high - shellFloor({ dim: fitDims[i], rate }, width).value)),
          }),
        ]),
    ...(growing.length < 3
      ? []
      : [
          claimAtMost({
            statement: 'Gaussian law: budget attained over budget proved, largest ratio',
            bound: 2,
            measured: Math.max(...norms.flatMap(({ ball, alternating }) => [ball, alternating].map(ratioOf))),
          }),
          claimAtMost({
            statement: 'Gaussian law, ball: exponent of the norm budget in d, from d = 8',
            bound: 2,
            measured: logLogSlope(
              dims,
              growing.map(({ ball }) => ball.proved),
            ),
          }),
          claimAtLeast({
            statement:
              'Gaussian law, shells in number proportional to d: slope of log2(norm budget) against d, from d = 8',
            bound: 0.25,
            measured: linearFit(
              dims,
              growing.map(({ alternating }) => Math.log2(alternating.proved)),
            ).slope,
          }),
        ]),
  ];
}

const ratioOf = ({ proved, attained }: NormBudgets): number => attained / proved;

function tablesOf({ balls, deep, deepDims, fits, fitDims, norms, rate, width }: RadialOutcome): Table[] {
  return [
    {
      title: `cos(${rate} |x|) under the band-limited radial law`,
      summary: true,
      columns: [
        'd',
        'units before the floor is 1/2',
        'units of depth three',
        'its error',
        'to',
        'floor at its units',
      ].map((name) => ({ name })),
      rows: deep.map((ceiling, i) => {
        const options = { dim: deepDims[i], rate };
        return [
          deepDims[i],
          shellUnits(options),
          ceiling.units,
          ceiling.value,
          ceiling.high,
          shellFloor(options, ceiling.units).value,
        ];
      }),
    },
    {
      title: `Random features with ridge, ${width} units`,
      columns: ['d', 'error', 'band from', 'to', 'floor'].map((name) => ({ name })),
      rows: fits.map(({ value, low, high }, i) => [
        fitDims[i],
        value,
        low,
        high,
        shellFloor({ dim: fitDims[i], rate }, width).value,
      ]),
    },
    {
      title: 'Gaussian law, ball of radius sqrt(d) by depth three: error over the variance',
      columns: ['d', 'units', 'error', 'to', 'norm budget one layer needs for it'].map((name) => ({ name })),
      rows: balls.map(({ dim, ceiling, needed }) => [dim, ceiling.units, ceiling.value, ceiling.high, needed]),
    },
    {
      title: 'Gaussian law: norm budget over the standard deviation for relative L2 error 1/2',
      summary: true,
      columns: ['d', 'ball, proved', 'attained', 'shells', 'alternating shells, proved', 'attained'].map((name) => ({
        name,
      })),
      rows: norms.map(({ dim, ball, shells, alternating }) => [
        dim,
        ball.proved,
        ball.attained,
        shells,
        alternating.proved,
        alternating.attained,
      ]),
    },
  ];
}

function unitsFigure({ deep, deepDims, fits, fitDims, rate, width }: RadialOutcome): Figure {
  const most = Math.max(21, ...deepDims, ...fitDims);
  const dims = Array.from({ length: (most - 1) / 2 }, (_, i) => 2 * i + 3);
  const floorAt = (units: number): number[] => dims.map((dim) => shellFloor({ dim, rate }, units).value);
  const known = dims.map((dim) => Math.min(1, ...fits.filter((_, i) => fitDims[i] === dim).map(({ value }) => value)));
  const largest = Math.max(...deep.map(({ units }) => units));
  return {
    id: 'radial',
    title: `cos(${rate} |x|): error against the dimension`,
    caption: `Floors for one hidden layer of ${width} and of ${largest} units with any weights, the best fit of ${width} units (0 has error 1), and networks of depth three of ${Math.min(...deep.map(({ units }) => units))} to ${largest} units. Between floor and fit the least error is unknown.`,
    x: { label: 'd (odd)' },
    y: { label: 'relative squared error' },
    marks: [
      { type: 'band', label: `unknown, ${width} units`, x: dims, low: floorAt(width), high: known },
      { type: 'line', label: `floor, ${width} units, proved`, x: dims, y: floorAt(width) },
      { type: 'line', label: `floor, ${largest} units, proved`, x: dims, y: floorAt(largest) },
      {
        type: 'dot',
        label: 'random features with ridge',
        x: [...fitDims],
        y: fits.map(({ value }) => value),
      },
      { type: 'dot', label: 'depth three, constructed', x: [...deepDims], y: deep.map(({ value }) => value) },
    ],
  };
}

function normFigure({ norms }: RadialOutcome): Figure {
  const x = norms.map(({ dim }) => dim);
  return {
    id: 'norm',
    title: 'Gaussian law: norm budget for relative L2 error 1/2',
    caption: 'Proved from below, and attained at the upper end of a band by ridge functions of infinite width.',
    x: { label: 'd' },
    y: { label: 'budget', scale: 'log' },
    marks: [
      ...(['ball', 'alternating'] as const).flatMap((kind) => {
        const label = kind === 'ball' ? 'ball of radius sqrt(d)' : 'alternating shells';
        const [low, high] = [norms.map((row) => row[kind].proved), norms.map((row) => row[kind].attained)];
        return [
          { type: 'band' as const, label: `${label}, unknown`, x, low, high },
          { type: 'line' as const, label: `${label}, proved`, x, y: low },
        ];
      }),
    ],
  };
}
