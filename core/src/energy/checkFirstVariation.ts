import { deriveKey, normalAt, randomKey } from '../math/random.js';
import { logLogFit } from '../math/slopes.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { allocateFirstVariation } from './checks.js';
import type { Energy, FirstVariation } from './energy.js';

export interface FirstVariationOptions {
  /** Default 0. */
  readonly seed?: number | string;
  /** Step sizes, decreasing; default `10^-1, 10^-1.5, ..., 10^-8`. */
  readonly steps?: readonly number[];
}

/** What {@link checkFirstVariation} found. */
export interface FirstVariationReport {
  /** True where every slope is at least 1.8. */
  readonly holds: boolean;
  /** Slope of the remainder in the masses; Infinity where it vanishes to rounding (F is linear there). */
  readonly slopeMasses: number;
  /** The same for positions; null where the energy is not smooth or nothing can move. */
  readonly slopePositions: number | null;
  /** `|F(mu_t) - F(mu) - t dF|` at each step. */
  readonly errors: {
    readonly steps: readonly number[];
    readonly masses: readonly number[];
    readonly positions: readonly number[];
  };
}

const defaultSteps = Array.from({ length: 15 }, (_, k) => 10 ** (-1 - k / 2));
const leastSlope = 1.8;

/**
 * Checks a first variation against the energy itself by the order of the Taylor remainder: along a random
 * change of masses xi (of total 0 on probability measures), `F(mu + t xi) - F(mu) - t int V dxi`, and along
 * a random motion v, `F((R(t v))_# mu) - F(mu) - t int <grad V, v> dmu`, are both of order t^2. The slope in t
 * is fitted on the smallest steps whose remainder stands clear of rounding; a wrong factor or sign has slope 1.
 * The direction leans on V (on grad V), so that a wrong factor always shows.
 *
 * @param mu - at least one atom off any kink of the energy; positive masses (atoms of no mass are not moved).
 * Cost: about 50 evaluations of F. Source: [AbsilMahonySepulchre2008], section 8.1.
 * @example
 * checkFirstVariation(energy, mu, { seed: 1 }).holds; // true
 */
export function checkFirstVariation(
  energy: Energy,
  mu: Measure,
  options: FirstVariationOptions = {},
): FirstVariationReport {
  const { seed = 0, steps = defaultSteps } = options;
  const key = deriveKey(randomKey(seed), 'checkFirstVariation');
  const at = allocateFirstVariation(mu.count, mu.dim);
  energy.firstVariationInto(at, mu);
  const masses = remainders(energy, mu, massPath(mu, at, deriveKey(key, 'masses')), steps);
  const motion = energy.smooth && mu.space.intrinsicDim > 0 ? motionPath(mu, at, deriveKey(key, 'positions')) : null;
  const positions = motion === null ? null : remainders(energy, mu, motion, steps);
  const slopeOk = (slope: number): boolean => slope >= leastSlope;
  return {
    holds: slopeOk(masses.slope) && (positions === null || slopeOk(positions.slope)),
    slopeMasses: masses.slope,
    slopePositions: positions === null ? null : positions.slope,
    errors: { steps, masses: masses.errors, positions: positions?.errors ?? [] },
  };
}

/** A curve of measures through mu with the derivative of F along it that the first variation claims. */
interface Path {
  at(t: number): Measure;
  readonly derivative: number;
  /** Size of the numbers that F adds up, for the rounding to expect. */
  readonly scale: number;
}

/** `m_i(t) = m_i (1 + t r_i)`, with r leaning on V and of mean 0 under mu on probability measures. */
function massPath(mu: Measure, { potential }: FirstVariation, key: ReturnType<typeof randomKey>): Path {
  const { count, masses } = mu;
  const active = (i: number): boolean => masses[i] > 0 && Number.isFinite(potential[i]);
  const total = sumOver(count, (i) => (active(i) ? masses[i] : 0));
  const mean = sumOver(count, (i) => (active(i) ? masses[i] * potential[i] : 0)) / total;
  const centered = mu.kind === 'probability';
  const lean = Float64Array.from(potential, (v, i) => (active(i) ? v - (centered ? mean : 0) : 0));
  const spread = Math.sqrt(sumOver(count, (i) => masses[i] * lean[i] ** 2) / total) || 1;
  const rate = lean.map((v, i) => (active(i) ? v / spread + normalAt(key, i, 0) / 2 : 0));
  const shift = centered ? sumOver(count, (i) => masses[i] * rate[i]) / total : 0;
  for (let i = 0; i < count; i++) if (active(i)) rate[i] -= shift;
  const largest = rate.reduce((most, r) => Math.max(most, Math.abs(r)), 0) || 1;
  for (let i = 0; i < count; i++) rate[i] /= largest;
  return {
    at: (t) =>
      measureFromParts({ ...mu, logMasses: mu.logMasses.map((logMass, i) => logMass + Math.log1p(t * rate[i])) }),
    derivative: sumOver(count, (i) => (active(i) ? masses[i] * rate[i] * potential[i] : 0)),
    scale: sumOver(count, (i) => (active(i) ? masses[i] * Math.abs(potential[i]) : 0)),
  };
}

/** `x_i(t) = R_{x_i}(t v_i)` with v tangent, leaning on grad V, and 0 where a border stops it on both sides. */
function motionPath(mu: Measure, { gradient }: FirstVariation, key: ReturnType<typeof randomKey>): Path {
  const { count, dim, masses, positions, space } = mu;
  const size = Math.sqrt(sumOver(count * dim, (k) => gradient[k] ** 2) / (count * dim)) || 1;
  const velocity = gradient.map((g, k) => g / size + normalAt(key, Math.floor(k / dim), k % dim) / 2);
  space.projectTangentInto(velocity, positions, velocity, count);
  const moved = new Float64Array(count * dim);
  const stopped = (i: number): boolean => {
    const probe = 1e-4;
    space.retractInto(moved, positions, velocity, probe, count);
    const back = space.distance(moved, i * dim, positions, i * dim);
    const length = Math.sqrt(sumOver(dim, (c) => velocity[i * dim + c] ** 2));
    return Math.abs(back - probe * length) > 1e-2 * probe * length;
  };
  for (let i = 0; i < count; i++) {
    if (!stopped(i)) continue;
    for (let c = 0; c < dim; c++) velocity[i * dim + c] *= -1;
    if (stopped(i)) velocity.fill(0, i * dim, (i + 1) * dim);
  }
  const slopeOf = (i: number): number => sumOver(dim, (c) => gradient[i * dim + c] * velocity[i * dim + c]);
  return {
    at(t) {
      const at = new Float64Array(count * dim);
      space.retractInto(at, positions, velocity, t, count);
      return measureFromParts({ ...mu, positions: at });
    },
    derivative: sumOver(count, (i) => (masses[i] > 0 ? masses[i] * slopeOf(i) : 0)),
    scale: sumOver(
      count,
      (i) => masses[i] * sumOver(dim, (c) => Math.abs(gradient[i * dim + c] * positions[i * dim + c])),
    ),
  };
}

/**
 * Remainders at the steps and the slope of the smallest ones that rounding leaves alone. The rounding of F is
 * measured at steps near 1e-12, where any remainder of a right derivative is far below it.
 */
function remainders(energy: Energy, mu: Measure, path: Path, steps: readonly number[]) {
  const start = energy.value(mu);
  const remainder = (t: number): number => Math.abs(energy.value(path.at(t)) - start - t * path.derivative);
  const errors = steps.map(remainder);
  if (errors.some((error) => !Number.isFinite(error))) return { errors, slope: Number.NaN };
  let noise = 4 * Number.EPSILON * (Math.abs(start) + path.scale);
  for (let k = 1; k <= 8; k++) noise = Math.max(noise, remainder(k * 2 ** -40));
  const below = errors.findIndex((error) => !(error > 30 * noise));
  const clear = steps.map((t, k) => ({ t, error: errors[k] })).slice(0, below < 0 ? steps.length : below);
  if (clear.length < 3 || fallsToNoise(steps, errors, clear.length, 30 * noise))
    return { errors, slope: Number.POSITIVE_INFINITY };
  const slopeOfLast = (count: number): number => {
    const last = clear.slice(-count);
    return logLogFit(
      last.map(({ t }) => t),
      last.map(({ error }) => error),
    ).slope;
  };
  // Terms of order 2 and 3 may cancel somewhere among the steps; below that the lowest order is alone again.
  return { errors, slope: Math.max(slopeOfLast(5), slopeOfLast(3)) };
}

/**
 * True where the remainder drops from the last clear step to rounding faster than t^2 could: all that is seen
 * above are kinks crossed by large steps, and F is linear on the way to the first of them.
 */
function fallsToNoise(steps: readonly number[], errors: readonly number[], clear: number, floor: number): boolean {
  if (clear >= steps.length) return false;
  return Math.log(errors[clear - 1] / floor) / Math.log(steps[clear - 1] / steps[clear]) > 2.2;
}

function sumOver(count: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += term(i);
  return sum;
}
