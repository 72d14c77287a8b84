import { fail, show } from '../errors.js';

/** Two Diracs: `massFrom` at one point and `massTo` at another. */
export interface DiracPair {
  /** Distance of the points, >= 0. */
  readonly distance: number;
  readonly massFrom: number;
  readonly massTo: number;
  /** Reaction rate alpha > 0, default 1; alpha = 4 is Hellinger-Kantorovich. */
  readonly alpha?: number;
}

/** An atom on the segment between the points: `position` is its distance from the first. */
export interface SegmentAtom {
  readonly position: number;
  readonly mass: number;
}

/**
 * Squared Wasserstein-Fisher-Rao distance of two Diracs `p delta_x`, `q delta_y`, for the action
 * `int |v|^2 + r^2 / alpha dmu dt` (no factor 1/2):
 * `(4/alpha) (p + q - 2 sqrt(p q) cos th)`, `th = min(sqrt(alpha) |x - y| / 2, pi/2)`.
 *
 * Computed as `(4/alpha) [(sqrt p - sqrt q)^2 + 4 sqrt(p q) sin^2(th/2)]`, a sum of squares without cancellation.
 * Source: [LieroMielkeSavare2018], [ChizatPeyreSchmitzerVialard2018]. Their HK distance is alpha = 4.
 *
 * @throws `invalid-argument` for a negative or non-finite distance or mass, or alpha that is not positive.
 *
 * @example
 * ```ts
 * import { wfrDiracSquared } from '@muflow/core';
 * console.log(wfrDiracSquared({ distance: 10, massFrom: 1, massTo: 2, alpha: 4 })); // => 3
 * ```
 */
export function wfrDiracSquared(pair: DiracPair): number {
  const { massFrom, massTo, alpha, angle } = checkPair(pair);
  const [u, w] = [Math.sqrt(massFrom), Math.sqrt(massTo)];
  if (angle === Math.PI / 2) return (4 / alpha) * (massFrom + massTo);
  return (4 / alpha) * ((u - w) ** 2 + 4 * u * w * Math.sin(angle / 2) ** 2);
}

/** Wasserstein-Fisher-Rao distance of two Diracs, the root of {@link wfrDiracSquared}. */
export function wfrDirac(pair: DiracPair): number {
  return Math.sqrt(wfrDiracSquared(pair));
}

/**
 * The constant-speed geodesic between two Diracs, t in [0, 1]. Below the cut-off (`th < pi/2`) one Dirac of mass
 * `u0^2 + u1^2 + 2 u0 u1 cos th` at `(2 / sqrt alpha) atan2(u1 sin th, u0 + u1 cos th)` from the first point, with
 * `u0 = (1 - t) sqrt p`, `u1 = t sqrt q`; beyond it both masses `u0^2`, `u1^2` change in place.
 */
export function wfrDiracGeodesic(pair: DiracPair): (t: number) => readonly SegmentAtom[] {
  const { distance, massFrom, massTo, alpha, angle } = checkPair(pair);
  return (t) => {
    if (!(t >= 0 && t <= 1)) refuse('the time is not on the geodesic', t, 'a number from 0 to 1');
    const u0 = (1 - t) * Math.sqrt(massFrom);
    const u1 = t * Math.sqrt(massTo);
    if (angle === Math.PI / 2) {
      return [
        { position: 0, mass: u0 * u0 },
        { position: distance, mass: u1 * u1 },
      ];
    }
    const along = u0 + u1 * Math.cos(angle);
    const across = u1 * Math.sin(angle);
    return [{ position: (2 / Math.sqrt(alpha)) * Math.atan2(across, along), mass: along * along + across * across }];
  };
}

function checkPair({
  distance,
  massFrom,
  massTo,
  alpha = 1,
}: DiracPair): Required<DiracPair> & { readonly angle: number } {
  const usable = (value: number): boolean => value >= 0 && Number.isFinite(value);
  if (!usable(distance)) refuse('the distance is not usable', distance, 'a finite number >= 0');
  if (!usable(massFrom)) refuse('the first mass is not usable', massFrom, 'a finite number >= 0');
  if (!usable(massTo)) refuse('the second mass is not usable', massTo, 'a finite number >= 0');
  if (!(usable(alpha) && alpha > 0)) refuse('alpha is not usable', alpha, 'a finite number > 0');
  return { distance, massFrom, massTo, alpha, angle: Math.min((Math.sqrt(alpha) * distance) / 2, Math.PI / 2) };
}

function refuse(problem: string, got: number, expected: string): never {
  fail({
    code: 'invalid-argument',
    where: 'wfrDirac',
    problem,
    got: show(got),
    expected,
    fix: 'pass the distance of the points, two masses and a positive alpha',
  });
}
