import { randomKey, randomStream } from '@muflow/core';
import { expect, test } from 'vitest';
import { gaussianSum, termsFor } from './gaussianSum.js';

/** The sums as they are defined, without symmetry or expansion. */
function bySums(y: Float64Array, q: Float64Array, variance: number) {
  const kernel = (z: number): number => Math.exp((-z * z) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
  const value = Array.from(y, (a) => y.reduce((sum, b, j) => sum + q[j] * kernel(a - b), 0));
  const slope = Array.from(y, (a) => y.reduce((sum, b, j) => sum - ((q[j] * (a - b)) / variance) * kernel(a - b), 0));
  return { value, slope };
}

test.each([
  [300, 1, 2.5],
  [300, 0.5, 1.2],
  [600, 2, 6],
  [20, 1, 2],
  [400, 0.05, 3],
  [1, 1, 1],
])('n = %i points, variance %d, range %d: sums agree with their definition to rounding', (n, variance, range) => {
  const random = randomStream(randomKey(`gaussian sum ${n} ${variance}`));
  const y = Float64Array.from({ length: n }, () => range * (2 * random.uniform() - 1));
  const q = Float64Array.from({ length: n }, () => random.normal() / n);
  const [value, slope] = [new Float64Array(n), new Float64Array(n)];
  gaussianSum(variance).evaluate(y, q, n, value, slope);
  const expected = bySums(y, q, variance);
  // Roundings of n terms of size at most K(0) max|q|; slopes carry a factor range / variance.
  const tolerance = 1e-13 / Math.sqrt(variance);
  for (let i = 0; i < n; i++) {
    expect(Math.abs(value[i] - expected.value[i])).toBeLessThan(tolerance);
    expect(Math.abs(slope[i] - expected.slope[i])).toBeLessThan((tolerance * (1 + range)) / variance);
  }
});

test('the number of terms leaves out less than 1e-17 of a Poisson law, and no number is found for a wide range', () => {
  for (const radius of [0.1, 1, 3, 6, 10]) {
    const terms = termsFor(radius) as number;
    let term = Math.exp(-radius * radius);
    let tail = 0;
    for (let k = 0; k < terms + 200; k++) {
      if (k >= terms) tail += term;
      term *= (radius * radius) / (k + 1);
    }
    expect(tail).toBeLessThan(1e-17);
  }
  expect(termsFor(30)).toBeNull();
});
