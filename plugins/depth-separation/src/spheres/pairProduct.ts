import { type DepthThree, type Interpolant, interpolate } from '../constructions/index.js';
import { type DataLaw, sphereData } from '../laws/index.js';
import type { Target } from '../targets/index.js';

/**
 * The target `h(<x, x'>)` of points (x, x') in R^(2d).
 *
 * @param options.dim - d, half of the target's dimension.
 */
export function pairTarget(options: {
  readonly dim: number;
  readonly h: (t: number) => number;
  readonly name: string;
}): Target {
  const { dim: d, h, name } = options;
  return {
    dim: 2 * d,
    complex: false,
    name: `${name}, t = <x, x'>`,
    valuesInto(out, points, count) {
      for (let l = 0; l < count; l++) {
        let t = 0;
        for (let k = 0; k < d; k++) t += points[2 * l * d + k] * points[(2 * l + 1) * d + k];
        // Rounding may carry the product of unit vectors out of the domain of h.
        out[l] = h(Math.min(1, Math.max(-1, t)));
      }
    },
  };
}

/** Two independent uniform points of the unit sphere of R^d, one after the other: a law on R^(2d). */
export function pairData(dim: number): DataLaw {
  const one = sphereData({ dim });
  return {
    dim: 2 * dim,
    band: null,
    name: `two independent points, ${one.name} in R^${dim}`,
    sampleInto: (points, stream) => one.sampleInto(points, stream),
  };
}

/** Knots of a depth-three construction. */
export interface KnotCounts {
  /** For each square. */
  readonly inner: number;
  /** For the last function. */
  readonly outer: number;
}

/** The parts of each law that the knots cover: five standard deviations. */
const reach = 5;

/**
 * The pair product as a depth-three network, `h(sum_i (x_i + x'_i)^2 / 2 - 1)`, which is `h(<x, x'>)` on the spheres:
 * d squares by piecewise linear interpolants with their mean error taken off, then h by another. `d inner + outer`
 * units.
 */
export function pairConstruction(
  { dim, h }: { readonly dim: number; readonly h: (t: number) => number },
  { inner, outer }: KnotCounts,
): DepthThree {
  const directions = new Float64Array(dim * 2 * dim);
  for (let i = 0; i < dim; i++) {
    directions[i * 2 * dim + i] = 1;
    directions[i * 2 * dim + dim + i] = 1;
  }
  const widest = Math.min(1, reach / Math.sqrt(dim));
  return {
    dim: 2 * dim,
    directions,
    inner: squareInterpolant(Math.min(2, reach * Math.sqrt(2 / dim)), inner),
    outer: interpolate((s) => h(Math.min(1, Math.max(-1, s / 2 - 1))), 2 - 2 * widest, 2 + 2 * widest, outer),
  };
}

/** `u^2` on [-c, c] at equally spaced knots, less `h^2/6`, the mean by which chords lie above it. */
export function squareInterpolant(c: number, count: number): Interpolant {
  const { knots, values } = interpolate((u) => u * u, -c, c, count);
  const above = (knots[1] - knots[0]) ** 2 / 6;
  return { knots, values: values.map((value) => value - above) };
}
