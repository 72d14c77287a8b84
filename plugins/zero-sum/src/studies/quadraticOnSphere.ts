import { type Game, type Profile, symmetricEigen } from '@muflow/core';

/** Two bounds of a minimum; both are exact up to rounding, which is not accounted for. */
export interface SphereMinimum {
  /** The value of the Lagrangian dual. */
  readonly lower: number;
  /** The value at a point of the sphere. */
  readonly upper: number;
}

/**
 * The least potential of a player on the unit sphere of R^d where it is a quadratic `V(z) = z'Q z + b'z`: by strong
 * duality (the trust-region problem has no gap, though Q is indefinite),
 *
 *     min_{|z| = 1} V = max_{s > -least eigenvalue of Q} -s - (1/4) b'(Q + s)^-1 b,
 *
 * and the maximizer gives the point `z = -(1/2) (Q + s)^-1 b`. Q and b are read off 2 d + d(d - 1)/2 values of V; a
 * constant in V is part of Q on the sphere. Cost: these values and an eigendecomposition of d^3.
 * Source: [BoydVandenberghe2004], appendix B.1.
 */
export function quadraticMinimum(game: Game, player: 0 | 1, profile: Profile): SphereMinimum {
  const { matrix, linear, d } = quadraticForm(game, player, profile);
  const { values, vectors } = symmetricEigen(matrix, d);
  const along = Float64Array.from({ length: d }, (_, k) => {
    let sum = 0;
    for (let i = 0; i < d; i++) sum += vectors[i * d + k] * linear[i];
    return sum;
  });
  const shift = multiplier(values, along);
  const point = Float64Array.from({ length: d }, (_, k) =>
    along[k] === 0 ? 0 : -along[k] / (2 * (values[k] + shift)),
  );
  // Where b has no part along the lowest eigenvector the point is too short: that vector makes up the rest.
  const squared = point.reduce((sum, z) => sum + z * z, 0);
  if (squared < 1) point[0] = Math.sign(point[0] || 1) * Math.sqrt(Math.max(0, 1 - squared + point[0] ** 2));
  const length = Math.hypot(...point);
  let [lower, upper] = [-shift, 0];
  for (let k = 0; k < d; k++) {
    if (along[k] !== 0) lower -= along[k] ** 2 / (4 * (values[k] + shift));
    const z = point[k] / length;
    upper += values[k] * z * z + along[k] * z;
  }
  return { lower, upper };
}

/** The shift s >= -least eigenvalue at which `|(Q + s)^-1 b| = 2`, by bisection: the length falls as s grows. */
function multiplier(values: Float64Array, along: Float64Array): number {
  const size = Math.hypot(...along);
  const excess = (s: number): number =>
    along.reduce((sum, b, k) => sum + (b === 0 ? 0 : (b / (values[k] + s)) ** 2), -4);
  let [low, high] = [-values[0], -values[0] + size / 2];
  for (let round = 0; round < 200; round++) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return high;
}

interface QuadraticForm {
  /** Symmetric, d*d. */
  readonly matrix: Float64Array;
  readonly linear: Float64Array;
  readonly d: number;
}

/** Q and b from the values of V at the unit vectors, their opposites, and half way between two unit vectors. */
function quadraticForm(game: Game, player: 0 | 1, profile: Profile): QuadraticForm {
  const d = game.dims[player];
  const half = Math.SQRT1_2;
  const pairs = Array.from({ length: d * d }, (_, k) => [Math.floor(k / d), k % d] as const).filter(([i, j]) => i < j);
  const points = new Float64Array((2 * d + pairs.length) * d);
  for (let k = 0; k < d; k++) {
    points[2 * k * d + k] = 1;
    points[(2 * k + 1) * d + k] = -1;
  }
  for (const [k, [i, j]] of pairs.entries()) {
    points[(2 * d + k) * d + i] = half;
    points[(2 * d + k) * d + j] = half;
  }
  const potential = new Float64Array(2 * d + pairs.length);
  game.potentialAt(player, potential, points, potential.length, profile);
  const matrix = new Float64Array(d * d);
  const linear = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    matrix[k * d + k] = (potential[2 * k] + potential[2 * k + 1]) / 2;
    linear[k] = (potential[2 * k] - potential[2 * k + 1]) / 2;
  }
  for (const [k, [i, j]] of pairs.entries()) {
    const rest = (matrix[i * d + i] + matrix[j * d + j]) / 2 + half * (linear[i] + linear[j]);
    matrix[i * d + j] = potential[2 * d + k] - rest;
    matrix[j * d + i] = matrix[i * d + j];
  }
  return { matrix, linear, d };
}
