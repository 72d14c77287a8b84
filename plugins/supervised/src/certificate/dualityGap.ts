import {
  type CertifiedMinimum,
  type CertifyOptions,
  certifiedMinimum,
  compileFunction,
  fail,
  hasChart,
  type Measure,
  type RandomKey,
  randomKey,
  randomStream,
  type SignedAtoms,
  type Space,
  variationNorm,
} from '@muflow/core';
import { type Correlation, type PenalizedProblem, type Residual, signedAtoms } from './penalizedProblem.js';

export interface DualityGapOptions {
  /** Absolute width of the enclosure of the supremum, default 1e-9 of the penalty lambda. */
  readonly tolerance?: number;
  /** Most cells for each sign, default 100,000. */
  readonly maxCells?: number;
  /** Points drawn where nothing can be proven, default 10,000. */
  readonly samples?: number;
  readonly key?: RandomKey;
}

/** An enclosure of `sup_theta +-<r, phi(theta)>`. */
export interface Supremum {
  readonly lower: number;
  /** Proven unless the gap is `estimated`. */
  readonly upper: number;
  /** A point of the space where the size is `lower`. */
  readonly at: Float64Array;
}

/** How far a measure is from the optimum of a penalized problem: `dual <= min P <= primal`. */
export interface DualityGap {
  readonly primal: number;
  readonly dual: number;
  /** `primal - dual`, summed without cancellation: at least 0 up to rounding, 0 at an optimum. */
  readonly gap: number;
  /**
   * `certified`: the supremum is proven to its tolerance. `budget`: proven, wider. `estimated`: the supremum is a
   * guess from finitely many points, and the gap may be too small.
   */
  readonly status: 'certified' | 'budget' | 'estimated';
  readonly supremum: Supremum;
}

/**
 * The duality gap of a measure for {@link PenalizedProblem}: with `M = sup_theta |<r, phi(theta)>|` every point
 * `p = s r`, `|s| M <= lambda`, is dual, and
 *
 *     D = <p, y> - (L/2) |p|^2 <= min P,   s = clip(<r, y> / (L |r|^2), -lambda / M, lambda / M),
 *     P - D = (L/2) (1 - s)^2 |r|^2 + lambda |nu| - s <r, Phi nu>.
 *
 * Over positive measures only `s <r, phi> <= lambda` is asked for. M is enclosed by branch and bound
 * ({@link certifiedMinimum}) and its upper end is used. It bounds `P(nu) - min P`, to first order in the distance of
 * nu from an optimum. It is the duality of Fenchel.
 *
 * @param measure - signed atoms, a positive measure on the space, or a measure on `R x Z` with output weights first.
 * @throws `invalid-argument` for atoms on another space, or negative weights in a positive problem.
 * @example
 * const gap = dualityGap(problem, measure);
 * console.log(gap.status, gap.gap);
 */
export function dualityGap(
  problem: PenalizedProblem,
  measure: Measure | SignedAtoms,
  options: DualityGapOptions = {},
): DualityGap {
  const { lambda } = problem;
  const nu = signedAtoms(measure);
  checkAtoms(problem, nu);
  const residual = problem.residualOf(nu);
  const { squaredNorm, correlations } = residual;
  const penalty = lambda * variationNorm(nu);
  let fitted = 0;
  for (let i = 0; i < correlations.length; i++) fitted += nu.weights[i] * correlations[i];
  const signed = problem.sign === 'signed';
  const rises = bound(problem, residual, nu, { ...options, sign: 1 });
  const aim = squaredNorm > 0 ? 1 + fitted / squaredNorm : 1;
  const falls = signed || aim < 0 ? bound(problem, residual, nu, { ...options, sign: -1 }) : null;
  const top = signed ? Math.max(rises.upper, falls?.upper ?? 0) : rises.upper;
  const bottom = signed ? top : (falls?.upper ?? 0);
  const scale = Math.min(limit(lambda, top), Math.max(-limit(lambda, bottom), aim));
  const gap = (squaredNorm / 2) * (1 - scale) ** 2 + (penalty - scale * fitted);
  const primal = squaredNorm / 2 + penalty;
  const greater = signed && falls !== null && falls.lower > rises.lower ? falls : rises;
  return {
    primal,
    dual: primal - gap,
    gap,
    status: worst(rises.status, signed || aim < 0 ? (falls?.status ?? 'certified') : 'certified'),
    supremum: { lower: greater.lower, upper: top, at: greater.at },
  };
}

/** The largest factor s >= 0 with `s M <= lambda`. */
const limit = (lambda: number, supremum: number): number => (supremum > 0 ? lambda / supremum : Infinity);

type Status = DualityGap['status'];
const order: readonly Status[] = ['certified', 'budget', 'estimated'];
const worst = (a: Status, b: Status): Status => order[Math.max(order.indexOf(a), order.indexOf(b))];

interface SignedBound extends Supremum {
  readonly status: Status;
}

/** An enclosure of `sup_theta sign <r, phi(theta)>`. */
function bound(
  problem: PenalizedProblem,
  { correlation, correlations, supremum }: Residual,
  nu: SignedAtoms,
  options: DualityGapOptions & { readonly sign: 1 | -1 },
): SignedBound {
  if (supremum !== undefined) return { ...supremum(options.sign), status: 'certified' };
  const { sign, maxCells, samples = 10_000, key = randomKey('duality gap') } = options;
  const { space, lambda } = problem;
  // Without a penalty the supremum is only reported: to digits of its size.
  const size = lambda > 0 ? lambda : correlations.reduce((most, c) => Math.max(most, Math.abs(c)), 1e-6);
  const tolerance = options.tolerance ?? 1e-9 * size;
  const minimum: Correlation = { ...correlation, sign: sign === 1 ? -1 : 1 };
  const starts = nu.weights.length > 0 ? { startingPoints: nu.positions } : {};
  const certify: CertifyOptions = { tolerance, ...starts, ...(maxCells === undefined ? {} : { maxCells }) };
  const found = isBounded(space) ? certifiedMinimum(minimum, certify) : sampled(minimum, nu, samples, key);
  return { lower: -found.upper, upper: -found.lower, at: found.at, status: found.status };
}

const isBounded = (space: Space): boolean => hasChart(space) && Number.isFinite(space.diameter);

/** The least value over the atoms and points of the space: a guess of the infimum. */
function sampled(
  { formula, space, variables, against, sign = 1 }: Correlation,
  nu: SignedAtoms,
  samples: number,
  key: RandomKey,
): Pick<CertifiedMinimum, 'lower' | 'upper' | 'at' | 'status'> {
  const drawn = Number.isFinite(space.volume) ? samples : 0;
  const points = new Float64Array(nu.positions.length + drawn * space.dim);
  if (drawn > 0) space.sampleInto(points, drawn, randomStream(key));
  points.set(nu.positions, drawn * space.dim);
  const { over } = against;
  const value = compileFunction(formula, [...variables, ...against.variables]);
  const size = over.positions.length / over.count;
  const point = new Float64Array(space.dim + size);
  let [least, at] = [Infinity, new Float64Array(space.dim)];
  for (let start = 0; start < points.length; start += space.dim) {
    for (let k = 0; k < space.dim; k++) point[k] = points[start + k];
    let sum = 0;
    for (let j = 0; j < over.count; j++) {
      for (let k = 0; k < size; k++) point[space.dim + k] = over.positions[j * size + k];
      sum += sign * over.weights[j] * value(point);
    }
    if (sum < least) [least, at] = [sum, points.slice(start, start + space.dim)];
  }
  return { lower: least, upper: least, at, status: 'estimated' };
}

function checkAtoms({ space, sign }: PenalizedProblem, nu: SignedAtoms): void {
  const negative = sign === 'positive' && nu.weights.some((weight) => weight < 0);
  if (nu.space.name === space.name && !negative) return;
  fail({
    code: 'invalid-argument',
    where: 'dualityGap',
    problem: negative ? 'a weight is negative' : 'the atoms are on another space',
    got: negative ? `weights as low as ${nu.weights.reduce((a, b) => Math.min(a, b), 0)}` : nu.space.name,
    expected: negative ? 'weights >= 0, as the problem is over positive measures' : space.name,
    fix: negative ? "state the problem with sign 'signed'" : 'state problem and measure on one space',
  });
}
