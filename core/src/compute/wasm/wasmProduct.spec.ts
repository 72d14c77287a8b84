import { describe, expect, test } from 'vitest';
import { parseFormula } from '../../formula/parse.js';
import { fillNormal, randomKey } from '../../math/random.js';
import type { Backend } from '../backend.js';
import { compileFunction } from '../evaluate.js';
import { referenceMatmul } from '../matmul.js';
import { wasmBackend } from './wasmBackend.js';

const variables = { t: { role: 'row' }, p: { role: 'row' }, q: { role: 'row' } } as const;
const text = 'exp(-t^2) * p + max(t, q) / (1 + abs(q)) - sqrt(abs(t))';
const formula = parseFormula(text, { variables });

const normals = (count: number, key: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(key));
  return out;
};

function worstOf(backend: Backend, [n, k, m]: readonly [number, number, number]): number {
  const [a, b] = [normals(n * k, 'a'), normals(m * k, 'b')];
  const [p, q] = [normals(n, 'p'), normals(m, 'q')];
  const stride = m + 2;
  const out = new Float64Array(n * stride).fill(7);
  expect(backend.compileProduct?.(formula)?.tryRun({ n, k, m, a, b, p, q, out, stride })).toBe(true);
  const products = new Float64Array(n * m);
  referenceMatmul(products, a, b, { n, k, m, transposeB: true });
  const layout = ['t', 'p', 'q'].map((name) => ({ name, size: 1 }));
  const value = compileFunction(formula, layout);
  let worst = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const at = Float64Array.of(products[i * m + j], p[i], q[j]);
      worst = Math.max(worst, Math.abs(out[i * stride + j] - value(at, 0)));
    }
    // What lies beyond a row is left alone.
    expect(out[i * stride + m]).toBe(7);
  }
  return worst;
}

// Not whole tiles, whole ones, one row or column, and more than one block of rows and of columns.
const shapes = [
  [1, 1, 1],
  [5, 3, 7],
  [8, 16, 12],
  [1, 4, 40],
  [40, 4, 1],
  [3, 2, 1030],
  [1540, 2, 3],
] as const;

describe('a formula of every entry of a product', () => {
  test.each(shapes)('%i rows, %i inner, %i columns: is that of the product, entry by entry', (...shape) => {
    expect(worstOf(wasmBackend(), shape)).toBeLessThan(1e-14);
  });

  test('has the same bits on two threads', () => {
    const [n, k, m] = [300, 9, 280];
    const call = { n, k, m, a: normals(n * k, 'a'), b: normals(m * k, 'b'), p: normals(n, 'p'), q: normals(m, 'q') };
    const results = [1, 2].map((threads) => {
      const backend = wasmBackend({ threads });
      const out = new Float64Array(n * m);
      for (let run = 0; run < 3; run++) backend.compileProduct?.(formula)?.tryRun({ ...call, out });
      backend.dispose?.();
      return out;
    });
    expect(results[1]).toEqual(results[0]);
  });

  test('does not exist for other variables and vectors, nor for more inner indices than fit', () => {
    const backend = wasmBackend();
    const other = parseFormula('t + z', { variables: { t: { role: 'row' }, z: { role: 'row' } } });
    expect(backend.compileProduct?.(other)).toBeNull();
    const empty = new Float64Array(0);
    const call = { n: 0, k: 257, m: 0, a: empty, b: empty, p: empty, q: empty, out: empty };
    expect(backend.compileProduct?.(formula)?.tryRun(call)).toBe(false);
  });
});
