import type { Study, StudyContext } from '@muflow/core';
import { oscillationEnergies, pairBudget, ridgeCeiling } from '../spheres/index.js';
import { regimeAt } from './rateAgainstDimensionFits.js';
import { type RateParams, rateParams } from './rateAgainstDimensionParams.js';
import { type BudgetRow, type RateOutcome, rateResult } from './rateAgainstDimensionReport.js';

/** The relative L2 error that budgets are asked for: a relative squared error of 1/4. */
const half = 0.5;

function budgetRow(dim: number, omega: number): BudgetRow {
  const energies = oscillationEnergies({ dim, omega });
  return {
    dim,
    omega,
    oneDegree: pairBudget(energies, half, 'degree'),
    floor: pairBudget(energies, half),
    ceiling: ridgeCeiling(energies).budget(half),
  };
}

async function budgetRows(
  label: string,
  cases: readonly (readonly [dim: number, omega: number])[],
  context: StudyContext,
): Promise<BudgetRow[]> {
  const rows: BudgetRow[] = [];
  for (const [dim, omega] of cases) {
    rows.push(budgetRow(dim, omega));
    await context.pause({ label, step: rows.length, fraction: rows.length / cases.length });
  }
  return rows;
}

const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);

/** What one layer pays as the dimension grows, where the rate of oscillation stays and where it grows with it. */
export const rateAgainstDimensionStudy: Study<RateParams> = {
  id: 'depth-separation/rate-against-dimension',
  title: 'One hidden layer against dimension: a rate of oscillation that stays, and one that grows',
  reference: 'VenturiEtAl2022',
  params: rateParams,
  async run(given, context) {
    const dims = ascending(given.dims);
    const all = ascending([...given.dims, ...given.far]);
    const outcome: RateOutcome = {
      given,
      staying: await budgetRows(
        'budgets at a constant rate',
        all.map((dim) => [dim, given.rate]),
        context,
      ),
      growing: await budgetRows(
        'budgets at a growing rate',
        dims.map((dim) => [dim, given.growth * dim]),
        context,
      ),
      calm: await regimeAt('constant', given, context),
      wild: await regimeAt('growing', given, context),
    };
    return rateResult(outcome);
  },
};
