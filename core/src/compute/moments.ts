import { add, broadcast, constant, multiply, uniform } from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { separate } from '../formula/separate.js';
import { checkCall, type Kernel, type Reduction, reductionVariables } from './backend.js';

/**
 * A kernel for sums of separable formulas: `sum_j sum_k u_k(x_i) v_k(y_j) = sum_k u_k(x_i) M_k` with the moments
 * `M_k = sum_j v_k(y_j)`, in O(K (rows + columns)) and exact up to the rounding of `sum_k |u_k| |v_k|`. Whether a formula
 * is evaluated so depends on the formula alone, so a row has the same bits whatever the other rows.
 *
 * @param compile - how the two plain reductions are compiled.
 * @returns null where an output is no sum or cannot be separated.
 */
export function momentKernel(reduction: Reduction, compile: (reduction: Reduction) => Kernel): Kernel | null {
  const variables = reductionVariables(reduction);
  const roles = new Set([...variables.values()].map(({ role }) => role));
  if (!(roles.has('row') && roles.has('column'))) return null;
  const separated = reduction.outputs.map(({ expression, reduce }) => (reduce === 'sum' ? separate(expression) : null));
  if (separated.some((terms) => terms === null)) return null;
  const rights = [...new Set(separated.flatMap((terms) => terms?.map(({ right }) => right) ?? []))];
  const nameOf = (k: number): string => `${prefixFor(variables)}${k}`;
  const moments = compile({
    outputs: rights.map((expression, k) => ({ name: nameOf(k), expression, reduce: 'sum' })),
  });
  const combined = compile({
    outputs: reduction.outputs.map(({ name, expression }, o) => {
      const parts = (separated[o] ?? []).map(({ left, right }) =>
        multiply(left, uniform(nameOf(rights.indexOf(right)), right.size)),
      );
      const total = parts.reduce<Expression>((sum, part) => add(sum, part), constant(0));
      return { name, expression: broadcast(total, expression.size), reduce: 'sum' };
    }),
  });
  const values = Object.fromEntries(rights.map((right, k) => [nameOf(k), new Float64Array(right.size)]));
  // One object for all calls: a fresh one per call costs more than small sums do.
  const merged: Record<string, Float64Array> = { ...values };
  const names = [...variables.keys()];
  return {
    reduction,
    run(call) {
      checkCall(reduction, variables, call);
      const { rows, columns, inputs, out } = call;
      if (columns === 0) {
        for (const { name, expression } of reduction.outputs) out[name].fill(0, 0, rows * expression.size);
        return;
      }
      moments.run({ rows: 1, columns, inputs, out: values });
      for (const name of names) merged[name] = inputs[name];
      combined.run({ rows, columns: 1, inputs: merged, out });
    },
  };
}

/** A prefix that no variable begins with. */
function prefixFor(variables: ReadonlyMap<string, unknown>): string {
  let prefix = 'moment';
  while ([...variables.keys()].some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}
