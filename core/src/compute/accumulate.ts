import type { Reducer } from './backend.js';

/**
 * Running reductions over lanes. State per output component: `value`, and for logSumExp the running
 * maximum in `value` with the scaled sum in `extra`; for argmax the best value in `extra`.
 */
export interface Accumulator {
  readonly value: Float64Array;
  readonly extra: Float64Array;
}

export function resetAccumulator(reduce: Reducer, state: Accumulator): void {
  state.value.fill(reduce === 'sum' ? 0 : reduce === 'argmax' ? -1 : Number.NEGATIVE_INFINITY);
  state.extra.fill(reduce === 'argmax' ? Number.NEGATIVE_INFINITY : 0);
}

/** Takes in the lanes of component k, which belong to columns `first`, `first + 1`, … */
export function accumulate(
  reduce: Reducer,
  state: Accumulator,
  k: number,
  values: Float64Array,
  offset: number,
  lanes: number,
  first: number,
): void {
  if (reduce === 'sum') {
    let sum = state.value[k];
    for (let l = 0; l < lanes; l++) sum += values[offset + l];
    state.value[k] = sum;
  } else if (reduce === 'logSumExp') {
    accumulateLogs(state, k, values, offset, lanes);
  } else if (reduce === 'max') {
    let best = state.value[k];
    for (let l = 0; l < lanes; l++) best = Math.max(best, values[offset + l]);
    state.value[k] = best;
  } else {
    accumulateArgmax(state, k, values, offset, lanes, first);
  }
}

/** One pass with a running maximum m and sum s of exp(v - m); a larger maximum rescales the sum once per block. */
function accumulateLogs(state: Accumulator, k: number, values: Float64Array, offset: number, lanes: number): void {
  let maximum = state.value[k];
  for (let l = 0; l < lanes; l++) maximum = Math.max(maximum, values[offset + l]);
  if (Number.isNaN(maximum)) {
    state.value[k] = Number.NaN;
    return;
  }
  if (maximum === Number.NEGATIVE_INFINITY || maximum === Number.POSITIVE_INFINITY) {
    state.value[k] = maximum;
    state.extra[k] = 0;
    return;
  }
  let sum = state.value[k] === maximum ? state.extra[k] : state.extra[k] * Math.exp(state.value[k] - maximum);
  if (state.value[k] === Number.NEGATIVE_INFINITY) sum = 0;
  for (let l = 0; l < lanes; l++) sum += Math.exp(values[offset + l] - maximum);
  state.value[k] = maximum;
  state.extra[k] = sum;
}

function accumulateArgmax(state: Accumulator, k: number, values: Float64Array, offset: number, lanes: number, first: number): void {
  let best = state.extra[k];
  if (Number.isNaN(best)) return;
  for (let l = 0; l < lanes; l++) {
    const value = values[offset + l];
    if (value > best || Number.isNaN(value) || state.value[k] < 0) {
      best = value;
      state.value[k] = first + l;
      if (Number.isNaN(value)) break;
    }
  }
  state.extra[k] = best;
}

/** The final value of component k. */
export function finish(reduce: Reducer, state: Accumulator, k: number): number {
  if (reduce !== 'logSumExp' || !Number.isFinite(state.value[k])) return state.value[k];
  return state.value[k] + Math.log(state.extra[k]);
}
