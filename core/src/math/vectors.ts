/** Helpers on flat arrays; none allocates. */

/** Index of the first entry that is NaN or infinite, or -1. */
export function firstNonFinite(values: Float64Array, count = values.length): number {
  // Finite numbers times 0 add up to 0; four sums at once keep the processor from waiting for one.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = count - (count % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i] * 0;
    b += values[i + 1] * 0;
    c += values[i + 2] * 0;
    d += values[i + 3] * 0;
  }
  const from = a + b + c + d === 0 ? whole : 0;
  for (let i = from; i < count; i++) if (!Number.isFinite(values[i])) return i;
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
