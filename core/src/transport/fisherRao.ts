import { fail, show } from '../errors.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure, MeasureKind } from '../measure/measure.js';
import { hellinger, type Masses, sharedMasses } from './divergences.js';

/**
 * Fisher-Rao distance on a shared support, for the metric `sum mdot^2 / m` (alpha = 1; for `int r^2 / alpha dmu`
 * divide by `sqrt alpha`): `2 He` on positive measures, `2 arccos(sum sqrt(p q)) = 4 arcsin(He / 2)` on probabilities.
 * The second form keeps its accuracy for close measures.
 *
 * @param p, q - mass arrays, or measures with the same positions.
 * @param kind - which cone; by default the one of the measures, `probability` for arrays and `positive` if mixed.
 * @throws `shape-mismatch` and `invalid-argument` where the supports differ, masses are negative, or a probability
 * does not sum to 1. Source: [LieroMielkeSavare2018].
 *
 * @example
 * ```ts
 * import { fisherRaoDistance } from '@muflow/core';
 * console.log(fisherRaoDistance([1, 0], [0, 1]).toFixed(4)); // => 3.1416
 * ```
 */
export function fisherRaoDistance(p: Masses, q: Masses, kind: MeasureKind = kindOf(p, q)): number {
  const distance = hellinger(p, q);
  if (kind === 'positive') return 2 * distance;
  for (const masses of sharedMasses('fisherRaoDistance', p, q)) checkTotal('fisherRaoDistance', masses);
  return 4 * Math.asin(Math.min(1, distance / 2));
}

/**
 * The constant-speed Fisher-Rao geodesic between mass arrays, t in [0, 1]: straight in `sqrt m` on positive
 * measures, an arc of the sphere `sum m = 1` on probabilities,
 * `sqrt m_t = (sin((1-t) phi) sqrt p + sin(t phi) sqrt q) / sin phi`, `cos phi = sum sqrt(p q)`.
 */
export function fisherRaoPath(p: Masses, q: Masses, kind: MeasureKind = kindOf(p, q)): (t: number) => Float64Array {
  const [from, to] = sharedMasses('fisherRaoPath', p, q).map((masses) => Float64Array.from(masses, Math.sqrt));
  const angle = kind === 'probability' ? fisherRaoDistance(p, q, kind) / 2 : 0;
  return (t) => {
    checkTime(t);
    // Below this angle sine and straight line agree to rounding.
    const flat = angle < 1e-8;
    const [left, right] = flat ? [1 - t, t] : [Math.sin((1 - t) * angle), Math.sin(t * angle)];
    const scale = flat ? 1 : 1 / Math.sin(angle);
    return from.map((root, i) => (scale * (left * root + right * to[i])) ** 2);
  };
}

/** The Fisher-Rao geodesic between measures with the same positions; ids are those of `mu`. */
export function fisherRaoGeodesic(mu: Measure, nu: Measure): (t: number) => Measure {
  const kind = kindOf(mu, nu);
  const path = fisherRaoPath(mu, nu, kind);
  return (t) => measureFromParts({ ...mu, kind, logMasses: path(t).map(Math.log) });
}

function kindOf(p: Masses, q: Masses): MeasureKind {
  const positive = (masses: Masses): boolean => 'kind' in masses && masses.kind === 'positive';
  return positive(p) || positive(q) ? 'positive' : 'probability';
}

function checkTotal(where: string, masses: ArrayLike<number>): void {
  let total = 0;
  for (let i = 0; i < masses.length; i++) total += masses[i];
  if (Math.abs(total - 1) <= 1e-9) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the masses of a probability have a wrong sum',
    got: show(total),
    expected: '1 within 1e-9',
    fix: "divide the masses by their sum, or pass the kind 'positive'",
  });
}

function checkTime(t: number): void {
  if (t >= 0 && t <= 1) return;
  fail({
    code: 'invalid-argument',
    where: 'geodesic',
    problem: 'the time is not on the geodesic',
    got: show(t),
    expected: 'a number from 0 to 1',
    fix: 'pass the fraction of the way',
  });
}
