import {
  type Claim,
  claimAtLeast,
  claimAtMost,
  claimWithin,
  type Figure,
  linearFit,
  logLogSlope,
  type StudyResult,
  type Table,
} from '@muflow/core';
import { type Ceiling, type Floor, soundness } from '../probe/index.js';
import type { BudgetFit } from '../spheres/budgetFits.js';
import type { HarmonicEnergies } from '../spheres/harmonicEnergies.js';
import { pairFloor } from '../spheres/pairFloor.js';

/** Norm budgets over |g| for one dimension and rate. */
export interface BudgetRow {
  readonly dim: number;
  readonly growing: boolean;
  /** Proved, from one degree and those above. */
  readonly byDegree: number;
  /** Proved, from all degrees. */
  readonly floor: number;
  /** Of constructed ridge neurons, infinitely many; null where they were not. */
  readonly constructed: number | null;
}

export interface DeepRow {
  readonly dim: number;
  readonly ceiling: Ceiling;
  /** The budget a shallow network needs for the same error. */
  readonly needed: number;
}

export interface PairOutcome {
  readonly omega: number;
  readonly growth: number;
  readonly error: number;
  readonly fitDim: number;
  readonly budgets: readonly BudgetRow[];
  readonly deep: readonly DeepRow[];
  readonly energies: HarmonicEnergies;
  readonly fits: readonly BudgetFit[];
  readonly curve: readonly { readonly budget: number; readonly constructed: number }[];
}

/** Budgets for error one half as they were printed: rate 10, and rate 2d. */
const card: Readonly<Record<'constant' | 'growing', Readonly<Record<number, string>>>> = {
  constant: { 4: '3.7', 8: '16.8', 16: '40.8' },
  growing: { 4: '2.9', 6: '13.4', 8: '67', 10: '342', 12: '1705', 16: '4.5e4', 20: '1.3e6' },
};

export function pairResult(outcome: PairOutcome): StudyResult {
  const { fits, deep } = outcome;
  const bounds = boundsOf(outcome);
  return {
    claims: claimsOf(outcome),
    tables: tablesOf(outcome),
    figures: [budgetFigure(outcome), errorFigure(outcome)],
    notes: [
      soundness(
        bounds.floors,
        bounds.ceilings,
        deep.map(({ ceiling }) => ceiling),
      ),
      `Shallow fits are compared with the floor of the budget they spend, point by point: ${fits.length} of them, of at least ${show(Math.min(...fits.map(({ value }) => value)))} relative squared error with budgets of ${show(Math.min(...fits.map(({ budget }) => budget)))} to ${show(Math.max(...fits.map(({ budget }) => budget)))}.`,
      "The budget is a norm, not a width: sum_j |a_j| |psi_j| over |g|. The floor says nothing about networks whose weights cancel hugely. Over neurons psi(<w, x>, <w', x'>) of any shape it is attained in the limit of infinite width; the constructed ceiling is that of ridge functions psi(<w, x> + <w, x'>), also of infinite width, a network of M of them adds B^2/M to the squared error.",
      'How many units a network with huge weights needs is unknown.',
    ],
  };
}

/** Floors and constructed ceilings at four budgets; fits are far above and told apart. */
function boundsOf({ energies, fitDim, curve }: PairOutcome): { floors: Floor[]; ceilings: Ceiling[] } {
  const problemAt = (budget: number): string => `d = ${fitDim}, budget ${show(budget)}`;
  const chosen = curve.filter((_, k) => k % 15 === 7);
  return {
    floors: chosen.map(({ budget }) => ({
      ...pairFloor(energies, budget),
      problem: problemAt(budget),
    })),
    ceilings: chosen.map(({ budget, constructed }) => ({
      value: constructed,
      low: constructed,
      high: constructed,
      method: 'constructed ridge neurons',
      units: Infinity,
      problem: problemAt(budget),
    })),
  };
}

function claimsOf(outcome: PairOutcome): Claim[] {
  const { budgets, deep, energies, fits, error } = outcome;
  const built = budgets.filter(({ constructed }) => constructed !== null);
  const ratios = built.map(({ floor, constructed }) => Number(constructed) / floor);
  return [
    ...cardClaims(outcome),
    ...growthClaims(outcome),
    claimAtLeast({
      statement: `Budgets for error ${error}: constructed over proved, least ratio`,
      bound: 1,
      measured: Math.min(...ratios),
    }),
    claimAtMost({
      statement: `Budgets for error ${error}: constructed over proved, largest ratio`,
      bound: 4,
      measured: Math.max(...ratios),
    }),
    claimAtLeast({
      statement: 'No fitted shallow network is below the floor of its budget: least distance of its band above',
      bound: 0,
      measured: Math.min(...fits.map(({ high, budget }) => high - pairFloor(energies, budget).value)),
    }),
    ...deep.map(({ dim, ceiling }) =>
      claimAtMost({
        statement: `Depth three, d = ${dim}, ${ceiling.units} units: upper end of the band of the relative squared error`,
        bound: 0.02,
        measured: ceiling.high,
      }),
    ),
  ];
}

/** To the last digit that was printed. */
function cardClaims({ budgets, error, omega, growth }: PairOutcome): Claim[] {
  if (error !== 0.5) return [];
  return budgets.flatMap(({ dim, growing, byDegree }) => {
    const printed = growing ? card.growing[dim] : card.constant[dim];
    if (printed === undefined || (growing ? growth !== 2 : omega !== 10)) return [];
    const digits = printed.replace(/e.*|\./g, '').length;
    return [
      claimWithin({
        statement: `Norm budget for error 1/2 from one degree, omega = ${growing ? `2d = ${2 * dim}` : omega}, d = ${dim}, to ${digits} digits`,
        predicted: Number(printed),
        tolerance: 0,
        measured: Number(byDegree.toPrecision(digits)),
      }),
    ];
  });
}

/** Exponential in d where the rate grows with it, a power at most where it is constant. */
function growthClaims({ budgets, omega, growth }: PairOutcome): Claim[] {
  const growing = budgets.filter((row) => row.growing && row.dim >= 8);
  const constant = budgets.filter((row) => !row.growing && row.dim >= 2 * omega);
  const claims: Claim[] = [];
  if (growing.length >= 3) {
    const dims = growing.map(({ dim }) => dim);
    const fit = linearFit(
      dims,
      growing.map(({ floor }) => Math.log2(floor)),
    );
    claims.push(
      claimAtLeast({
        statement: `Rate ${growth} d: slope of log2(proved budget) against d, from d = 8`,
        bound: 0.5,
        measured: fit.slope,
      }),
    );
  }
  if (constant.length >= 2) {
    claims.push(
      claimAtMost({
        statement: `Rate ${omega}: exponent of the proved budget in d, from d = ${2 * omega}`,
        bound: 1,
        measured: logLogSlope(
          constant.map(({ dim }) => dim),
          constant.map(({ floor }) => floor),
        ),
      }),
    );
  }
  return claims;
}

function tablesOf({ budgets, deep, error, fits, energies, fitDim, growth }: PairOutcome): Table[] {
  return [
    {
      title: `Norm budget over |g| for relative L2 error ${error}`,
      summary: true,
      columns: ['rate', 'd', 'one degree, proved', 'all degrees, proved', 'ridge neurons, constructed'].map((name) => ({
        name,
      })),
      rows: [...budgets]
        .sort((a, b) => Number(a.growing) - Number(b.growing))
        .map((row) => [row.growing ? 'growing' : 'constant', row.dim, row.byDegree, row.floor, row.constructed]),
    },
    {
      title: `Depth three at rate ${growth} d, relative squared error`,
      summary: true,
      columns: ['d', 'units', 'error', 'band from', 'to', 'budget one layer needs for it'].map((name) => ({ name })),
      rows: deep.map(({ dim, ceiling, needed }) => [
        dim,
        ceiling.units,
        ceiling.value,
        ceiling.low,
        ceiling.high,
        needed,
      ]),
    },
    {
      title: `Random rectifiers with ridge, d = ${fitDim}`,
      columns: ['budget spent', 'error', 'band from', 'to', 'floor at that budget'].map((name) => ({ name })),
      rows: fits.map(({ budget, value, low, high }) => [budget, value, low, high, pairFloor(energies, budget).value]),
    },
  ];
}

function budgetFigure({ budgets, error, omega, growth }: PairOutcome): Figure {
  const marks = [false, true].flatMap((growing) => {
    const built = budgets.filter((row) => row.growing === growing && row.constructed !== null);
    const rate = growing ? `${growth} d` : `${omega}`;
    const x = built.map(({ dim }) => dim);
    const ceiling = built.map(({ constructed }) => Number(constructed));
    // Floors go on to larger d in the table; a figure of them alone would hide the band.
    return [
      { type: 'band' as const, label: `unknown, rate ${rate}`, x, low: built.map(({ floor }) => floor), high: ceiling },
      {
        type: 'line' as const,
        label: `floor, proved, rate ${rate}`,
        x,
        y: built.map(({ floor }) => floor),
      },
      { type: 'line' as const, label: `ceiling, constructed, rate ${rate}`, x, y: ceiling },
    ];
  });
  return {
    id: 'budget',
    title: `Norm budget of one hidden layer for relative L2 error ${error}`,
    caption:
      'Below the floor no shallow network has the error; at the ceiling one of ridge neurons, infinitely wide, has it. Between them the least budget is unknown. A rate that grows with the dimension makes the budget exponential, a constant one does not.',
    x: { label: 'd' },
    y: { label: 'budget over |g|', scale: 'log' },
    marks,
  };
}

function errorFigure({ curve, energies, fits, fitDim, growth, deep }: PairOutcome): Figure {
  const x = curve.map(({ budget }) => budget);
  const floor = x.map((budget) => pairFloor(energies, budget).value);
  const ceiling = curve.map(({ constructed }) => constructed);
  const own = deep.find(({ dim }) => dim === fitDim);
  return {
    id: 'error',
    title: `d = ${fitDim}, rate ${growth * fitDim}: error against norm budget`,
    caption:
      'Floor for every shallow network within the budget, ceiling of constructed ridge neurons of infinite width, and what random rectifiers with ridge reach, told with a bound of the budget they spend.',
    x: { label: 'budget over |g|', scale: 'log' },
    y: { label: 'relative squared error' },
    marks: [
      { type: 'band', label: 'unknown', x, low: floor, high: ceiling },
      { type: 'line', label: 'floor, proved', x, y: floor },
      { type: 'line', label: 'ceiling, constructed', x, y: ceiling },
      {
        type: 'dot',
        label: 'random rectifiers with ridge',
        x: fits.map(({ budget }) => budget),
        y: fits.map(({ value }) => value),
      },
      ...(own
        ? [{ type: 'rule' as const, axis: 'y' as const, at: own.ceiling.value, label: 'depth three, constructed' }]
        : []),
    ],
  };
}

const show = (value: number): string => String(Number(value.toPrecision(3)));
