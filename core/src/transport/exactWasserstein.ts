import type { Expression } from '../formula/expression.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { dualBound, planCost, planOnTree, wholeMasses } from './exactBounds.js';
import { checkExponent, orderedPlan, rooted, spread } from './exactResult.js';
import { costPoints, distanceCost, formulaCost } from './groundCost.js';
import { networkSimplex } from './networkSimplex.js';
import { isLine, lineDistance } from './oneDimensional.js';
import { transportSides } from './sides.js';
import { spatialOrder } from './spatialOrder.js';

/** Options of {@link wassersteinDistance}. */
export interface WassersteinDistanceOptions {
  /** Exponent, a finite number >= 1; default 2. */
  readonly p?: number;
  /** Cost of moving a unit of mass from `x` to `y`, in place of `dist(x, y)^p`; the value is then the least total cost. */
  readonly cost?: string | Expression;
  /** Whether to return plan and potentials; default true. */
  readonly plan?: boolean;
  /** Default 1000 + 200 for each atom: far more than problems have been seen to need. */
  readonly maxPivots?: number;
}

/**
 * The Wasserstein distance `W_p = (min_P sum_ij P_ij dist(x_i, y_j)^p)^(1/p)` of two measures with equal totals, where P
 * runs over the couplings; with `cost`, the least total cost itself. The distance is that of the space, so the torus and
 * the sphere work alike. Solved exactly, on the line by
 * sorting, elsewhere by the network simplex method on costs computed as needed, in memory O(n + m).
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
  const { p = 2, plan: wanted = true } = options;
  checkExponent('wassersteinDistance', p);
  const sides = transportSides('wassersteinDistance', [mu, nu], { balanced: true });
  if (isLine(mu) && options.cost === undefined) return lineDistance([mu, nu], sides, { p, plan: wanted });
  const [source, target] = sides;
  const points = costPoints(mu.space, sides);
  const cost =
    options.cost === undefined ? distanceCost(points, p) : formulaCost('wassersteinDistance', points, options.cost);
  const maxPivots = options.maxPivots ?? 1000 + 200 * (source.count + target.count);
  const { tree, pivots, optimal, columnMinimum } = networkSimplex(cost, {
    units: wholeMasses(source.masses, target.masses),
    orders: { rows: spatialOrder(source.positions, mu.dim), columns: spatialOrder(target.positions, mu.dim) },
    maxPivots,
  });
  const plan = planOnTree(tree, source, target);
  const bound = dualBound(cost, tree, columnMinimum, sides);
  const primal = planCost(cost, plan, source, target);
  return {
    ...rooted(primal.value, { lower: bound.lower, upper: primal.upper }, options.cost === undefined ? p : undefined),
    status: optimal ? 'exact' : 'maxIterations',
    iterations: pivots,
    ...(wanted && {
      plan: orderedPlan(plan, sides),
      potentials: {
        source: spread(bound.source, source, mu.count),
        target: spread(bound.target, target, nu.count),
      },
    }),
  };
}
