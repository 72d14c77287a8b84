import type { RandomStream } from '@muflow/core';
import { checkDimension, checkPoints, checkPositive } from './checks.js';
import type { DataLaw } from './dataLaw.js';

/**
 * The uniform law on the sphere of radius R in R^d (the two points -R and R for d = 1).
 *
 * @throws `invalid-argument` for a dimension below 1 or a radius <= 0.
 *
 * @example
 * sphereData({ dim: 8 }).sampleInto(points, stream);
 */
export function sphereData(options: { readonly dim: number; readonly radius?: number }): DataLaw {
  const { dim, radius = 1 } = options;
  checkPositive('sphereData', 'radius > 0', radius);
  return radialLaw('sphereData', dim, `uniform on the sphere of radius ${radius}`, () => radius);
}

/**
 * The uniform law on the ball of radius R in R^d: a radius `R u^(1/d)` times a uniform direction.
 *
 * @throws `invalid-argument` for a dimension below 1 or a radius <= 0.
 *
 * @example
 * ballData({ dim: 3, radius: 2 }).sampleInto(points, stream);
 */
export function ballData(options: { readonly dim: number; readonly radius?: number }): DataLaw {
  const { dim, radius = 1 } = options;
  checkPositive('ballData', 'radius > 0', radius);
  return radialLaw(
    'ballData',
    dim,
    `uniform on the ball of radius ${radius}`,
    (stream) => radius * stream.uniform() ** (1 / dim),
  );
}

/**
 * A radial law with tails of index alpha: `P(|x| > t) = (1 + (t/s)^2)^(-alpha/2)`, and a uniform direction.
 *
 * Moments of order below alpha exist. In the plane it is Student's law of alpha degrees up to the scale. Exact by
 * inversion.
 *
 * @param options.tail alpha > 0, default 3, the index of {@link sincFourthData}.
 * @param options.scale s > 0, default 1.
 * @throws `invalid-argument` for a dimension below 1, alpha <= 0 or s <= 0.
 *
 * @example
 * heavyTailedData({ dim: 8, tail: 3 }).sampleInto(points, stream);
 */
export function heavyTailedData(options: {
  readonly dim: number;
  readonly tail?: number;
  readonly scale?: number;
}): DataLaw {
  const { dim, tail = 3, scale = 1 } = options;
  checkPositive('heavyTailedData', 'tail > 0', tail);
  checkPositive('heavyTailedData', 'scale > 0', scale);
  return radialLaw(
    'heavyTailedData',
    dim,
    `radial with tails |x|^-${tail}`,
    (stream) => scale * Math.sqrt(Math.expm1((-2 / tail) * Math.log(stream.uniform()))),
  );
}

/** Points `radius(stream) theta`, theta a normal vector divided by its length. */
function radialLaw(where: string, dim: number, name: string, radius: (stream: RandomStream) => number): DataLaw {
  checkDimension(where, dim);
  return {
    dim,
    band: null,
    name,
    sampleInto(points, stream) {
      checkPoints(where, points.length, dim);
      for (let at = 0; at < points.length; at += dim) {
        let squares = 0;
        while (squares === 0) {
          for (let k = 0; k < dim; k++) {
            const z = stream.normal();
            points[at + k] = z;
            squares += z * z;
          }
        }
        const factor = radius(stream) / Math.sqrt(squares);
        for (let k = 0; k < dim; k++) points[at + k] *= factor;
      }
    },
  };
}
