import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as build from '../../formula/build.js';
import { column, row, uniform } from '../../formula/build.js';
import type { Expression } from '../../formula/expression.js';
import { parseFormula } from '../../formula/parse.js';
import { fillNormal, fillUniform, randomKey } from '../../math/random.js';
import { createWorkbench } from '../../plugin/workbench.js';
import { backendLaws } from '../../testing/backendLaws.js';
import { formulaArbitrary } from '../../testing/formulaArbitraries.js';
import type { Backend, Reduction } from '../backend.js';
import { referenceBackend } from '../reference.js';
import { wasmBackend } from './wasmBackend.js';

const reference = referenceBackend();
const double = wasmBackend();
const single = wasmBackend({ precision: 'float32' });
const other = wasmBackend({ precision: 'float32' });

const functions = {
  exp: build.exp,
  log: build.log,
  sin: build.sin,
  cos: build.cos,
  tanh: build.tanh,
  sigmoid: build.sigmoid,
  softplus: build.softplus,
  erf: build.erf,
} as const;
type Name = keyof typeof functions;

function evaluate(backend: typeof double, apply: (x: Expression) => Expression, x: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  const outputs = [{ name: 'out', expression: apply(row('x')), reduce: 'sum' as const }];
  backend.compile({ outputs }).run({ rows: x.length, columns: 1, inputs: { x }, out: { out } });
  return out;
}

/** Numbers of 24 bits: both signs, uniform in [-a, a] for several a, and of all sizes from 1e-30 to 30. */
function samples(name: Name): Float64Array {
  const uniforms = new Float64Array(40_000);
  fillUniform(uniforms, randomKey('single'));
  const largest = ['exp', 'sigmoid', 'softplus'].includes(name) ? 86 : 999;
  return uniforms.map((u, i) => {
    const v = 2 * u - 1;
    const x = [v, 4 * v, 20 * v, largest * v, Math.sign(v) * 10 ** (32 * Math.abs(v) - 30.5)][i % 5];
    return Math.fround(name === 'log' ? Math.abs(x) : x);
  });
}

/** Distance in units in the last place of 24 bits of the exact value. */
function ulps(found: number, exact: number): number {
  if (Object.is(found, Math.fround(exact))) return 0;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(found - exact) / 2 ** (exponent - 23);
}

describe('elementary functions in four lanes of float32', () => {
  // The bounds are what was measured, rounded up; the exact values are those of float64.
  test.each([
    ['exp', 2],
    ['log', 1],
    ['tanh', 3],
    ['sigmoid', 3],
    ['softplus', 4],
    ['erf', 2],
    ['sin', 2],
    ['cos', 2],
  ] as const)('%s is within %d units in the last place of 24 bits', (name, bound) => {
    const x = samples(name);
    const found = evaluate(single, functions[name], x);
    const exact = evaluate(double, functions[name], x);
    let worst = { error: 0, x: 0, found: 0, exact: 0 };
    x.forEach((at, i) => {
      // Multiples of pi/2 are known to 75 bits: next to them the error is small beside the angle, not beside the value.
      const isNearZero = (name === 'sin' || name === 'cos') && Math.abs(found[i] - exact[i]) <= 1e-10;
      const error = isNearZero ? 0 : ulps(found[i], exact[i]);
      if (!(error <= worst.error)) worst = { error, x: at, found: found[i], exact: exact[i] };
    });
    expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(bound);
  });

  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  test.each([
    ['exp', Math.exp, [0, -0, inf, -inf, nan, 88.7, 89, 1000, -87, -95, -103, -104, -1e9, 1e-40]],
    ['log', Math.log, [0, -0, 1, inf, -inf, nan, -1, 1e-45, 1e-40, 3e38]],
    ['sin', Math.sin, [0, -0, inf, -inf, nan, 1000.5, -3e15, 1e30, 1e-40]],
    ['cos', Math.cos, [0, -0, inf, -inf, nan, 1000.5, -3e15, 1e30, 1e-40]],
    ['tanh', Math.tanh, [0, -0, inf, -inf, nan, 1e-40, -1e-30, 25, -710, 1e5]],
    ['erf', Math.sign, [0, -0, inf, -inf, nan, 4, -5, 1e30]],
    ['sigmoid', (x: number) => 1 / (1 + Math.exp(-x)), [0, -0, inf, -inf, nan, 40, -40, 1e4]],
    ['softplus', (x: number) => (x > 30 ? x : Math.log1p(Math.exp(x))), [0, -0, inf, -inf, nan, 1e3, -30]],
  ] as const)('%s of zeros, infinities, NaN and the ends of its range is the rounded value', (name, exact, points) => {
    const values = evaluate(single, functions[name], Float64Array.from(points));
    points.forEach((point, i) => {
      const wanted = Math.fround(exact(Math.fround(point)));
      // A sum begins with 0, and 0 + (-0) is 0.
      if (Number.isFinite(wanted) && wanted !== 0) expect(ulps(values[i], wanted), `${name}(${point})`).toBeLessThan(5);
      else expect(values[i], `${name}(${point})`).toBe(wanted === 0 ? 0 : wanted);
    });
  });
});

type Sizes = { readonly rows: number; readonly columns: number };
const roles = { x: ['row', 3], a: ['row', 1], y: ['column', 3], b: ['column', 1], c: ['uniform', 1] } as const;

function inputsFor({ rows, columns }: Sizes): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(roles).map(([name, [role, size]]) => {
      const values = new Float64Array(size * (role === 'row' ? rows : role === 'column' ? columns : 1));
      fillNormal(values, randomKey(`single ${name}`));
      return [name, values];
    }),
  );
}

function run(
  backend: Backend,
  outputs: Reduction['outputs'],
  call: Sizes & { readonly inputs: Record<string, Float64Array> },
) {
  const out = Object.fromEntries(
    outputs.map(({ name, expression }) => [name, new Float64Array(call.rows * expression.size)]),
  );
  backend.compile({ outputs }).run({ ...call, out });
  return out;
}

const sizeOf = (expression: Expression) => [
  { name: 'size', expression: build.abs(expression), reduce: 'max' as const },
];

test('random formulas agree with the reference to 1e-5 of the summands, twice the same bits', () => {
  const variables = [row('x', 3), row('a'), column('y', 3), column('b'), uniform('c')];
  const formulas = formulaArbitrary({ variables, depth: 5 });
  const shape = fc.record({ rows: fc.integer({ min: 1, max: 19 }), columns: fc.integer({ min: 1, max: 150 }) });
  fc.assert(
    fc.property(formulas, shape, (expression, sizes) => {
      const outputs = (['sum', 'max', 'logSumExp'] as const).map((reduce) => ({ name: reduce, expression, reduce }));
      const call = { ...sizes, inputs: inputsFor(sizes) };
      const expected = run(reference, outputs, call);
      const found = run(single, outputs, call);
      expect(run(single, outputs, call)).toEqual(found);
      expect(run(other, outputs, call)).toEqual(found);
      const largest = 1 + Math.max(...run(reference, sizeOf(expression), call).size);
      for (const { name } of outputs) {
        const scale = name === 'sum' ? largest * sizes.columns : largest;
        found[name].forEach((value, i) => {
          expect(Math.abs(value - expected[name][i]), name).toBeLessThanOrEqual(1e-5 * scale);
        });
      }
    }),
    { seed: 5, numRuns: 120 },
  );
});

const fourReducers = ['sum', 'logSumExp', 'max', 'argmax'] as const;
const allOf = (expression: Expression) => fourReducers.map((reduce) => ({ name: reduce, expression, reduce }));

/** Normal numbers that are the same in 24 bits. */
function rounded(name: string, length: number): Float64Array {
  const values = new Float64Array(length);
  fillNormal(values, randomKey(name));
  return values.map(Math.fround);
}

describe('kernels in float32', () => {
  const law = backendLaws.find(({ title }) => title.startsWith('the same call gives the same bits'));
  test(law?.title ?? 'a law that is gone', async () => {
    expect(await law?.check(single, { seed: 3, runs: 150 })).toMatchObject({ holds: true });
  });

  // Lanes, tiles of 4 columns, blocks of 64 of them and what is left of each; 37 components stay in memory.
  test.each([
    [1, 1],
    [7, 2],
    [8, 64],
    [9, 65],
    [3, 63],
    [65, 130],
    [2, 4099],
  ])('every reduction of vectors and scalars of %d x %d is that of the rounded inputs', (rows, columns) => {
    const variables = { x: { role: 'row', size: 37 }, w: { role: 'column', size: 37 }, b: { role: 'column' } } as const;
    const inputs = { x: rounded('x', 37 * rows), w: rounded('w', 37 * columns), b: rounded('b', columns) };
    for (const text of ['b*relu(dot(x, w))', 'step(dot(x, w))*w', 'exp(-norm2(x - w)/40)*(x - w)', 'max(x, w) - b']) {
      const expression = parseFormula(text, { variables });
      const outputs = fourReducers.slice(0, 3).map((reduce) => ({ name: reduce, expression, reduce }));
      const call = { rows, columns, inputs };
      const [found, expected] = [run(single, outputs, call), run(reference, outputs, call)];
      const largest = Math.max(...run(reference, [{ ...outputs[2], expression: build.abs(expression) }], call).max);
      for (const { name } of outputs) {
        const scale = name === 'sum' ? (largest + 1) * columns : largest + 1;
        const error = Math.max(...found[name].map((value, i) => Math.abs(value - expected[name][i])));
        expect(error / scale, `${name} of ${text}`).toBeLessThan(1e-6);
      }
    }
  });

  const pair = parseFormula('a + b', { variables: { a: { role: 'row' }, b: { role: 'column' } } });

  test('argmax is the index in the reference for numbers of 24 bits, the lowest among equals, in whatever block', () => {
    for (const columns of [1, 3, 64, 65, 300, 70_000]) {
      const b = Float64Array.from({ length: columns }, (_, j) => (j * 40_503) % 1009);
      const call = { rows: 5, columns, inputs: { a: Float64Array.of(0, 1, 2, 3, 4), b } };
      expect(run(single, allOf(pair).slice(3), call)).toEqual(run(reference, allOf(pair).slice(3), call));
    }
  });

  test('several outputs of different kinds in one pass, with more state than registers hold', () => {
    const variables = { x: { role: 'row', size: 10 }, w: { role: 'column', size: 10 }, r: { role: 'column' } } as const;
    const parse = (text: string) => parseFormula(text, { variables });
    const outputs = [
      { name: 'gradient', expression: parse('r*step(dot(x, w))*w'), reduce: 'sum' as const },
      { name: 'best', expression: parse('max(r, x[0])'), reduce: 'argmax' as const },
      { name: 'soft', expression: parse('dot(x, w) - r'), reduce: 'logSumExp' as const },
    ];
    const inputs = { x: rounded('x', 330), w: rounded('w', 2710), r: rounded('r', 271) };
    const call = { rows: 33, columns: 271, inputs };
    const [found, expected] = [run(single, outputs, call), run(reference, outputs, call)];
    expect(found.best).toEqual(expected.best);
    // Gradients sum 271 numbers up to 4 * 4.
    for (const [name, tolerance] of [
      ['gradient', 1e-6 * 271 * 16],
      ['soft', 1e-5],
    ] as const) {
      found[name].forEach((value, i) => {
        expect(Math.abs(value - expected[name][i]), name).toBeLessThan(tolerance);
      });
    }
  });

  test('no columns and no rows give what the contract says', () => {
    const inputs = { a: Float64Array.of(1, 2), b: new Float64Array(0) };
    expect(run(single, allOf(pair), { rows: 2, columns: 0, inputs })).toEqual({
      sum: Float64Array.of(0, 0),
      logSumExp: new Float64Array(2).fill(Number.NEGATIVE_INFINITY),
      max: new Float64Array(2).fill(Number.NEGATIVE_INFINITY),
      argmax: Float64Array.of(-1, -1),
    });
    const none = { a: new Float64Array(0), b: Float64Array.of(1) };
    expect(run(single, allOf(pair), { rows: 0, columns: 1, inputs: none }).sum.length).toBe(0);
  });

  test('infinities and NaN pass through every reduction, in the first block or a later one', () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const cases = [
      [1, inf],
      [-inf, -inf],
      [inf, inf, 0],
      [nan, 1],
      [1, nan, inf],
      [-inf, 2, -inf],
    ];
    for (const special of cases) {
      for (const before of [[], new Array(64).fill(-inf), new Array(130).fill(0)]) {
        const b = Float64Array.from([...before, ...special]);
        const call = { rows: 5, columns: b.length, inputs: { a: Float64Array.of(0, inf, -inf, nan, 1), b } };
        const [found, expected] = [run(single, allOf(pair), call), run(reference, allOf(pair), call)];
        for (const { name } of allOf(pair)) {
          found[name].forEach((value, i) => {
            if (Number.isFinite(expected[name][i])) {
              const error = Math.abs(value - expected[name][i]) / (1 + Math.abs(expected[name][i]));
              expect(error, `${name} of ${b}`).toBeLessThan(1e-6);
            } else expect(value, `${name} of ${b}`).toBe(expected[name][i]);
          });
        }
      }
    }
  });

  test('numbers and sums of a block beyond 3.4e38 are infinite, numbers below 7e-46 zero', () => {
    const inputs = { a: Float64Array.of(1e39, -1e39, 3e38, 1e-50), b: Float64Array.of(0, 0) };
    const inf = Number.POSITIVE_INFINITY;
    expect([...run(single, allOf(pair), { rows: 4, columns: 2, inputs }).sum]).toEqual([inf, -inf, inf, 0]);
  });

  test('a sum of 200,003 equal numbers loses no more than one block of 64 does, 4e-6: blocks join in 64 bits', () => {
    const columns = 200_003;
    const inputs = { a: Float64Array.of(0.1), b: new Float64Array(columns) };
    const expected = Math.fround(0.1);
    const { sum, logSumExp } = run(single, allOf(pair), { rows: 1, columns, inputs });
    expect(Math.abs(sum[0] / columns / expected - 1)).toBeLessThan(4e-6);
    expect(Math.abs(logSumExp[0] - expected - Math.log(columns))).toBeLessThan(1e-6);
  });

  test('one, two or three threads give the same bits', () => {
    const sizes = { rows: 1003, columns: 701 };
    const variables = { x: { role: 'row', size: 3 }, y: { role: 'column', size: 3 }, b: { role: 'column' } } as const;
    const expression = parseFormula('b - norm2(x - y)', { variables });
    const { x, y, b } = inputsFor(sizes);
    const results = [1, 2, 3].map((threads) => {
      const backend = wasmBackend({ threads, precision: 'float32' });
      const found = run(backend, allOf(expression), { ...sizes, inputs: { x, y, b } });
      backend.dispose?.();
      return found;
    });
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test('the name says the precision, made by hand or by id; another precision is refused', () => {
    expect(single.name).toBe('wasm, float32');
    const { create } = createWorkbench();
    expect(create('backend', 'core/wasm', { precision: 'float32' }).name).toBe('wasm, float32');
    expect(() => create('backend', 'core/wasm', { precision: 'half' })).toThrow(/precision/);
    const precision = 'float16' as 'float32';
    expect(() => wasmBackend({ precision })).toThrow(/\[wasmBackend\] the precision is not known, got "float16"/);
  });
});
