import { fail, show } from '../errors.js';
import type { Measure, Profile, Tangent } from '../measure/measure.js';
import type { Tolerance } from './stepper.js';

export const defaultTolerance: Tolerance = { rtol: 1e-6, atol: 1e-9 };

/** Refuses tolerances that are not finite and >= 0, or both 0. */
export function checkTolerance(where: string, { rtol, atol }: Tolerance): void {
  if (rtol >= 0 && atol >= 0 && rtol + atol > 0 && Number.isFinite(rtol + atol)) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the tolerance is not usable',
    got: `rtol ${show(rtol)}, atol ${show(atol)}`,
    expected: 'finite numbers >= 0, one of them above 0',
    fix: 'pass for instance { rtol: 1e-6, atol: 1e-9 }',
  });
}

/** Running mean of squared errors in units of the tolerance. */
export interface ErrorSum {
  squares: number;
  terms: number;
}

/** Root mean square; 0 for no terms, NaN if a term is. */
export function errorSize({ squares, terms }: ErrorSum): number {
  return terms === 0 ? 0 : Math.sqrt(squares / terms);
}

/**
 * Size of the error `dt * error` of a step from `before` to `after`, as a root mean square over all numbers moved.
 * A coordinate has the scale `atol + rtol max(|x|, |x'|)`. A mass has `atol M / n + rtol m`, M the total: since
 * `dm = m dlog m`, the error of a log-mass counts as `m / (atol M / n + rtol m)`, and atoms without mass do not hold
 * the step back.
 */
export function tangentError(
  error: readonly Tangent[],
  dt: number,
  before: Profile,
  after: Profile,
  tolerance: Tolerance,
): number {
  const sum: ErrorSum = { squares: 0, terms: 0 };
  for (let k = 0; k < error.length; k++) {
    const { velocity, growth } = error[k];
    if (velocity !== null) addPositions(sum, velocity, dt, before[k], after[k], tolerance);
    if (growth !== null) addMasses(sum, growth, dt, after[k], tolerance);
  }
  return errorSize(sum);
}

/** Distance of two profiles of one support, `full` against the finer `fine`, divided by `divisor`, on the same scale. */
export function profileError(full: Profile, fine: Profile, divisor: number, { rtol, atol }: Tolerance): number {
  const sum: ErrorSum = { squares: 0, terms: 0 };
  for (let k = 0; k < full.length; k++) {
    const [a, b] = [full[k], fine[k]];
    const { dim, count, positions } = b;
    const share = meanMass(b);
    for (let i = 0; i < count; i++) {
      let norm = 0;
      for (let c = i * dim; c < (i + 1) * dim; c++) norm += positions[c] * positions[c];
      const distance = b.space.distance(a.positions, i * dim, positions, i * dim);
      add(sum, distance / divisor / (atol + rtol * Math.sqrt(norm)));
      const mass = b.masses[i];
      if (mass === 0) continue;
      add(sum, (Math.abs(a.logMasses[i] - b.logMasses[i]) * mass) / divisor / (atol * share + rtol * mass));
    }
  }
  return errorSize(sum);
}

function addPositions(
  sum: ErrorSum,
  velocity: Float64Array,
  dt: number,
  before: Measure,
  after: Measure,
  { rtol, atol }: Tolerance,
): void {
  const [x, y] = [before.positions, after.positions];
  for (let c = 0; c < velocity.length; c++) {
    const size = Math.max(Math.abs(x[c]), Math.abs(y[c]));
    add(sum, (dt * velocity[c]) / (atol + rtol * size));
  }
}

function addMasses(sum: ErrorSum, growth: Float64Array, dt: number, after: Measure, { rtol, atol }: Tolerance): void {
  const { masses } = after;
  const share = meanMass(after);
  for (let i = 0; i < growth.length; i++) {
    if (masses[i] !== 0) add(sum, (dt * growth[i] * masses[i]) / (atol * share + rtol * masses[i]));
  }
}

/** A term 0/0 (nothing moved, nothing allowed) is no error. */
function add(sum: ErrorSum, ratio: number): void {
  sum.terms++;
  if (ratio !== 0) sum.squares += ratio * ratio;
}

function meanMass({ masses, count }: Measure): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += masses[i];
  return total / count;
}
