import { fail, nearest } from '../errors.js';
import type { Expression, Variable } from '../formula/expression.js';
import { variablesOf } from '../formula/inspect.js';

/** How values over columns j become one value per row i. */
export type Reducer = 'sum' | 'logSumExp' | 'max' | 'argmax';

/** One output: `out_i = reduce_j e(x_i, y_j; theta)`, componentwise for vectors; `argmax` takes scalars. */
export interface ReductionOutput {
  readonly name: string;
  readonly expression: Expression;
  readonly reduce: Reducer;
}

/** Several outputs that share their work: a subexpression common to two of them is evaluated once. */
export interface Reduction {
  readonly outputs: readonly ReductionOutput[];
}

/**
 * Sizes and buffers of one evaluation. Inputs are flat row-major: `rows*size` for row variables,
 * `columns*size` for column variables, `size` for uniforms; outputs `rows*size`. Arrays may be longer.
 */
export interface KernelCall {
  readonly rows: number;
  readonly columns: number;
  readonly inputs: Readonly<Record<string, Float64Array>>;
  readonly out: Readonly<Record<string, Float64Array>>;
}

/**
 * A compiled reduction. No columns give 0 (sum), -Infinity (logSumExp, max) or -1 (argmax). NaN
 * propagates; argmax takes the lowest index among equals and the first NaN before any number.
 * The order of summation is fixed: a call gives the same bits every time.
 */
export interface Kernel {
  readonly reduction: Reduction;
  run(call: KernelCall): void;
}

/** Shapes of `out = a b`: out is n*m, a is n*k (k*n if transposed), b is k*m (m*k if transposed). */
export interface MatmulShape {
  readonly n: number;
  readonly k: number;
  readonly m: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Where heavy arithmetic runs. Callers compile once and run often; they never know which backend it is. */
export interface Backend {
  readonly name: string;
  compile(reduction: Reduction): Kernel;
  matmulInto(out: Float64Array, a: Float64Array, b: Float64Array, shape: MatmulShape): void;
  dispose?(): void;
}

/** The variables of a reduction by name. @throws `invalid-argument` if one name has two roles or sizes. */
export function reductionVariables(reduction: Reduction): ReadonlyMap<string, Variable> {
  const byName = new Map<string, Variable>();
  for (const variable of variablesOf(...reduction.outputs.map((output) => output.expression))) {
    const known = byName.get(variable.name);
    if (known !== undefined) {
      fail({
        code: 'invalid-argument',
        where: 'compile',
        problem: `the variable ${JSON.stringify(variable.name)} stands for two things`,
        got: `${known.role} of size ${known.size} and ${variable.role} of size ${variable.size}`,
        expected: 'one role and size for each name',
        fix: 'rename one of them',
      });
    }
    byName.set(variable.name, variable);
  }
  return byName;
}

/** Checks a reduction before compiling: outputs exist, are named once, and argmax is scalar. */
export function checkReduction(reduction: Reduction): void {
  const names = reduction.outputs.map((output) => output.name);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  const wide = reduction.outputs.find((output) => output.reduce === 'argmax' && output.expression.size !== 1);
  if (names.length === 0 || repeated !== undefined || wide !== undefined) {
    fail({
      code: 'invalid-argument',
      where: 'compile',
      problem: wide ? `argmax of the vector output ${JSON.stringify(wide.name)}` : repeated ? 'an output name is used twice' : 'there is no output',
      got: wide ? `size ${wide.expression.size}` : repeated ? JSON.stringify(repeated) : '0 outputs',
      expected: wide ? 'a scalar expression' : 'outputs with distinct names',
      fix: wide ? 'reduce its components one by one' : 'name every output once',
    });
  }
}

const factorOf = (variable: Variable, call: KernelCall): number =>
  variable.role === 'row' ? call.rows : variable.role === 'column' ? call.columns : 1;

/** Checks the sizes of a call: every buffer is present and long enough. */
export function checkCall(reduction: Reduction, variables: ReadonlyMap<string, Variable>, call: KernelCall): void {
  const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
  if (!isCount(call.rows) || !isCount(call.columns)) shortfall('the numbers of rows and columns', `${call.rows} and ${call.columns}`, 'integers >= 0', call);
  for (const variable of variables.values()) {
    const needed = variable.size * factorOf(variable, call);
    const given = call.inputs[variable.name];
    if (!(given instanceof Float64Array) || given.length < needed) {
      const near = nearest(variable.name, Object.keys(call.inputs));
      const got = given === undefined ? `nothing${near.length > 0 ? ` (there is ${near.join(', ')})` : ''}` : `length ${given.length}`;
      shortfall(`the input ${JSON.stringify(variable.name)}`, got, `a Float64Array of at least ${needed} = ${factorOf(variable, call)} x ${variable.size}`, call);
    }
  }
  for (const { name, expression } of reduction.outputs) {
    const given = call.out[name];
    const needed = call.rows * expression.size;
    if (!(given instanceof Float64Array) || given.length < needed) {
      shortfall(`the output ${JSON.stringify(name)}`, given === undefined ? 'nothing' : `length ${given.length}`, `a Float64Array of at least ${needed} = ${call.rows} x ${expression.size}`, call);
    }
  }
}

function shortfall(what: string, got: string, expected: string, call: KernelCall): never {
  return fail({
    code: 'shape-mismatch',
    where: 'Kernel.run',
    problem: `${what} does not fit ${call.rows} rows and ${call.columns} columns`,
    got,
    expected,
    fix: 'pass a buffer of the size named',
  });
}
