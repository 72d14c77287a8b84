import { fail, show } from '../errors.js';
import type { RandomStream } from './random.js';

/** A uniformly random order of 0, …, n - 1 (Fisher-Yates). */
export function permutation(n: number, random: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}

/** Cumulative sums of non-negative masses, checked; the last entry is the total. */
function cumulative(masses: Float64Array, where: string): Float64Array {
  const sums = new Float64Array(masses.length);
  let total = 0;
  for (let i = 0; i < masses.length; i++) {
    if (!(masses[i] >= 0)) {
      fail({
        code: 'invalid-argument',
        where,
        problem: `mass ${i} is not usable`,
        got: show(masses[i]),
        expected: 'masses >= 0',
        fix: 'pass masses, not log-masses or signed weights',
      });
    }
    total += masses[i];
    sums[i] = total;
  }
  if (!(total > 0 && Number.isFinite(total))) {
    fail({
      code: 'invalid-argument',
      where,
      problem: 'the masses have no usable total',
      got: `total ${total} of ${show(masses)}`,
      expected: 'a finite total above 0',
      fix: 'rescale the masses or remove the empty measure',
    });
  }
  return sums;
}

/** Draws an index with probability proportional to its mass; O(n). */
export function categorical(masses: Float64Array, random: RandomStream): number {
  const sums = cumulative(masses, 'categorical');
  return firstAbove(sums, random.uniform() * sums[sums.length - 1]);
}

/** The first index whose cumulative sum exceeds `level`, by bisection. */
function firstAbove(sums: Float64Array, level: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > level) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Systematic resampling: `out[k]` is the index that holds level `(k + u) / count` of the total mass.
 * Index i appears either floor or ceil of `count * m_i / total` times; among unbiased schemes it moves
 * the empirical measure least. Source: [DoucCappeMoulines2005], section 2.4.
 */
export function systematicResample(masses: Float64Array, u: number, out: Uint32Array): void {
  const sums = cumulative(masses, 'systematicResample');
  const total = sums[sums.length - 1];
  let i = 0;
  for (let k = 0; k < out.length; k++) {
    const level = ((k + u) / out.length) * total;
    while (i < sums.length - 1 && sums[i] <= level) i++;
    out[k] = i;
  }
}

/** Writes a uniform point of the unit sphere of R^d: a normal vector over its length. */
export function sphereInto(out: Float64Array, start: number, d: number, random: RandomStream): void {
  for (;;) {
    let squared = 0;
    for (let k = 0; k < d; k++) {
      const value = random.normal();
      out[start + k] = value;
      squared += value * value;
    }
    if (squared > 1e-200) {
      const scale = 1 / Math.sqrt(squared);
      for (let k = 0; k < d; k++) out[start + k] *= scale;
      return;
    }
  }
}
