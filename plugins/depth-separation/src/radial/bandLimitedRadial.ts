import { fail, show, special } from '@muflow/core';
import { checkPoints, checkPositive } from '../laws/checks.js';
import type { DataLaw } from '../laws/index.js';
import { sphericalBessel } from './sphericalBessel.js';

/** Landau's constant: `|J_nu(x)| <= c x^(-1/3)` for all x > 0 and nu >= 0, rounded up. */
const landau = 0.785747;

/** Throws unless the dimension is odd, naming the hypothesis. */
export function checkOdd(where: string, dim: number): void {
  if (Number.isInteger(dim) && dim >= 3 && dim % 2 === 1 && dim <= 201) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the hypothesis "d is odd" is not met',
    got: show(dim),
    expected: 'an odd dimension from 3 to 201',
    fix: 'pass for instance 9',
  });
}

/**
 * The radial law whose square-root density has the ball of radius r as the support of its Fourier transform, constant
 * on it: density `phi(x)^2`, `phi ~ J_{d/2}(r|x|)/|x|^{d/2}`. With n = (d - 1)/2, d odd, the radius has density
 * `(2 d r/pi) j_n(r s)^2`: nothing much below s = d/(2r), tails `P(|x| > s) ~ d/(pi r s)`. The law of [EldanShamir2016].
 *
 * Exact by rejection: below a crossing the radius is proposed from `(x/2)^(2 nu) / (Gamma(nu + 1)^2 x)`, above it from
 * `c^2 x^(-5/3)`, both of which bound `J_nu(x)^2/x`, the second by Landau's inequality [Landau2000].
 *
 * @param options.dim - odd d, 3 to 201.
 * @param options.band - r > 0, default 1.
 * @throws `invalid-argument` for another dimension or band.
 */
export function bandLimitedRadialData(options: { readonly dim: number; readonly band?: number }): DataLaw {
  const { dim, band = 1 } = options;
  checkOdd('bandLimitedRadialData', dim);
  checkPositive('bandLimitedRadialData', 'r > 0', band);
  const nu = dim / 2;
  const n = (dim - 1) / 2;
  // log K of K x^(2 nu - 1), and the crossing with c^2 x^(-5/3).
  const logHead = -2 * nu * Math.LN2 - 2 * special.logGamma(nu + 1);
  const crossing = Math.exp((2 * Math.log(landau) - logHead) / (2 * nu + 2 / 3));
  const tail = 1.5 * landau ** 2 * crossing ** (-2 / 3);
  const head = Math.exp(logHead + 2 * nu * Math.log(crossing)) / (2 * nu);
  const share = head / (head + tail);
  return {
    dim,
    band,
    name: `radial with band-limited root density, r = ${band}`,
    sampleInto(points, stream) {
      checkPoints('bandLimitedRadialData', points.length, dim);
      for (let at = 0; at < points.length; at += dim) {
        let radius = 0;
        for (;;) {
          const low = stream.uniform() < share;
          const u = stream.uniform();
          radius = low ? crossing * u ** (1 / (2 * nu)) : crossing * u ** -1.5;
          const bound = low ? Math.exp(logHead + (2 * nu - 1) * Math.log(radius)) : landau ** 2 * radius ** (-5 / 3);
          // J_nu(x)^2 / x = (2/pi) j_n(x)^2.
          if (stream.uniform() * bound <= (2 / Math.PI) * sphericalBessel(n, radius) ** 2) break;
        }
        directionInto(points, at, dim, stream.normal, radius / band);
      }
    },
  };
}

function directionInto(points: Float64Array, at: number, dim: number, normal: () => number, radius: number): void {
  let squares = 0;
  while (squares === 0) {
    for (let k = 0; k < dim; k++) {
      points[at + k] = normal();
      squares += points[at + k] ** 2;
    }
  }
  for (let k = 0; k < dim; k++) points[at + k] *= radius / Math.sqrt(squares);
}

/** `P(|x| <= s)` for r = 1, by 40-point panels: exact to some 1e-12. For tests of the law, and for truncations. */
export function radiusBelow(dim: number, s: number, nodes: Float64Array, weights: Float64Array): number {
  const n = (dim - 1) / 2;
  const panels = Math.max(1, Math.ceil(s / 4));
  let sum = 0;
  for (let p = 0; p < panels; p++) {
    const half = s / panels / 2;
    for (let i = 0; i < nodes.length; i++) {
      sum += half * weights[i] * sphericalBessel(n, (2 * p + 1 + nodes[i]) * half) ** 2;
    }
  }
  return ((2 * dim) / Math.PI) * sum;
}
