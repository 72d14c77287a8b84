import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { dualBound, planCost, planOnTree, wholeMasses } from './exactBounds.js';
import { orderedPlan, rooted, spread } from './exactResult.js';
import { costPoints, distanceCost, type GroundCost } from './groundCost.js';
import { networkSimplex } from './networkSimplex.js';
import { type TransportSide, transportSides } from './sides.js';
import { spatialOrder } from './spatialOrder.js';

/**
 * Bounded-Lipschitz (flat) distance `sup { int f d(mu - nu) : |f| <= 1, Lip(f) <= 1 }`, with the distance of the space: mass is moved
 * at the price of the way, or destroyed and created at price 1. It compares measures of any masses; for probabilities
 * on a space of diameter at most 2 it is `W_1`.
 *
 * Solved exactly by the network simplex method of `wassersteinDistance` with one more atom on each side, at distance
 * 1 from all others, which takes what is destroyed and gives what is created.
 *
 * @param mu - measure with n atoms and any mass, also none.
 * @param nu - measure with m atoms on the same space and any mass.
 * @returns the certified distance with the plan of what is moved (what it leaves is destroyed or created) and the
 * potentials, f at the atoms of mu and -f at those of nu; cost as for `wassersteinDistance`.
 * @throws `shape-mismatch` on different spaces; `not-finite` where a distance overflows. Source: [ChizatPeyreSchmitzerVialard2018],
 * section 1.
 *
 * @example
 * ```ts
 * import { boundedLipschitzDistance, diracs, rescale } from '@muflow/core';
 * console.log(boundedLipschitzDistance(diracs([0]), rescale(diracs([0.25]), 3)).value.toFixed(6)); // => 2.250000
 * ```
 */
export function boundedLipschitzDistance(mu: Measure, nu: Measure): CertifiedDistance {
  const [source, target] = transportSides('boundedLipschitzDistance', [mu, nu], { balanced: false });
  if (source.count === 0 || target.count === 0) {
    const value = source.total + target.total;
    const bounds = { lower: value * (1 - 2 ** -50), upper: value * (1 + 2 ** -50) };
    const nothing = { rows: new Int32Array(0), columns: new Int32Array(0), masses: new Float64Array(0) };
    const potentials = { source: mu.masses.map(Math.sign), target: nu.masses.map(Math.sign) };
    return { ...rooted(value, bounds, 1), status: 'exact', iterations: 0, plan: nothing, potentials };
  }
  const ends = [withOneMore(source, target.total), withOneMore(target, source.total)] as const;
  const points = costPoints(mu.space, [source, target]);
  const cost = withDisposal(distanceCost(points, 1));
  const maxPivots = 1000 + 200 * (cost.rows + cost.columns);
  const { tree, pivots, optimal, columnMinimum } = networkSimplex(cost, {
    units: wholeMasses(ends[0].masses, ends[1].masses),
    orders: { rows: orderWithDisposal(source), columns: orderWithDisposal(target) },
    maxPivots,
  });
  const plan = planOnTree(tree, ...ends);
  const primal = planCost(cost, plan, ...ends);
  const { source: u, target: v, lower } = dualBound(cost, tree, columnMinimum, ends);
  const kept = Int32Array.from(plan.rows.keys()).filter(
    (k) => plan.rows[k] < source.count && plan.columns[k] < target.count,
  );
  const moved = {
    rows: kept.map((k) => plan.rows[k]),
    columns: kept.map((k) => plan.columns[k]),
    masses: Float64Array.from(kept, (k) => plan.masses[k]),
  };
  return {
    ...rooted(primal.value, { lower, upper: primal.upper }, 1),
    status: optimal ? 'exact' : 'maxIterations',
    iterations: pivots,
    plan: orderedPlan(moved, [source, target]),
    // More mass on one side is more room for disposal on the other.
    potentials: {
      source: spread(
        u.map((value) => value + v[target.count]),
        source,
        mu.count,
      ),
      target: spread(
        v.map((value) => value + u[source.count]),
        target,
        nu.count,
      ),
    },
  };
}

function withOneMore(side: TransportSide, mass: number): TransportSide {
  const masses = new Float64Array(side.count + 1);
  masses.set(side.masses);
  masses[side.count] = mass;
  return { ...side, count: side.count + 1, masses, total: side.total + mass };
}

/** The cost with a last row and a last column of ones that meet at 0. */
function withDisposal(cost: GroundCost): GroundCost {
  const { rows, columns } = cost;
  return {
    ...cost,
    rows: rows + 1,
    columns: columns + 1,
    rowInto(out, i) {
      if (i < rows) cost.rowInto(out, i);
      else out.fill(1);
      out[columns] = i < rows ? 1 : 0;
    },
    between(i, j) {
      if (i < rows && j < columns) return cost.between(i, j);
      return i === rows && j === columns ? 0 : 1;
    },
  };
}

/** The atoms as they lie in space, then the one for what is destroyed or created. */
function orderWithDisposal({ positions, dim, count }: TransportSide): Int32Array {
  const order = new Int32Array(count + 1);
  order.set(spatialOrder(positions, dim));
  order[count] = count;
  return order;
}
