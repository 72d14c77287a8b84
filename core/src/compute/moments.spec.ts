import { describe, expect, test } from 'vitest';
import { parseFormula } from '../formula/parse.js';
import { fillNormal, randomKey } from '../math/random.js';
import type { Kernel, KernelCall, Reduction } from './backend.js';
import { momentKernel } from './moments.js';
import { referenceBackend } from './reference.js';

const variables = {
  x: { role: 'row', size: 2 },
  y: { role: 'column', size: 2 },
  m: { role: 'column' },
  moment: { role: 'uniform' },
} as const;
const reference = referenceBackend();
const parse = (text: string) => parseFormula(text, { variables });
const normal = (name: string, length: number): Float64Array => {
  const values = new Float64Array(length);
  fillNormal(values, randomKey(name));
  return values;
};

const texts = [
  'm*cos(3*(x[0] - y[1]))',
  'm*dot(x, y) + moment*x[1]',
  'm*sin(x[0] + y[0])*y',
  'm*(x - y)',
  'x[0]^2 + m',
  'm*(sin(4*x[0]) + sin(4*y[0]) + 2*cos(2*(x[0] + y[0])))*(1 + dot(x, y))',
];

/** Counts pairs that plain kernels are asked for. */
function counting(): { compile: (reduction: Reduction) => Kernel; pairs: () => number } {
  let pairs = 0;
  return {
    compile: (reduction) => {
      const kernel = reference.compile(reduction);
      return {
        reduction,
        run: (call) => {
          pairs += call.rows * call.columns;
          kernel.run(call);
        },
      };
    },
    pairs: () => pairs,
  };
}

describe('moments', () => {
  test.each(texts)('give the direct sum of %s, in rows + columns', (text) => {
    const expression = parse(text);
    const reduction: Reduction = { outputs: [{ name: 'out', expression, reduce: 'sum' }] };
    const sizes: Reduction = { outputs: [{ name: 'out', expression: parse(`abs(${text})`), reduce: 'sum' }] };
    const { compile, pairs } = counting();
    const kernel = momentKernel(reduction, compile);
    expect(kernel).not.toBe(null);
    for (const [rows, columns] of [
      [1, 1],
      [5, 300],
      [301, 7],
      [3, 0],
      [0, 3],
    ]) {
      const inputs = {
        x: normal('x', 2 * rows),
        y: normal('y', 2 * columns),
        m: normal('m', columns),
        moment: Float64Array.of(0.3),
      };
      const run = (from: Kernel | null): Float64Array => {
        const out = new Float64Array(rows * expression.size);
        const call: KernelCall = { rows, columns, inputs, out: { out } };
        from?.run(call);
        return out;
      };
      const before = pairs();
      const found = run(kernel);
      expect(pairs() - before).toBeLessThanOrEqual(rows + columns);
      const scale = run(reference.compile(sizes));
      run(reference.compile(reduction)).forEach((value, i) => {
        expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(1e-13 * (scale[i] + columns));
      });
    }
  });

  test('are not for other reductions, other formulas, or formulas of one side', () => {
    const { compile } = counting();
    const kernelOf = (text: string, reduce: 'sum' | 'max'): Kernel | null =>
      momentKernel({ outputs: [{ name: 'out', expression: parse(text), reduce }] }, compile);
    expect(kernelOf('m*x[0]', 'max')).toBe(null);
    expect(kernelOf('exp(-norm2(x - y))', 'sum')).toBe(null);
    expect(kernelOf('m^2', 'sum')).toBe(null);
    expect(kernelOf('x[0]^2', 'sum')).toBe(null);
  });

  test('refuse a buffer that is too short before anything is written', () => {
    const { compile } = counting();
    const kernel = momentKernel({ outputs: [{ name: 'out', expression: parse('m*x[0]'), reduce: 'sum' }] }, compile);
    const out = new Float64Array(2).fill(7);
    const call = { rows: 2, columns: 2, inputs: { x: normal('x', 3), m: normal('m', 2) }, out: { out } };
    expect(() => kernel?.run(call)).toThrow(/input "x" \(row\) is too short/);
    expect([...out]).toEqual([7, 7]);
  });
});
