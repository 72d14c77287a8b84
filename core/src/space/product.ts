import { fail } from '../errors.js';
import { checkRadius, defaultMaxCount, roundingMargin, tooMany } from './flat.js';
import type { Covering, Isometry, Space } from './space.js';

/**
 * The product of spaces with distance `sqrt(sum_k dist_k^2)`; points are the coordinates of the factors
 * one after the other, as in the lifted space `R x sphere(d)` of signed neurons.
 */
export function product(factors: readonly Space[]): Space {
  if (factors.length === 0) {
    fail({
      code: 'invalid-argument',
      where: 'product',
      problem: 'a product needs a factor',
      got: '0 spaces',
      expected: 'one or more spaces',
      fix: 'write product([euclidean(1), sphere(3)])',
    });
  }
  const dims = factors.map((factor) => factor.dim);
  const starts = dims.map((_, k) => dims.slice(0, k).reduce((a, b) => a + b, 0));
  const d = dims.reduce((a, b) => a + b, 0);
  const widest = Math.max(...dims);
  const [p, v, o] = [new Float64Array(widest), new Float64Array(widest), new Float64Array(widest)];
  const name = `product(${factors.map((factor) => factor.name).join(' x ')})`;

  /** Applies a one-point operation of every factor to every point. */
  const each = (
    out: Float64Array,
    points: Float64Array,
    vectors: Float64Array,
    count: number,
    apply: (factor: Space, out: Float64Array, point: Float64Array, vector: Float64Array, index: number) => void,
  ): void => {
    for (let i = 0; i < count; i++) {
      for (let f = 0; f < factors.length; f++) {
        const start = i * d + starts[f];
        for (let k = 0; k < dims[f]; k++) {
          p[k] = points[start + k];
          v[k] = vectors[start + k];
        }
        apply(factors[f], o, p, v, f);
        for (let k = 0; k < dims[f]; k++) out[start + k] = o[k];
      }
    }
  };
  return {
    kind: 'product',
    name,
    dim: d,
    intrinsicDim: factors.reduce((total, factor) => total + factor.intrinsicDim, 0),
    volume: factors.reduce((total, factor) => total * factor.volume, 1),
    diameter: Math.hypot(...factors.map((factor) => factor.diameter)),
    hasBoundary: factors.some((factor) => factor.hasBoundary),
    factors,
    contains: (points, start = 0, tolerance = 1e-9) =>
      factors.every((factor, f) => factor.contains(points, start + starts[f], tolerance)),
    projectInto: (out, points, count) => each(out, points, points, count, (s, to, x) => s.projectInto(to, x, 1)),
    retractInto: (out, points, velocity, scale, count) =>
      each(out, points, velocity, count, (s, to, x, w) => s.retractInto(to, x, w, scale, 1)),
    projectTangentInto: (out, points, vectors, count) =>
      each(out, points, vectors, count, (s, to, x, w) => s.projectTangentInto(to, x, w, 1)),
    distance: (a, aStart, b, bStart) => {
      let sum = 0;
      for (let f = 0; f < factors.length; f++) {
        const part = factors[f].distance(a, aStart + starts[f], b, bStart + starts[f]);
        sum += part * part;
      }
      return Math.sqrt(sum);
    },
    sampleInto: (out, count, random) => each(out, out, out, count, (s, to) => s.sampleInto(to, 1, random)),
    covering: (radius, maxCount = defaultMaxCount) => productCovering(name, factors, radius, maxCount),
    isometry: (random) =>
      productIsometry(
        factors.map((factor) => factor.isometry(random)),
        each,
      ),
  };
}

/**
 * Every combination of centers. Proof: with m factors covered to `radius / sqrt(m)`, the squared distance to
 * the nearest combination is at most `m radius^2 / m`.
 */
function productCovering(name: string, factors: readonly Space[], radius: number, maxCount: number): Covering {
  checkRadius(name, radius);
  const share = (radius / Math.sqrt(factors.length)) * (1 - roundingMargin);
  const parts = factors.map((factor) => factor.covering(share, maxCount));
  const count = parts.reduce((total, part) => total * part.count, 1);
  if (!(count <= maxCount)) tooMany(name, radius, count, maxCount);
  const d = factors.reduce((total, factor) => total + factor.dim, 0);
  const centers = new Float64Array(count * d);
  for (let c = 0; c < count; c++) {
    let rest = c;
    let at = c * d;
    for (let f = 0; f < parts.length; f++) {
      const { count: own, centers: from } = parts[f];
      const start = (rest % own) * factors[f].dim;
      rest = Math.floor(rest / own);
      for (let k = 0; k < factors[f].dim; k++) centers[at++] = from[start + k];
    }
  }
  return { radius, count, centers };
}

type Each = (
  out: Float64Array,
  points: Float64Array,
  vectors: Float64Array,
  count: number,
  apply: (factor: Space, out: Float64Array, point: Float64Array, vector: Float64Array, index: number) => void,
) => void;

function productIsometry(parts: readonly Isometry[], each: Each): Isometry {
  return {
    name: parts.map((part) => part.name).join(' x '),
    applyInto: (out, points, count) =>
      each(out, points, points, count, (_, to, x, __, f) => parts[f].applyInto(to, x, 1)),
    pushForwardInto: (out, points, vectors, count) =>
      each(out, points, vectors, count, (_, to, x, w, f) => parts[f].pushForwardInto(to, x, w, 1)),
  };
}
