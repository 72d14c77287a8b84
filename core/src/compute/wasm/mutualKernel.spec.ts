import { afterEach, describe, expect, test, vi } from 'vitest';
import { column, row } from '../../formula/build.js';
import { gradient } from '../../formula/differentiate.js';
import { parseFormula } from '../../formula/parse.js';
import { fillNormal, randomKey } from '../../math/random.js';
import type { Backend, KernelCall, MutualOutput } from '../backend.js';
import { inTwoKernels, mutualKernel } from '../mutual.js';
import { referenceBackend } from '../reference.js';
import { wasmBackend } from './wasmBackend.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const wasm = wasmBackend();
const reference = referenceBackend();

/** Values and gradients of both sides, as a game asks for them; d coordinates each. */
function outputsOf(text: string, d: number): readonly MutualOutput[] {
  const variables = {
    x: { role: 'row', size: d },
    y: { role: 'column', size: d },
    a: { role: 'row' },
    b: { role: 'column' },
  } as const;
  const forRows = parseFormula(`b*(${text})`, { variables });
  const forColumns = parseFormula(`a*(${text})`, { variables });
  return [
    { name: 'f', expression: forRows, over: 'columns' },
    { name: 'df', expression: gradient(forRows, row('x', d)), over: 'columns' },
    { name: 'g', expression: forColumns, over: 'rows' },
    { name: 'dg', expression: gradient(forColumns, column('y', d)), over: 'rows' },
  ];
}

const normal = (name: string, length: number): Float64Array => {
  const values = new Float64Array(length);
  fillNormal(values, randomKey(name));
  return values;
};

function callOf(outputs: readonly MutualOutput[], rows: number, columns: number, d: number): KernelCall {
  const inputs = {
    x: normal('x', rows * d),
    y: normal('y', columns * d),
    a: normal('a', rows),
    b: normal('b', columns),
  };
  const out = Object.fromEntries(
    outputs.map(({ name, expression, over }) => [
      name,
      new Float64Array((over === 'columns' ? rows : columns) * expression.size).fill(7),
    ]),
  );
  return { rows, columns, inputs, out };
}

const plainly = (outputs: readonly MutualOutput[], backend: Backend) =>
  inTwoKernels(outputs, (reduction) => backend.compile(reduction));

const texts: readonly (readonly [string, number])[] = [
  ['cos(2*pi*(x - y))', 1],
  ['(0.3 + cos(x) - 2*sin(3*x))*(sin(y) + 0.1*cos(2*y)) + x*y', 1],
  ['exp(x)*y^2 + x', 1],
  ['y^2', 1],
  ['dot(x, y) + sin(x[0] + 2*y[1])*x[1]', 2],
  ['dot(x, y)*sum(x)', 12],
  ['x[0]*dot(y, y) + dot(x, x)*y[11]', 12],
];
const sizes = [
  [1, 1],
  [3, 4],
  [4, 9],
  [301, 50],
] as const;

describe('mutual sums through moments', () => {
  test.each(texts)('have the bits of two kernels in turn: %s, d %d', (text, d) => {
    const outputs = outputsOf(text, d);
    const kernel = wasm.compileMutual?.(outputs) ?? null;
    expect(kernel).not.toBe(null);
    for (const [rows, columns] of sizes) {
      const [call, expected] = [0, 1].map(() => callOf(outputs, rows, columns, d));
      kernel?.run(call);
      plainly(outputs, wasm).run(expected);
      expect(call.out).toEqual(expected.out);
    }
  });

  test.each(texts)('agree with the reference to 1e-12: %s, d %d', (text, d) => {
    const outputs = outputsOf(text, d);
    const [call, expected] = [0, 1].map(() => callOf(outputs, 60, 41, d));
    mutualKernel(outputs, wasm).run(call);
    mutualKernel(outputs, reference).run(expected);
    for (const { name } of outputs) {
      const scale = expected.out[name].reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      call.out[name].forEach((value, i) => {
        expect(Math.abs(value - expected.out[name][i])).toBeLessThanOrEqual(1e-12 * scale);
      });
    }
  });

  test('are not for formulas that do not separate, uniform variables, or numbers of 32 bits', () => {
    expect(wasm.compileMutual?.(outputsOf('exp(-(x - y)^2)', 1))).toBe(null);
    const variables = { x: { role: 'row' }, y: { role: 'column' }, u: { role: 'uniform' } } as const;
    const expression = parseFormula('u*x*y', { variables });
    expect(wasm.compileMutual?.([{ name: 'f', expression, over: 'columns' }])).toBe(null);
    expect(wasmBackend({ precision: 'float32' }).compileMutual?.(outputsOf('x*y', 1))).toBe(null);
  });
});

describe('mutual kernels', () => {
  test('give zeros where the other side is empty, and go on where one side is very long', () => {
    const outputs = outputsOf('cos(x - y)', 1);
    for (const [rows, columns] of [
      [0, 3],
      [3, 0],
      [40_000, 2],
    ]) {
      const [call, expected] = [0, 1].map(() => callOf(outputs, rows, columns, 1));
      mutualKernel(outputs, wasm).run(call);
      plainly(outputs, wasm).run(expected);
      expect(call.out).toEqual(expected.out);
    }
  });

  test('of formulas that do not separate go to two kernels', () => {
    const outputs = outputsOf('exp(-(x - y)^2)', 1);
    const call = callOf(outputs, 2, 3, 1);
    mutualKernel(outputs, wasm).run(call);
    const { x, y, a, b } = call.inputs;
    const payoff = (i: number, j: number): number => Math.exp(-((x[i] - y[j]) ** 2));
    expect(call.out.f[1]).toBeCloseTo(
      [0, 1, 2].reduce((sum, j) => sum + b[j] * payoff(1, j), 0),
      13,
    );
    expect(call.out.g[2]).toBeCloseTo(
      [0, 1].reduce((sum, i) => sum + a[i] * payoff(i, 2), 0),
      13,
    );
  });

  test('have two kernels in turn where memory is refused', () => {
    vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('refused');
    });
    const outputs = outputsOf('cos(x - y)', 1);
    const [call, expected] = [0, 1].map(() => callOf(outputs, 20_000, 3, 1));
    mutualKernel(outputs, wasmBackend()).run(call);
    plainly(outputs, reference).run(expected);
    call.out.f.forEach((value, i) => {
      expect(Math.abs(value - expected.out.f[i])).toBeLessThanOrEqual(1e-9);
    });
  });

  test.each([wasm, reference])('refuse a short buffer before anything is written: $name', (backend) => {
    const outputs = outputsOf('cos(x - y)', 1);
    const call = callOf(outputs, 5, 6, 1);
    const run = (change: Partial<KernelCall>) => () => mutualKernel(outputs, backend).run({ ...call, ...change });
    expect(run({ inputs: { ...call.inputs, a: new Float64Array(4) } })).toThrow(/input "a" \(row\) is too short/);
    expect(run({ out: { ...call.out, dg: new Float64Array(5) } })).toThrow(/output "dg" is too short/);
    expect(new Set(Object.values(call.out).flatMap((values) => [...values]))).toEqual(new Set([7]));
  });
});
