import { deriveKey, randomKey, type Study, type StudyContext } from '@muflow/core';
import { z } from 'zod';
import { depthThreeNetwork } from '../constructions/index.js';
import { networkCeiling } from '../fits/index.js';
import type { Ceiling } from '../probe/index.js';
import { type BudgetFit, budgetFits } from '../spheres/budgetFits.js';
import { type HarmonicEnergies, oscillationEnergies } from '../spheres/harmonicEnergies.js';
import { pairBudget } from '../spheres/pairFloor.js';
import { pairConstruction, pairData, pairTarget } from '../spheres/pairProduct.js';
import { type RidgeCeiling, ridgeCeiling } from '../spheres/ridgeCeiling.js';
import { type BudgetRow, type DeepRow, type PairOutcome, pairResult } from './pairProductReport.js';

const rate = z.number().positive().max(200);

const params = z.strictObject({
  dims: z
    .array(z.int().min(3).max(64))
    .min(2)
    .default([4, 6, 8, 10, 12, 16, 20, 32, 64])
    .describe('dimensions d of the two spheres, for the budgets'),
  omega: rate.default(10).describe("the constant rate of sin(omega <x, x'>)"),
  growth: rate.default(2).describe('the growing rate is this times d'),
  error: z.number().gt(0).lt(1).default(0.5).describe('relative L2 error that budgets are told for'),
  constructedUpTo: z.int().min(3).max(64).default(20).describe('largest d for which ridge neurons are constructed'),
  deepDims: z.array(z.int().min(3).max(64)).default([4, 8, 16]).describe('dimensions of the depth-three networks'),
  knots: z
    .int()
    .min(4)
    .max(512)
    .default(32)
    .describe('knots of each square; the last function has eight times as many'),
  points: z.int().min(100).max(1_000_000).default(2000).describe('independent points that errors are measured on'),
  fitDim: z.int().min(3).max(32).default(4).describe('dimension in which shallow networks are fitted'),
  width: z.int().min(10).max(2000).default(200).describe('their units'),
  restarts: z.int().min(1).max(20).default(3).describe('draws of their units'),
});

type Params = z.output<typeof params>;

const penalties = [10, 1, 0.1, 1e-2, 1e-4, 1e-7];

async function budgetRows(given: Params, context: StudyContext): Promise<BudgetRow[]> {
  const rows: BudgetRow[] = [];
  for (const [index, dim] of given.dims.entries()) {
    for (const growing of [false, true]) {
      const energies = oscillationEnergies({ dim, omega: growing ? given.growth * dim : given.omega });
      rows.push({
        dim,
        growing,
        byDegree: pairBudget(energies, given.error, 'degree'),
        floor: pairBudget(energies, given.error),
        constructed: dim <= given.constructedUpTo ? ridgeCeiling(energies).budget(given.error) : null,
      });
    }
    await context.pause({ label: 'budgets', step: index + 1, fraction: (index + 1) / given.dims.length });
  }
  return rows;
}

const problemOf = (dim: number, omega: number, label: string) => ({
  target: pairTarget({ dim, h: (t: number) => Math.sin(omega * t), name: `sin(${omega} t)` }),
  law: pairData(dim),
  label,
});

async function deepRows(given: Params, context: StudyContext): Promise<DeepRow[]> {
  const rows: DeepRow[] = [];
  for (const [index, dim] of given.deepDims.entries()) {
    const omega = given.growth * dim;
    const counts = { inner: given.knots, outer: 8 * given.knots };
    const shape = pairConstruction({ dim, h: (t) => Math.sin(omega * t) }, counts);
    const key = deriveKey(randomKey(context.seed), 'depth three', dim);
    const options = { points: given.points, key };
    const ceiling = networkCeiling(
      problemOf(dim, omega, `d = ${dim}`),
      depthThreeNetwork(shape, context.backend),
      options,
    );
    const energies = oscillationEnergies({ dim, omega });
    rows.push({ dim, ceiling, needed: pairBudget(energies, Math.min(0.999, Math.sqrt(ceiling.high))) });
    await context.pause({ label: 'depth three', step: index + 1, fraction: (index + 1) / given.deepDims.length });
  }
  return rows;
}

async function fitRows(given: Params, energies: HarmonicEnergies, context: StudyContext): Promise<BudgetFit[]> {
  const { fitDim: dim, growth, width, points, restarts } = given;
  const fits: BudgetFit[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    const key = deriveKey(randomKey(context.seed), 'fit', restart);
    const options = { width, rows: points, penalties, size: Math.sqrt(energies.square), key, backend: context.backend };
    fits.push(...budgetFits(problemOf(dim, growth * dim, `d = ${dim}`), options));
    await context.pause({ label: 'shallow fits', step: restart + 1, fraction: (restart + 1) / restarts });
  }
  return fits;
}

/** Budgets between nothing and twice what the constructed neurons need for an error of a tenth. */
function curveOf(ceiling: RidgeCeiling): number[] {
  const most = 2 * ceiling.budget(0.1);
  return Array.from({ length: 60 }, (_, k) => most * 0.01 ** (1 - k / 59));
}

/** Pair products on spheres: the norm a shallow network needs, bracketed, against an explicit depth-three network. */
export const pairProductStudy: Study<Params> = {
  id: 'depth-separation/pair-product',
  title: 'Pair products on spheres: the norm that one hidden layer needs',
  reference: 'Daniely2017',
  params,
  async run(given, context) {
    const energies = oscillationEnergies({ dim: given.fitDim, omega: given.growth * given.fitDim });
    const ceiling = ridgeCeiling(energies);
    const fits: readonly (Ceiling & BudgetFit)[] = await fitRows(given, energies, context);
    const outcome: PairOutcome = {
      ...given,
      budgets: await budgetRows(given, context),
      deep: await deepRows(given, context),
      energies,
      fits,
      curve: curveOf(ceiling).map((budget) => ({ budget, constructed: ceiling.error(budget) })),
    };
    return pairResult(outcome);
  },
};
