import { fail, nearest, show } from '../errors.js';
import type { Expression, Variable } from '../formula/expression.js';
import { variablesOf } from '../formula/inspect.js';
import type { HingeRows, HingeSums } from './hinge.js';

/** The ways in which values over columns j become one value per row i. */
export const reducers = ['sum', 'logSumExp', 'max', 'argmax'] as const;

export type Reducer = (typeof reducers)[number];

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
 * `columns*size` for column variables, `size` for uniforms; outputs `rows*size`. Arrays may be longer, what lies
 * beyond is left alone; inputs that no formula mentions are ignored. An output may be the memory of an input,
 * two outputs may not share theirs.
 */
export interface KernelCall {
  readonly rows: number;
  readonly columns: number;
  readonly inputs: Readonly<Record<string, Float64Array>>;
  readonly out: Readonly<Record<string, Float64Array>>;
}

/**
 * A compiled reduction. No columns give 0 (sum), -Infinity (logSumExp, max) or -1 (argmax); no rows give nothing.
 * NaN propagates; argmax takes the lowest index among equals, and the first NaN before any number.
 * The order of summation is that of the columns: a call gives the same bits every time, and a row
 * the same bits whatever the other rows.
 */
export interface Kernel {
  readonly reduction: Reduction;
  /** @throws `shape-mismatch` naming the buffer that is missing or too short, before anything is written. */
  run(call: KernelCall): void;
}

/** One output of a mutual reduction: a sum `over` the columns, one for each row, or over the rows, one for each column. */
export interface MutualOutput {
  readonly name: string;
  readonly expression: Expression;
  readonly over: 'columns' | 'rows';
}

/** A compiled mutual reduction. Outputs over the rows have `columns*size` numbers; otherwise calls are those of {@link Kernel}. */
export interface MutualKernel {
  /** @throws `shape-mismatch` naming the buffer that is missing or too short, before anything is written. */
  run(call: KernelCall): void;
}

/** One output of sums over segments. */
export interface SegmentOutput {
  readonly name: string;
  readonly expression: Expression;
}

/**
 * What becomes of the sums `sum_{j in s} e(x_i, y_j)` over a segment s of the columns: each is an output, segments*rows*size
 * numbers, or they are added up with weights, `sum_s g_si sum_{j in s} e(x_i, y_j)`, rows*size numbers.
 */
export type SegmentMode = 'each' | 'weighted';

/** A call over segments: segment s are the columns `offsets[s] <= j < offsets[s + 1]`. */
export interface SegmentCall extends KernelCall {
  /** From 0 to the number of columns, not decreasing. */
  readonly offsets: Int32Array;
  /** Where sums are weighted, segments*rows. */
  readonly weights?: Float64Array;
}

/** Compiled sums over segments. A segment has the same bits whatever the others; an empty one has the sum 0. */
export interface SegmentKernel {
  /** @throws `shape-mismatch` naming the buffer that is missing or too short, before anything is written. */
  run(call: SegmentCall): void;
}

/** Shapes of `out = a b`: out is n*m, a is n*k (k*n if transposed), b is k*m (m*k if transposed). */
export interface MatmulShape {
  readonly n: number;
  readonly k: number;
  readonly m: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Matrices a (n*k) and b (m*k), with a number for each of their rows, p (n) and q (m); out is n*m. */
export interface ProductCall {
  readonly n: number;
  readonly k: number;
  readonly m: number;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly p: Float64Array;
  readonly q: Float64Array;
  readonly out: Float64Array;
  /** Numbers from one row of out to the next; m where it is left out. */
  readonly stride?: number;
}

/** A function of every entry of a product: `out_ij = e(t, p_i, q_j)` with `t = sum_k a_ik b_jk`. */
export interface ProductMap {
  /** Runs a call; false, with nothing written, where it is too large for this. */
  tryRun(call: ProductCall): boolean;
}

/** Where heavy arithmetic runs. Callers compile once and run often; they never know which backend it is. */
export interface Backend {
  readonly name: string;
  /** @throws `invalid-argument` if outputs or variables clash; see {@link checkReduction} and {@link reductionVariables}. */
  compile(reduction: Reduction): Kernel;
  /** Sums over columns and over rows in one kernel, where that is faster than one for each: null or absent where it is not. */
  compileMutual?(outputs: readonly MutualOutput[]): MutualKernel | null;
  /** Sums over segments of the columns in one kernel, where that is faster than one call for each: null or absent where it is not. */
  compileSegments?(outputs: readonly SegmentOutput[], mode: SegmentMode): SegmentKernel | null;
  /** Sums of rectified inner products over rows that stay, where that is faster than pair by pair: null or absent where it is not. */
  compileHinges?(rows: HingeRows): HingeSums | null;
  /** A scalar formula of t, p and q on every entry of a product, where that is faster than entry by entry: null or absent where it is not. */
  compileProduct?(expression: Expression): ProductMap | null;
  matmulInto(out: Float64Array, a: Float64Array, b: Float64Array, shape: MatmulShape): void;
  dispose?(): void;
}

/** The variables of a reduction by name. @throws `invalid-argument` if one name has two roles or sizes. */
export function reductionVariables(reduction: Reduction): ReadonlyMap<string, Variable> {
  const byName = new Map<string, Variable>();
  for (const variable of variablesOf(...reduction.outputs.map((output) => output.expression))) {
    const known = byName.get(variable.name);
    if (known !== undefined) {
      refuse(
        `the variable ${show(variable.name)} stands for two things`,
        `${known.role} of size ${known.size} and ${variable.role} of size ${variable.size}`,
        'one role and size for each name',
        'rename one of them',
      );
    }
    byName.set(variable.name, variable);
  }
  return byName;
}

/** Checks a reduction before compiling: it has outputs, each named once, and argmax is of scalars. */
export function checkReduction(reduction: Reduction): void {
  const { outputs } = reduction;
  if (outputs.length === 0) refuse('there is no output', '0 outputs', 'at least one', 'name what to compute');
  const names = new Set<string>();
  for (const { name, expression, reduce } of outputs) {
    if (names.has(name)) refuse('an output name is used twice', show(name), 'distinct names', 'rename one of them');
    names.add(name);
    if (!reducers.includes(reduce)) {
      refuse(`output ${show(name)} has an unknown reducer`, show(reduce), reducers.join(', '), 'choose one of these');
    }
    if (reduce === 'argmax' && expression.size !== 1) {
      refuse(
        `argmax of the vector output ${show(name)}`,
        `size ${expression.size}`,
        'size 1',
        'reduce its components one by one',
      );
    }
  }
}

function refuse(problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where: 'compile', problem, got, expected, fix });
}

/** Checks a call: the counts are counts, and every buffer is present and long enough. Cost O(variables + outputs). */
export function checkCall(reduction: Reduction, variables: ReadonlyMap<string, Variable>, call: KernelCall): void {
  checkInputs(variables, call);
  for (const { name, expression } of reduction.outputs) checkOutput(call, name, call.rows, expression.size);
}

/** Checks the counts and the inputs of a call. */
export function checkInputs(variables: ReadonlyMap<string, Variable>, { rows, columns, inputs }: KernelCall): void {
  if (!(isCount(rows) && isCount(columns))) {
    refuseCall('the numbers of rows and columns are not counts', `${show(rows)} and ${show(columns)}`, 'integers >= 0');
  }
  for (const { name, role, size } of variables.values()) {
    const factor = role === 'row' ? rows : role === 'column' ? columns : 1;
    if (!isLongEnough(inputs[name], factor * size)) {
      refuseBuffer(`input ${show(name)} (${role})`, inputs, name, [factor, size]);
    }
  }
}

/** Checks an output of a call: `count` points with `size` numbers each. */
export function checkOutput({ out }: KernelCall, name: string, count: number, size: number): void {
  if (!isLongEnough(out[name], count * size)) refuseBuffer(`output ${show(name)}`, out, name, [count, size]);
}

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

const isLongEnough = (given: Float64Array | undefined, needed: number): boolean =>
  given instanceof Float64Array && given.length >= needed;

function refuseBuffer(
  what: string,
  buffers: Readonly<Record<string, Float64Array | undefined>>,
  name: string,
  [factor, size]: readonly [number, number],
): never {
  const given = buffers[name];
  const expected = `a Float64Array of at least ${factor * size} = ${factor} x ${size} numbers`;
  if (given instanceof Float64Array) return refuseCall(`the ${what} is too short`, `length ${given.length}`, expected);
  if (given !== undefined) return refuseCall(`the ${what} is not a Float64Array`, show(given), expected);
  const near = nearest(name, Object.keys(buffers));
  const there = near.length > 0 ? near : Object.keys(buffers);
  return refuseCall(`the ${what} is missing`, there.length > 0 ? there.join(', ') : 'no buffers', expected);
}

function refuseCall(problem: string, got: string, expected: string): never {
  return fail({
    code: 'shape-mismatch',
    where: 'Kernel.run',
    problem,
    got,
    expected,
    fix: 'pass what is expected under that name',
  });
}
