import { fail, show, special } from '@muflow/core';
import { checkPositive } from '../laws/checks.js';
import type { Floor } from '../probe/index.js';
import type { Target } from '../targets/index.js';
import { checkOdd } from './bandLimitedRadial.js';
import type { ShellFunction } from './gaussianRadial.js';

/** A radial wave under the band-limited radial law. */
export interface ShellOptions {
  /** Odd d >= 3. */
  readonly dim: number;
  /** Rate kappa of `cos(kappa |x|)`. */
  readonly rate: number;
  /** r of the law, default 1. */
  readonly band?: number;
}

/**
 * The radial wave `cos(kappa |x|)`.
 *
 * @throws `invalid-argument` for a rate <= 0.
 */
export function radialWave({ dim, rate }: { readonly dim: number; readonly rate: number }): Target {
  checkPositive('radialWave', 'kappa > 0', rate);
  return radialTarget({ dim, name: `cos(${rate} |x|)`, profile: (s) => Math.cos(rate * s) });
}

/**
 * A target constant on shells, bumps and indicators of balls among them: `values[i]` from `radii[i - 1]` to `radii[i]`,
 * 0 beyond the last.
 *
 * @example
 * const ball = shellTarget({ dim: 8, name: 'ball', radii: [Math.sqrt(8)], values: [1] });
 */
export function shellTarget({ dim, name, radii, values }: Omit<ShellFunction, 'degrees'>): Target {
  return radialTarget({
    dim,
    name,
    profile: (s) => {
      const i = radii.findIndex((radius) => s <= radius);
      return i < 0 ? 0 : values[i];
    },
  });
}

/** A target that depends on the distance from 0 alone. */
export function radialTarget(options: {
  readonly dim: number;
  readonly name: string;
  readonly profile: (radius: number) => number;
}): Target {
  const { dim, name, profile } = options;
  return {
    dim,
    complex: false,
    name,
    valuesInto(out, points, count) {
      for (let l = 0; l < count; l++) {
        let squares = 0;
        for (let k = l * dim; k < (l + 1) * dim; k++) squares += points[k] * points[k];
        out[l] = profile(Math.sqrt(squares));
      }
    },
  };
}

/**
 * The share of the unit sphere of R^d within the angle arcsin(s) of a line: `I_{s^2}((d - 1)/2, 1/2)`, rounded up. By
 * the series `x^a / (a B(a, 1/2)) sum_j prod (...) x^j` of positive terms with the rest bounded by a geometric one.
 * O(1/(1 - s^2)).
 *
 * @param sine - s in [0, 1).
 */
export function lineShare(dim: number, sine: number): number {
  const [a, x] = [(dim - 1) / 2, sine * sine];
  const logFactor =
    a * Math.log(x) - Math.log(a) + special.logGamma(a + 0.5) - special.logGamma(a) - special.logGamma(0.5);
  // Term j: (1/2)_j a / (j! (a + j)) x^j; each is at most x times the one before.
  let [pochhammer, sum] = [1, 0];
  for (let j = 0; ; j++) {
    const term = (pochhammer * a) / (a + j);
    sum += term;
    pochhammer *= ((j + 0.5) / (j + 1)) * x;
    if (term < 1e-17 * sum) {
      sum += (term * x) / (1 - x);
      break;
    }
  }
  // Rounding of the logarithms and the sum: far below 1e-11.
  return Math.min(1, sum * Math.exp(logFactor) * (1 + 1e-11));
}

/**
 * A floor on the relative squared error of every sum of M ridge functions against `cos(kappa |x|)`, with no bound on
 * weights:
 *
 *     E|f - g|^2 / E|g|^2 >= 1 - M I_{s^2}((d - 1)/2, 1/2),   s = r / (kappa - r).
 *
 * Proof: with phi the root of the density, the transform of a ridge function times phi lies within r of the line
 * through 0 along its direction. In odd dimensions the transform of cos(kappa |x|) is carried by the sphere of radius
 * kappa alone (Huygens' principle), so that of g phi lies at radii from kappa - r to kappa + r, and its mass is
 * invariant under rotations. A tube of radius r around a line holds the share I of a sphere of radius kappa - r and
 * less of larger ones, and M tubes at most M times as much; the rest of g phi is out of reach. The mechanism of
 * [EldanShamir2016], with a smooth target.
 *
 * @param units - M >= 0.
 * @throws `invalid-argument` for an even dimension, or kappa <= 2r, where a tube may hold a whole sphere.
 */
export function shellFloor({ dim, rate, band = 1 }: ShellOptions, units: number): Floor {
  const share = tubeShare({ dim, rate, band });
  return {
    value: Math.max(0, 1 - units * share),
    units,
    norm: null,
    hypotheses: [
      { name: 'class', statement: 'sums of ridge functions f_j(<v_j, x>), any f_j of polynomial growth' },
      { name: 'weights', statement: 'any' },
      { name: 'data', statement: `band-limited radial law on R^d, r = ${band}, tails s^-1` },
      { name: 'target', statement: `cos(${rate} |x|), d odd` },
    ],
  };
}

/** Units before the floor falls to one half: `1 / (2 I)`. */
export const shellUnits = (options: ShellOptions): number => 0.5 / tubeShare(options);

/** The most of the spectral mass of the target that one ridge function can reach. */
export function tubeShare({ dim, rate, band = 1 }: ShellOptions): number {
  checkOdd('shellFloor', dim);
  checkPositive('shellFloor', 'r > 0', band);
  if (!(rate > 2 * band && rate < Infinity)) {
    fail({
      code: 'invalid-argument',
      where: 'shellFloor',
      problem: 'the hypothesis "kappa > 2r" is not met',
      got: `kappa ${show(rate)}, r ${show(band)}`,
      expected: 'a rate above twice the band of the law',
      fix: `pass for instance ${4 * band}`,
    });
  }
  return lineShare(dim, band / (rate - band));
}
