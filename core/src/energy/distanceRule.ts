import type { Measure } from '../measure/measure.js';
import { displacementInto } from '../transport/displacement.js';
import { firstAtPlace } from './places.js';

/** A solved comparison of one measure with the reference: half the squared distance and its derivatives. */
export interface SolvedDistance {
  /** Half the squared distance. */
  readonly value: number;
  /** The first variation V at any points (count*d), which the envelope theorem reads off the dual. */
  potentialInto(out: Float64Array, points: Float64Array, count: number): void;
  /** `grad V` at the atoms; atoms of one place have one gradient. */
  gradientInto(out: Float64Array): void;
}

/** How one kind of distance is solved against a fixed reference. */
export interface DistanceRule {
  readonly name: string;
  /** False where V has no gradient in positions. */
  readonly smooth: boolean;
  /** Compares shapes: the derivative is that of the normalized measure. */
  readonly normalizes: boolean;
  value(mu: Measure): number;
  solve(mu: Measure): SolvedDistance;
}

/** Pulls of atoms toward points of the reference, to be added up: `strength_k` times the logarithm of the pair k. */
export interface Pulls {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly strengths: Float64Array;
}

/**
 * `out_i = -(1/m_i) sum_k strength_k log_{x_i}(y_k)` over the pulls of the atoms at the place of atom i, m_i the mass at
 * that place. Averaging over a place makes the gradient that of moving the place as a whole: plans may send two atoms of
 * one place to different partners. Rows of atoms without mass at their place are left as they are.
 */
export function pullGradientInto(out: Float64Array, mu: Measure, nu: Measure, pulls: Pulls): void {
  const { dim, count, masses, space } = mu;
  const places = firstAtPlace(mu);
  const weights = new Float64Array(count);
  const sums = new Float64Array(count * dim);
  const step = new Float64Array(dim);
  for (let i = 0; i < count; i++) weights[places[i]] += masses[i];
  for (let k = 0; k < pulls.rows.length; k++) {
    const i = pulls.rows[k];
    const pair = { from: mu.positions, fromStart: i * dim, to: nu.positions, toStart: pulls.columns[k] * dim };
    displacementInto(space, step, 0, pair);
    for (let c = 0; c < dim; c++) sums[places[i] * dim + c] -= pulls.strengths[k] * step[c];
  }
  for (let i = 0; i < count; i++) {
    const place = places[i];
    if (!(weights[place] > 0)) continue;
    for (let c = 0; c < dim; c++) out[i * dim + c] = sums[place * dim + c] / weights[place];
  }
}

/** `min_j dist(x_i, y_j)^2 - psi_j` over the atoms with mass, and where it is attained; Infinity without any. */
export function nearestTarget(
  { space, dim, count, positions, masses }: Measure,
  psi: Float64Array,
  points: Float64Array,
  i: number,
) {
  let least = Number.POSITIVE_INFINITY;
  let at = 0;
  for (let j = 0; j < count; j++) {
    if (!(masses[j] > 0)) continue;
    const value = space.distance(points, i * dim, positions, j * dim) ** 2 - psi[j];
    if (value >= least) continue;
    least = value;
    at = j;
  }
  return { least, at };
}

/** The derivatives of a solved distance times a factor, with another value. */
export function scaledSolution(solved: SolvedDistance, factor: number, value: number): SolvedDistance {
  const scale = (out: Float64Array, count: number): void => {
    for (let k = 0; k < count; k++) out[k] *= factor;
  };
  return {
    value,
    potentialInto(out, points, count) {
      solved.potentialInto(out, points, count);
      scale(out, count);
    },
    gradientInto(out) {
      solved.gradientInto(out);
      scale(out, out.length);
    },
  };
}
