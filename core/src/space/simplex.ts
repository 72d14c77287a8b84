import { permutation } from '../math/sampling.js';
import { logGamma } from '../math/special.js';
import {
  addScaled,
  checkDimension,
  checkRadius,
  copyFirst,
  defaultMaxCount,
  euclideanDistance,
  roundingMargin,
  signedPermutation,
  tooMany,
} from './flat.js';
import type { Covering, Space } from './space.js';

/**
 * The probability simplex `{x >= 0, sum x = 1}` in R^k with the Euclidean distance of its plane.
 * The retraction is the Euclidean projection: atoms slide along the border.
 */
export function simplex(k: number): Space {
  checkDimension('simplex', k, 2);
  const name = `simplex(${k})`;
  const sorted = new Float64Array(k);
  const project = (out: Float64Array, count: number): void => {
    for (let i = 0; i < count; i++) projectPoint(out, i * k, k, sorted);
  };
  return {
    kind: 'simplex',
    name,
    dim: k,
    intrinsicDim: k - 1,
    volume: Math.sqrt(k) * Math.exp(-logGamma(k)),
    diameter: Math.SQRT2,
    hasBoundary: true,
    contains: (points, start = 0, tolerance = 1e-9) => {
      let total = 0;
      for (let j = 0; j < k; j++) {
        if (!(points[start + j] >= -tolerance)) return false;
        total += points[start + j];
      }
      return Math.abs(total - 1) <= tolerance * k;
    },
    projectInto: (out, points, count) => {
      copyFirst(out, points, count * k);
      project(out, count);
    },
    retractInto: (out, points, velocity, scale, count) => {
      addScaled(out, points, velocity, scale, count * k);
      project(out, count);
    },
    projectTangentInto: (out, _, vectors, count) => {
      for (let i = 0; i < count; i++) {
        let mean = 0;
        for (let j = 0; j < k; j++) mean += vectors[i * k + j] / k;
        for (let j = 0; j < k; j++) out[i * k + j] = vectors[i * k + j] - mean;
      }
    },
    distance: (a, aStart, b, bStart) => euclideanDistance(a, aStart, b, bStart, k),
    // Exponentials over their sum are uniform on the simplex.
    sampleInto: (out, count, random) => {
      for (let i = 0; i < count; i++) {
        let total = 0;
        for (let j = 0; j < k; j++) total += out[i * k + j] = random.exponential();
        for (let j = 0; j < k; j++) out[i * k + j] /= total;
      }
    },
    covering: (radius, maxCount = defaultMaxCount) => simplexCovering(name, k, radius, maxCount),
    isometry: (random) =>
      signedPermutation(
        'an order of the coordinates',
        permutation(k, random),
        new Float64Array(k).fill(1),
        new Float64Array(k),
      ),
  };
}

/** Euclidean projection of one point onto the simplex: subtract the level at which the positive parts sum to 1. */
function projectPoint(out: Float64Array, start: number, k: number, sorted: Float64Array): void {
  for (let j = 0; j < k; j++) {
    if (Number.isNaN(out[start + j])) return;
    sorted[j] = out[start + j];
  }
  sorted.sort();
  let sum = 0;
  let level = 0;
  for (let j = 1; j <= k; j++) {
    const value = sorted[k - j];
    sum += value;
    const candidate = (sum - 1) / j;
    if (value > candidate) level = candidate;
  }
  let total = 0;
  for (let j = 0; j < k; j++) {
    out[start + j] = Math.max(0, out[start + j] - level);
    total += out[start + j];
  }
  for (let j = 0; j < k; j++) out[start + j] /= total;
}

/**
 * The lattice points with coordinates in multiples of 1/N, within `sqrt(a (k - a) / k) / N`, a = floor(k / 2),
 * of every point p. Proof: round N p down and raise the m largest fractional parts f_1 >= … >= f_k to the
 * next integer, m their sum. The squared error `sum_j f_j^2 + m - 2 sum_{j <= m} f_j` is convex in f, so it is
 * largest at an extreme point of `{1 >= f_1 >= … >= f_k >= 0, sum f = m}`: some ones, q equal parts c / q,
 * zeros. There it is `c (q - c) / q` with c whole, at most `a (k - a) / k`.
 */
function simplexCovering(name: string, k: number, radius: number, maxCount: number): Covering {
  checkRadius(name, radius);
  const half = Math.floor(k / 2);
  const n = Math.max(1, Math.ceil(Math.sqrt((half * (k - half)) / k) / (radius * (1 - roundingMargin))));
  let count = 1;
  // The binomial coefficient (n + k - 1 over k - 1): each partial product is itself one, so divisions are exact.
  for (let j = 1; j < k; j++) count = (count * (n + j)) / j;
  if (!(count <= maxCount)) tooMany(name, radius, count, maxCount);
  const centers = new Float64Array(count * k);
  const current = new Int32Array(k);
  current[k - 1] = n;
  for (let c = 0; c < count; c++) {
    for (let j = 0; j < k; j++) centers[c * k + j] = current[j] / n;
    nextComposition(current);
  }
  return { radius, count, centers };
}

/** The next way to write the same number as an ordered sum: one unit moves left from the last part that is not 0. */
function nextComposition(parts: Int32Array): void {
  let j = parts.length - 1;
  while (j > 0 && parts[j] === 0) j--;
  if (j === 0) return;
  const moved = parts[j];
  parts[j] = 0;
  parts[j - 1] += 1;
  parts[parts.length - 1] = moved - 1;
}
