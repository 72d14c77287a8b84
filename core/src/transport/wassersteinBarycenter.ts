import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import {
  type Barycenter,
  type BarycenterOptions,
  barycenterWeights,
  checkCurvature,
  largest,
} from './barycenterWeights.js';
import { displacementInto, exponentialInto } from './displacement.js';
import { wassersteinDistance } from './exactWasserstein.js';

/**
 * A W_2 barycenter `argmin_mu sum_k w_k W_2(mu, nu_k)^2` over measures with the masses of the start and free places: each
 * round moves every atom to the weighted mean of where the exact plans send it (on tori and spheres by the mean of
 * logarithms), which never raises the objective, until nothing moves. A local minimum for its number of atoms; on the line
 * `barycenterOnLine` is exact.
 *
 * `lower` is `sum_{k<l} w_k w_l W_2(nu_k, nu_l)^2`, which bounds the objective of every measure where curvature is not
 * negative, and is attained on the line, for two measures, and in flat spaces where all plans between them agree.
 *
 * @param measures - one or more on one flat convex space, torus, sphere or product of these, of one total within 1e-9.
 * @returns {@link Barycenter}; each round costs one exact distance for each measure.
 * @throws as {@link wassersteinDistance}; `unsupported` on other spaces. Source: [CuturiDoucet2014], algorithm 2.
 *
 * @example
 * ```ts
 * import { diracs, wassersteinBarycenter } from '@muflow/core';
 * const { measure, lower, upper } = wassersteinBarycenter([diracs([[0, 0]]), diracs([[2, 4]])]);
 * console.log(measure.positions.join(' '), lower <= 5 && 5 <= upper); // => 1 2 true
 * ```
 */
export function wassersteinBarycenter(measures: readonly Measure[], options: BarycenterOptions = {}): Barycenter {
  const weights = barycenterWeights('wassersteinBarycenter', measures, options.weights);
  const { initial = largest(measures), tolerance = 1e-12, maxIterations = 200 } = options;
  checkCurvature('wassersteinBarycenter', initial);
  const total = initial.masses.reduce((sum, mass) => sum + mass, 0);
  let mu = initial;
  for (let iterations = 0; ; iterations++) {
    const round = meanOfTargets(mu, measures, weights);
    const still = !(round.moved > tolerance * round.objective && round.moved > 1e-30 * total);
    if (still || iterations === maxIterations) {
      return {
        measure: mu,
        objective: round.objective,
        lower: Math.min(pairwiseBound(measures, weights), round.objective),
        upper: round.upper,
        status: still ? 'converged' : 'maxIterations',
        iterations,
      };
    }
    mu = measureFromParts({ ...mu, positions: round.positions });
  }
}

/** One round from mu: its objective, the next places, and `sum m |dx|^2`, by which the objective falls at least. */
function meanOfTargets(mu: Measure, measures: readonly Measure[], weights: Float64Array) {
  const { count, dim, masses, space } = mu;
  const moves = new Float64Array(count * dim);
  const way = new Float64Array(dim);
  const positions = new Float64Array(count * dim);
  let objective = 0;
  let upper = 0;
  measures.forEach((nu, k) => {
    const found = wassersteinDistance(mu, nu);
    objective += weights[k] * found.squared;
    upper += weights[k] * found.upper * found.upper;
    const plan = found.plan ?? { rows: [], columns: [], masses: [] };
    for (let e = 0; e < plan.rows.length; e++) {
      const share = (weights[k] * plan.masses[e]) / masses[plan.rows[e]];
      const [fromStart, toStart] = [plan.rows[e] * dim, plan.columns[e] * dim];
      displacementInto(space, way, 0, { from: mu.positions, fromStart, to: nu.positions, toStart });
      for (let c = 0; c < dim; c++) moves[fromStart + c] += share * way[c];
    }
  });
  let moved = 0;
  for (let i = 0; i < count; i++) {
    exponentialInto(space, positions, mu.positions, moves, i * dim);
    for (let c = i * dim; c < (i + 1) * dim; c++) moved += masses[i] * moves[c] ** 2;
  }
  return { positions, objective, upper: upper * (1 + 2 ** -48), moved };
}

/**
 * `sum_{k<l} w_k w_l W_2(nu_k, nu_l)^2` from below: for points `sum_k w_k |x - y_k|^2 >= sum_{k<l} w_k w_l |y_k - y_l|^2`,
 * with equality at their mean; integrate over any gluing of the plans. Where curvature is not negative it holds for distances:
 * logarithms at x keep those to x, and are no nearer to each other than the points.
 */
function pairwiseBound(measures: readonly Measure[], weights: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < measures.length; k++) {
    for (let l = 0; l < k; l++) {
      if (weights[k] * weights[l] > 0) {
        sum += weights[k] * weights[l] * wassersteinDistance(measures[k], measures[l]).lower ** 2;
      }
    }
  }
  return sum * (1 - 2 ** -48);
}
