import { compensatedSum, weightedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { kullbackLeibler } from './divergences.js';
import { rooted } from './exactResult.js';
import { transportSides } from './sides.js';
import { judgeRow, roundingSlack } from './sinkhornBounds.js';
import { release, type Scaling } from './sinkhornKernel.js';
import {
  checkPositive,
  densePlan,
  type EntropicOptions,
  entropicCost,
  entropicPotentials,
  solveEntropic,
} from './sinkhornProblem.js';

/** Options of {@link unbalancedTransport}. */
export interface UnbalancedOptions extends EntropicOptions {
  /** Weight of the marginals, in the units of the cost, > 0. */
  readonly rho: number;
}

/** An unbalanced entropic cost with its parts. */
export interface UnbalancedDistance extends CertifiedDistance {
  readonly epsilon: number;
  readonly rho: number;
  /** The minimum itself. */
  readonly entropicCost: number;
  /** `<P, C>`. */
  readonly transportCost: number;
  /** Total mass of the plan. */
  readonly mass: number;
}

/**
 * Unbalanced entropic transport, the least `<P, C> + rho KL(P 1 | a) + rho KL(P^T 1 | b) + epsilon KL(P | a x b)` over
 * all plans `P >= 0`, with `c = dist(x, y)^p` and `KL(p | q) = sum p log(p / q) - p + q`: `value` is its p-th root, `squared` the
 * square of that (for p = 2 the minimum itself). With `cost` the value is the minimum.
 *
 * Any potentials bound it from below by the dual, any plan from above, so both bounds come without repairs.
 *
 * @param mu - measure with n atoms and any mass.
 * @param nu - measure with m atoms on the same space and any mass; where one side is empty the value is that of destroying the
 * other, `rho` times its mass.
 * @returns the certified cost with its parts; cost as for `sinkhornDistance`.
 * @throws `shape-mismatch` on different spaces; `invalid-argument` where epsilon or rho is not usable; `not-finite` where a cost is
 * not finite. Source: [ChizatPeyreSchmitzerVialard2018], section 4; [SejourneVialardPeyre2022].
 *
 * @example
 * ```ts
 * import { diracs, rescale, unbalancedTransport } from '@muflow/core';
 * const far = unbalancedTransport(diracs([0]), rescale(diracs([100]), 2), { epsilon: 0.1, rho: 1 });
 * console.log(far.squared.toFixed(6)); // => 3.200000
 * ```
 */
export function unbalancedTransport(mu: Measure, nu: Measure, options: UnbalancedOptions): UnbalancedDistance {
  const { epsilon, rho } = options;
  checkPositive('unbalancedTransport', 'epsilon', epsilon);
  checkPositive('unbalancedTransport', 'rho', rho);
  const ends = transportSides('unbalancedTransport', [mu, nu], { balanced: false });
  const [source, target] = ends;
  const p = options.cost === undefined ? (options.p ?? 2) : undefined;
  if (source.count === 0 || target.count === 0) {
    const value = rho * (source.total + target.total);
    const bounds = { lower: value * (1 - 2 ** -50), upper: value * (1 + 2 ** -50) };
    const parts = { epsilon, rho, entropicCost: value, transportCost: 0, mass: 0 };
    return { ...rooted(value, bounds, p), status: 'exact', iterations: 0, ...parts };
  }
  const cost = entropicCost('unbalancedTransport', [mu, nu], ends, options);
  const { scaling, solved } = solveEntropic('unbalancedTransport', cost, ends, options);
  const { value, lower, upper, mass } = unbalancedBounds(scaling, rho);
  const found: UnbalancedDistance = {
    ...rooted(value, { lower, upper }, p),
    status: solved.converged ? 'converged' : 'maxIterations',
    iterations: solved.iterations,
    epsilon,
    rho,
    entropicCost: value,
    transportCost: transportCost(scaling),
    mass,
    potentials: entropicPotentials(scaling, ends, [mu, nu]),
    ...(options.plan === true ? { plan: densePlan(scaling, ends) } : {}),
  };
  release(scaling);
  return found;
}

/** Dual and primal value at the potentials and the plan of the last sweep. */
function unbalancedBounds(scaling: Scaling, rho: number) {
  const { a, b, f, g, t, w, rowSums, columnSums, epsilon, largest } = scaling;
  const rows = t.map((scale, i) => scale * rowSums[i]);
  const columns = w.map((scale, j) => scale * columnSums[j]);
  const mass = compensatedSum(rows);
  const whole = epsilon * (compensatedSum(a) * compensatedSum(b) - mass);
  const lost = (masses: Float64Array, potential: Float64Array): Float64Array =>
    masses.map((m, i) => -rho * m * Math.expm1(-potential[i] / rho));
  const [lostRows, lostColumns] = [lost(a, f), lost(b, g)];
  const dual = compensatedSum(lostRows) + compensatedSum(lostColumns) + whole;
  const primal =
    weightedSum(rows, f) +
    weightedSum(columns, g) +
    whole +
    rho * (kullbackLeibler(rows, a) + kullbackLeibler(columns, b));
  let sizes = Math.abs(whole);
  for (const term of [...lostRows, ...lostColumns]) sizes += Math.abs(term);
  // The exponentials of the dual are rounded beside those of the kernel.
  const slack = roundingSlack(scaling, mass, largest) + sizes * 2 ** -48;
  return { value: dual, lower: dual - slack, upper: Math.max(dual, primal) + slack, mass };
}

function transportCost(scaling: Scaling): number {
  const { rows, w, places, engine } = scaling;
  engine.numbers.set(w, places.masses / 8);
  const costs = Float64Array.from({ length: rows }, (_, i) => judgeRow(scaling, i).moved);
  return compensatedSum(costs);
}
