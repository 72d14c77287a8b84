import { euclidean, measure, networkUnit, randomKey, randomStream, risk } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { meanSlopes, symmetricStart } from './network.js';

const rows = (count: number, dim: number): Float64Array => {
  const random = randomStream(randomKey(`rows ${count} ${dim}`));
  return Float64Array.from({ length: count * dim }, () => 2 * random.normal());
};

const riskOf = (activation: string, inputDim: number, count = 20) =>
  risk({
    unit: networkUnit({ activation, inputs: inputDim }),
    inputs: rows(count, inputDim),
    targets: new Float64Array(count),
  });

describe('a symmetric start', () => {
  test.each(['relu', 'tanh'])('is the zero function with %s units', (activation) => {
    for (const dim of [1, 2, 5]) {
      const out = new Float64Array(20);
      riskOf(activation, dim).predictInto(out, rows(20, dim), 20, symmetricStart(dim, 50, randomKey(1)));
      // Pairs cancel exactly where they are summed side by side, and to the rounding of 50 terms anyhow.
      for (const value of out) expect(Math.abs(value)).toBeLessThan(1e-15);
    }
  });

  test('pairs atoms of both signs at the same place, in equal masses', () => {
    const mu = symmetricStart(3, 12, randomKey(2));
    expect([mu.count, mu.dim]).toEqual([12, 5]);
    for (let i = 0; i < 12; i += 2) {
      expect([mu.positions[5 * i], mu.positions[5 * (i + 1)]]).toEqual([1, -1]);
      expect(mu.positions.slice(5 * i + 1, 5 * i + 5)).toEqual(mu.positions.slice(5 * i + 6, 5 * i + 10));
    }
    for (const mass of mu.masses) expect(mass).toBeCloseTo(1 / 12, 15);
  });

  test('a wider start begins with the atoms of a narrower one, and another key gives others', () => {
    const [narrow, wide] = [10, 40].map((width) => symmetricStart(2, width, randomKey(5)));
    expect(wide.positions.slice(0, narrow.positions.length)).toEqual(narrow.positions);
    expect(symmetricStart(2, 10, randomKey(6)).positions).not.toEqual(narrow.positions);
  });

  test('inner weights are standard normal: mean 0 and variance 1', () => {
    const mu = symmetricStart(2, 4000, randomKey(7));
    const drawn = Array.from({ length: 2000 }, (_, pair) =>
      Array.from(mu.positions.slice(8 * pair + 1, 8 * pair + 4)),
    ).flat();
    const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const variance = drawn.reduce((sum, value) => sum + value * value, 0) / drawn.length;
    // 6000 draws: deviations 0.013 and 0.018; 4.5 of them, a false alarm in 1e-5.
    expect(Math.abs(mean)).toBeLessThan(0.058);
    expect(Math.abs(variance - 1)).toBeLessThan(0.082);
  });
});

describe('mean slopes', () => {
  test('of a linear function are its coefficients', () => {
    // relu(z) - relu(-z) = z: two atoms make a linear function of mean output (1/2)(2 z).
    const [w1, w2] = [1.5, -0.5];
    const mu = measure({ space: euclidean(4), positions: [2, w1, w2, 0.3, -2, -w1, -w2, -0.3] });
    const slopes = meanSlopes(riskOf('relu', 2), mu, rows(20, 2), 20);
    expect(slopes[0]).toBeCloseTo(w1, 9);
    expect(slopes[1]).toBeCloseTo(w2, 9);
  });

  test('of a smooth unit are the means of its derivative', () => {
    const mu = measure({ space: euclidean(3), positions: [3, 0.7, -0.2] });
    const inputs = rows(20, 1);
    const expected = inputs.reduce((sum, x) => sum + (3 * 0.7) / Math.cosh(0.7 * x - 0.2) ** 2, 0) / 20;
    // Central differences with h = 1e-3: error about h^2 / 6 times a third derivative of order 1.
    expect(meanSlopes(riskOf('tanh', 1), mu, inputs, 20)[0]).toBeCloseTo(expected, 6);
  });

  test('leave the inputs as they were', () => {
    const inputs = rows(20, 2);
    const before = inputs.slice();
    meanSlopes(riskOf('tanh', 2), symmetricStart(2, 4, randomKey(0)), inputs, 20);
    expect(inputs).toEqual(before);
  });
});
