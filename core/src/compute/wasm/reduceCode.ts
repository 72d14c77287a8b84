import type { Reducer } from '../backend.js';
import type { Assembly, Local } from './assembly.js';
import { expOfNegative } from './elementary.js';

/** Running state of a reduction over columns: for logSumExp `(m, s)` stands for `m + log s`. */
export interface State {
  readonly value: Local;
  readonly extra: Local | null;
}

/** Overwrites the state with what it is after one more value of the column whose index both lanes of `column` hold. */
export function takeValue(asm: Assembly, reduce: Reducer, state: State, x: Local, column: Local | null): void {
  const { value } = state;
  const extra = state.extra as Local;
  switch (reduce) {
    case 'sum':
      asm.assign(value, asm.vector('add', value, x));
      return;
    case 'max':
      asm.assign(value, asm.vector('max', value, x));
      return;
    case 'logSumExp':
      takeExponentials(asm, [state], [x]);
      return;
    case 'argmax': {
      const isNew = asm.vector('lt', value, asm.constant(0));
      const above = asm.vector('gt', x, extra);
      const becomesNaN = asm.vector('and', asm.vector('ne', x, x), asm.vector('eq', extra, extra));
      const takes = asm.vector('or', isNew, asm.vector('or', above, becomesNaN));
      asm.assign(extra, asm.vector('select', x, extra, takes));
      asm.assign(value, asm.vector('select', column as Local, value, takes));
    }
  }
}

/**
 * Overwrites states of logSumExp with what they are after the values of some columns, `taken[v * columns + u]` for state v.
 * One exponential per value: the sums are scaled to new maxima only where one of them rises, which soon becomes rare. A scale
 * of exp(0) is exactly 1, so no row depends on the others.
 */
export function takeExponentials(asm: Assembly, states: readonly State[], taken: readonly Local[]): void {
  const columns = taken.length / states.length;
  const valuesOf = (v: number): readonly Local[] => taken.slice(v * columns, (v + 1) * columns);
  // `pmax` passes NaN over: it comes back as the exponential of a difference.
  const tops = states.map(({ value }, v) => valuesOf(v).reduce((top, x) => asm.vector('pmax', top, x), value));
  const rises = tops.map((top, v) => asm.vector('gt', top, states[v].value));
  const anyRises = rises.reduce((some, one) => asm.vector('or', some, one));
  asm.when(asm.anyTrue(anyRises), () => {
    states.forEach(({ value, extra }, v) => {
      const fall = asm.vector('sub', finite(asm, value), finite(asm, tops[v]));
      asm.assign(extra as Local, asm.vector('mul', extra as Local, expOfNegative(asm, fall)));
      asm.assign(value, tops[v]);
    });
  });
  states.forEach(({ value, extra }, v) => {
    const base = finite(asm, value);
    for (const x of valuesOf(v)) {
      // Above 0 for x = +Infinity only, which counts as the maximum that it is.
      const difference = asm.vector('pmin', asm.vector('sub', x, base), asm.constant(0));
      asm.assign(extra as Local, asm.vector('add', extra as Local, expOfNegative(asm, difference)));
    }
  });
}

/** The nearest finite number: differences of infinities would be NaN. */
function finite(asm: Assembly, x: Local): Local {
  const largest = asm.lane.largest;
  return asm.vector('pmax', asm.vector('pmin', x, asm.constant(largest)), asm.constant(-largest));
}

const initialStates: Readonly<Record<Reducer, readonly [number, number]>> = {
  sum: [0, 0],
  max: [Number.NEGATIVE_INFINITY, 0],
  logSumExp: [Number.NEGATIVE_INFINITY, 0],
  argmax: [-1, 0],
};

/** State before the first column: value and extra. */
export const initialState = (reduce: Reducer): readonly [number, number] => initialStates[reduce];
