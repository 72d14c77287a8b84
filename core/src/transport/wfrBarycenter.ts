import { fail } from '../errors.js';
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
import { wfrAngle } from './wfrCosts.js';
import { solveWfr, wfrDistance } from './wfrDistance.js';

/** Options of {@link wfrBarycenter}. */
export interface WfrBarycenterOptions extends BarycenterOptions {
  /** Reaction rate > 0, default 1. */
  readonly alpha?: number;
}

/**
 * A WFR barycenter `argmin_mu sum_k w_k WFR(mu, nu_k)^2` over measures with a given number of atoms, places and masses
 * free. With the optimal semi-couplings fixed, atom i of mass `r^2` costs `(4/alpha) (r^2 - 2 r S(x))`,
 * `S(x) = sum_k w_k sum_j sqrt(g0_ij g1_ij / m_i) cos th(x, y_j)`. A round moves x to the mean of the `y_j` with weights
 * `sqrt(g0_ij g1_ij) sin th / th`, which raises S because `cos sqrt s` is convex, and sets `r = S(x)`: the objective
 * never rises. A local minimum; atoms that no measure reaches lose their mass and stay.
 *
 * `lower` is the largest of `w_k w_l / (w_k + w_l) WFR(nu_k, nu_l)^2`, by the triangle inequality; attained for two.
 *
 * @param measures - one or more on one flat convex space, torus, sphere or product of these (means there are those of
 * logarithms), of any totals.
 * @returns {@link Barycenter} with a positive measure; each round costs one distance for each measure.
 * @throws as `wfrDistance`; `unsupported` on other spaces. Source: [ChizatPeyreSchmitzerVialard2018] for semi-couplings.
 *
 * @example
 * ```ts
 * import { euclidean, measure, wfrBarycenter } from '@muflow/core';
 * const at = (x: number) => measure({ space: euclidean(1), positions: [x], kind: 'positive', masses: [1] });
 * const { measure: middle } = wfrBarycenter([at(0), at(1)], { alpha: 4 });
 * console.log(middle.positions[0].toFixed(4), middle.masses[0].toFixed(4)); // => 0.5000 0.7702
 * ```
 */
export function wfrBarycenter(measures: readonly Measure[], options: WfrBarycenterOptions = {}): Barycenter {
  const weights = barycenterWeights('wfrBarycenter', measures, options.weights);
  const { alpha = 1, tolerance = 1e-12, maxIterations = 200 } = options;
  const start = options.initial ?? largest(measures);
  checkCurvature('wfrBarycenter', start);
  if (start.count === 0 || !start.masses.some((mass) => mass > 0)) refuseEmpty();
  let mu: Measure = measureFromParts({ ...start, kind: 'positive' });
  for (let iterations = 0; ; iterations++) {
    const round = nextRound(mu, { measures, weights, alpha });
    const still = !(round.moved > tolerance * round.objective);
    if (still || iterations === maxIterations) {
      const found = measures.map((nu) => wfrDistance(mu, nu, { alpha }));
      const sum = (read: (k: number) => number): number => weights.reduce((all, w, k) => all + w * read(k), 0);
      const objective = sum((k) => found[k].squared);
      return {
        measure: mu,
        objective,
        lower: Math.min(objective, pairBound(measures, weights, alpha)),
        upper: sum((k) => found[k].upper ** 2) * (1 + 2 ** -48),
        status: still ? 'converged' : 'maxIterations',
        iterations,
      };
    }
    mu = round.next;
  }
}

interface Setting {
  readonly measures: readonly Measure[];
  readonly weights: Float64Array;
  readonly alpha: number;
}

/** The squared parts of a round are cone distances: `moved` is `sum (dr)^2 + (alpha/4) r^2 |dx|^2`, times 4/alpha. */
function nextRound(mu: Measure, { measures, weights, alpha }: Setting) {
  const { count, dim, masses, space } = mu;
  const moves = new Float64Array(count * dim);
  const way = new Float64Array(dim);
  const pulls: { atom: number; nu: Measure; at: number; strength: number }[] = [];
  const positions = new Float64Array(count * dim);
  const weight = new Float64Array(count);
  let objective = 0;
  measures.forEach((nu, k) => {
    const { coupling, sides } = solveWfr('wfrBarycenter', [mu, nu], { alpha });
    const { rows, columns, from, to, angles } = coupling;
    let product = 0;
    for (let e = 0; e < rows.length; e++) {
      const atom = sides[0].atoms[rows[e]];
      const at = sides[1].atoms[columns[e]];
      const root = Math.sqrt(from[e] * to[e]);
      const pull = weights[k] * root * (angles[e] === 0 ? 1 : Math.sin(angles[e]) / angles[e]);
      pulls.push({ atom, nu, at, strength: (weights[k] * root) / Math.sqrt(masses[atom]) });
      product += root * Math.cos(angles[e]);
      weight[atom] += pull;
      const pair = { from: mu.positions, fromStart: atom * dim, to: nu.positions, toStart: at * dim };
      displacementInto(space, way, 0, pair);
      for (let c = 0; c < dim; c++) moves[atom * dim + c] += pull * way[c];
    }
    objective += weights[k] * (4 / alpha) * Math.max(0, sides[0].total + sides[1].total - 2 * product);
  });
  for (let i = 0; i < count; i++) {
    for (let c = i * dim; c < (i + 1) * dim; c++) moves[c] = weight[i] > 0 ? moves[c] / weight[i] : 0;
    exponentialInto(space, positions, mu.positions, moves, i * dim);
  }
  const roots = new Float64Array(count);
  for (const { atom, nu, at, strength } of pulls) {
    const distance = space.distance(positions, atom * dim, nu.positions, at * dim);
    const angle = wfrAngle(distance, alpha);
    if (angle < Math.PI / 2) roots[atom] += strength * Math.cos(angle);
  }
  let moved = 0;
  for (let i = 0; i < count; i++) {
    moved += (4 / alpha) * (roots[i] - Math.sqrt(masses[i])) ** 2;
    const step = space.distance(positions, i * dim, mu.positions, i * dim);
    moved += roots[i] ** 2 * step ** 2;
  }
  const logMasses = roots.map((root) => 2 * Math.log(root));
  return { next: measureFromParts({ ...mu, positions, logMasses }), objective, moved };
}

function pairBound(measures: readonly Measure[], weights: Float64Array, alpha: number): number {
  let most = 0;
  for (let k = 0; k < measures.length; k++) {
    for (let l = 0; l < k; l++) {
      if (!(weights[k] * weights[l] > 0)) continue;
      const { lower } = wfrDistance(measures[k], measures[l], { alpha });
      most = Math.max(most, ((weights[k] * weights[l]) / (weights[k] + weights[l])) * lower * lower);
    }
  }
  return most * (1 - 2 ** -48);
}

function refuseEmpty(): never {
  return fail({
    code: 'invalid-argument',
    where: 'wfrBarycenter',
    problem: 'there are no atoms with mass to start from',
    got: 'an empty measure',
    expected: 'a measure with mass',
    fix: 'pass { initial } with the atoms to place',
  });
}
