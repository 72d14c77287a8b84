import { fail, show } from '../errors.js';
import type { Covering, Isometry } from './space.js';

/** Pieces shared by spaces whose points are plain coordinates. */

/** Refuses a dimension that is not a whole number from 1 up. */
export function checkDimension(where: string, d: number, least = 1): void {
  if (Number.isInteger(d) && d >= least && d <= 100_000) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the dimension is not usable',
    got: show(d),
    expected: `an integer from ${least} to 100000`,
    fix: `pass the number of coordinates, as in ${where}(${Math.max(2, least)})`,
  });
}

/** `out = points + scale * velocity`. */
export function addScaled(
  out: Float64Array,
  points: Float64Array,
  velocity: Float64Array,
  scale: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) out[i] = points[i] + scale * velocity[i];
}

export function copyFirst(out: Float64Array, values: Float64Array, length: number): void {
  if (out === values) return;
  for (let i = 0; i < length; i++) out[i] = values[i];
}

export function euclideanDistance(a: Float64Array, aStart: number, b: Float64Array, bStart: number, d: number): number {
  let sum = 0;
  for (let k = 0; k < d; k++) {
    const difference = a[aStart + k] - b[bStart + k];
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/**
 * Centers of the cells of a product grid that covers a box, refused above `maxCount` cells.
 * Proof: a point lies in a cell of sides `s_k <= s = 2 radius / sqrt(d)`, so within `sqrt(sum_k (s_k / 2)^2)
 * <= sqrt(d) s / 2 = radius` of its center. The sides are kept a relative 1e-12 shorter to cover rounding.
 */
export function gridCovering(
  where: string,
  lower: Float64Array,
  upper: Float64Array,
  radius: number,
  maxCount: number,
): Covering {
  checkRadius(where, radius);
  const d = lower.length;
  const side = ((2 * radius) / Math.sqrt(d)) * (1 - roundingMargin);
  const cells = Array.from(lower, (low, k) => Math.max(1, Math.ceil((upper[k] - low) / side)));
  const count = cells.reduce((product, n) => product * n, 1);
  if (!(count <= maxCount)) tooMany(where, radius, count, maxCount);
  const centers = new Float64Array(count * d);
  for (let c = 0; c < count; c++) {
    let rest = c;
    for (let k = 0; k < d; k++) {
      const index = rest % cells[k];
      rest = Math.floor(rest / cells[k]);
      centers[c * d + k] = lower[k] + ((index + 0.5) / cells[k]) * (upper[k] - lower[k]);
    }
  }
  return { radius, count, centers };
}

export function checkRadius(where: string, radius: number): void {
  if (radius > 0 && Number.isFinite(radius)) return;
  fail({
    code: 'invalid-argument',
    where: `${where}.covering`,
    problem: 'the radius is not usable',
    got: show(radius),
    expected: 'a finite number above 0',
    fix: 'pass a positive radius',
  });
}

export function tooMany(where: string, radius: number, count: number, maxCount: number): never {
  return fail({
    code: 'invalid-argument',
    where: `${where}.covering`,
    problem: 'the covering would be too large',
    got: `${count} centers at radius ${radius}`,
    expected: `at most ${maxCount}`,
    fix: 'take a larger radius or raise maxCount',
  });
}

/** Coverings are laid out for a radius smaller by this factor, so that rounding cannot push a point out of reach. */
export const roundingMargin = 1e-12;

/** The default limit of a covering. */
export const defaultMaxCount = 1_000_000;

/** The map `x -> (s_k x_{p(k)} + t_k)_k`: signs, an order of the coordinates and a shift. */
export function signedPermutation(
  name: string,
  order: ArrayLike<number>,
  signs: ArrayLike<number>,
  shift: ArrayLike<number>,
): Isometry {
  const d = order.length;
  const map = (out: Float64Array, values: Float64Array, count: number, moved: number): void => {
    const source = out === values ? values.slice(0, count * d) : values;
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < d; k++) out[i * d + k] = signs[k] * source[i * d + order[k]] + moved * shift[k];
    }
  };
  return {
    name,
    applyInto: (out, points, count) => map(out, points, count, 1),
    pushForwardInto: (out, _, vectors, count) => map(out, vectors, count, 0),
  };
}

/** The linear map with matrix q (d*d), followed by a shift. */
export function linearIsometry(name: string, q: Float64Array, d: number, shift: Float64Array): Isometry {
  const map = (out: Float64Array, values: Float64Array, count: number, moved: number): void => {
    const source = out === values ? values.slice(0, count * d) : values;
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < d; k++) {
        let sum = moved * shift[k];
        for (let l = 0; l < d; l++) sum += q[k * d + l] * source[i * d + l];
        out[i * d + k] = sum;
      }
    }
  };
  return {
    name,
    applyInto: (out, points, count) => map(out, points, count, 1),
    pushForwardInto: (out, _, vectors, count) => map(out, vectors, count, 0),
  };
}
