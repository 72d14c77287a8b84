import { fail, show } from '../errors.js';
import type { RandomStream } from './random.js';

/** A uniformly random order of 0, …, n - 1 (Fisher-Yates); O(n). */
export function permutation(n: number, random: RandomStream): Uint32Array {
  if (!(Number.isInteger(n) && n >= 0)) refuse('permutation', 'the size is not usable', show(n), 'an integer >= 0');
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}

/**
 * Draws an index with probability proportional to its mass; one uniform, O(n), allocates n numbers.
 *
 * @throws `invalid-argument` for a negative or NaN mass, or a total that is 0 or not finite.
 *
 * @example
 * categorical(Float64Array.of(0, 3, 1), random); // 1 three times out of four, else 2
 */
export function categorical(masses: Float64Array, random: RandomStream): number {
  const sums = cumulative(masses, 'categorical');
  return firstAbove(sums, random.uniform() * sums[sums.length - 1]);
}

/**
 * Systematic resampling: `out[k]` is the index that holds level `(k + u) / out.length` of the total mass. Index i
 * appears floor or ceil of `out.length * m_i / total` times, in the mean over u exactly that often; the order is kept.
 * O(n + out.length). Source: [DoucCappeMoulines2005], section 2.4.
 *
 * @param u in [0, 1), one draw for the whole set.
 * @throws as {@link categorical}, and for u outside [0, 1).
 */
export function systematicResample(masses: Float64Array, u: number, out: Uint32Array): void {
  if (!(u >= 0 && u < 1)) refuse('systematicResample', 'the offset is not usable', show(u), 'a number in [0, 1)');
  const sums = cumulative(masses, 'systematicResample');
  const total = sums[sums.length - 1];
  const last = firstAbove(sums, total);
  let i = 0;
  for (let k = 0; k < out.length; k++) {
    const level = ((k + u) / out.length) * total;
    while (i < last && sums[i] <= level) i++;
    out[k] = i;
  }
}

/**
 * Systematic resampling of as many indices as there are masses, as counts: `copies[i]` is how often
 * {@link systematicResample} draws i, by the same comparisons. O(n), allocates nothing.
 *
 * @param total the sum of the masses in the order of their indices, positive and finite; the masses are not checked.
 */
export function systematicCopiesInto(copies: Uint32Array, masses: Float64Array, total: number, u: number): void {
  const count = masses.length;
  copies.fill(0);
  let i = 0;
  let sum = masses[0];
  for (let k = 0; k < count; k++) {
    const level = ((k + u) / count) * total;
    // The sum reaches the total at the last index that has mass.
    while (sum <= level && sum < total) sum += masses[++i];
    copies[i]++;
  }
}

/** Writes a uniform point of the unit sphere of R^d, d >= 1, at `out[start]`: a normal vector over its length. */
export function sphereInto(out: Float64Array, start: number, d: number, random: RandomStream): void {
  if (!(Number.isInteger(d) && d >= 1)) refuse('sphereInto', 'the dimension is not usable', show(d), 'an integer >= 1');
  let squared = 0;
  do {
    squared = 0;
    for (let k = 0; k < d; k++) {
      const value = random.normal();
      out[start + k] = value;
      squared += value * value;
    }
  } while (squared < 1e-200);
  const length = Math.sqrt(squared);
  for (let k = 0; k < d; k++) out[start + k] /= length;
}

/** Cumulative sums of non-negative masses, checked; the last entry is the total. */
function cumulative(masses: Float64Array, where: string): Float64Array {
  const sums = new Float64Array(masses.length);
  let total = 0;
  for (let i = 0; i < masses.length; i++) {
    if (!(masses[i] >= 0))
      refuse(where, `mass ${i} is not usable`, show(masses[i]), 'masses >= 0, not their logarithms');
    total += masses[i];
    sums[i] = total;
  }
  if (!(total > 0 && Number.isFinite(total))) {
    refuse(where, 'the masses have no usable total', `total ${total} of ${show(masses)}`, 'a finite total above 0');
  }
  return sums;
}

/** The first index whose cumulative sum exceeds `level`, or reaches the total: never one without mass. */
function firstAbove(sums: Float64Array, level: number): number {
  const total = sums[sums.length - 1];
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sums[middle] > level || sums[middle] === total) high = middle;
    else low = middle + 1;
  }
  return low;
}

function refuse(where: string, problem: string, got: string, expected: string): never {
  return fail({ code: 'invalid-argument', where, problem, got, expected, fix: `pass ${expected}` });
}
