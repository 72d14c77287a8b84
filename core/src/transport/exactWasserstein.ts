import { fail, show } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance, TransportPlan } from './certifiedDistance.js';
import { dualBound, type PackedPlan, planCost, planOnTree, wholeMasses } from './exactBounds.js';
import { distanceCost, formulaCost } from './groundCost.js';
import { networkSimplex } from './networkSimplex.js';
import { type TransportSide, transportSides } from './sides.js';

/** Options of {@link wassersteinDistance}. */
export interface WassersteinDistanceOptions {
  /** Exponent, a finite number >= 1; default 2. */
  readonly p?: number;
  /** Cost of moving a unit of mass from `x` to `y`, in place of `dist(x, y)^p`; the value is then the least total cost. */
  readonly cost?: string | Expression;
  /** Default 1000 + 200 for each atom: far more than problems have been seen to need. */
  readonly maxPivots?: number;
}

/**
 * The Wasserstein distance `W_p = (min_P sum_ij P_ij dist(x_i, y_j)^p)^(1/p)` of two measures with equal totals, where P
 * runs over the couplings; with `cost`, the least total cost itself. The distance is that of the space, so the torus and
 * the sphere work alike. Solved exactly by the network simplex method on costs computed as needed: time is about that of
 * (n + m) log(n + m) pivots and ten passes over the n m costs, memory O(n + m).
 *
 * The value is that of a plan with at most n + m - 1 entries; `lower` is that of feasible potentials (in the units of
 * `dist^p`, or of the cost), checked over all pairs with the rounding of costs and sums taken off, `upper` that of a plan
 * with the marginals repaired. Costs of a formula are taken as they are evaluated.
 *
 * @param mu - measure with n atoms; atoms without mass take no part.
 * @param nu - measure with m atoms on the same space, its total equal to that of mu within 1e-9; its masses are scaled by
 * the ratio.
 * @returns the certified distance with plan and potentials (0 for atoms without mass); `squared` is `value^2`.
 * @throws `shape-mismatch` on different spaces, `invalid-argument` where totals differ or p < 1, `not-finite` where a cost
 * overflows. Source: [PeyreCuturi2019], chapter 3; [AhujaMagnantiOrlin1993], chapter 11.
 *
 * @example
 * ```ts
 * import { diracs, wassersteinDistance } from '@muflow/core';
 * const { squared, lower, upper } = wassersteinDistance(diracs([0, 1]), diracs([1, 3]));
 * console.log(squared, lower <= upper); // => 2.5 true
 * ```
 */
export function wassersteinDistance(
  mu: Measure,
  nu: Measure,
  options: WassersteinDistanceOptions = {},
): CertifiedDistance {
  const { p = 2 } = options;
  checkExponent('wassersteinDistance', p);
  const sides = transportSides('wassersteinDistance', [mu, nu], { balanced: true });
  const [source, target] = sides;
  const points = {
    space: mu.space,
    rows: source.count,
    columns: target.count,
    x: source.positions,
    y: target.positions,
  };
  const cost =
    options.cost === undefined ? distanceCost(points, p) : formulaCost('wassersteinDistance', points, options.cost);
  const maxPivots = options.maxPivots ?? 1000 + 200 * (source.count + target.count);
  const { tree, pivots, optimal, columnMinimum } = networkSimplex(
    cost,
    wholeMasses(source.masses, target.masses),
    maxPivots,
  );
  const plan = planOnTree(tree, source, target);
  const bound = dualBound(cost, tree, columnMinimum, sides);
  const primal = planCost(cost, plan, source, target);
  return {
    ...rooted(primal.value, { lower: bound.lower, upper: primal.upper }, options.cost === undefined ? p : undefined),
    status: optimal ? 'exact' : 'maxIterations',
    iterations: pivots,
    plan: unpacked(plan, sides),
    potentials: {
      source: spread(bound.source, source, mu.count),
      target: spread(bound.target, target, nu.count),
    },
  };
}

/** Refuses exponents for which W_p is no distance. */
export function checkExponent(where: string, p: number): void {
  if (p >= 1 && Number.isFinite(p)) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the exponent is not usable',
    got: show(p),
    expected: 'a finite number >= 1',
    fix: 'pass { p: 2 }, or a cost as a formula',
  });
}

/** Distances from costs: the p-th root of all three, kept in order. */
export function rooted(
  value: number,
  bounds: { readonly lower: number; readonly upper: number },
  p: number | undefined,
): Pick<CertifiedDistance, 'value' | 'squared' | 'lower' | 'upper'> {
  const root = (x: number): number =>
    p === undefined ? x : p === 2 ? Math.sqrt(Math.max(x, 0)) : Math.max(x, 0) ** (1 / p);
  // A root rounds once more; powers are within two units in the last place.
  const [down, up] = p === undefined ? [0, 0] : [1 - 2 ** -51, 1 + 2 ** -51];
  const distance = root(value);
  return {
    value: distance,
    squared: p === 2 ? Math.max(value, 0) : distance * distance,
    lower: p === undefined ? Math.min(bounds.lower, value) : Math.min(root(bounds.lower) * down, distance),
    upper: p === undefined ? Math.max(bounds.upper, value) : Math.max(root(bounds.upper) * up, distance),
  };
}

/** The plan between the atoms of the measures, rather than those that have mass. */
function unpacked(plan: PackedPlan, [source, target]: readonly [TransportSide, TransportSide]): TransportPlan {
  return {
    rows: plan.rows.map((i) => source.atoms[i]),
    columns: plan.columns.map((j) => target.atoms[j]),
    masses: plan.masses,
  };
}

function spread(values: Float64Array, side: TransportSide, count: number): Float64Array {
  const all = new Float64Array(count);
  for (let k = 0; k < side.count; k++) all[side.atoms[k]] = values[k];
  return all;
}
