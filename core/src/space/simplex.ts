import { permutation } from '../math/sampling.js';
import { logGamma } from '../math/special.js';
import { addScaled, checkDimension, checkRadius, copyFirst, defaultMaxCount, euclideanDistance, signedPermutation, tooMany } from './flat.js';
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
      signedPermutation('an order of the coordinates', permutation(k, random), new Float64Array(k).fill(1), new Float64Array(k)),
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
 * The lattice points with coordinates in multiples of 1/N: every point of the simplex rounds to one with
 * each coordinate off by less than 1/N, so within `sqrt(k) / N`.
 */
function simplexCovering(name: string, k: number, radius: number, maxCount: number): Covering {
  checkRadius(name, radius);
  const n = Math.max(1, Math.ceil(Math.sqrt(k) / radius));
  const count = Math.round(Math.exp(logGamma(n + k) - logGamma(n + 1) - logGamma(k)));
  if (!(count <= maxCount)) tooMany(name, radius, count, maxCount);
  const centers = new Float64Array(count * k);
  const current = new Int32Array(k);
  current[k - 1] = n;
  for (let c = 0; c < count; c++) {
    for (let j = 0; j < k; j++) centers[c * k + j] = current[j] / n;
    // Next composition of n in colexicographic order: move one unit left from the last part.
    let j = k - 1;
    while (j > 0 && current[j] === 0) j--;
    if (j === 0) break;
    const moved = current[j];
    current[j] = 0;
    current[j - 1] += 1;
    current[k - 1] = moved - 1;
  }
  return { radius, count, centers };
}
