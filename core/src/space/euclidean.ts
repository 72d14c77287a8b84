import { fail } from '../errors.js';
import { randomOrthogonal } from '../math/linalg.js';
import { addScaled, checkDimension, copyFirst, euclideanDistance, linearIsometry } from './flat.js';
import type { Space } from './space.js';

/**
 * The space R^d with its straight lines. Unbounded: no uniform law, no covering.
 * @example
 * const plane = euclidean(2); // plane.dim === 2
 */
export function euclidean(d: number): Space {
  checkDimension('euclidean', d);
  const unbounded = (what: string): never =>
    fail({
      code: 'unsupported',
      where: `euclidean(${d})`,
      problem: `${what} of an unbounded space does not exist`,
      got: 'R^d',
      expected: 'a bounded space',
      fix: 'use a box, or another initial law such as a Gaussian',
    });
  return {
    kind: 'euclidean',
    name: `euclidean(${d})`,
    dim: d,
    intrinsicDim: d,
    volume: Number.POSITIVE_INFINITY,
    diameter: Number.POSITIVE_INFINITY,
    hasBoundary: false,
    contains: (points, start = 0) => {
      for (let k = 0; k < d; k++) if (!Number.isFinite(points[start + k])) return false;
      return true;
    },
    projectInto: (out, points, count) => copyFirst(out, points, count * d),
    retractInto: (out, points, velocity, scale, count) => addScaled(out, points, velocity, scale, count * d),
    projectTangentInto: (out, _, vectors, count) => copyFirst(out, vectors, count * d),
    distance: (a, aStart, b, bStart) => euclideanDistance(a, aStart, b, bStart, d),
    sampleInto: () => unbounded('the uniform law'),
    covering: () => unbounded('a finite covering'),
    isometry: (random) =>
      linearIsometry(
        'rotation and shift',
        randomOrthogonal(d, random),
        d,
        Float64Array.from({ length: d }, () => random.normal()),
      ),
  };
}
