/** Helpers on flat arrays; none allocates. */

/** Index of the first entry that is NaN or infinite, or -1. */
export function firstNonFinite(values: Float64Array, count = values.length): number {
  for (let i = 0; i < count; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** `out += scale * values` over the first `count` entries. */
export function addScaledInto(out: Float64Array, scale: number, values: Float64Array, count = values.length): void {
  for (let i = 0; i < count; i++) out[i] += scale * values[i];
}

/** Largest absolute value; 0 for nothing, NaN if any entry is NaN. */
export function maxAbs(values: Float64Array, count = values.length): number {
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const size = Math.abs(values[i]);
    if (Number.isNaN(size)) return size;
    if (size > largest) largest = size;
  }
  return largest;
}

/** Euclidean norm `sqrt(sum_i v_i^2)` of a run of entries; overflows where a square does. */
export function euclideanNorm(values: Float64Array, start = 0, count = values.length - start): number {
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}
