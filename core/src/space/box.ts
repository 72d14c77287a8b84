import { fail, show } from '../errors.js';
import { addScaled, copyFirst, defaultMaxCount, euclideanDistance, gridCovering, signedPermutation } from './flat.js';
import type { Space } from './space.js';

/**
 * The box `prod_k [l_k, u_k]`. The retraction clamps: atoms stop at the walls.
 * @param intervals pairs `[lower, upper]`, one per coordinate, finite and not empty.
 * @example
 * const square = box([[-1, 1], [0, 2]]);
 */
export function box(intervals: readonly (readonly [number, number])[]): Space {
  const d = intervals.length;
  const wrong = intervals.findIndex(([low, high]) => !(Number.isFinite(low) && Number.isFinite(high) && low < high));
  if (d === 0 || wrong >= 0) {
    fail({
      code: 'invalid-argument',
      where: 'box',
      problem: d === 0 ? 'a box needs an interval' : `interval ${wrong} is not usable`,
      got: d === 0 ? '0 intervals' : show(intervals[wrong]),
      expected: 'pairs [lower, upper] of finite numbers with lower < upper',
      fix: 'write box([[-1, 1]]) for an interval',
    });
  }
  const lower = Float64Array.from(intervals, ([low]) => low);
  const upper = Float64Array.from(intervals, ([, high]) => high);
  const name = intervals.map(([low, high]) => `[${low},${high}]`).join(',');
  const clamp = (out: Float64Array, count: number): void => {
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < d; k++) {
        // Math.min and Math.max keep NaN, so that the run finds it, not a wall.
        out[i * d + k] = Math.max(lower[k], Math.min(upper[k], out[i * d + k]));
      }
    }
  };
  return {
    kind: 'box',
    name,
    dim: d,
    intrinsicDim: d,
    volume: lower.reduce((product, low, k) => product * (upper[k] - low), 1),
    diameter: euclideanDistance(lower, 0, upper, 0, d),
    hasBoundary: true,
    contains: (points, start = 0, tolerance = 1e-9) => {
      for (let k = 0; k < d; k++) {
        if (!(points[start + k] >= lower[k] - tolerance && points[start + k] <= upper[k] + tolerance)) return false;
      }
      return true;
    },
    projectInto: (out, points, count) => {
      copyFirst(out, points, count * d);
      clamp(out, count);
    },
    retractInto: (out, points, velocity, scale, count) => {
      addScaled(out, points, velocity, scale, count * d);
      clamp(out, count);
    },
    projectTangentInto: (out, _, vectors, count) => copyFirst(out, vectors, count * d),
    distance: (a, aStart, b, bStart) => euclideanDistance(a, aStart, b, bStart, d),
    sampleInto: (out, count, random) => {
      for (let i = 0; i < count * d; i++) out[i] = lower[i % d] + random.uniform() * (upper[i % d] - lower[i % d]);
    },
    covering: (radius, maxCount = defaultMaxCount) => gridCovering(name, lower, upper, radius, maxCount),
    // Reflections x_k -> l_k + u_k - x_k.
    isometry: (random) => {
      const signs = Array.from({ length: d }, () => (random.uniform() < 0.5 ? -1 : 1));
      return signedPermutation(
        'reflections',
        signs.map((_, k) => k),
        signs,
        signs.map((sign, k) => (sign < 0 ? lower[k] + upper[k] : 0)),
      );
    },
  };
}
