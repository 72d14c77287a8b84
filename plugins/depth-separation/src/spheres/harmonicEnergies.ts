import { fail, funkHecke, harmonicCount, show, sphereMarginal } from '@muflow/core';

/** How the mean square of a function of t = <x, y> on the unit sphere of R^d falls on the degrees of harmonics. */
export interface HarmonicEnergies {
  readonly dim: number;
  /** A sentence part for reports, such as `sin(10 <x, x'>)`. */
  readonly name: string;
  /** `E h(t)^2`. */
  readonly square: number;
  /** Mean square of the part of degree k = 0, 1, ..., K, or a number below it; their sum is at most `square`. */
  readonly byDegree: Float64Array;
  /** The sign of `E[h P_k]`, k = 0, 1, ..., K. */
  readonly signs: Int8Array;
}

/** Options of {@link oscillationEnergies}. */
export interface OscillationOptions {
  /** d >= 2. */
  readonly dim: number;
  /** Rate omega > 0, at most 2000. */
  readonly omega: number;
  /** Default `sin`. */
  readonly part?: 'sin' | 'cos';
}

/**
 * Energies of `sin(omega t)` or `cos(omega t)` by degree, in closed form up to rounding: from
 *
 *     E[exp(i omega t) P_k(t)] = i^k Gamma(d/2) (2/omega)^nu J_{k + nu}(omega),   nu = d/2 - 1,
 *
 * the energy of `exp(i omega t)` in degree k is proportional to `N(d, k) J_{k+nu}(omega)^2`, and all of them add up to
 * 1; odd degrees are those of sin, even ones of cos. The Bessel functions come from their recurrence downwards, which
 * is stable, so every energy has all its digits however small. O(omega + d). Source: [AndrewsAskeyRoy1999].
 *
 * @throws `invalid-argument` for omega <= 0 or d < 2.
 * @example
 * oscillationEnergies({ dim: 8, omega: 16 }).square; // near 1/2
 */
export function oscillationEnergies({ dim, omega, part = 'sin' }: OscillationOptions): HarmonicEnergies {
  if (!(Number.isInteger(dim) && dim >= 2 && omega > 0 && omega <= 2000)) {
    fail({
      code: 'invalid-argument',
      where: 'oscillationEnergies',
      problem: 'the dimension or the rate of the oscillation is not usable',
      got: `dimension ${show(dim)}, omega ${show(omega)}`,
      expected: 'a whole dimension from 2 and 0 < omega <= 2000',
      fix: 'pass for instance { dim: 8, omega: 16 }',
    });
  }
  const nu = dim / 2 - 1;
  const top = Math.ceil(Math.max(0, omega - nu) + 12 * Math.cbrt(omega) + 60);
  const bessel = besselValues(nu, omega, top);
  const all = bessel.map((value, k) => value * value * harmonicCount(dim, k));
  const total = all.reduceRight((sum, value) => sum + value, 0);
  const byDegree = all.map((value, k) => (k % 2 === (part === 'sin' ? 1 : 0) ? value / total : 0));
  return {
    dim,
    name: `${part}(${Number(omega.toPrecision(6))} t)`,
    square: byDegree.reduceRight((sum, value) => sum + value, 0),
    byDegree,
    signs: Int8Array.from(bessel, (value, k) => (value > 0 === k % 4 < 2 ? 1 : -1)),
  };
}

/** `J_{nu + k}(omega)`, k = 0..top, up to one positive factor, by `J_{m-1} = (2m/omega) J_m - J_{m+1}` downwards. */
function besselValues(nu: number, omega: number, top: number): Float64Array {
  const out = new Float64Array(top + 1);
  // The start matters only above the highest degree kept: its error decays as the recurrence descends.
  const start = top + 40;
  let [above, here] = [0, 1e-200];
  for (let k = start; k >= 0; k--) {
    if (k <= top) out[k] = here;
    [above, here] = [here, ((2 * (nu + k)) / omega) * here - above];
    if (Math.abs(here) > 1e100) {
      above *= 1e-200;
      here *= 1e-200;
      for (let j = k; j <= top; j++) out[j] *= 1e-200;
    }
  }
  const most = out.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  return out.map((value) => value / most);
}

/** Options of {@link functionEnergies}. */
export interface FunctionEnergyOptions {
  readonly dim: number;
  readonly name: string;
  /** The largest degree K that is computed. */
  readonly degree: number;
  /** Points of [-1, 1] where the function is not smooth. */
  readonly kinks?: readonly number[];
}

/**
 * Energies of any function h of t by degree, `N(d, k) E[h P_k]^2`, by quadrature. The quadrature errs by some 1e-15 of
 * the size s of h, which N(d, k) multiplies: a thousand times that is taken off before squaring, so that what is left
 * is a bound from below as long as h is smooth between the kinks. Small energies of high degree are lost, never
 * invented. O((K + d) K).
 *
 * @throws `not-finite` where h is not finite.
 */
export function functionEnergies(h: (t: number) => number, options: FunctionEnergyOptions): HarmonicEnergies {
  const { dim, name, degree, kinks = [] } = options;
  const square = sphereMarginal(dim, (t) => h(t) ** 2, kinks);
  if (!Number.isFinite(square)) {
    fail({
      code: 'not-finite',
      where: 'functionEnergies',
      problem: `${name} has no mean square`,
      got: show(square),
      expected: 'a function that is finite on [-1, 1]',
      fix: 'correct the function',
    });
  }
  const lambdas = funkHecke(h, { dim, degree, kinks });
  const error = 1e-12 * Math.sqrt(square);
  const byDegree = lambdas.map((lambda, k) => harmonicCount(dim, k) * Math.max(0, Math.abs(lambda) - error) ** 2);
  return { dim, name, square, byDegree, signs: Int8Array.from(lambdas, (lambda) => (lambda < 0 ? -1 : 1)) };
}

/**
 * Mean square of the part of degree k or more: `E h^2` less the energies below. Where the energies are bounds from
 * below so is the sum of those listed, and that is what is returned.
 */
export function energyFrom({ byDegree }: HarmonicEnergies, degree: number): number {
  let sum = 0;
  for (let k = byDegree.length - 1; k >= degree; k--) sum += byDegree[k];
  return sum;
}
