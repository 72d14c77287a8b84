import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { parseFormula } from '../../formula/parse.js';
import { fillNormal, randomKey } from '../../math/random.js';
import type { Backend, MatmulShape } from '../backend.js';
import { referenceMatmul } from '../matmul.js';
import { wasmBackend } from './wasmBackend.js';

const backends = [1, 2, 3].map((threads) => wasmBackend({ threads }));
afterAll(() => {
  for (const backend of backends) backend.dispose?.();
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Transposes = Pick<MatmulShape, 'transposeA' | 'transposeB'>;
const transposes: readonly Transposes[] = [
  { transposeA: false, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: false },
  { transposeA: true, transposeB: true },
];

function normal(name: string | number, length: number): Float64Array {
  const values = new Float64Array(length);
  fillNormal(values, randomKey(name));
  return values;
}

/** Comparing element by element in the test's own language is slow for large arrays. */
const sameBits = (a: Float64Array, b: Float64Array): boolean => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

/** Every transposition of a product, on every backend, into an array that is longer than the product. */
function products({ n, k, m }: MatmulShape, use: readonly Backend[], seed: number): void {
  const [a, b] = [normal(seed, n * k), normal(seed + 1, k * m)];
  for (const transposed of transposes) {
    const shape = { n, k, m, ...transposed };
    const wanted = new Float64Array(n * m + 1).fill(77);
    referenceMatmul(wanted, a, b, shape);
    for (const { matmulInto } of use) {
      const out = new Float64Array(n * m + 1).fill(77);
      matmulInto(out, a, b, shape);
      expect(sameBits(out, wanted), JSON.stringify(shape)).toBe(true);
    }
  }
}

describe('the matrix product in WebAssembly', () => {
  test('has the bits of the reference, transposed or not, of any size', () => {
    const size = fc.integer({ min: 0, max: 70 });
    fc.assert(
      fc.property(size, size, size, fc.nat(99), (n, k, m, seed) => products({ n, k, m }, backends.slice(0, 1), seed)),
      { seed: 17, numRuns: 60 },
    );
  });

  // One row, one column, an empty sum; beyond one block of the inner index, of columns, of rows.
  test.each([
    [1, 5000, 1],
    [5000, 1, 1],
    [1, 1, 5000],
    [2, 4097, 3],
    [64, 0, 64],
    [31, 600, 29],
    [7, 30, 2051],
    [3100, 5, 8],
  ])('has the bits of the reference for %d x %d times m = %d', (n, k, m) => {
    products({ n, k, m }, backends.slice(0, 1), 5);
  });

  test.each([
    [203, 300, 101],
    [1540, 20, 40],
    [50, 700, 1030],
  ])('has the same bits on one, two or three threads: %d x %d times m = %d', (n, k, m) => {
    products({ n, k, m }, backends, 9);
  });

  test('passes infinities and NaN on to the entries that they belong to, and to no other', () => {
    const [n, k, m] = [20, 33, 19];
    const [a, b] = [normal(1, n * k), normal(2, k * m)];
    a[3 * k + 4] = Number.NaN;
    b[5 * m + 18] = Number.POSITIVE_INFINITY;
    const [out, wanted] = [new Float64Array(n * m), new Float64Array(n * m)];
    backends[0].matmulInto(out, a, b, { n, k, m });
    referenceMatmul(wanted, a, b, { n, k, m });
    expect(out).toEqual(wanted);
    expect(out.filter((value) => !Number.isFinite(value)).length).toBe(m + n - 1);
  });

  test('refuses what the reference refuses, before anything is written', () => {
    const out = new Float64Array(400).fill(3);
    const four = new Float64Array(4);
    expect(() => backends[0].matmulInto(out, four, out, { n: 20, k: 20, m: 20 })).toThrow(/written over an input/);
    expect(() => backends[0].matmulInto(out, four, four, { n: 20, k: 20, m: 20 })).toThrow(/do not fit the product/);
    expect(out.every((value) => value === 3)).toBe(true);
  });

  test('takes turns with kernels of formulas in one memory and one team', () => {
    const variables = { x: { role: 'row' }, y: { role: 'column' } } as const;
    const outputs = [{ name: 'f', expression: parseFormula('max(x, y)', { variables }), reduce: 'sum' as const }];
    const call = { rows: 700, columns: 700, inputs: { x: normal('x', 700), y: normal('y', 700) } };
    const results = backends.slice(0, 2).flatMap((backend) => {
      const kernel = backend.compile({ outputs });
      return [1, 2].map(() => {
        const f = new Float64Array(700);
        kernel.run({ ...call, out: { f } });
        products({ n: 203, k: 300, m: 101 }, [backend], 3);
        return f;
      });
    });
    for (const result of results) expect(sameBits(result, results[0])).toBe(true);
  });

  test('leaves the work to the reference where memory is refused, told once', () => {
    const told: string[] = [];
    vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('refused');
    });
    const backend = wasmBackend({ notice: (message) => told.push(message) });
    for (const _ of [1, 2]) products({ n: 700, k: 300, m: 20 }, [backend], 4);
    expect(told).toEqual(['this host gives no more memory to WebAssembly: the reference backend takes over']);
  });

  test('leaves the work to the reference where compiling is refused, told once', () => {
    const told: string[] = [];
    const backend = wasmBackend({ notice: (message) => told.push(message) });
    vi.spyOn(WebAssembly, 'Module').mockImplementation(function refuse(): never {
      throw new RangeError('too large for the main thread');
    });
    for (const _ of [1, 2]) products({ n: 30, k: 30, m: 20 }, [backend], 4);
    expect(told).toEqual(['this host does not compile the product of matrices here: the reference backend takes over']);
  });
});
