/** Sums in a fixed order, so that the same numbers give the same bits on every machine. */

/**
 * `log sum_i exp(v_i)` without overflow, in two passes; -Infinity for nothing, NaN if any value is NaN.
 */
export function logSumExp(values: Float64Array, start = 0, count = values.length - start): number {
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = start; i < start + count; i++) {
    if (Number.isNaN(values[i])) return Number.NaN;
    if (values[i] > maximum) maximum = values[i];
  }
  if (!Number.isFinite(maximum)) return maximum;
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += Math.exp(values[i] - maximum);
  return maximum + Math.log(sum);
}

/** `log(exp(a) + exp(b))`. */
export function logAddExp(a: number, b: number): number {
  const high = a > b ? a : b;
  if (!Number.isFinite(high)) return a + b === Number.POSITIVE_INFINITY ? a + b : high;
  return high + Math.log1p(Math.exp((a > b ? b : a) - high));
}

/** Subtracts the log-sum-exp in place, so that the exponentials sum to 1; returns what was subtracted. */
export function normalizeLogs(values: Float64Array, start = 0, count = values.length - start): number {
  const total = logSumExp(values, start, count);
  for (let i = start; i < start + count; i++) values[i] -= total;
  return total;
}

/** Neumaier's compensated sum: error about one rounding whatever the number of terms. Source: [Neumaier1974]. */
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

/** `sum_i a_i b_i` with compensation of the additions. */
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

/** Plain dot product in index order. */
export function dotProduct(a: Float64Array, aStart: number, b: Float64Array, bStart: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += a[aStart + i] * b[bStart + i];
  return sum;
}
