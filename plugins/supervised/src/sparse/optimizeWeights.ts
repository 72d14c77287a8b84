import { leastSquares, type SignedAtoms } from '@muflow/core';
import { correlationFunction } from '../certificate/correlationFunction.js';
import type { PenalizedProblem } from '../certificate/penalizedProblem.js';

export interface OptimizeWeightsOptions {
  /** Stop once the duality gap of the problem in the weights is below this share of the energy, default 1e-10. */
  readonly tolerance?: number;
  /** Most sweeps over all weights, default 20,000. */
  readonly maxSweeps?: number;
  /** Weights to start from, default 0. */
  readonly weights?: ArrayLike<number>;
}

/** `P(w) = constant / 2 - <aim, w> + (1/2) <w, G w> + lambda |w|_1`. */
export interface WeightProblem {
  readonly constant: number;
  /** `<y, phi(theta_i)> / L`. */
  readonly aim: Float64Array;
  /** `<phi(theta_i), phi(theta_j)> / L`, n*n. */
  readonly gram: Float64Array;
  readonly lambda: number;
  readonly signed: boolean;
}

/**
 * A penalized problem restricted to n given places: a convex quadratic in the weights and their sizes. It is read off
 * the residuals of no atom and of single atoms: `<r_j, phi(theta_i)> = aim_i - G_ij`. Cost O(n^2) correlations.
 */
export function weightProblem(problem: PenalizedProblem, positions: Float64Array): WeightProblem {
  const { space, lambda, sign } = problem;
  const n = positions.length / space.dim;
  const read = correlationFunction();
  const none = problem.residualOf({ space, positions: new Float64Array(0), weights: new Float64Array(0) });
  const aim = new Float64Array(n);
  read.into(aim, null, none.correlation, positions);
  const gram = new Float64Array(n * n);
  const column = new Float64Array(n);
  const one = Float64Array.of(1);
  for (let j = 0; j < n; j++) {
    const place = positions.slice(j * space.dim, (j + 1) * space.dim);
    const { correlation } = problem.residualOf({ space, positions: place, weights: one });
    read.into(column, null, correlation, positions);
    for (let i = 0; i < n; i++) gram[i * n + j] = aim[i] - column[i];
  }
  return { constant: none.squaredNorm, aim, gram, lambda, signed: sign === 'signed' };
}

/**
 * The convex problem in the weights alone, `min_w P(sum_i w_i delta_{theta_i})` over `w >= 0` or all w as the problem
 * says, by cyclic coordinate descent with exact steps (soft thresholding), finished by a linear solve on the weights
 * that are not 0 once their signs are right. Cost O(n^2) a sweep.
 *
 * @param positions - n*d, points of the space of the problem.
 * @returns all n atoms, weights of 0 included.
 */
export function optimizeWeights(
  problem: PenalizedProblem,
  positions: Float64Array,
  options: OptimizeWeightsOptions = {},
): SignedAtoms {
  const quadratic = weightProblem(problem, positions);
  return { space: problem.space, positions, weights: solveWeights(quadratic, options) };
}

/** The minimizing weights of a {@link WeightProblem}. */
export function solveWeights(quadratic: WeightProblem, options: OptimizeWeightsOptions = {}): Float64Array {
  const { tolerance = 1e-10, maxSweeps = 20_000 } = options;
  const { aim, gram, lambda, signed } = quadratic;
  const n = aim.length;
  let w: Float64Array = Float64Array.from(options.weights ?? new Float64Array(n));
  /** Minus the gradient of the square part, `aim - G w`. */
  const slope = aim.slice();
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) slope[i] -= gram[i * n + j] * w[j];
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    for (let i = 0; i < n; i++) {
      const curvature = gram[i * n + i];
      // A feature that vanishes takes no weight.
      const pull = slope[i] + curvature * w[i];
      const next = curvature > 0 ? shrink(pull, lambda, signed) / curvature : 0;
      const change = next - w[i];
      if (change === 0) continue;
      w[i] = next;
      for (let j = 0; j < n; j++) slope[j] -= change * gram[j * n + i];
    }
    if (weightGap(quadratic, w, slope) <= tolerance) break;
    if (sweep % 20 === 19) {
      const exact = polished(quadratic, w);
      if (exact === null) continue;
      w = exact;
      slope.set(aim);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) slope[i] -= gram[i * n + j] * w[j];
    }
  }
  return polished(quadratic, w) ?? w;
}

/** `argmin (x - t)^2 / 2 + lambda |x|`, over `x >= 0` or all x. */
function shrink(t: number, lambda: number, signed: boolean): number {
  if (t > lambda) return t - lambda;
  return signed && t < -lambda ? t + lambda : 0;
}

/** The solution of `G_SS w_S = aim_S - lambda sign w_S` on the support S of w; null where a sign turns. */
function polished({ aim, gram, lambda }: WeightProblem, w: Float64Array): Float64Array | null {
  const n = w.length;
  const support = Array.from(w, (_, i) => i).filter((i) => w[i] !== 0);
  const k = support.length;
  if (k === 0) return null;
  const matrix = new Float64Array(k * k);
  const right = new Float64Array(k);
  support.forEach((i, p) => {
    right[p] = aim[i] - lambda * Math.sign(w[i]);
    support.forEach((j, q) => {
      matrix[p * k + q] = gram[i * n + j];
    });
  });
  const solution = leastSquares(matrix, right, k, k, 1e-14);
  if (support.some((i, p) => !(solution[p] * w[i] > 0))) return null;
  const out = new Float64Array(n);
  support.forEach((i, p) => {
    out[i] = solution[p];
  });
  return out;
}

/** Duality gap of the problem in the weights, relative to its energy. */
function weightGap({ constant, aim, lambda, signed }: WeightProblem, w: Float64Array, slope: Float64Array): number {
  let [fitted, overlap, total, top] = [0, 0, 0, 0];
  for (let i = 0; i < w.length; i++) {
    fitted += w[i] * slope[i];
    overlap += w[i] * aim[i];
    total += Math.abs(w[i]);
    top = Math.max(top, signed ? Math.abs(slope[i]) : slope[i]);
  }
  // |y - f|^2 / L = |y|^2 / L - <y, f> / L - <f, y - f> / L.
  const squared = Math.max(Number.MIN_VALUE, constant - overlap - fitted);
  const scale = Math.min(top > 0 ? lambda / top : 1, 1 + fitted / squared);
  const gap = (squared / 2) * (1 - scale) ** 2 + lambda * total - scale * fitted;
  return gap / (squared / 2 + lambda * total);
}
