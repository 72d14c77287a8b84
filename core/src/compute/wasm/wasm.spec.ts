import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { column, row, uniform } from '../../formula/build.js';
import { parseFormula } from '../../formula/parse.js';
import { fillNormal, randomKey } from '../../math/random.js';
import { backendLaws } from '../../testing/backendLaws.js';
import { formulaArbitrary } from '../../testing/formulaArbitraries.js';
import type { Backend, Reducer, Reduction } from '../backend.js';
import { referenceBackend } from '../reference.js';
import { wasmBackend } from './wasmBackend.js';

const wasm = wasmBackend();
const reference = referenceBackend();

type Variables = Readonly<Record<string, { readonly role: 'row' | 'column' | 'uniform'; readonly size?: number }>>;

function inputsFor(variables: Variables, rows: number, columns: number): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, { role, size = 1 }]) => {
      const values = new Float64Array(size * (role === 'row' ? rows : role === 'column' ? columns : 1));
      fillNormal(values, randomKey(`wasm ${name}`));
      return [name, values];
    }),
  );
}

function run(
  backend: Backend,
  reduction: Reduction,
  call: { rows: number; columns: number; inputs: Record<string, Float64Array> },
) {
  const out = Object.fromEntries(
    reduction.outputs.map(({ name, expression }) => [name, new Float64Array(call.rows * expression.size)]),
  );
  backend.compile(reduction).run({ ...call, out });
  return out;
}

/** Largest difference between the two backends, relative to the sum of the sizes of the terms. */
function difference(
  text: string,
  variables: Variables,
  shape: { rows: number; columns: number; reduce: Reducer },
): number {
  const { rows, columns, reduce } = shape;
  const expression = parseFormula(text, { variables });
  const inputs = inputsFor(variables, rows, columns);
  const outputs = [{ name: 'out', expression, reduce }];
  const sizes = [{ name: 'out', expression: parseFormula(`abs(${text})`, { variables }), reduce: 'sum' as const }];
  const found = run(wasm, { outputs }, { rows, columns, inputs }).out;
  const expected = run(reference, { outputs }, { rows, columns, inputs }).out;
  const scale = run(reference, { outputs: sizes }, { rows, columns, inputs }).out;
  return found.reduce((worst, value, i) => {
    if (Object.is(value, expected[i])) return worst;
    const error = Math.abs(value - expected[i]) / Math.max(scale[i], 1e-300);
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }, 0);
}

describe('the laws of backends', () => {
  test.each(backendLaws.map((law) => [law.title, law] as const))('%s', async (_, law) => {
    expect(await law.check(wasm, { seed: 11, runs: 300 })).toMatchObject({ holds: true });
  });
});

describe('WebAssembly kernels agree with the reference', () => {
  const cases: readonly (readonly [string, Variables])[] = [
    ['exp(-norm2(x - y))', { x: { role: 'row', size: 3 }, y: { role: 'column', size: 3 } }],
    [
      'm*relu(dot(x, w) + b)',
      { x: { role: 'row', size: 37 }, w: { role: 'column', size: 37 }, b: { role: 'column' }, m: { role: 'column' } },
    ],
    [
      'tanh(dot(x, w))*w + s*x',
      { x: { role: 'row', size: 11 }, w: { role: 'column', size: 11 }, s: { role: 'uniform' } },
    ],
    ['exp(-norm2(x - y)/10)*(x - y)', { x: { role: 'row', size: 20 }, y: { role: 'column', size: 20 } }],
    ['sum(cos(x)*y)*x[1] + norm2(y)', { x: { role: 'row', size: 12 }, y: { role: 'column', size: 12 } }],
    ['log(1 + exp(a)) + norm2(u)*b', { a: { role: 'row' }, b: { role: 'column' }, u: { role: 'uniform', size: 9 } }],
    ['a^2', { a: { role: 'row' } }],
    ['sin(b)', { b: { role: 'column' } }],
    ['3*c', { c: { role: 'uniform' } }],
    ['(1 + a^2)^0.3/(1 + b^2)^1.5 + a^5 + b^(-2)', { a: { role: 'row' }, b: { role: 'column' } }],
    ['min(a, b)*sign(a - b) + step(a*b) + max(a, b, 0)', { a: { role: 'row' }, b: { role: 'column' } }],
  ];
  const sizes = [
    [1, 1],
    [3, 5],
    [4, 4],
    [7, 2],
    [8, 9],
    [65, 130],
  ] as const;
  test.each(cases)('sums of %s, of every size', (text, variables) => {
    for (const [rows, columns] of sizes) {
      expect(difference(text, variables, { rows, columns, reduce: 'sum' }), `${rows} x ${columns}`).toBeLessThan(1e-14);
    }
  });

  test.each(['logSumExp', 'max'] as const)('%s of scalars and vectors, of every size', (reduce) => {
    for (const [text, variables] of cases) {
      for (const [rows, columns] of sizes) {
        expect(difference(text, variables, { rows, columns, reduce }), `${text}: ${rows} x ${columns}`).toBeLessThan(
          1e-13,
        );
      }
    }
  });

  test('argmax is the same index, the lowest among equals', () => {
    const variables: Variables = { a: { role: 'row' }, b: { role: 'column' } };
    for (const text of ['-(a - b)^2', 'sign(b)', '0*b']) {
      const outputs = [{ name: 'out', expression: parseFormula(text, { variables }), reduce: 'argmax' as const }];
      for (const [rows, columns] of sizes) {
        const call = { rows, columns, inputs: inputsFor(variables, rows, columns) };
        expect([...run(wasm, { outputs }, call).out]).toEqual([...run(reference, { outputs }, call).out]);
      }
    }
  });

  test('several outputs of different kinds in one pass', () => {
    const variables: Variables = {
      x: { role: 'row', size: 10 },
      w: { role: 'column', size: 10 },
      r: { role: 'column' },
    };
    const parse = (text: string) => parseFormula(text, { variables });
    const outputs = [
      { name: 'potential', expression: parse('r*relu(dot(x, w))'), reduce: 'sum' as const },
      { name: 'gradient', expression: parse('r*step(dot(x, w))*w'), reduce: 'sum' as const },
      { name: 'best', expression: parse('dot(x, w)'), reduce: 'argmax' as const },
      { name: 'soft', expression: parse('dot(x, w) - r'), reduce: 'logSumExp' as const },
    ];
    const call = { rows: 33, columns: 71, inputs: inputsFor(variables, 33, 71) };
    const [found, expected] = [run(wasm, { outputs }, call), run(reference, { outputs }, call)];
    expect(found.potential).toEqual(expected.potential);
    expect(found.gradient).toEqual(expected.gradient);
    expect(found.best).toEqual(expected.best);
    found.soft.forEach((value, i) => {
      expect(Math.abs(value - expected.soft[i])).toBeLessThan(1e-13);
    });
  });

  test('no columns and no rows give what the contract says', () => {
    const expression = parseFormula('a*b', { variables: { a: { role: 'row' }, b: { role: 'column' } } });
    const outputs = (['sum', 'logSumExp', 'max', 'argmax'] as const).map((reduce) => ({
      name: reduce,
      expression,
      reduce,
    }));
    const empty = { a: Float64Array.of(1, 2), b: new Float64Array(0) };
    const found = run(wasm, { outputs }, { rows: 2, columns: 0, inputs: empty });
    expect(found).toEqual({
      sum: Float64Array.of(0, 0),
      logSumExp: new Float64Array(2).fill(Number.NEGATIVE_INFINITY),
      max: new Float64Array(2).fill(Number.NEGATIVE_INFINITY),
      argmax: Float64Array.of(-1, -1),
    });
    const none = { a: new Float64Array(0), b: Float64Array.of(1) };
    expect(run(wasm, { outputs }, { rows: 0, columns: 1, inputs: none }).sum.length).toBe(0);
  });

  test('infinities and NaN pass through every reduction as in the reference', () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const expression = parseFormula('a + b', { variables: { a: { role: 'row' }, b: { role: 'column' } } });
    const outputs = (['sum', 'logSumExp', 'max', 'argmax'] as const).map((reduce) => ({
      name: reduce,
      expression,
      reduce,
    }));
    for (const b of [
      [1, inf],
      [-inf, -inf],
      [inf, inf, 0],
      [nan, 1],
      [1, nan, inf],
      [-inf, 2, -inf],
      [1e308, 1e308],
      [-inf, -1e5, 3, inf, 4, inf, nan],
      Array.from({ length: 23 }, (_, k) => 300 * k - 4000),
      Array.from({ length: 23 }, (_, k) => 4000 - 300 * k),
    ]) {
      const inputs = { a: Float64Array.of(0, inf, -inf, nan, 1), b: Float64Array.from(b) };
      const call = { rows: 5, columns: b.length, inputs };
      expect(run(wasm, { outputs }, call), JSON.stringify(b)).toEqual(run(reference, { outputs }, call));
    }
  });

  test('more rows and columns than one block holds', () => {
    const variables: Variables = { a: { role: 'row' }, b: { role: 'column', size: 2 } };
    const text = 'max(a, b[0])*b[1]';
    expect(difference(text, variables, { rows: 8200, columns: 67, reduce: 'sum' })).toBe(0);
    expect(difference(text, variables, { rows: 5, columns: 30_011, reduce: 'sum' })).toBe(0);
  });
});

test('an output may be the memory of an input, however many blocks there are', () => {
  const variables: Variables = { a: { role: 'row' }, b: { role: 'column' } };
  const expression = parseFormula('[max(a, b), a]', { variables });
  const outputs = [{ name: 'out', expression, reduce: 'sum' as const }];
  const rows = 20_000;
  const memory = new Float64Array(2 * rows);
  fillNormal(memory, randomKey('shared'));
  const inputs = { a: memory.slice(0, rows), b: memory.slice(0, 5) };
  const expected = run(reference, { outputs }, { rows, columns: 5, inputs }).out;
  const call = {
    rows,
    columns: 5,
    inputs: { a: memory.subarray(0, rows), b: memory.subarray(0, 5) },
    out: { out: memory },
  };
  wasm.compile({ outputs }).run(call);
  expect(memory).toEqual(expected);
});

test('random formulas of many variables agree, in every reduction, and twice the same bits', () => {
  const variables = [row('x', 3), row('a'), column('y', 3), column('b'), uniform('c')];
  const formulas = formulaArbitrary({ variables, depth: 5 });
  const shape = fc.record({ rows: fc.integer({ min: 1, max: 13 }), columns: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(formulas, shape, (expression, { rows, columns }) => {
      const outputs = (['sum', 'max', 'logSumExp'] as const).map((reduce) => ({ name: reduce, expression, reduce }));
      const sizes: Variables = {
        x: { role: 'row', size: 3 },
        a: { role: 'row' },
        y: { role: 'column', size: 3 },
        b: { role: 'column' },
        c: { role: 'uniform' },
      };
      const call = { rows, columns, inputs: inputsFor(sizes, rows, columns) };
      const expected = run(reference, { outputs }, call);
      const found = run(wasm, { outputs }, call);
      expect(run(wasmBackend(), { outputs }, call)).toEqual(found);
      const scale = 100 + Math.max(...expected.max.map(Math.abs)) * columns;
      for (const { name } of outputs) {
        found[name].forEach((value, i) => {
          expect(Math.abs(value - expected[name][i])).toBeLessThanOrEqual(1e-12 * scale);
        });
      }
    }),
    { seed: 5, numRuns: 150 },
  );
});
