import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compensatedSum,
  dotProduct,
  logAddExp,
  logSumExp,
  normalizeLogs,
  pairwiseSum,
  softmaxInto,
  weightedSum,
} from './sums.js';

const infinity = Number.POSITIVE_INFINITY;
const of = (...values: number[]): Float64Array => Float64Array.of(...values);
const moderate = fc.double({ min: -300, max: 300, noNaN: true });
const run = { seed: 3, numRuns: 300 };

describe('logSumExp', () => {
  test('equals the plain formula where that does not overflow', () => {
    fc.assert(
      fc.property(fc.array(moderate, { minLength: 1, maxLength: 20 }), (values) => {
        const plain = Math.log(values.reduce((s, v) => s + Math.exp(v), 0));
        expect(Math.abs(logSumExp(Float64Array.from(values)) - plain)).toBeLessThanOrEqual(
          1e-13 * Math.max(1, Math.abs(plain)),
        );
      }),
      run,
    );
  });

  test('a common shift comes out, however large', () => {
    expect(logSumExp(of(-1e5, -1e5))).toBe(-1e5 + Math.LN2);
    expect(logSumExp(of(1e5, 1e5, -infinity))).toBe(1e5 + Math.LN2);
    expect(logSumExp(new Float64Array(77).fill(-3))).toBe(-3 + Math.log(77));
  });

  test.each([
    ['nothing', of(), -infinity],
    ['only -Infinity', of(-infinity, -infinity), -infinity],
    ['one Infinity', of(0, infinity, -infinity), infinity],
    ['two Infinity', of(infinity, infinity), infinity],
    ['a NaN', of(0, Number.NaN), Number.NaN],
    ['a NaN beside Infinity', of(infinity, Number.NaN), Number.NaN],
  ])('of %s', (_, values, expected) => {
    expect(logSumExp(values)).toBe(expected);
  });

  test('reads its window only', () => {
    expect(logSumExp(of(Number.NaN, 1, 1, Number.NaN), 1, 2)).toBe(1 + Math.LN2);
    expect(logSumExp(of(5, 7), 2)).toBe(-infinity);
  });

  test('logAddExp is logSumExp of two, infinities and NaN included', () => {
    const extended = fc.oneof(moderate, fc.constantFrom(infinity, -infinity, Number.NaN));
    fc.assert(
      fc.property(extended, extended, (a, b) => {
        const pair = logSumExp(of(a, b));
        if (Number.isFinite(pair))
          expect(Math.abs(logAddExp(a, b) - pair)).toBeLessThanOrEqual(1e-15 * Math.max(1, Math.abs(pair)));
        else expect(logAddExp(a, b)).toBe(pair);
      }),
      run,
    );
  });
});

describe('normalization', () => {
  test('the exponentials sum to 1, and softmax gives them', () => {
    fc.assert(
      fc.property(fc.array(moderate, { minLength: 1, maxLength: 20 }), (list) => {
        const logs = Float64Array.from(list);
        const out = new Float64Array(logs.length);
        const total = softmaxInto(out, logs);
        expect(compensatedSum(out)).toBeCloseTo(1, 12);
        expect(normalizeLogs(logs)).toBe(total);
        expect(Array.from(logs, Math.exp)).toEqual(Array.from(out));
      }),
      run,
    );
  });

  test('without mass, logs stay and probabilities are 0', () => {
    const logs = of(-infinity, -infinity);
    expect(normalizeLogs(logs)).toBe(-infinity);
    expect(logs).toEqual(of(-infinity, -infinity));
    const out = of(9, 9);
    expect(softmaxInto(out, logs)).toBe(-infinity);
    expect(out).toEqual(of(0, 0));
  });

  test('infinite values share the mass', () => {
    const values = of(infinity, 3, infinity);
    expect(softmaxInto(values, values)).toBe(infinity);
    expect(values).toEqual(of(0.5, 0, 0.5));
  });

  test('NaN spreads to every probability, and only the window is written', () => {
    const out = of(7, 7, 7, 7);
    softmaxInto(out, of(0, Number.NaN, 0, 0), 0, 2);
    expect(out).toEqual(of(Number.NaN, Number.NaN, 7, 7));
    softmaxInto(out, of(0, 0, 0, 0), 2, 2);
    expect(out.slice(2)).toEqual(of(0.5, 0.5));
  });
});

describe('sums', () => {
  const hard = of(1, 1e100, 1, -1e100);

  test('compensation keeps what a plain loop loses', () => {
    expect(compensatedSum(hard)).toBe(2);
    expect(weightedSum(hard, of(1, 1, 1, 1))).toBe(2);
    expect(hard.reduce((s, v) => s + v, 0)).toBe(0);
  });

  test('10^5 tenths sum to 10^4: exactly when compensated, within 2e-11 by halves, worse plainly', () => {
    const tenths = new Float64Array(100_000).fill(0.1);
    expect(compensatedSum(tenths)).toBe(10_000);
    const byHalves = Math.abs(pairwiseSum(tenths) - 10_000);
    expect(byHalves).toBeLessThanOrEqual(2e-11);
    expect(Math.abs(tenths.reduce((s, v) => s + v, 0) - 10_000)).toBeGreaterThan(100 * byHalves);
  });

  test('all sums of integers are exact, and read their window only', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 300 }), (list) => {
        const values = Float64Array.from([Number.NaN, ...list, Number.NaN]);
        const exact = list.reduce((s, v) => s + v, 0);
        expect(compensatedSum(values, 1, list.length)).toBe(exact);
        expect(pairwiseSum(values, 1, list.length)).toBe(exact);
        const own = Float64Array.from(list);
        expect(dotProduct(values, 1, own, 0, list.length)).toBe(list.reduce((s, v) => s + v * v, 0));
        expect(weightedSum(own, own, 2)).toBe(list[0] ** 2 + list[1] ** 2);
      }),
      run,
    );
  });

  test('nothing sums to 0, and infinities survive compensation', () => {
    expect([compensatedSum(of()), pairwiseSum(of()), weightedSum(of(), of())]).toEqual([0, 0, 0]);
    expect(compensatedSum(of(1, infinity, 2))).toBe(infinity);
    expect(compensatedSum(of(infinity, -infinity))).toBe(Number.NaN);
  });
});
