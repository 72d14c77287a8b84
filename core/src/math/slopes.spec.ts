import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillNormal, randomKey } from './random.js';
import { convergenceOrder, linearFit, logLogFit, logLogSlope, quantiles } from './slopes.js';

describe('linearFit', () => {
  test('recovers a line, with no error and r2 = 1', () => {
    const real = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(real, real, (slope, intercept) => {
        const x = [-2, 0, 1, 5];
        const fit = linearFit(
          x,
          x.map((t) => intercept + slope * t),
        );
        expect(fit.slope).toBeCloseTo(slope, 11);
        expect(fit.intercept).toBeCloseTo(intercept, 11);
        expect(fit.slopeStandardError).toBeLessThan(1e-12);
      }),
      { seed: 4, numRuns: 200 },
    );
    expect(linearFit([0, 1, 2], [1, 3, 5]).r2).toBe(1);
  });

  test('agrees with the fit of Anscombe’s first set', () => {
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const fit = linearFit(x, y);
    expect(fit.slope).toBeCloseTo(0.5000909, 7);
    expect(fit.intercept).toBeCloseTo(3.0000909, 7);
    expect(fit.slopeStandardError).toBeCloseTo(0.1179055, 7);
    expect(fit.r2).toBeCloseTo(0.6665425, 7);
  });

  test('the standard error is the spread of the slope over noisy repetitions', () => {
    // 400 slopes: their variance over its mean estimate is 1 within 5 * sqrt(2/400) plus the estimate's own spread; false alarm below 1e-5.
    const x = Float64Array.from({ length: 50 }, (_, i) => i / 10);
    const noise = new Float64Array(50);
    let spread = 0;
    let estimated = 0;
    for (let k = 0; k < 400; k++) {
      fillNormal(noise, randomKey(k));
      const fit = linearFit(
        x,
        x.map((t, i) => 2 * t + noise[i]),
      );
      spread += (fit.slope - 2) ** 2;
      estimated += fit.slopeStandardError ** 2;
    }
    expect(Math.abs(spread / estimated - 1)).toBeLessThan(0.4);
  });

  test('two points have a slope and no standard error; a level line explains everything', () => {
    const fit = linearFit([1, 3], [2, 8]);
    expect(fit.slope).toBe(3);
    expect(fit.slopeStandardError).toBe(Number.NaN);
    expect(linearFit([0, 1, 2], [4, 4, 4])).toEqual({ slope: 0, intercept: 4, slopeStandardError: 0, r2: 1 });
  });

  test.each([
    [[1], [1], /got 1 abscissas and 1 ordinates/],
    [[1, 2], [1], /got 2 abscissas and 1 ordinates/],
    [[1, 1], [1, 2], /no slope/],
    [[1, 2], [1, Number.NaN], /no slope/],
  ])('refuses x %j, y %j', (x, y, message) => {
    expect(() => linearFit(x, y)).toThrow(message);
  });
});

describe('powers', () => {
  test('y = 3 x^-1.5 has slope -1.5 and intercept log 3', () => {
    const x = [1, 2, 4, 8];
    const y = x.map((t) => 3 * t ** -1.5);
    expect(logLogSlope(x, y)).toBeCloseTo(-1.5, 14);
    expect(logLogFit(x, y).intercept).toBeCloseTo(Math.log(3), 14);
  });

  test('the trapezoidal rule has order 2', () => {
    const steps = [1 / 8, 1 / 16, 1 / 32, 1 / 64];
    const errors = steps.map((h) => {
      let sum = (1 + Math.E) / 2;
      for (let k = 1; k < 1 / h; k++) sum += Math.exp(k * h);
      return Math.abs(sum * h - (Math.E - 1));
    });
    expect(Math.abs(convergenceOrder(steps, errors) - 2)).toBeLessThan(1e-3);
  });

  test('an error of 0 is refused by its index', () => {
    expect(() => convergenceOrder([0.1, 0.05], [1e-3, 0])).toThrow(/ordinate 1 has no logarithm, got 0/);
  });
});

test('quantiles of odd, even and empty lists', () => {
  expect(quantiles([3, 1, 2])).toEqual({ low: 1, median: 2, high: 3 });
  expect(quantiles([4, 1, 2, 10])).toEqual({ low: 1, median: 3, high: 10 });
  expect(quantiles([])).toEqual({ low: Number.NaN, median: Number.NaN, high: Number.NaN });
});
