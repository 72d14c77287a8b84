import { cholesky, defaultBackend, fillNormal, randomKey, solvePositiveDefinite } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { blockCholesky, inverseDiagonalInto, solveFactored } from './blockCholesky.js';

const backend = defaultBackend();
const finish = (steps: Generator<number, void>): readonly number[] => [...steps];

/** `B B^T / n + I / 10`, and right-hand sides. */
function problem(n: number): { readonly a: Float64Array; readonly b: Float64Array } {
  const [half, a, b] = [new Float64Array(n * n), new Float64Array(n * n), new Float64Array(n)];
  fillNormal(half, randomKey(`half ${n}`));
  fillNormal(b, randomKey(`right ${n}`));
  backend.matmulInto(a, half, half, { n, k: n, m: n, transposeB: true });
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = a[i * n + j] / n + (i === j ? 0.1 : 0);
  }
  return { a, b };
}

const farthest = (x: Float64Array, y: Float64Array): number =>
  x.reduce((most, value, k) => Math.max(most, Math.abs(value - y[k])), 0);

// Below, at and above the side of a block, and with a last block that is not whole.
describe.each([1, 5, 127, 128, 129, 300])('the factor of a matrix of %i rows', (n) => {
  const { a, b } = problem(n);
  const factor = a.slice();
  const shares = finish(blockCholesky(factor, n, backend));

  test('is that of the plain algorithm, what is above the diagonal stays', () => {
    const plain = cholesky(a, n);
    let [worst, changed] = [0, 0];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (j <= i) worst = Math.max(worst, Math.abs(factor[i * n + j] - plain[i * n + j]));
        else changed += factor[i * n + j] === a[i * n + j] ? 0 : 1;
      }
    }
    expect(worst).toBeLessThan(1e-13);
    expect(changed).toBe(0);
    expect(shares.at(-1)).toBe(1);
  });

  test('solves the system', () => {
    const x = b.slice();
    solveFactored(factor, n, x);
    expect(farthest(x, solvePositiveDefinite(a, b, n))).toBeLessThan(1e-11);
  });

  test('gives the diagonal of the inverse', () => {
    const identity = new Float64Array(n * n);
    for (let i = 0; i < n; i++) identity[i * n + i] = 1;
    const inverse = solvePositiveDefinite(a, identity, n, n);
    const diagonal = new Float64Array(n);
    expect(finish(inverseDiagonalInto(diagonal, factor.slice(), n, backend)).at(-1)).toBe(1);
    expect(
      farthest(
        diagonal,
        diagonal.map((_, i) => inverse[i * n + i]),
      ),
    ).toBeLessThan(1e-11);
  });
});

test('a matrix that is not positive definite is refused with its pivot', () => {
  const a = Float64Array.of(1, 2, 2, 1);
  expect(() => finish(blockCholesky(a, 2, backend))).toThrow(/pivot 1 equal to -3, expected positive pivots/);
});
