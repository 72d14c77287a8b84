import { below } from './derivativeSlots.js';
import { isPositiveSemidefinite } from './positiveDefinite.js';

/** Sweeps of coordinate descent; the bound holds after any number of them. */
const sweeps = 24;

/**
 * Lower bounds of `q(s) = g·s + s'Hs/2` over the cube `|s_k| <= 1` for every H in an interval matrix.
 * With M the middle of H, E its radius and sigma >= 0 such that M + sigma I is positive semidefinite,
 * `q(s) >= p(s) - (sum E + sigma m)/2`, `p(s) = g·s + s'(M + sigma I)s/2`, and p is convex: from any point t
 * `p(s) >= p(t) - sum_k (|d_k| + d_k t_k)`, d the gradient of p at t. The bound is therefore proven however badly t
 * minimizes p.
 */
export interface QuadraticBound {
  /** Linear part, with the errors of its entries. */
  readonly linear: Float64Array;
  readonly linearError: Float64Array;
  /** Middle and radius of H, m*m row-major. */
  readonly middle: Float64Array;
  readonly radius: Float64Array;
  /** The approximate minimizer found by the latest call. */
  readonly minimizer: Float64Array;
  /** The bound for the first m coordinates. */
  least(m: number): number;
}

/** Buffers for up to `dim` coordinates. */
export function quadraticBound(dim: number): QuadraticBound {
  const linear = new Float64Array(dim);
  const linearError = new Float64Array(dim);
  const middle = new Float64Array(dim * dim);
  const radius = new Float64Array(dim * dim);
  const minimizer = new Float64Array(dim);
  const factor = new Float64Array(dim * dim);

  const least = (m: number): number => {
    let size = 0;
    let loss = 0;
    for (let k = 0; k < m; k++) {
      size += Math.abs(linear[k]);
      loss += linearError[k];
    }
    for (let k = 0; k < m * m; k++) {
      size += Math.abs(middle[k]);
      loss += radius[k] / 2;
    }
    const shift = convexShift(middle, factor, m);
    loss += (shift * m) / 2;
    size += shift * m;
    descend(m, shift);
    // Rounding: fewer than m^2 + 8 m operations on terms that sum to at most 4 size.
    const bound = convexLeast(m, shift) - loss;
    return below(bound - (size + loss) * (m * m + 8 * m) * 2 ** -50);
  };

  /** Projected coordinate descent on p from 0. */
  const descend = (m: number, shift: number): void => {
    minimizer.fill(0);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      let moved = 0;
      for (let k = 0; k < m; k++) {
        const curvature = middle[k * m + k] + shift;
        const slope = slopeAt(m, shift, k);
        const target = curvature > 0 ? minimizer[k] - slope / curvature : slope > 0 ? -1 : slope < 0 ? 1 : minimizer[k];
        const next = Math.min(1, Math.max(-1, target));
        moved = Math.max(moved, Math.abs(next - minimizer[k]));
        minimizer[k] = next;
      }
      if (moved < 1e-9) return;
    }
  };

  const slopeAt = (m: number, shift: number, k: number): number => {
    let slope = linear[k] + shift * minimizer[k];
    for (let l = 0; l < m; l++) slope += middle[k * m + l] * minimizer[l];
    return slope;
  };

  /** `p(t) - sum_k (|d_k| + d_k t_k)`. */
  const convexLeast = (m: number, shift: number): number => {
    let value = 0;
    for (let k = 0; k < m; k++) {
      const slope = slopeAt(m, shift, k);
      value += (linear[k] + slope) * minimizer[k] * 0.5 - Math.abs(slope) - slope * minimizer[k];
    }
    return value;
  };
  return { linear, linearError, middle, radius, minimizer, least };
}

/** A number sigma >= 0, nearly the least, such that `M + sigma I` is proven positive semidefinite. */
function convexShift(matrix: Float64Array, factor: Float64Array, m: number): number {
  if (m === 1) return Math.max(0, -matrix[0]);
  if (isPositiveSemidefinite(matrix, factor, m, 0)) return 0;
  let most = 0;
  for (let k = 0; k < m; k++) {
    let row = -matrix[k * m + k];
    for (let l = 0; l < m; l++) if (l !== k) row += Math.abs(matrix[k * m + l]);
    most = Math.max(most, row);
  }
  // Gershgorin's circles, with room for the rounding of these sums.
  most *= 1 + 2 ** -40;
  let least = 0;
  for (let k = 0; k < 5; k++) {
    const middle = (least + most) / 2;
    if (isPositiveSemidefinite(matrix, factor, m, middle)) most = middle;
    else least = middle;
  }
  return most;
}
