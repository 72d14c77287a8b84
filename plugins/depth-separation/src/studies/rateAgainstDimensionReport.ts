import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  type Figure,
  type Mark,
  type StudyResult,
  type Table,
} from '@muflow/core';
import { contradiction, soundness } from '../probe/index.js';
import type { Regime } from './rateAgainstDimensionFits.js';
import type { RateParams } from './rateAgainstDimensionParams.js';

/** The norm budget over |g| that one hidden layer needs for half of |g|. */
export interface BudgetRow {
  readonly dim: number;
  readonly omega: number;
  /** The floor by one degree and all above it. */
  readonly oneDegree: number;
  /** The floor by all degrees, proved. */
  readonly floor: number;
  /** What averages of one ridge function spend. */
  readonly ceiling: number;
}

/** What the study computed and measured. */
export interface RateOutcome {
  readonly given: RateParams;
  readonly staying: readonly BudgetRow[];
  readonly growing: readonly BudgetRow[];
  /** `|omega|` constant, data of tails x^-4. */
  readonly calm: Regime;
  /** Every `omega_j` constant. */
  readonly wild: Regime;
}

export function rateResult(outcome: RateOutcome): StudyResult {
  const { calm, wild, given } = outcome;
  const regimes = [calm, wild];
  const floors = regimes.flatMap(({ bounds }) => bounds.map(({ floor }) => floor));
  const additive = regimes.flatMap(({ bounds }) => bounds.map((bound) => bound.additive));
  const fits = regimes.flatMap((regime) => regime.fits.map(({ ceiling }) => ceiling));
  return {
    claims: [...budgetClaims(outcome), ...errorClaims(outcome)],
    tables: tablesOf(outcome),
    figures: [budgetFigure(outcome), errorFigure(outcome)],
    notes: [
      soundness(floors, [...additive, ...fits]),
      `The budget of a shallow network is the sum over its units of the output weight times the unit's size in the mean square, over the size of g. Floors of budgets hold for any number of units and any functions of (<w, x>, <w', x'>); their ceilings are averages of infinitely many ridge functions of one shape, computed by quadrature. Both ask for a relative L2 error of 1/2, against sin(omega <x, x'>) on two spheres of R^d. A network with hugely cancelling weights escapes the floor of budgets, not that of errors.`,
      `Errors are those against exp(i <omega, relu(x)>), x of density prod (3/4pi) sinc(x_j/2)^4. The sum of d functions of one coordinate each is of the class of the floor: d ridge functions. Where |omega| = ${given.length} stays, its error stays below a limit that is below 1, so that d units are enough for it at any d; where every omega_j = ${given.omega} and |omega| grows with the root of d, the floor of ${given.unitsPerDimension} d units tends to 1. Bands of fits are for a finite variance, which their bounded units have.`,
    ],
  };
}

/** Slopes between neighbors. */
function slopes(rows: readonly BudgetRow[], value: (row: BudgetRow) => number, scale: (dim: number) => number) {
  return rows.slice(1).map((row, i) => Math.log(value(row) / value(rows[i])) / (scale(row.dim) - scale(rows[i].dim)));
}

function budgetClaims({ staying, growing, given }: RateOutcome): Claim[] {
  const rows = [...staying, ...growing];
  const exponents = slopes(staying, ({ ceiling }) => ceiling, Math.log);
  const doublings = slopes(
    growing,
    ({ floor }) => floor,
    (dim) => dim * Math.LN2,
  );
  const ratios = rows.map(({ floor, ceiling }) => ceiling / floor);
  return [
    claimAtMost({
      statement: `Rate ${given.rate} at every d: largest exponent of d in the budget that is enough, between neighbors`,
      bound: 3,
      measured: Math.max(...exponents),
    }),
    claimAtLeast({
      statement: `Rate ${given.growth} d: least number of doublings of the necessary budget for one dimension more`,
      bound: 1,
      measured: Math.min(...doublings),
    }),
    claimAtLeast({
      statement: 'Budgets that are enough over those that are necessary: least',
      bound: 1,
      measured: Math.min(...ratios),
    }),
    claimAtMost({
      statement: 'Budgets that are enough over those that are necessary: largest',
      bound: 4,
      measured: Math.max(...ratios),
    }),
  ];
}

/** From here on the floor of the growing rate is claimed to leave almost nothing. */
const largeDim = 16;

function errorClaims({ calm, wild, given }: RateOutcome): Claim[] {
  const large = wild.bounds.filter(({ dim }) => dim >= largeDim);
  const all = [calm, wild];
  const margins = all.flatMap(({ bounds, fits }) =>
    fits.map(({ dim, ceiling }) => ceiling.high - (bounds.find((bound) => bound.dim === dim)?.floor.value ?? 0)),
  );
  const against = all.some(
    ({ bounds, fits }) =>
      contradiction(
        bounds.map(({ floor }) => floor),
        [...fits.map(({ ceiling }) => ceiling), ...bounds.map(({ additive }) => additive)],
      ) !== null,
  );
  return [
    claimAtMost({
      statement: `|omega| = ${given.length} at every d: largest error of d functions of one coordinate`,
      bound: 0.05,
      measured: Math.max(...calm.bounds.map(({ additive }) => additive.value)),
    }),
    ...(large.length > 0
      ? [
          claimAtLeast({
            statement: `omega_j = ${given.omega}: least floor of ${given.unitsPerDimension} d units from d = ${largeDim} on`,
            bound: 0.99,
            measured: Math.min(...large.map(({ floor }) => floor.value)),
          }),
        ]
      : []),
    claimAtMost({
      statement: `|omega| = ${given.length} at every d: largest error of the best fit of ${given.unitsPerDimension} d units`,
      bound: 0.1,
      measured: Math.max(...dimsOf(calm).map((dim) => bestFit(calm, dim) ?? Number.NaN)),
    }),
    claimAtLeast({
      statement: 'No fit is below its floor: least distance of the upper end of a band',
      bound: against ? Number.POSITIVE_INFINITY : 0,
      measured: Math.min(...margins),
    }),
  ];
}

const dimsOf = ({ fits }: Regime): number[] => [...new Set(fits.map(({ dim }) => dim))];

/** The least error of all fits of a dimension. */
function bestFit({ fits }: Regime, dim: number): number | null {
  const values = fits.filter((fit) => fit.dim === dim).map(({ ceiling }) => ceiling.value);
  return values.length === 0 ? null : Math.min(...values);
}

function tablesOf({ staying, growing, calm, wild, given }: RateOutcome): Table[] {
  const dims = [...new Set([...staying, ...growing].map(({ dim }) => dim))].sort((a, b) => a - b);
  const cells = (rows: readonly BudgetRow[], dim: number): (number | null)[] => {
    const row = rows.find((one) => one.dim === dim);
    return row === undefined ? [null, null, null] : [row.oneDegree, row.floor, row.ceiling];
  };
  const kinds = ['one degree', 'necessary', 'enough'];
  return [
    {
      title: 'Norm budget over |g| of one hidden layer for a relative L2 error of 1/2',
      summary: true,
      columns: [
        { name: 'd' },
        ...kinds.map((kind) => ({ name: `rate ${given.rate}: ${kind}` })),
        ...kinds.map((kind) => ({ name: `rate ${given.growth} d: ${kind}` })),
      ],
      rows: dims.map((dim) => [dim, ...cells(staying, dim), ...cells(growing, dim)]),
    },
    {
      title: `Relative squared error of shallow networks of ${given.unitsPerDimension} d units`,
      summary: true,
      columns: [
        { name: 'd' },
        ...[`|omega| = ${given.length}`, `omega_j = ${given.omega}`].flatMap((rate) =>
          ['floor', 'd functions', 'best fit'].map((kind) => ({ name: `${rate}: ${kind}` })),
        ),
      ],
      rows: calm.bounds.map(({ dim, floor, additive }, i) => [
        dim,
        floor.value,
        additive.value,
        bestFit(calm, dim),
        wild.bounds[i].floor.value,
        wild.bounds[i].additive.value,
        bestFit(wild, dim),
      ]),
    },
    {
      title: 'All fits',
      columns: ['rate', 'd', 'units', 'method', 'error', 'low', 'high'].map((name) => ({ name })),
      rows: [calm, wild].flatMap(({ rate, fits }) =>
        fits.map(({ dim, ceiling: { units, method, value, low, high } }) => [
          rate,
          dim,
          units,
          method,
          value,
          low,
          high,
        ]),
      ),
    },
  ];
}

function budgetFigure({ staying, growing, given }: RateOutcome): Figure {
  const marks = (rows: readonly BudgetRow[], rate: string): Mark[] => {
    const x = rows.map(({ dim }) => dim);
    const [low, high] = [rows.map(({ floor }) => floor), rows.map(({ ceiling }) => ceiling)];
    return [
      { type: 'band', label: `${rate}: unknown`, x, low, high },
      { type: 'line', label: `${rate}: necessary, proved`, x, y: low },
      { type: 'line', label: `${rate}: enough, constructed`, x, y: high },
    ];
  };
  return {
    id: 'budgets',
    title: "What one hidden layer pays for half of sin(omega <x, x'>)",
    caption: `Below a floor no shallow network of any width has a relative L2 error of 1/2, above a ceiling one has; the least budget lies in the band between. At the rate ${given.growth} d it grows exponentially with d, at the rate ${given.rate} it does not.`,
    x: { label: 'dimension d of one sphere', scale: 'log' },
    y: { label: 'norm budget over |g|', scale: 'log' },
    marks: [...marks(staying, `rate ${given.rate}`), ...marks(growing, `rate ${given.growth} d`)],
  };
}

function errorFigure({ calm, wild, given }: RateOutcome): Figure {
  const marks = (regime: Regime, rate: string): Mark[] => {
    const x = regime.bounds.map(({ dim }) => dim);
    const low = regime.bounds.map(({ floor }) => floor.value);
    const high = regime.bounds.map(({ dim, additive }) => Math.min(additive.value, bestFit(regime, dim) ?? 1));
    const dots = regime.fits;
    return [
      { type: 'band', label: `${rate}: unknown`, x, low, high },
      { type: 'line', label: `${rate}: floor, proved`, x, y: low },
      { type: 'line', label: `${rate}: ceiling, constructed or fitted`, x, y: high },
      {
        type: 'dot',
        label: `${rate}: fits`,
        x: dots.map(({ dim }) => dim),
        y: dots.map(({ ceiling }) => ceiling.value),
      },
    ];
  };
  return {
    id: 'errors',
    title: `Shallow networks of ${given.unitsPerDimension} d units against exp(i <omega, relu(x)>)`,
    caption: `The floor holds for all sums of ${given.unitsPerDimension} d ridge functions. The ceiling is the best sum of one function a coordinate, or a fit where one is lower. Between them the least error is unknown.`,
    x: { label: 'dimension d', scale: 'log' },
    y: { label: 'relative squared error' },
    marks: [...marks(calm, `|omega| = ${given.length}`), ...marks(wild, `omega_j = ${given.omega}`)],
  };
}
