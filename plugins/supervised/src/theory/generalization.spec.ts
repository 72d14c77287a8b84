import { randomKey, randomStream } from '@muflow/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contractionComplexity, reluComplexity, reluSupremum } from './generalization.js';

const input = fc.double({ min: -2, max: 2, noNaN: true });

test('of one input the complexity is the norm of the input with its bias', () => {
  fc.assert(
    fc.property(input, (x) => {
      expect(reluComplexity(Float64Array.of(x), 3, randomKey(1))).toBeCloseTo(Math.hypot(x, 1), 12);
    }),
    { seed: 1 },
  );
});

test('of two equal inputs it is half of that of one: signs agree half of the time', () => {
  // Equal signs: the norm; opposite signs: 0. 4,000 draws: five deviations are 0.04 of the norm.
  const complexity = reluComplexity(Float64Array.of(0.7, 0.7), 4000, randomKey(2));
  expect(Math.abs(complexity / Math.hypot(0.7, 1) - 0.5)).toBeLessThan(0.04);
});

test('the supremum over units is the largest over a fine grid of angles, from above', () => {
  const pairs = fc.array(fc.tuple(input, input), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(pairs, (list) => {
      const inputs = Float64Array.from(list, ([x]) => x);
      const weights = list.map(([, weight]) => weight);
      let largest = 0;
      for (let k = 0; k < 2000; k++) {
        const [w, b] = [Math.cos((Math.PI * k) / 1000), Math.sin((Math.PI * k) / 1000)];
        const sum = list.reduce((total, [x, weight]) => total + weight * Math.max(0, w * x + b), 0);
        largest = Math.max(largest, Math.abs(sum));
      }
      const exact = reluSupremum(inputs, weights);
      expect(exact).toBeGreaterThan(largest - 1e-12);
      // The slope in the angle is at most sum |weights| sqrt(x^2 + 1), the grid is pi/1000 fine.
      const slope = list.reduce((total, [x, weight]) => total + Math.abs(weight) * Math.hypot(x, 1), 0);
      expect(exact).toBeLessThan(largest + 0.0016 * slope + 1e-12);
    }),
    { seed: 3, numRuns: 50 },
  );
});

test('the bound by contraction is above the complexity of random inputs, and both fall as 1/sqrt L', () => {
  const random = randomStream(randomKey(4));
  const values = [50, 200, 800].map((rows) => {
    const inputs = Float64Array.from({ length: rows }, () => 2 * random.uniform() - 1);
    const complexity = reluComplexity(inputs, 200, randomKey(rows));
    expect(complexity).toBeLessThan(contractionComplexity(Math.SQRT2, rows));
    return complexity * Math.sqrt(rows);
  });
  // The suprema spread by about half of their mean: 200 draws give it to 4 %, the band is five deviations.
  expect(Math.max(...values) / Math.min(...values)).toBeLessThan(1.3);
});

test('no inputs are refused', () => {
  expect(() => reluComplexity(new Float64Array(0), 3, randomKey(1))).toThrow('[reluComplexity]');
});
