import { add, broadcast, constant, multiply, uniform } from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { substitute, variablesOf } from '../formula/inspect.js';
import { variableNode } from '../formula/intern.js';
import { separate } from '../formula/separate.js';
import {
  type Backend,
  checkInputs,
  checkOutput,
  type Kernel,
  type KernelCall,
  type MutualKernel,
  type MutualOutput,
  type Reduction,
  reductionVariables,
} from './backend.js';

/**
 * Sums over the columns and sums over the rows of the same pairs, `f_i = sum_j e(x_i, y_j)` and `g_j = sum_i e(x_i, y_j)`:
 * what the two players of a game need at once. By the backend in one kernel where it has a faster way, else one after
 * the other.
 */
export function mutualKernel(outputs: readonly MutualOutput[], backend: Backend): MutualKernel {
  return backend.compileMutual?.(outputs) ?? inTwoKernels(outputs, (reduction) => backend.compile(reduction));
}

/** Both directions one after the other, the second with rows and columns exchanged; outputs may not be memory of inputs. */
export function inTwoKernels(
  outputs: readonly MutualOutput[],
  compile: (reduction: Reduction) => Kernel,
): MutualKernel {
  const check = callChecker(outputs);
  const over = (side: MutualOutput['over']): Kernel | null => {
    const chosen = outputs.filter((output) => output.over === side);
    if (chosen.length === 0) return null;
    return compile({
      outputs: chosen.map(({ name, expression }) => ({
        name,
        expression: side === 'columns' ? expression : exchanged(expression),
        reduce: 'sum',
      })),
    });
  };
  const [overColumns, overRows] = [over('columns'), over('rows')];
  return {
    run(call) {
      check(call);
      overColumns?.run(call);
      overRows?.run({ ...call, rows: call.columns, columns: call.rows });
    },
  };
}

/** Checks the calls of a mutual kernel. */
export function callChecker(outputs: readonly MutualOutput[]): (call: KernelCall) => void {
  const variables = reductionVariables({ outputs: outputs.map((output) => ({ ...output, reduce: 'sum' })) });
  return (call) => {
    checkInputs(variables, call);
    for (let k = 0; k < outputs.length; k++) {
      const { name, expression, over } = outputs[k];
      checkOutput(call, name, over === 'columns' ? call.rows : call.columns, expression.size);
    }
  };
}

/** The same expression with rows for columns and columns for rows. */
export function exchanged(expression: Expression): Expression {
  const other = { row: 'column', column: 'row', uniform: 'uniform' } as const;
  return substitute(
    expression,
    new Map(
      variablesOf(expression).map((variable) => [
        variableNode(variable),
        variableNode({ ...variable, role: other[variable.role] }),
      ]),
    ),
  );
}

/** A function of the points of one axis by name. */
export interface Named {
  readonly name: string;
  readonly expression: Expression;
}

/** What moments ask of one axis: functions of its points to sum, then outputs in them and the sums of the other axis. */
export interface AxisMoments {
  readonly moments: readonly Named[];
  /** The sums of the other axis are uniform variables by their names. */
  readonly outputs: readonly Named[];
}

/**
 * Mutual sums through moments, as `momentKernel` has them: `f_i = sum_k u_k(x_i) sum_j v_k(y_j)` and
 * `g_j = sum_k v'_k(y_j) sum_i u'_k(x_i)`, in O(K (rows + columns)); waves of x serve both.
 *
 * @returns null where an output cannot be separated, or a formula has uniform variables.
 */
export function mutualMoments(
  outputs: readonly MutualOutput[],
): Readonly<Record<'rows' | 'columns', AxisMoments>> | null {
  const names = outputs.flatMap(({ expression }) => variablesOf(expression));
  if (names.some(({ role }) => role === 'uniform')) return null;
  let prefix = 'moment';
  while (names.some(({ name }) => name.startsWith(prefix))) prefix = `_${prefix}`;
  const moments = { rows: new Map<Expression, string>(), columns: new Map<Expression, string>() };
  const made = { rows: [] as Named[], columns: [] as Named[] };
  for (const { name, expression, over } of outputs) {
    const turned = (node: Expression): Expression => (over === 'columns' ? node : exchanged(node));
    const terms = separate(turned(expression));
    if (terms === null) return null;
    const parts = terms.map((term) => {
      const [left, right] = [turned(term.left), turned(term.right)];
      const moment = moments[over].get(right) ?? `${prefix}${over}${moments[over].size}`;
      moments[over].set(right, moment);
      return multiply(left, uniform(moment, right.size));
    });
    const total = parts.reduce<Expression>((sum, part) => add(sum, part), constant(0));
    made[over === 'columns' ? 'rows' : 'columns'].push({ name, expression: broadcast(total, expression.size) });
  }
  const sideOf = (axis: 'rows' | 'columns'): AxisMoments => ({
    moments: [...moments[axis]].map(([expression, name]) => ({ name, expression })),
    outputs: made[axis],
  });
  return { rows: sideOf('rows'), columns: sideOf('columns') };
}
