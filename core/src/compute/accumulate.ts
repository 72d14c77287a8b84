import type { Reducer } from './backend.js';

/**
 * Running reductions, one entry for each output number. `value` holds the sum, the maximum, or the index; `extra`
 * holds for logSumExp the sum of `exp(v - maximum)` and for argmax the best value. Every entry takes its columns
 * one by one in their order, so its bits depend neither on the blocks nor on the other rows.
 */
export interface Accumulator {
  value: Float64Array;
  extra: Float64Array;
}

/** Empties the first `count` entries, with more memory if needed. */
export function resetAccumulator(reduce: Reducer, state: Accumulator, count: number): void {
  if (state.value.length < count) state.value = new Float64Array(count);
  const needsExtra = reduce === 'logSumExp' || reduce === 'argmax';
  if (needsExtra && state.extra.length < count) state.extra = new Float64Array(count);
  state.value.fill(reduce === 'sum' ? 0 : reduce === 'argmax' ? -1 : Number.NEGATIVE_INFINITY, 0, count);
  if (needsExtra) state.extra.fill(0, 0, count);
}

/** Entries `at`, `at + 1`, … each take one number of column `j`: lanes are rows. */
export function accumulateRows(
  reduce: Reducer,
  state: Accumulator,
  at: number,
  v: Float64Array,
  vo: number,
  lanes: number,
  j: number,
): void {
  const { value } = state;
  switch (reduce) {
    case 'sum':
      for (let l = 0; l < lanes; l++) value[at + l] += v[vo + l];
      return;
    case 'max':
      for (let l = 0; l < lanes; l++) {
        const x = v[vo + l];
        // No number is above NaN, so once there it stays.
        if (x > value[at + l] || Number.isNaN(x)) value[at + l] = x;
      }
      return;
    case 'logSumExp':
      for (let l = 0; l < lanes; l++) takeLog(value, state.extra, at + l, v[vo + l]);
      return;
    case 'argmax':
      for (let l = 0; l < lanes; l++) takeBest(value, state.extra, at + l, v[vo + l], j);
  }
}

/** Entry `at` takes the numbers of columns `j`, `j + 1`, …: lanes are columns. */
export function accumulateColumns(
  reduce: Reducer,
  state: Accumulator,
  at: number,
  v: Float64Array,
  vo: number,
  lanes: number,
  j: number,
): void {
  const { value } = state;
  switch (reduce) {
    case 'sum': {
      let sum = value[at];
      for (let l = 0; l < lanes; l++) sum += v[vo + l];
      value[at] = sum;
      return;
    }
    case 'max': {
      let best = value[at];
      for (let l = 0; l < lanes; l++) {
        const x = v[vo + l];
        if (x > best || Number.isNaN(x)) best = x;
      }
      value[at] = best;
      return;
    }
    case 'logSumExp':
      for (let l = 0; l < lanes; l++) takeLog(value, state.extra, at, v[vo + l]);
      return;
    case 'argmax':
      for (let l = 0; l < lanes; l++) takeBest(value, state.extra, at, v[vo + l], j + l);
  }
}

/** `(m, s)` stands for `m + log s`: s grows by exp(x - m), and a larger x becomes the maximum. Right for infinities. */
function takeLog(maximum: Float64Array, sum: Float64Array, at: number, x: number): void {
  const m = maximum[at];
  if (x < m) sum[at] += Math.exp(x - m);
  else if (x === m) sum[at] += 1;
  else if (x > m) {
    sum[at] = sum[at] * Math.exp(m - x) + 1;
    maximum[at] = x;
  } else maximum[at] = Number.NaN;
}

/** The lowest index among equals; the first NaN goes before any number. */
function takeBest(index: Float64Array, best: Float64Array, at: number, x: number, j: number): void {
  if (index[at] < 0 || x > best[at] || (Number.isNaN(x) && !Number.isNaN(best[at]))) {
    best[at] = x;
    index[at] = j;
  }
}

/** Writes the results of `rows` rows and `size` components: entry (k, i) of the state goes to `out[i*size + k]`. */
export function storeInto(out: Float64Array, reduce: Reducer, state: Accumulator, rows: number, size: number): void {
  const { value, extra } = state;
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < rows; i++) {
      const at = k * rows + i;
      out[i * size + k] = reduce === 'logSumExp' ? value[at] + Math.log(extra[at]) : value[at];
    }
  }
}
