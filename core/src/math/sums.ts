/** Sums in a fixed order, so that the same numbers give the same bits on every machine. All are O(count), none allocates. */

/**
 * `log sum_i exp(v_i)` without overflow or underflow, in two passes.
 *
 * @returns -Infinity for nothing or only -Infinity, Infinity if any value is, NaN if any value is NaN.
 *
 * @example
 * logSumExp(Float64Array.of(-1000, -1000)); // -1000 + log 2
 */
export function logSumExp(values: Float64Array, start = 0, count = values.length - start): number {
  const end = start + count;
  // Equal masses are common: exp(0) is exactly 1, and so many of it add up exactly.
  let equal = start + 1;
  while (equal < end && values[equal] === values[start]) equal++;
  if (equal === end && Number.isFinite(values[start])) return values[start] + Math.log(count);
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) {
    if (Number.isNaN(values[i])) return Number.NaN;
    if (values[i] > maximum) maximum = values[i];
  }
  if (!Number.isFinite(maximum)) return maximum;
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i] === maximum ? 1 : Math.exp(values[i] - maximum);
  return maximum + Math.log(sum);
}

/** `log(exp(a) + exp(b))`; infinities and NaN as in {@link logSumExp}. */
export function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b);
  return Number.isFinite(high) ? high + Math.log1p(Math.exp(Math.min(a, b) - high)) : high;
}

/**
 * Subtracts the log-sum-exp in place, so that the exponentials sum to 1.
 *
 * @returns what was subtracted; if it is not finite (no mass, infinite mass, NaN) the values stay as they are.
 */
export function normalizeLogs(values: Float64Array, start = 0, count = values.length - start): number {
  const total = logSumExp(values, start, count);
  if (Number.isFinite(total)) for (let i = start; i < start + count; i++) values[i] -= total;
  return total;
}

/**
 * The probabilities `exp(v_i) / sum_j exp(v_j)`; `out` may be `values`. Where values are Infinity they share the mass
 * equally, where all are -Infinity every probability is 0, and NaN spreads to all.
 *
 * @returns `log sum_i exp(v_i)`.
 */
export function softmaxInto(out: Float64Array, values: Float64Array, start = 0, count = values.length - start): number {
  const total = logSumExp(values, start, count);
  const end = start + count;
  if (total === Number.POSITIVE_INFINITY) {
    let infinite = 0;
    for (let i = start; i < end; i++) if (values[i] === total) infinite++;
    for (let i = start; i < end; i++) out[i] = values[i] === total ? 1 / infinite : 0;
  } else if (total === Number.NEGATIVE_INFINITY) out.fill(0, start, end);
  else for (let i = start; i < end; i++) out[i] = Math.exp(values[i] - total);
  return total;
}

/**
 * Neumaier's compensated sum: about one rounding, plus count^2 2^-106 times the sum of sizes. Source: [Neumaier1974].
 *
 * @example
 * compensatedSum(Float64Array.of(1, 1e100, 1, -1e100)); // 2
 */
export function compensatedSum(values: Float64Array, start = 0, count = values.length - start): number {
  let sum = 0;
  let correction = 0;
  for (let i = start; i < start + count; i++) {
    const value = values[i];
    const next = sum + value;
    correction += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + correction : sum;
}

/** `sum_i a_i b_i` with compensation of the additions: each product is rounded once, their sum about once. */
export function weightedSum(a: Float64Array, b: Float64Array, count = a.length): number {
  let sum = 0;
  let correction = 0;
  for (let i = 0; i < count; i++) {
    const value = a[i] * b[i];
    const next = sum + value;
    correction += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + correction : sum;
}

/** Shorter runs are summed plainly: the error grows by this many roundings at most. */
const plainRun = 64;

/**
 * Sum by halves: error grows with log2(count) instead of count, at the cost of a plain loop. The halves depend on
 * `count` alone, so the bits do too.
 */
export function pairwiseSum(values: Float64Array, start = 0, count = values.length - start): number {
  if (count > plainRun) {
    const half = count >>> 1;
    return pairwiseSum(values, start, half) + pairwiseSum(values, start + half, count - half);
  }
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += values[i];
  return sum;
}

/** Plain dot product `sum_i a[aStart + i] b[bStart + i]` in index order. */
export function dotProduct(a: Float64Array, aStart: number, b: Float64Array, bStart: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += a[aStart + i] * b[bStart + i];
  return sum;
}
