import { fail, harmonicCount, show } from '@muflow/core';
import type { Floor, Hypothesis } from '../probe/index.js';
import { type EllipsoidProblem, ellipsoidBudget, ellipsoidDistance } from './ellipsoid.js';
import { energyFrom, type HarmonicEnergies } from './harmonicEnergies.js';

/**
 * How a bound is drawn from the energies: `degree` uses one degree k and all above it, `all` weighs every degree as is
 * best. The second is never below the first.
 */
export type PairRule = 'degree' | 'all';

const hypothesesOf = (energies: HarmonicEnergies): readonly Hypothesis[] => [
  {
    name: 'class',
    statement:
      "sums of neurons psi_j(<w_j, x>, <w'_j, x'>), ridge functions among them, of any number, any psi_j and any directions",
  },
  { name: 'weights', statement: 'sum_j |a_j| |psi_j| is at most the budget times |g|, norms in the mean square' },
  { name: 'data', statement: `x, x' independent, uniform on the unit sphere of R^${energies.dim}` },
  { name: 'target', statement: `${energies.name}, t = <x, x'>` },
];

/**
 * A floor on the relative squared error of shallow networks against `g = h(<x, x'>)` within a norm budget.
 *
 * Proof: write `h_k = sqrt(N(d, k)) P_k(<x, x'>)`, unit functions, one a degree. A neuron psi(<w, x>, <w', x'>) has
 * `<psi, h_k> = gamma_k P_k(<w, w'>) / sqrt(N(d, k))` for unit w, w', gamma_k its coefficient on the unit function
 * `N(d, k) P_k(<w, x>) P_k(<w', x'>)`, and `sum_k gamma_k^2 <= |psi|^2`. So a sum f of neurons with
 * `sum_j |a_j| |psi_j| <= B` has coefficients on the h_k inside the ellipsoid of semi-axes `B / sqrt(N(d, k))`, and
 * its distance from g is at least that of the coefficients of g. With the rule `degree` it is weakened to
 * `max_k |g_{>=k}| - B / sqrt(N(d, k))`, since N(d, k) grows with k.
 *
 * Over all such psi the bound of rule `all` is attained in the limit of infinite width, by averages over w = w'. It
 * says nothing about a network whose weights cancel hugely. Derived here after [Daniely2017].
 *
 * @param budget - `B / |g| >= 0`.
 * @throws `invalid-argument` for d < 3, a target without energy, or a budget below 0.
 */
export function pairFloor(energies: HarmonicEnergies, budget: number, rule: PairRule = 'all'): Floor {
  checkPair('pairFloor', energies);
  if (!(budget >= 0 && budget < Infinity))
    refuse('pairFloor', 'the budget is not usable', show(budget), 'a number >= 0');
  const reach = rule === 'all' ? ellipsoidDistance(pairEllipsoid(energies), budget) : degreeDistance(energies, budget);
  return { value: Math.min(1, reach ** 2), units: null, norm: budget, hypotheses: hypothesesOf(energies) };
}

/**
 * The norm budget over |g| that every shallow network needs for a relative L2 error, a bound from below: with
 * the rule `degree`, `max_k sqrt(N(d, k)) (|g_{>=k}|/|g| - error)`.
 *
 * @param error - relative L2 error in (0, 1), the root of the relative squared error; 1/2 in [Daniely2017]'s kind of
 * statement.
 * @example
 * pairBudget(oscillationEnergies({ dim: 8, omega: 16 }), 0.5, 'degree'); // 67
 */
export function pairBudget(energies: HarmonicEnergies, error: number, rule: PairRule = 'all'): number {
  checkPair('pairBudget', energies);
  if (!(error > 0 && error < 1)) refuse('pairBudget', 'the error is not usable', show(error), 'a number in (0, 1)');
  if (rule === 'all') return ellipsoidBudget(pairEllipsoid(energies), error);
  let most = 0;
  for (let k = 0; k < energies.byDegree.length; k++) {
    const tail = Math.sqrt(energyFrom(energies, k) / energies.square);
    most = Math.max(most, Math.sqrt(harmonicCount(energies.dim, k)) * (tail - error));
  }
  return most;
}

/** The coefficients of g/|g| and the ellipsoid of sums of neurons of budget 1. */
export const pairEllipsoid = ({ dim, square, byDegree }: HarmonicEnergies): EllipsoidProblem => ({
  squares: byDegree.map((energy) => energy / square),
  axes: byDegree.map((_, k) => 1 / harmonicCount(dim, k)),
});

function degreeDistance(energies: HarmonicEnergies, budget: number): number {
  let most = 0;
  for (let k = 0; k < energies.byDegree.length; k++) {
    const tail = Math.sqrt(energyFrom(energies, k) / energies.square);
    most = Math.max(most, tail - budget / Math.sqrt(harmonicCount(energies.dim, k)));
  }
  return most;
}

function checkPair(where: string, { dim, square }: HarmonicEnergies): void {
  // On the circle N(2, k) = 2 for all k: the hypothesis that N grows with the degree is not met.
  if (dim < 3) refuse(where, 'the hypothesis on the dimension is not met', `d = ${show(dim)}`, 'a dimension d >= 3');
  if (!(square > 0)) refuse(where, 'the target has no energy', show(square), 'a function with positive mean square');
}

function refuse(where: string, problem: string, got: string, expected: string): never {
  return fail({ code: 'invalid-argument', where, problem, got, expected, fix: `pass ${expected}` });
}
