import { fail } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import { variablesOf } from '../formula/inspect.js';
import { defaultBackend } from './reference.js';

/** Evaluates an expression again and again at single points. */
export interface PointFunction {
  /** Writes the value (of the size of the expression) for the current contents of `inputs`. */
  readonly value: Float64Array;
  /** One buffer for each variable by name; fill it, then call `run`. */
  readonly inputs: Readonly<Record<string, Float64Array>>;
  run(): void;
}

/** Compiles an expression for evaluation at one point at a time, whatever the roles of its variables. */
export function pointFunction(expression: Expression): PointFunction {
  const kernel = defaultBackend().compile({ outputs: [{ name: 'value', expression, reduce: 'sum' }] });
  const inputs = Object.fromEntries(variablesOf(expression).map(({ name, size }) => [name, new Float64Array(size)]));
  const value = new Float64Array(expression.size);
  const call = { rows: 1, columns: 1, inputs, out: { value } };
  return { value, inputs, run: () => kernel.run(call) };
}

/**
 * The value of an expression at one point: a number for scalars, an array for vectors.
 * @throws `shape-mismatch` if a variable has no value or one of the wrong size.
 */
export function evaluateFormula(expression: Expression, values: Readonly<Record<string, number | ArrayLike<number>>>): Float64Array {
  const compiled = pointFunction(expression);
  for (const [name, buffer] of Object.entries(compiled.inputs)) {
    const given = values[name];
    const list = typeof given === 'number' ? [given] : given;
    if (list === undefined || list.length !== buffer.length) {
      fail({
        code: 'shape-mismatch',
        where: 'evaluateFormula',
        problem: `the variable ${JSON.stringify(name)} has no fitting value`,
        got: list === undefined ? 'nothing' : `${list.length} numbers`,
        expected: `${buffer.length} number${buffer.length === 1 ? '' : 's'}`,
        fix: `pass ${name} with that many components`,
      });
    }
    buffer.set(list);
  }
  compiled.run();
  return compiled.value;
}
