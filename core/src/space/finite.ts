import { fail, show } from '../errors.js';
import { permutation } from '../math/sampling.js';
import { checkDimension, checkRadius, copyFirst } from './flat.js';
import type { Space } from './space.js';

/**
 * The n points 0, 1, …, n - 1 with the discrete distance (1 between different points), stored as one
 * coordinate. Nothing moves: velocities are projected to zero, only masses change.
 * @example
 * const actions = finite(3); // the pure strategies of a matrix game
 */
export function finite(n: number): Space {
  checkDimension('finite', n);
  const name = `finite(${n})`;
  const snap = (x: number): number => Math.min(n - 1, Math.max(0, Math.round(x)));
  return {
    kind: 'finite',
    name,
    dim: 1,
    intrinsicDim: 0,
    volume: n,
    diameter: n > 1 ? 1 : 0,
    hasBoundary: false,
    contains: (points, start = 0) => Number.isInteger(points[start]) && points[start] >= 0 && points[start] < n,
    projectInto: (out, points, count) => {
      for (let i = 0; i < count; i++) out[i] = snap(points[i]);
    },
    retractInto: (out, points, _velocity, _scale, count) => copyFirst(out, points, count),
    projectTangentInto: (out, _points, _vectors, count) => out.fill(0, 0, count),
    distance: (a, aStart, b, bStart) => (a[aStart] === b[bStart] ? 0 : 1),
    sampleInto: (out, count, random) => {
      for (let i = 0; i < count; i++) out[i] = random.integer(n);
    },
    covering: (radius) => {
      checkRadius(name, radius);
      return { radius, count: n, centers: Float64Array.from({ length: n }, (_, i) => i) };
    },
    isometry: (random) => {
      const order = permutation(n, random);
      return {
        name: 'an order of the points',
        applyInto: (out, points, count) => {
          for (let i = 0; i < count; i++) out[i] = order[checkIndex(points[i])];
        },
        pushForwardInto: (out, _points, vectors, count) => copyFirst(out, vectors, count),
      };
    },
  };

  function checkIndex(x: number): number {
    if (Number.isInteger(x) && x >= 0 && x < n) return x;
    return fail({
      code: 'invalid-argument',
      where: name,
      problem: 'a point is not in the space',
      got: show(x),
      expected: `an integer from 0 to ${n - 1}`,
      fix: 'pass indices of points',
    });
  }
}
