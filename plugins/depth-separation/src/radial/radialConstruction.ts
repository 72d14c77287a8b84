import { fail, show } from '@muflow/core';
import type { DepthThree } from '../constructions/index.js';

/** Options of {@link radialConstruction}. */
export interface RadialConstructionOptions {
  readonly dim: number;
  /** The target at radius s. */
  readonly profile: (radius: number) => number;
  /** Radius S from which the construction is 0. */
  readonly cutoff: number;
  /** Distance of the outer knots in the radius. */
  readonly outerStep: number;
  /** Distance of the inner knots in asinh(x_i). */
  readonly innerStep: number;
}

/**
 * A radial function as a depth-three network: squares of the coordinates by chords, their sum q, then `G(sqrt(q))` by
 * chords between the squares of equally spaced radii up to S, and 0 beyond.
 *
 * The knots of x^2 are equally spaced in asinh(x), so that the chords' error `(1 + x^2) h^2/6`, whose mean is taken off,
 * stays in proportion to x^2 however heavy the tails are. `d m + m'` units.
 */
export function radialConstruction(options: RadialConstructionOptions): DepthThree {
  const { dim, profile, cutoff, outerStep, innerStep } = options;
  if (!(cutoff > 0 && outerStep > 0 && innerStep > 0 && cutoff / outerStep < 1e6)) {
    fail({
      code: 'invalid-argument',
      where: 'radialConstruction',
      problem: 'the knots are not usable',
      got: `cutoff ${show(cutoff)}, steps ${show(outerStep)} and ${show(innerStep)}`,
      expected: 'positive numbers and fewer than a million knots',
      fix: 'pass for instance cutoff 100, outerStep 0.2, innerStep 0.1',
    });
  }
  const half = Math.ceil(Math.asinh(cutoff) / innerStep);
  const knots = Float64Array.from({ length: 2 * half + 1 }, (_, j) => Math.sinh((j - half) * innerStep));
  const inner = { knots, values: knots.map((x) => x * x - ((1 + x * x) * innerStep ** 2) / 6) };
  const count = Math.ceil(cutoff / outerStep) + 1;
  const radii = Float64Array.from({ length: count + 1 }, (_, j) => j * outerStep);
  const outer = {
    knots: radii.map((s) => s * s),
    values: radii.map((s, j) => (j === count ? 0 : profile(s))),
  };
  const directions = new Float64Array(dim * dim);
  for (let i = 0; i < dim; i++) directions[i * dim + i] = 1;
  return { dim, directions, inner, outer };
}
