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
    case 'logSumExp': {
      // d = x - m, and 0 where both are the same infinity; the smaller of the two is scaled by exp(-|d|).
      const difference = asm.vector('sub', x, value);
      const same = asm.vector('eq', x, value);
      const d = asm.vector('andNot', difference, same);
      const e = expOfNegative(asm, asm.vector('neg', asm.vector('abs', d)));
      const isAbove = asm.vector('gt', d, asm.constant(0));
      const one = asm.constant(1);
      const scaled = asm.vector('mul', extra, asm.vector('select', e, one, isAbove));
      asm.assign(extra, asm.vector('add', scaled, asm.vector('select', one, e, isAbove)));
      asm.assign(value, asm.vector('max', value, x));
      return;
    }
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

/** State before the first column: value and extra. */
export function initialState(reduce: Reducer): readonly [number, number] {
  if (reduce === 'sum') return [0, 0];
  return reduce === 'argmax' ? [-1, 0] : [Number.NEGATIVE_INFINITY, 0];
}
