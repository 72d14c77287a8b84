import { fail } from '../errors.js';
import type { MatmulShape } from './backend.js';

/**
 * `out = a b` on flat row-major arrays. Each entry sums over the inner index in its order, so it has the same bits
 * with and without transposition. Cost n k m multiplications; allocates nothing.
 *
 * @throws `shape-mismatch` if a buffer is too short or `out` is an input, `invalid-argument` for sizes that are no counts.
 */
export function referenceMatmul(out: Float64Array, a: Float64Array, b: Float64Array, shape: MatmulShape): void {
  checkMatmul(out, a, b, shape);
  const { n, k, m, transposeA = false, transposeB = false } = shape;
  const rowStep = transposeA ? 1 : k;
  const innerStep = transposeA ? n : 1;
  if (transposeB) {
    // Row j of b is contiguous: dot products.
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a[i * rowStep + l * innerStep] * b[j * k + l];
        out[i * m + j] = sum;
      }
    }
    return;
  }
  // Row l of b is contiguous: it is added, scaled, to row i of the product.
  out.fill(0, 0, n * m);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < k; l++) {
      const factor = a[i * rowStep + l * innerStep];
      for (let j = 0; j < m; j++) out[i * m + j] += factor * b[l * m + j];
    }
  }
}

/** Checks sizes and buffers of a product. */
export function checkMatmul(out: Float64Array, a: Float64Array, b: Float64Array, shape: MatmulShape): void {
  const { n, k, m } = shape;
  if (![n, k, m].every((size) => Number.isSafeInteger(size) && size >= 0)) {
    fail({
      code: 'invalid-argument',
      where: 'matmulInto',
      problem: 'a size is not a count',
      got: `n ${n}, k ${k}, m ${m}`,
      expected: 'integers >= 0',
      fix: 'pass the numbers of rows and columns',
    });
  }
  const isInput = out === a || out === b;
  if (a.length < n * k || b.length < k * m || out.length < n * m || isInput) {
    fail({
      code: 'shape-mismatch',
      where: 'matmulInto',
      problem: isInput ? 'the product is written over an input' : 'the buffers do not fit the product',
      got: `a of ${a.length}, b of ${b.length}, out of ${out.length}`,
      expected: `${n} x ${k} = ${n * k}, ${k} x ${m} = ${k * m}, ${n} x ${m} = ${n * m}, three different arrays`,
      fix: 'pass buffers of these sizes',
    });
  }
}
