import { fail, show } from '../errors.js';
import { compensatedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import type { Space } from '../space/space.js';
import type { CertifiedDistance, TransportPlan, TransportPotentials } from './certifiedDistance.js';
import { type SemiCoupling, type SparseFlows, semiCouplingCost, semiCouplingOf } from './semiCoupling.js';
import { type TransportSide, transportSides } from './sides.js';
import { maximizeWfrDual, type WfrDual, type WfrDualPoint } from './wfrActiveSet.js';
import { wfrAngle, wfrCost, wfrCostMargin, wfrCosts } from './wfrCosts.js';

/** Options of {@link wfrDistance}. */
export interface WfrOptions {
  /** Reaction rate > 0, default 1; alpha = 4 is Hellinger-Kantorovich. Mass travels less than `pi / sqrt alpha`. */
  readonly alpha?: number;
  /** Gap `upper^2 - lower^2` relative to `upper^2` that counts as converged if the steps run out; default 1e-6. */
  readonly tolerance?: number;
  /** Steps of the active-set method, default 200 (n + m) + 10000. */
  readonly maxIterations?: number;
}

/** The two packed ends of a solved problem with their optimal semi-coupling and dual point. */
export interface WfrSolution {
  readonly alpha: number;
  readonly space: Space;
  readonly sides: readonly [TransportSide, TransportSide];
  readonly coupling: SemiCoupling;
  readonly plan: SparseFlows;
  /** `u = -log P`, `v = -log Q` per packed atom; Infinity where isolated. */
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly iterations: number;
  readonly optimal: boolean;
}

/**
 * Wasserstein-Fisher-Rao distance with proven bounds: the least action `int_0^1 int |v|^2 + r^2 / alpha dmu dt`
 * (no 1/2) from mu to nu, `WFR^2 = (4/alpha) [m0 + m1 - 2 max sum sqrt(g0 g1) cos th]` over semi-couplings,
 * `th = min(sqrt(alpha) d(x, y) / 2, pi/2)`.
 *
 * Solved exactly by an active-set method on the dual `(4/alpha) max sum a_i (1 - P_i) + b_j (1 - Q_j)`,
 * `P_i Q_j >= cos^2 th_ij`. `lower` is that dual at a point made feasible over all pairs with room for the rounding of
 * costs; `upper` the cost of the semi-coupling of the plan. `plan` minimizes `KL(g1|mu) + KL(g2|nu) + <g, -log
 * cos^2 th>`; `potentials` are `(4/alpha)(1 - P)`, `(4/alpha)(1 - Q)`, the derivatives of WFR^2 in the masses
 * (-Infinity at an atom of no mass within reach of an isolated one).
 *
 * @param mu, nu - measures on one space (its `distance` is used), of any total mass, also empty.
 * @returns status `exact` if the method ended, `converged` if it ran out of steps within `tolerance`, else
 * `maxIterations`; the bounds hold in each case. Memory 8 n m bytes; in two dimensions about 2000 steps at n = m = 200.
 * @throws `shape-mismatch` for different spaces, `invalid-argument` for a wrong option or over 2^26 pairs.
 * Source: [LieroMielkeSavare2018], [ChizatPeyreSchmitzerVialard2018]; their HK is alpha = 4.
 *
 * @example
 * ```ts
 * import { euclidean, measure, wfrDistance } from '@muflow/core';
 * const mu = measure({ space: euclidean(1), positions: [0], masses: [1], kind: 'positive' });
 * const nu = measure({ space: euclidean(1), positions: [10], masses: [2], kind: 'positive' });
 * console.log(wfrDistance(mu, nu, { alpha: 4 }).squared.toFixed(6)); // => 3.000000
 * ```
 */
export function wfrDistance(mu: Measure, nu: Measure, options: WfrOptions = {}): CertifiedDistance {
  const solution = solveWfr('wfrDistance', [mu, nu], options);
  const { alpha, space, sides, coupling, iterations, optimal } = solution;
  const { tolerance = 1e-6 } = options;
  const squared = (4 / alpha) * semiCouplingCost(coupling);
  const value = Math.sqrt(squared);
  const upper = value * (1 + (space.dim / 2 + 10) * Number.EPSILON);
  const lower = Math.min(value, Math.sqrt(Math.max(0, (4 / alpha) * dualBound(solution))));
  const converged = upper * upper - lower * lower <= tolerance * upper * upper;
  return {
    value,
    squared,
    lower,
    upper,
    status: optimal ? 'exact' : converged ? 'converged' : 'maxIterations',
    iterations,
    plan: atomPlan(solution.plan, sides),
    potentials: atomPotentials(solution, [mu, nu]),
  };
}

/** The problem solved on its packed atoms: shared by the distance, its spherical version and the geodesics. */
export function solveWfr(where: string, [mu, nu]: readonly [Measure, Measure], options: WfrOptions): WfrSolution {
  const { alpha, maxIterations } = checkOptions(where, options);
  const { space } = mu;
  const sides = transportSides(where, [mu, nu], { balanced: false });
  const [source, target] = sides;
  const reach = wfrCosts(where, space, sides, alpha);
  const dual = {
    logSource: Float64Array.from(reach.rows, (i) => Math.log(source.masses[i])),
    logTarget: Float64Array.from(reach.columns, (j) => Math.log(target.masses[j])),
    costs: reach.costs,
    maxIterations: maxIterations ?? 200 * (source.count + target.count) + 10_000,
  };
  const point = maximizeWfrDual(dual);
  const plan = {
    rows: point.rows.map((row) => reach.rows[row]),
    columns: point.columns.map((column) => reach.columns[column]),
    flows: point.flows,
  };
  repairDual(dual, point, space.dim);
  const u = new Float64Array(source.count).fill(Number.POSITIVE_INFINITY);
  const v = new Float64Array(target.count).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < reach.rows.length; k++) u[reach.rows[k]] = point.u[k];
  for (let k = 0; k < reach.columns.length; k++) v[reach.columns[k]] = point.v[k];
  const coupling = semiCouplingOf(space, sides, plan, alpha);
  return { alpha, space, sides, coupling, plan, u, v, iterations: point.iterations, optimal: point.optimal };
}

/**
 * Lowers potentials until `u_i + v_j <= c_ij` holds for the true costs: each bound gives up the margin of its cost and
 * the roundings of the difference. Of a pair the atom that moves less mass gives way, so that a cost near the
 * cut-off, known only roughly, takes little from the bound.
 */
function repairDual({ logSource, logTarget, costs }: WfrDual, { u, v }: WfrDualPoint, dim: number): void {
  const m = v.length;
  const rounding = 3 * Number.EPSILON;
  for (let i = 0; i < u.length; i++) {
    for (let j = 0; j < m; j++) {
      const cost = costs[i * m + j];
      // Most pairs are far from tight: only the others need their margin, which is below 1e-7 up to cost 30.
      if (cost === Number.POSITIVE_INFINITY || (cost < 30 && cost - v[j] - u[i] > 1e-6)) continue;
      const bound = cost - wfrCostMargin(cost, dim) - rounding * (cost + Math.abs(u[i]) + Math.abs(v[j]));
      if (u[i] + v[j] <= bound) continue;
      if (logSource[i] - u[i] <= logTarget[j] - v[j]) u[i] = bound - v[j];
      else v[j] = bound - u[i];
    }
  }
}

/** `(alpha/4)` times the dual value, less what its own rounding may add. */
function dualBound({ sides: [source, target], u, v }: WfrSolution): number {
  const terms = new Float64Array(source.count + target.count);
  for (let i = 0; i < source.count; i++) terms[i] = -source.masses[i] * Math.expm1(-u[i]);
  for (let j = 0; j < target.count; j++) terms[source.count + j] = -target.masses[j] * Math.expm1(-v[j]);
  let size = 0;
  for (let k = 0; k < terms.length; k++) size += Math.abs(terms[k]);
  return compensatedSum(terms) - 4 * Number.EPSILON * size;
}

function atomPlan(
  { rows, columns, flows }: SparseFlows,
  [source, target]: readonly [TransportSide, TransportSide],
): TransportPlan {
  const kept = Array.from(flows.keys()).filter((k) => flows[k] > 0);
  return {
    rows: Int32Array.from(kept, (k) => source.atoms[rows[k]]),
    columns: Int32Array.from(kept, (k) => target.atoms[columns[k]]),
    masses: Float64Array.from(kept, (k) => flows[k]),
  };
}

/** Potentials of all atoms; those without mass get the c-transform, so that all pairs are feasible. */
function atomPotentials(solution: WfrSolution, [mu, nu]: readonly [Measure, Measure]): TransportPotentials {
  const { alpha, u, v, sides } = solution;
  const sourceLogs = spread(u, sides[0], mu.count);
  const targetLogs = spread(v, sides[1], nu.count);
  transformEmpty(sourceLogs, mu, [targetLogs, nu], alpha);
  transformEmpty(targetLogs, nu, [sourceLogs, mu], alpha);
  const potential = (log: number): number => (log === 0 ? 0 : (-4 / alpha) * Math.expm1(-log));
  return { source: sourceLogs.map(potential), target: targetLogs.map(potential) };
}

function spread(logs: Float64Array, side: TransportSide, count: number): Float64Array {
  const all = new Float64Array(count).fill(Number.NaN);
  for (let k = 0; k < logs.length; k++) all[side.atoms[k]] = logs[k];
  return all;
}

function transformEmpty(
  logs: Float64Array,
  atoms: Measure,
  [others, partners]: readonly [Float64Array, Measure],
  alpha: number,
): void {
  const { space, dim } = atoms;
  for (let i = 0; i < logs.length; i++) {
    if (!Number.isNaN(logs[i])) continue;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < others.length; j++) {
      const cost = wfrCost(wfrAngle(space.distance(atoms.positions, i * dim, partners.positions, j * dim), alpha));
      if (Number.isNaN(others[j]) || cost === Number.POSITIVE_INFINITY) continue;
      least = Math.min(least, cost - wfrCostMargin(cost, dim) - others[j]);
    }
    logs[i] = least;
  }
}

function checkOptions(where: string, { alpha = 1, tolerance = 1e-6, maxIterations }: WfrOptions) {
  const refuse = (name: string, got: number, expected: string): never =>
    fail({
      code: 'invalid-argument',
      where,
      problem: `${name} is not usable`,
      got: show(got),
      expected,
      fix: 'pass { alpha, tolerance } as positive numbers, e.g. { alpha: 1 }',
    });
  if (!(alpha > 0 && Number.isFinite(alpha))) refuse('alpha', alpha, 'a finite number > 0');
  if (!(tolerance >= 0)) refuse('tolerance', tolerance, 'a number >= 0');
  if (maxIterations !== undefined && !(Number.isInteger(maxIterations) && maxIterations >= 0)) {
    refuse('maxIterations', maxIterations, 'a whole number >= 0');
  }
  return { alpha, maxIterations };
}
