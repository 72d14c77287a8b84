import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as f from '../formula/build.js';
import { gradient } from '../formula/differentiate.js';
import type { Expression } from '../formula/expression.js';
import { unaryOperations } from '../formula/expression.js';
import { variablesOf } from '../formula/inspect.js';
import { operationNode } from '../formula/intern.js';
import { binaryFunctions, unaryFunctions } from '../formula/operations.js';
import { deriveKey, fillUniform, randomKey } from '../math/random.js';
import type { Reducer, Reduction, ReductionOutput } from './backend.js';
import { blockLanes } from './program.js';
import { referenceBackend } from './reference.js';

type Values = Readonly<Record<string, Float64Array>>;

/** The oracle: one recursive evaluation for each pair, nothing shared, nothing clever. */
function naiveValue(e: Expression, values: Values, i: number, j: number): number[] {
  if (e.kind === 'constant') return [e.value];
  if (e.kind === 'variable') {
    const { name, role, size } = e.variable;
    const start = (role === 'row' ? i : role === 'column' ? j : 0) * size;
    return Array.from({ length: size }, (_, k) => values[name][start + k]);
  }
  const args = e.args.map((arg) => naiveValue(arg, values, i, j));
  const [a, b = []] = args;
  const entry = (v: number[], k: number): number => (v.length === 1 ? v[0] : v[k]);
  const each = (g: (k: number) => number): number[] => Array.from({ length: e.size }, (_, k) => g(k));
  const total = (list: number[]): number => list.slice(1).reduce((s, x) => s + x, list[0]);
  const parameter = e.parameter ?? 0;
  switch (e.operation) {
    case 'power':
      return a.map((x) => naivePower(x, parameter));
    case 'dot':
      return [total(a.map((x, k) => x * b[k]))];
    case 'norm2':
      return [total(a.map((x) => x * x))];
    case 'sum':
      return [total(a)];
    case 'component':
      return [a[parameter]];
    case 'broadcast':
      return each(() => a[0]);
    case 'scatter':
      return each((k) => (k === parameter ? a[0] : 0));
    case 'pack':
      return args.map((arg) => arg[0]);
    default: {
      const { operation } = e;
      if (operation in unaryFunctions) return a.map(unaryFunctions[operation as keyof typeof unaryFunctions]);
      const apply = binaryFunctions[operation as keyof typeof binaryFunctions];
      return each((k) => apply(entry(a, k), entry(b, k)));
    }
  }
}

/** Small whole exponents are products by convention; elsewhere one rounding could tip a `step`. */
function naivePower(x: number, exponent: number): number {
  const products: Record<string, number> = {
    '2': x * x,
    '3': x * x * x,
    '4': x * x * (x * x),
    '-1': 1 / x,
    '-2': 1 / (x * x),
  };
  return products[exponent] ?? x ** exponent;
}

function naiveReduce(reduce: Reducer, v: number[]): number {
  if (reduce === 'sum') return v.reduce((s, x) => s + x, 0);
  if (reduce === 'max') return Math.max(...v);
  if (reduce === 'argmax') return v.some(Number.isNaN) ? v.findIndex(Number.isNaN) : v.indexOf(Math.max(...v));
  const m = Math.max(...v);
  return Number.isFinite(m) ? m + Math.log(v.reduce((s, x) => s + Math.exp(x - m), 0)) : m;
}

function naive(output: ReductionOutput, values: Values, rows: number, columns: number): number[] {
  return Array.from({ length: rows }, (_, i) => {
    const perColumn = Array.from({ length: columns }, (_, j) => naiveValue(output.expression, values, i, j));
    return Array.from({ length: output.expression.size }, (_, k) =>
      naiveReduce(
        output.reduce,
        perColumn.map((v) => v[k]),
      ),
    );
  }).flat();
}

function compute(reduction: Reduction, inputs: Values, rows: number, columns: number): Record<string, number[]> {
  const out: Record<string, Float64Array> = {};
  for (const { name, expression } of reduction.outputs) out[name] = new Float64Array(rows * expression.size).fill(77);
  referenceBackend().compile(reduction).run({ rows, columns, inputs, out });
  return Object.fromEntries(Object.entries(out).map(([name, array]) => [name, Array.from(array)]));
}

function expectClose(actual: number[], expected: number[], hint: string): void {
  expect(actual.length, hint).toBe(expected.length);
  expected.forEach((value, k) => {
    const scale = Math.max(1, Math.abs(value));
    const close = Object.is(actual[k], value) || actual[k] === value || Math.abs(actual[k] - value) <= 1e-12 * scale;
    if (!close) expect.fail(`${hint}[${k}] is ${actual[k]}, the oracle says ${value}`);
  });
}

/** Values in (-2, 2) for every variable, from one seed. */
function sample(
  expressions: readonly Expression[],
  rows: number,
  columns: number,
  seed: number,
): Record<string, Float64Array> {
  const values: Record<string, Float64Array> = {};
  for (const { name, role, size } of variablesOf(...expressions)) {
    const count = size * (role === 'row' ? rows : role === 'column' ? columns : 1);
    const unit = new Float64Array(count);
    fillUniform(unit, deriveKey(randomKey(seed), name));
    values[name] = unit.map((u) => 4 * u - 2);
  }
  return values;
}

/** Bounded formulas of each of the sizes 1 and d over variables of every role; made from a list of choices. */
function buildFormula(choices: readonly number[], d: number): Expression {
  const pool: Expression[] = [
    f.row('x', d),
    f.column('y', d),
    f.uniform('t', d),
    f.row('s'),
    f.column('c'),
    f.uniform('u'),
    f.constant(0.75),
    f.row('x', d),
    f.column('y', d),
  ];
  const unary = unaryOperations.filter((name) => !['exp', 'log', 'sqrt'].includes(name));
  const steps: ((a: Expression, b: Expression, p: number) => Expression)[] = [
    (a, _, p) => operationNode(unary[p % unary.length], [a], a.size),
    (a, b) => f.add(a, b),
    (a, b) => f.subtract(a, b),
    (a, b) => f.multiply(a, f.sin(b)),
    (a, b) => f.divide(a, f.add(1.5, f.cos(b))),
    (a, b) => f.minimum(a, b),
    (a, b) => f.maximum(a, b),
    (a, b) => f.dot(f.broadcast(a, d), f.broadcast(b, d)),
    (a) => f.sum(f.broadcast(a, d)),
    (a) => f.norm2(f.tanh(a)),
    (a, _, p) => f.component(a, p % a.size),
    (a, b, p) =>
      f.pack(
        ...Array.from({ length: d }, (_, k) =>
          f.component(k % 2 ? a : b, ((k % 2 ? a : b).size * (k + p)) % (k % 2 ? a : b).size),
        ),
      ),
    (a, _, p) => f.scatter(f.component(a, 0), p % d, d),
    (a) => f.exp(f.tanh(a)),
    (a) => f.log(f.add(1, f.power(a, 2))),
    (a) => f.sqrt(f.add(0.5, f.abs(a))),
    (a, _, p) => f.power(f.tanh(a), 2 + (p % 3)),
    (a, _, p) => f.power(f.add(1.25, f.cos(a)), [-1, 0.5, -1.5][p % 3]),
  ];
  for (const choice of choices) {
    const a = pool[(choice >>> 5) % pool.length];
    const b = pool[(choice >>> 11) % pool.length];
    pool.push(
      f.tanh(steps[choice % steps.length](a, b, choice >>> 17)),
      steps[choice % steps.length](b, a, choice >>> 19),
    );
  }
  return pool[pool.length - 1];
}

const formulas = fc.record({
  choices: fc.array(fc.nat(0x3fffffff), { minLength: 1, maxLength: 7 }),
  other: fc.array(fc.nat(0x3fffffff), { minLength: 0, maxLength: 4 }),
  d: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(1000),
});

const reducersOf = (e: Expression): Reducer[] =>
  e.size === 1 ? ['sum', 'logSumExp', 'max', 'argmax'] : ['sum', 'logSumExp', 'max'];

/** Every reducer of a formula, of a second one that may share work with it, and of a gradient, as one reduction. */
function outputsOf({ choices, other, d }: { choices: number[]; other: number[]; d: number }): ReductionOutput[] {
  const first = buildFormula(choices, d);
  const second = buildFormula([...choices.slice(0, 2), ...other], d);
  const slope = gradient(first.size === 1 ? first : f.sum(first), f.row('x', d));
  return [first, second, slope].flatMap((expression, n) =>
    reducersOf(expression).map((reduce) => ({ name: `${reduce}${n}`, expression, reduce })),
  );
}

function checkAgainstOracle(outputs: ReductionOutput[], rows: number, columns: number, seed: number): void {
  const values = sample(
    outputs.map((output) => output.expression),
    rows,
    columns,
    seed,
  );
  const actual = compute({ outputs }, values, rows, columns);
  for (const output of outputs)
    expectClose(actual[output.name], naive(output, values, rows, columns), `${output.name} of ${rows} x ${columns}`);
}

describe('the reference backend', () => {
  test('agrees with pair-by-pair evaluation on random formulas, gradients and all reducers', () => {
    const sizes = fc.record({ rows: fc.integer({ min: 0, max: 6 }), columns: fc.integer({ min: 0, max: 6 }) });
    fc.assert(
      fc.property(formulas, sizes, (formula, { rows, columns }) =>
        checkAgainstOracle(outputsOf(formula), rows, columns, formula.seed),
      ),
      { seed: 11, numRuns: 400 },
    );
  });

  test('agrees with pair-by-pair evaluation around the block size, on either side', () => {
    const long = fc.constantFrom(blockLanes - 1, blockLanes, blockLanes + 1, 2 * blockLanes, 2 * blockLanes + 1);
    fc.assert(
      fc.property(formulas, long, fc.integer({ min: 1, max: 2 }), fc.boolean(), (formula, many, few, wide) =>
        checkAgainstOracle(outputsOf(formula), wide ? few : many, wide ? many : few, formula.seed),
      ),
      { seed: 12, numRuns: 40 },
    );
  });
});

/** The reduction of the given numbers, read as a scalar column variable, in one row. */
function reduceNumbers(reduce: Reducer, numbers: readonly number[]): number {
  const outputs = [{ name: 'f', expression: f.column('v'), reduce }];
  return compute({ outputs }, { v: Float64Array.from(numbers) }, 1, numbers.length).f[0];
}

/** The same numbers as rows of a call with one more row than columns, so that lanes run over rows instead. */
function reduceAlongRows(reduce: Reducer, numbers: readonly number[]): number {
  const outputs = [{ name: 'f', expression: f.multiply(f.row('one'), f.column('v')), reduce }];
  const rows = numbers.length + 1;
  const f0 = compute(
    { outputs },
    { v: Float64Array.from(numbers), one: new Float64Array(rows).fill(1) },
    rows,
    numbers.length,
  ).f;
  expect(f0.every((value) => Object.is(value, f0[0]))).toBe(true);
  return f0[0];
}

describe('reducers', () => {
  const infinity = Number.POSITIVE_INFINITY;
  const cases: readonly [Reducer, readonly number[], number][] = [
    ['sum', [], 0],
    ['max', [], -infinity],
    ['logSumExp', [], -infinity],
    ['argmax', [], -1],
    ['sum', [1, Number.NaN, 2], Number.NaN],
    ['sum', [infinity, -infinity], Number.NaN],
    ['max', [1, Number.NaN, 2], Number.NaN],
    ['max', [-infinity, -infinity], -infinity],
    ['logSumExp', [1, Number.NaN, infinity], Number.NaN],
    ['logSumExp', [infinity, Number.NaN], Number.NaN],
    ['logSumExp', [-infinity, -infinity], -infinity],
    ['logSumExp', [3, infinity, 3], infinity],
    ['logSumExp', [infinity, -infinity], infinity],
    ['logSumExp', [-infinity, 5, -infinity], 5],
    ['logSumExp', [-1000, -1000], -1000 + Math.LN2],
    ['logSumExp', [1000, 0, 1000], 1000 + Math.LN2],
    ['argmax', [3, 7, 7, 1], 1],
    ['argmax', [-infinity, -infinity], 0],
    ['argmax', [9, Number.NaN, Number.NaN, 10], 1],
  ];
  test.each(cases)('%s of %j is %d with lanes along either axis', (reduce, numbers, expected) => {
    expect(reduceNumbers(reduce, numbers)).toBe(expected);
    expect(reduceAlongRows(reduce, numbers)).toBe(expected);
  });

  test('logSumExp of an increasing sequence, the worst order for one pass, is right to 1e-14', () => {
    const numbers = Array.from({ length: 2000 }, (_, j) => j / 100);
    const exact = numbers[1999] + Math.log(numbers.reduceRight((s, x) => s + Math.exp(x - numbers[1999]), 0));
    expect(Math.abs(reduceNumbers('logSumExp', numbers) - exact)).toBeLessThan(1e-14 * exact);
  });
});

describe('the order of summation', () => {
  const [x, y] = [f.row('x', 3), f.column('y', 3)];
  const expression = f.add(f.exp(f.negate(f.norm2(f.subtract(x, y)))), f.multiply(f.row('s'), f.sin(f.dot(x, y))));
  const outputs = reducersOf(expression).map((reduce) => ({ name: reduce, expression, reduce }));

  test('the bits of a row do not depend on the other rows, nor on the axis of the lanes', () => {
    const [rows, columns] = [700, 300];
    const values = sample([expression], rows, columns, 5);
    const all = compute({ outputs }, values, rows, columns);
    for (const i of [0, 255, 256, 511, 699]) {
      const one = { ...values, x: values.x.slice(3 * i, 3 * i + 3), s: values.s.slice(i, i + 1) };
      const alone = compute({ outputs }, one, 1, columns);
      for (const { name } of outputs) {
        expect(alone[name]).toEqual(all[name].slice(i * expression.size, (i + 1) * expression.size));
      }
    }
  });

  test('a call gives the same bits after calls of other sizes, whatever lies behind the inputs and outputs', () => {
    const kernel = referenceBackend().compile({ outputs });
    const run = (rows: number, columns: number): Float64Array[] => {
      const out = Object.fromEntries(
        outputs.map(({ name }) => [name, new Float64Array(rows * expression.size + 2).fill(77)]),
      );
      const padded = Object.fromEntries(
        Object.entries(sample([expression], rows, columns, 6)).map(([name, v]) => [
          name,
          Float64Array.of(...v, Number.NaN),
        ]),
      );
      kernel.run({ rows, columns, inputs: padded, out });
      return Object.values(out);
    };
    const before = run(3, 300);
    run(400, 2);
    run(1, 1000);
    expect(run(3, 300)).toEqual(before);
    for (const array of before) expect(Array.from(array.slice(-2))).toEqual([77, 77]);
  });

  test('an output may be the memory of an input', () => {
    const x = f.row('x');
    const total = [{ name: 'f', expression: f.multiply(x, f.column('y')), reduce: 'sum' as const }];
    const shared = Float64Array.from({ length: 600 }, (_, i) => i);
    const columns = Float64Array.from({ length: 700 }, () => 1);
    referenceBackend()
      .compile({ outputs: total })
      .run({ rows: 600, columns: 700, inputs: { x: shared, y: columns }, out: { f: shared } });
    expect(shared).toEqual(Float64Array.from({ length: 600 }, (_, i) => 700 * i));
  });
});

describe('compiling', () => {
  const kernelOf = (name: string, expression: Expression, reduce: Reducer = 'sum') => ({
    outputs: [{ name, expression, reduce }],
  });

  test('returns the same kernel for the same structure and another for another name, reducer or formula', () => {
    const backend = referenceBackend();
    const make = (): Expression => f.exp(f.multiply(f.row('x'), f.column('y')));
    const kernel = backend.compile(kernelOf('f', make()));
    expect(backend.compile(kernelOf('f', make()))).toBe(kernel);
    expect(backend.compile(kernelOf('g', make()))).not.toBe(kernel);
    expect(backend.compile(kernelOf('f', make(), 'max'))).not.toBe(kernel);
    expect(backend.compile(kernelOf('f', f.sin(make())))).not.toBe(kernel);
  });

  test('forgets the kernel used longest ago, which still runs', () => {
    const backend = referenceBackend();
    const old = backend.compile(kernelOf('old', f.row('x')));
    const kept = backend.compile(kernelOf('kept', f.row('x')));
    for (let k = 0; k < 255; k++) {
      backend.compile(kernelOf(`n${k}`, f.row('x')));
      expect(backend.compile(kernelOf('kept', f.row('x')))).toBe(kept);
    }
    expect(backend.compile(kernelOf('old', f.row('x')))).not.toBe(old);
    const out = { old: new Float64Array(1) };
    old.run({ rows: 1, columns: 1, inputs: { x: Float64Array.of(4) }, out });
    expect(out.old[0]).toBe(4);
  });
});
