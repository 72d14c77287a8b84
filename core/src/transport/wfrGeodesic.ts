import { fail, show } from '../errors.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { geodesicPointInto } from './spaceGeodesic.js';
import { solveWfr, type WfrOptions, type WfrSolution } from './wfrDistance.js';

/**
 * A constant-speed Wasserstein-Fisher-Rao geodesic, `WFR(mu_s, mu_t) = |t - s| WFR(mu, nu)`. Each pair of the
 * optimal semi-coupling `g0, g1` moves as a Dirac in the cone over the space: with `u0 = (1 - t) sqrt g0`, `u1 = t sqrt
 * g1`, mass `u0^2 + u1^2 + 2 u0 u1 cos th` at the angle `atan2(u1 sin th, u0 + u1 cos th)` of th along the shortest path;
 * mass without a partner vanishes as `(1 - t)^2` and appears as `t^2` in place.
 *
 * @param mu, nu - measures on one space with shortest paths (not finite); the distance is solved once, here.
 * @returns `t` in [0, 1] to a positive measure with the same atoms in the same order for all t, so that ids follow a path;
 * an atom of mu is split among its partners. O(atoms d) for each t.
 * @throws as {@link wfrDistance}; `unsupported` where the space has no known shortest paths; `invalid-argument` for t.
 * Source: [LieroMielkeSavare2018], [ChizatPeyreSchmitzerVialard2018].
 *
 * @example
 * ```ts
 * import { euclidean, measure, wfrGeodesic } from '@muflow/core';
 * const at = (x: number) => measure({ space: euclidean(1), positions: [x] });
 * const middle = wfrGeodesic(at(0), at(1), { alpha: 4 })(0.5);
 * console.log(middle.positions[0], middle.masses[0].toFixed(4)); // => 0.5 0.7702
 * ```
 */
export function wfrGeodesic(mu: Measure, nu: Measure, options: WfrOptions = {}): (t: number) => Measure {
  const solution = solveWfr('wfrGeodesic', [mu, nu], options);
  return (t) => {
    checkTime('wfrGeodesic', t);
    return conePath(solution, 1 - t, t);
  };
}

/** The measure of the cone points `before * z0 + after * z1` of every pair, z0 and z1 its ends in the cone. */
export function conePath(solution: WfrSolution, before: number, after: number): Measure {
  const { space, coupling, sides } = solution;
  const [source, target] = sides;
  const { rows, columns, from, to, angles, sourceRest, targetRest } = coupling;
  const d = space.dim;
  const places: Float64Array[] = [];
  const masses: number[] = [];
  for (let k = 0; k < rows.length; k++) {
    const u0 = before * Math.sqrt(from[k]);
    const u1 = after * Math.sqrt(to[k]);
    const along = u0 + u1 * Math.cos(angles[k]);
    const across = u1 * Math.sin(angles[k]);
    const fraction = angles[k] > 0 ? Math.atan2(across, along) / angles[k] : 0;
    const point = new Float64Array(d);
    const pair = { from: source.positions, fromStart: rows[k] * d, to: target.positions, toStart: columns[k] * d };
    geodesicPointInto(space, point, 0, pair, before === 0 ? 1 : Math.min(1, fraction));
    places.push(point);
    masses.push(along * along + across * across);
  }
  for (const [side, rest, factor] of [
    [source, sourceRest, before * before],
    [target, targetRest, after * after],
  ] as const) {
    for (let i = 0; i < side.count; i++) {
      if (!(rest[i] > 0)) continue;
      places.push(side.positions.subarray(i * d, (i + 1) * d));
      masses.push(factor * rest[i]);
    }
  }
  const positions = new Float64Array(places.length * d);
  places.forEach((place, k) => {
    positions.set(place, k * d);
  });
  const logMasses = Float64Array.from(masses, Math.log);
  const ids = Uint32Array.from(masses, (_, k) => k);
  return measureFromParts({ space, kind: 'positive', positions, logMasses, ids, nextId: masses.length });
}

/** Refuses a time outside [0, 1]. */
export function checkTime(where: string, t: number): void {
  if (t >= 0 && t <= 1) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the time is not on the geodesic',
    got: show(t),
    expected: 'a number from 0 to 1',
    fix: 'pass the fraction of the way',
  });
}
