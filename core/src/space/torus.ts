import { fail, show } from '../errors.js';
import { permutation } from '../math/sampling.js';
import { addScaled, checkDimension, copyFirst, defaultMaxCount, gridCovering, signedPermutation } from './flat.js';
import type { Isometry, Space } from './space.js';

/**
 * The flat torus `(R / period Z)^d`; coordinates are kept in [0, period).
 * @example
 * const circle = torus(1); // period 1
 */
export function torus(d: number, options: { readonly period?: number } = {}): Space {
  const { period = 1 } = options;
  checkDimension('torus', d);
  if (!(period > 0 && Number.isFinite(period))) {
    fail({
      code: 'invalid-argument',
      where: 'torus',
      problem: 'the period is not usable',
      got: show(period),
      expected: 'a finite number above 0',
      fix: 'pass { period: 1 } or { period: 2 * Math.PI }',
    });
  }
  const name = period === 1 ? `torus(${d})` : `torus(${d},${period})`;
  const wrap = (out: Float64Array, count: number): void => {
    for (let i = 0; i < count * d; i++) {
      if (out[i] > 0 && out[i] < period) continue;
      // The quotient may round up to the next integer and leave x just below 0; adding the period may round to it.
      let x = out[i] - period * Math.floor(out[i] / period);
      if (x < 0) x += period;
      out[i] = x >= period ? 0 : x;
    }
  };
  const wrapped = (isometry: Isometry): Isometry => ({
    ...isometry,
    applyInto: (out, points, count) => {
      isometry.applyInto(out, points, count);
      wrap(out, count);
    },
  });
  return {
    kind: 'torus',
    name,
    dim: d,
    intrinsicDim: d,
    volume: period ** d,
    diameter: (period / 2) * Math.sqrt(d),
    hasBoundary: false,
    contains: (points, start = 0, tolerance = 1e-9) => {
      for (let k = 0; k < d; k++) {
        if (!(points[start + k] >= -tolerance && points[start + k] <= period + tolerance)) return false;
      }
      return true;
    },
    projectInto: (out, points, count) => {
      copyFirst(out, points, count * d);
      wrap(out, count);
    },
    retractInto: (out, points, velocity, scale, count) => {
      addScaled(out, points, velocity, scale, count * d);
      wrap(out, count);
    },
    projectTangentInto: (out, _, vectors, count) => copyFirst(out, vectors, count * d),
    distance: (a, aStart, b, bStart) => {
      let sum = 0;
      for (let k = 0; k < d; k++) {
        const turns = (a[aStart + k] - b[bStart + k]) / period;
        const difference = (turns - Math.round(turns)) * period;
        sum += difference * difference;
      }
      return Math.sqrt(sum);
    },
    sampleInto: (out, count, random) => {
      for (let i = 0; i < count * d; i++) out[i] = random.uniform() * period;
    },
    covering: (radius, maxCount = defaultMaxCount) =>
      gridCovering(name, new Float64Array(d), new Float64Array(d).fill(period), radius, maxCount),
    isometry: (random) =>
      wrapped(
        signedPermutation(
          'shift, reflections and an order of the axes',
          permutation(d, random),
          Array.from({ length: d }, () => (random.uniform() < 0.5 ? -1 : 1)),
          Array.from({ length: d }, () => random.uniform() * period),
        ),
      ),
  };
}
