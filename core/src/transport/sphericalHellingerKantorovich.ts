import { fail, show } from '../errors.js';
import { normalize } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { totalTolerance } from './sides.js';
import { solveWfr, type WfrOptions, wfrDistance } from './wfrDistance.js';
import { checkTime, conePath } from './wfrGeodesic.js';

/**
 * Spherical Hellinger-Kantorovich distance of probability measures: the least length of mass-conserving paths for the
 * action `int |v|^2 + r^2 / alpha dmu dt`, `SHK = (2/sqrt alpha) arccos(1 - alpha WFR_alpha^2 / 8)
 * = (4/sqrt alpha) arcsin(sqrt(alpha) WFR_alpha / 4)`; at alpha = 4, the default here, `arccos(1 - HK^2 / 2)`.
 * The second form keeps its accuracy for close measures, and carries the bounds of {@link wfrDistance} over.
 *
 * @param mu, nu - measures on one space, of total mass 1 within 1e-9.
 * @returns the distance with the plan of the WFR problem; at most `pi / sqrt alpha`.
 * @throws as {@link wfrDistance}, and `invalid-argument` for a total other than 1.
 * Source: [LaschosMielke2019].
 *
 * @example
 * ```ts
 * import { diracs, sphericalHellingerKantorovich } from '@muflow/core';
 * console.log(sphericalHellingerKantorovich(diracs([0]), diracs([1])).value.toFixed(6)); // => 1.000000
 * ```
 */
export function sphericalHellingerKantorovich(
  mu: Measure,
  nu: Measure,
  { alpha = 4, ...options }: WfrOptions = {},
): CertifiedDistance {
  for (const end of [mu, nu]) checkTotal('sphericalHellingerKantorovich', end);
  const { potentials: _, ...flat } = wfrDistance(mu, nu, { alpha, ...options });
  const root = Math.sqrt(alpha);
  const onSphere = (length: number): number => (4 / root) * Math.asin(Math.min(1, (root * length) / 4));
  const value = onSphere(flat.value);
  // Three roundings of the arc sine each way; it stays below pi/4, where its condition is under 1.3.
  const lower = onSphere(flat.lower) * (1 - 4 * Number.EPSILON);
  const upper = onSphere(flat.upper) * (1 + 4 * Number.EPSILON);
  return { ...flat, value, squared: value * value, lower, upper };
}

/**
 * A constant-speed geodesic of {@link sphericalHellingerKantorovich}: the arc `(sin((1 - t) phi) z0 + sin(t phi) z1) /
 * sin phi` of the points z in the cone, `phi = sqrt(alpha) SHK / 2`, that is the WFR geodesic at
 * another time, normalized. Source: [LaschosMielke2019].
 *
 * @returns `t` in [0, 1] to a probability measure, atoms as in `wfrGeodesic`.
 */
export function sphericalGeodesic(
  mu: Measure,
  nu: Measure,
  { alpha = 4, ...options }: WfrOptions = {},
): (t: number) => Measure {
  const solution = solveWfr('sphericalGeodesic', [mu, nu], { alpha, ...options });
  const angle = (Math.sqrt(alpha) * sphericalHellingerKantorovich(mu, nu, { alpha, ...options }).value) / 2;
  return (t) => {
    checkTime('sphericalGeodesic', t);
    // Below this angle sine and straight line agree to rounding.
    const [before, after] = angle < 1e-8 ? [1 - t, t] : [Math.sin((1 - t) * angle), Math.sin(t * angle)];
    return normalize(conePath(solution, before, after));
  };
}

function checkTotal(where: string, { masses }: Measure): void {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  if (Math.abs(total - 1) <= totalTolerance) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the masses of a probability have a wrong sum',
    got: show(total),
    expected: '1 within 1e-9',
    fix: 'normalize the measure, or use wfrDistance, which allows any masses',
  });
}
