import { fail, show } from '../errors.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { wassersteinDistance } from './exactWasserstein.js';
import { geodesicPointInto } from './spaceGeodesic.js';

/**
 * The geodesic of W_p between two measures, by displacement interpolation: for an optimal plan P,
 * `mu_t = sum_k P_k delta_{x_t(k)}`, where x_t(k) lies at the fraction t of a shortest path between the ends of entry k, so
 * that `W_p(mu_s, mu_t) = |t - s| W_p(mu, nu)`. Solving costs what {@link wassersteinDistance} does, each time t O(n + m).
 *
 * @param mu - measure with n atoms on a space with known shortest paths (not a finite one).
 * @param nu - measure with m atoms there, of the same total within 1e-9.
 * @param options - exponent p >= 1, default 2.
 * @returns the measure at time t in [0, 1], with one atom for each of the at most n + m - 1 entries of the plan.
 * @throws what wassersteinDistance throws; `unsupported` on spaces without known shortest paths.
 * Source: [AmbrosioGigliSavare2008], section 7.2.
 *
 * @example
 * ```ts
 * import { diracs, wassersteinGeodesic } from '@muflow/core';
 * const between = wassersteinGeodesic(diracs([0, 2]), diracs([4, 8]));
 * console.log(between(0.5).positions.join(' ')); // => 2 5
 * ```
 */
export function wassersteinGeodesic(
  mu: Measure,
  nu: Measure,
  { p = 2 }: { readonly p?: number } = {},
): (t: number) => Measure {
  const { plan = { rows: new Int32Array(0), columns: new Int32Array(0), masses: new Float64Array(0) } } =
    wassersteinDistance(mu, nu, { p });
  const { space } = mu;
  const kind = mu.kind === 'probability' && nu.kind === 'probability' ? 'probability' : 'positive';
  return (t) => {
    checkTime(t);
    const positions = new Float64Array(plan.masses.length * space.dim);
    for (let k = 0; k < plan.masses.length; k++) {
      const pair = {
        from: mu.positions,
        fromStart: plan.rows[k] * space.dim,
        to: nu.positions,
        toStart: plan.columns[k] * space.dim,
      };
      geodesicPointInto(space, positions, k * space.dim, pair, t);
    }
    return measure({ space, kind, positions, masses: plan.masses });
  };
}

function checkTime(t: number): void {
  if (t >= 0 && t <= 1) return;
  fail({
    code: 'invalid-argument',
    where: 'wassersteinGeodesic',
    problem: 'the time is not on the geodesic',
    got: show(t),
    expected: 'a number from 0 to 1',
    fix: 'ask for a time between both ends',
  });
}
