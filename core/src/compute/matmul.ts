import { fail } from '../errors.js';
import type { MatmulShape } from './backend.js';

/** `out = a b` on flat row-major arrays in a fixed order of summation: rows of b stream through the cache. */
export function referenceMatmul(out: Float64Array, a: Float64Array, b: Float64Array, shape: MatmulShape): void {
  const { n, k, m, transposeA = false, transposeB = false } = shape;
  if (a.length < n * k || b.length < k * m || out.length < n * m || out === a || out === b) {
    fail({
      code: 'shape-mismatch',
      where: 'matmulInto',
      problem: 'the buffers do not fit the product',
      got: `a of ${a.length}, b of ${b.length}, out of ${out.length}${out === a || out === b ? ' (out is an input)' : ''}`,
      expected: `${n} x ${k} = ${n * k}, ${k} x ${m} = ${k * m}, ${n} x ${m} = ${n * m}, three different arrays`,
      fix: 'pass buffers of these sizes',
    });
  }
  out.fill(0, 0, n * m);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < k; l++) {
      const factor = transposeA ? a[l * n + i] : a[i * k + l];
      if (transposeB) for (let j = 0; j < m; j++) out[i * m + j] += factor * b[j * k + l];
      else for (let j = 0; j < m; j++) out[i * m + j] += factor * b[l * m + j];
    }
  }
}
