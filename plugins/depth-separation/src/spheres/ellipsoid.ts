/** A point a and the ellipsoid of semi-axes B r_k around 0, by squares. */
export interface EllipsoidProblem {
  /** `a_k^2`. */
  readonly squares: Float64Array;
  /** `r_k^2 >= 0`, the squared semi-axes for B = 1. */
  readonly axes: Float64Array;
}

/** The nearest point for a multiplier: `v_k = a_k r_k^2 / (r_k^2 + t)`. */
interface Nearest {
  /** `|a - v|^2`. */
  readonly distance2: number;
  /** `sum_k v_k^2 / r_k^2`, the square of the B on whose boundary v lies. */
  readonly budget2: number;
}

function nearestAt({ squares, axes }: EllipsoidProblem, t: number): Nearest {
  let [distance2, budget2] = [0, 0];
  for (let k = 0; k < squares.length; k++) {
    if (squares[k] === 0) continue;
    const share = t / (axes[k] + t);
    distance2 += squares[k] * share * share;
    budget2 += (squares[k] * axes[k]) / (axes[k] + t) ** 2;
  }
  return { distance2, budget2 };
}

/**
 * A bound from below on the distance from a to the ellipsoid of size B, which is the distance itself up to rounding:
 * for every t > 0 the direction `u = a - v(t)` gives `(<a, u> - B sqrt(sum_k r_k^2 u_k^2)) / |u|`, and t is chosen
 * where v(t) lies on the boundary. So an inexact t costs sharpness, not truth. O(100 K).
 */
export function ellipsoidDistance(problem: EllipsoidProblem, budget: number): number {
  const { squares, axes } = problem;
  const total = squares.reduce((sum, square) => sum + square, 0);
  if (budget === 0 || total === 0) return Math.sqrt(total);
  const t = multiplierWhere((at) => nearestAt(problem, at).budget2 < budget * budget);
  let [along, length2, width2] = [0, 0, 0];
  for (let k = 0; k < squares.length; k++) {
    const share = t / (axes[k] + t);
    along += squares[k] * share;
    length2 += squares[k] * share * share;
    width2 += axes[k] * squares[k] * share * share;
  }
  return length2 === 0 ? 0 : Math.max(0, (along - budget * Math.sqrt(width2)) / Math.sqrt(length2));
}

/**
 * The least B whose ellipsoid comes within a distance of a: 0 if |a| does, infinite where axes of length 0 keep it
 * away. O(100 K).
 */
export function ellipsoidBudget(problem: EllipsoidProblem, distance: number): number {
  const { squares, axes } = problem;
  const total = squares.reduce((sum, square) => sum + square, 0);
  if (total <= distance * distance) return 0;
  const unreachable = squares.reduce((sum, square, k) => sum + (axes[k] === 0 ? square : 0), 0);
  if (unreachable >= distance * distance) return Infinity;
  const t = multiplierWhere((at) => nearestAt(problem, at).distance2 > distance * distance);
  return Math.sqrt(nearestAt(problem, t).budget2);
}

/** The place, by bisection in log t, where a condition that holds for all large t and no small ones sets in. */
function multiplierWhere(holds: (t: number) => boolean): number {
  let [low, high] = [-690, 690];
  for (let step = 0; step < 64; step++) {
    const middle = (low + high) / 2;
    if (holds(Math.exp(middle))) high = middle;
    else low = middle;
  }
  return Math.exp((low + high) / 2);
}
