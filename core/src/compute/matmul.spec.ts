import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillUniform, randomKey } from '../math/random.js';
import { referenceBackend } from './reference.js';

const { matmulInto } = referenceBackend();

function transpose(a: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: a.length }, (_, at) => a[(at % rows) * columns + Math.floor(at / rows)]);
}

describe('the matrix product', () => {
  test('has entries sum_l a_il b_lj, with the same bits for transposed arguments, and overwrites the output', () => {
    const size = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(size, size, size, fc.nat(99), (n, k, m, seed) => {
        const numbers = new Float64Array(n * k + k * m);
        fillUniform(numbers, randomKey(seed));
        const [a, b] = [numbers.slice(0, n * k), numbers.slice(n * k)];
        const expected = Array.from({ length: n * m }, (_, at) => {
          const [i, j] = [Math.floor(at / m), at % m];
          return Array.from({ length: k }, (_unused, l) => a[i * k + l] * b[l * m + j]).reduce((s, v) => s + v, 0);
        });
        for (const transposeA of [false, true]) {
          for (const transposeB of [false, true]) {
            const out = new Float64Array(n * m).fill(77);
            matmulInto(out, transposeA ? transpose(a, n, k) : a, transposeB ? transpose(b, k, m) : b, {
              n,
              k,
              m,
              transposeA,
              transposeB,
            });
            expect(Array.from(out)).toEqual(expected);
          }
        }
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  test('refuses buffers that do not fit, an output that is an input, and sizes that are no counts', () => {
    const four = new Float64Array(4);
    const product = (a: Float64Array, out: Float64Array, n: number) => () =>
      matmulInto(out, a, new Float64Array(4), { n, k: 2, m: 2 });
    expect(product(new Float64Array(3), four, 2)).toThrow(
      /do not fit the product, got a of 3, b of 4, out of 4, expected 2 x 2 = 4/,
    );
    expect(product(four, four, 2)).toThrow(/written over an input/);
    expect(product(new Float64Array(4), four, -1)).toThrow(/a size is not a count, got n -1/);
  });
});
