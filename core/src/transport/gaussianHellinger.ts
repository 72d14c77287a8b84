import { fail } from '../errors.js';
import { compensatedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { kullbackLeibler } from './divergences.js';
import { orderedPlan, rooted, spread } from './exactResult.js';
import { costPoints, distanceCost, type GroundCost } from './groundCost.js';
import { transportSides } from './sides.js';
import { checkPositive, type Ends } from './sinkhornProblem.js';
import { maximizeWfrDual, type WfrDualPoint } from './wfrActiveSet.js';
import { maxWfrPairs } from './wfrCosts.js';

/** Options of {@link gaussianHellinger}. */
export interface GaussianHellingerOptions {
  /** Weight of the marginals, in the units of the squared distance, > 0; default 1. */
  readonly rho?: number;
  /** Steps of the active-set method, default 200 (n + m) + 10000. */
  readonly maxIterations?: number;
}

/**
 * Gaussian-Hellinger discrepancy, the root of the least `<P, C> + rho KL(P 1 | a) + rho KL(P^T 1 | b)` over all plans `P >= 0`,
 * with `c = dist(x, y)^2`: unbalanced transport without entropy. Not a metric; for `rho = 1` it is a lower bound of
 * Hellinger-Kantorovich (`wfrDistance` at `alpha = 4`), whose cost `-log cos^2 d` is the larger one.
 *
 * Solved by the active-set method of `wfrDistance` on the dual `rho max sum a_i (1 - e^(-u_i)) + b_j (1 - e^(-v_j))`,
 * `u_i + v_j <= c_ij / rho`; `lower` is that dual at a point made feasible over all pairs, `upper` the cost of the plan.
 *
 * @param mu - measure with n atoms and any mass, also none.
 * @param nu - measure with m atoms on the same space and any mass.
 * @returns the certified value with plan and potentials `rho u`, `rho v` (0 for atoms without mass). Memory 8 n m bytes.
 * @throws `shape-mismatch` on different spaces; `invalid-argument` for rho <= 0 or more than 2^26 pairs; `not-finite` where a cost
 * overflows. Source: [LieroMielkeSavare2018], section 7.8.
 *
 * @example
 * ```ts
 * import { diracs, gaussianHellinger } from '@muflow/core';
 * const { squared } = gaussianHellinger(diracs([0]), diracs([1]), { rho: 1 });
 * console.log(squared.toFixed(9), (2 - 2 * Math.exp(-0.5)).toFixed(9)); // => 0.786938681 0.786938681
 * ```
 */
export function gaussianHellinger(mu: Measure, nu: Measure, options: GaussianHellingerOptions = {}): CertifiedDistance {
  const { rho = 1 } = options;
  checkPositive('gaussianHellinger', 'rho', rho);
  const ends = transportSides('gaussianHellinger', [mu, nu], { balanced: false });
  const [source, target] = ends;
  if (source.count === 0 || target.count === 0) {
    const value = rho * (source.total + target.total);
    const bounds = { lower: value * (1 - 2 ** -50), upper: value * (1 + 2 ** -50) };
    return { ...rooted(value, bounds, 2), status: 'exact', iterations: 0 };
  }
  const points = costPoints(mu.space, ends);
  const cost = distanceCost(points, 2);
  const point = maximizeWfrDual({
    logSource: source.masses.map(Math.log),
    logTarget: target.masses.map(Math.log),
    costs: scaledCosts(cost, rho),
    maxIterations: options.maxIterations ?? 200 * (source.count + target.count) + 10_000,
  });
  const plan = orderedPlan(positive(point), ends);
  const primal = planValue(cost, point, ends, rho);
  const lower = dualValue(cost, point, ends, rho);
  return {
    ...rooted(primal.value, { lower, upper: primal.upper }, 2),
    status: point.optimal ? 'exact' : 'maxIterations',
    iterations: point.iterations,
    plan,
    potentials: {
      source: spread(point.u, source, mu.count).map((u) => rho * u),
      target: spread(point.v, target, nu.count).map((v) => rho * v),
    },
  };
}

/** All `c_ij / rho`, row-major. */
function scaledCosts(cost: GroundCost, rho: number): Float64Array {
  const { rows, columns } = cost;
  if (rows * columns > maxWfrPairs) refusePairs(rows, columns);
  const costs = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) cost.rowInto(costs.subarray(i * columns, (i + 1) * columns), i);
  for (let k = 0; k < costs.length; k++) {
    costs[k] /= rho;
    if (!Number.isFinite(costs[k])) refuseInfinite(costs[k]);
  }
  return costs;
}

/** The entries of the plan that carry mass. */
function positive({ rows, columns, flows }: WfrDualPoint) {
  const kept = Int32Array.from(flows.keys()).filter((k) => flows[k] > 0);
  return {
    rows: kept.map((k) => rows[k]),
    columns: kept.map((k) => columns[k]),
    masses: Float64Array.from(kept, (k) => flows[k]),
  };
}

function planValue(cost: GroundCost, point: WfrDualPoint, [source, target]: Ends, rho: number) {
  const terms = Float64Array.from(
    point.flows,
    (flow, k) => Math.max(0, flow) * cost.between(point.rows[k], point.columns[k]),
  );
  const marginals = [new Float64Array(source.count), new Float64Array(target.count)];
  for (let k = 0; k < terms.length; k++) {
    marginals[0][point.rows[k]] += Math.max(0, point.flows[k]);
    marginals[1][point.columns[k]] += Math.max(0, point.flows[k]);
  }
  const lost = rho * (kullbackLeibler(marginals[0], source.masses) + kullbackLeibler(marginals[1], target.masses));
  const value = compensatedSum(terms) + lost;
  return { value, upper: value * (1 + cost.relativeError + (source.count + target.count + 64) * 2 ** -52) };
}

/** `rho sum a (1 - e^-u) + rho sum b (1 - e^-v)` at u lowered to `min_j c_ij / rho - v_j`, less what rounding may have added. */
function dualValue(cost: GroundCost, { u, v }: WfrDualPoint, [source, target]: Ends, rho: number): number {
  const row = new Float64Array(cost.columns);
  const terms = new Float64Array(u.length + v.length);
  const relative = cost.relativeError + 2 ** -51;
  for (let i = 0; i < u.length; i++) {
    cost.rowInto(row, i);
    for (let j = 0; j < v.length; j++) {
      const scaled = row[j] / rho;
      u[i] = Math.min(u[i], scaled * (1 - relative) - v[j] - 2 ** -51 * Math.abs(v[j]));
    }
    terms[i] = -source.masses[i] * Math.expm1(-u[i]);
  }
  for (let j = 0; j < v.length; j++) terms[u.length + j] = -target.masses[j] * Math.expm1(-v[j]);
  let sizes = 0;
  for (const term of terms) sizes += Math.abs(term);
  return rho * (compensatedSum(terms) - 2 ** -49 * sizes);
}

function refusePairs(rows: number, columns: number): never {
  return fail({
    code: 'invalid-argument',
    where: 'gaussianHellinger',
    problem: 'there are too many pairs of atoms',
    got: `${rows} * ${columns}`,
    expected: `at most ${maxWfrPairs}`,
    fix: 'merge near atoms first, or use unbalancedTransport, which stores no pairs',
  });
}

function refuseInfinite(cost: number): never {
  return fail({
    code: 'not-finite',
    where: 'gaussianHellinger',
    problem: 'a cost divided by rho is not a finite number',
    got: String(cost),
    expected: 'finite numbers',
    fix: 'scale the positions down, or raise rho',
  });
}
