import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bisect, brent, goldenSection } from './optimize.js';

describe.each([
  { name: 'bisect', find: bisect },
  { name: 'brent', find: brent },
])('$name', ({ name, find }) => {
  test.each([
    ['x^2 - 2', (x: number) => x * x - 2, 0, 2, Math.SQRT2],
    ['cos x - x', (x: number) => Math.cos(x) - x, 0, 1, 0.7390851332151607],
    ['x^9, flat at its zero', (x: number) => (x - 0.3) ** 9, -1, 2, 0.3],
    ['exp(-x) - 1e-10, far from a line', (x: number) => Math.exp(-x) - 1e-10, 0, 100, 10 * Math.LN10],
    ['a jump', (x: number) => (x < Math.PI ? -1 : 1), 0, 10, Math.PI],
    ['a pole at the end', (x: number) => 1 / x - 4, 0, 1, 0.25],
  ])('solves %s from either end', (_, f, a, b, zero) => {
    expect(Math.abs(find(f, a, b) - zero)).toBeLessThanOrEqual(1e-14 * Math.max(1, zero));
    expect(Math.abs(find(f, b, a) - zero)).toBeLessThanOrEqual(1e-14 * Math.max(1, zero));
  });

  test('finds the zero of every increasing cubic', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(unit, unit, (zero, curvature) => {
        const f = (x: number): number => (x - zero) * (0.01 + curvature * (x - zero) ** 2);
        expect(Math.abs(find(f, -1, 2.5) - zero)).toBeLessThan(1e-14);
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  test('stops at the tolerance, at a zero on an end, and early where evaluations cost', () => {
    let calls = 0;
    const f = (x: number): number => {
      calls++;
      return x ** 3 - 2;
    };
    expect(Math.abs(find(f, 0, 2, 1e-3) - Math.cbrt(2))).toBeLessThan(1e-3);
    expect(calls).toBeLessThanOrEqual(14);
    expect(find((x) => x, 0, 1)).toBe(0);
    expect(find((x) => x - 1, 0, 1)).toBe(1);
  });

  test('refuses an interval without a change of sign, and a function without a value', () => {
    expect(() => find((x) => x * x + 1, -1, 1)).toThrow(
      `[${name}] the function does not change sign on the interval, got f(-1) = 2`,
    );
    expect(() => find(() => Number.NaN, -1, 1)).toThrow(/does not change sign/);
    expect(() => find((x) => (Math.abs(x) === 1 ? x : Number.NaN), -1, 1)).toThrow(/no value inside/);
  });
});

test('brent needs a dozen evaluations where bisect needs fifty', () => {
  const count = (find: typeof bisect): number => {
    let calls = 0;
    find(
      (x) => {
        calls++;
        return Math.cos(x) - x;
      },
      0,
      1,
    );
    return calls;
  };
  expect(count(brent)).toBeLessThanOrEqual(12);
  expect(count(bisect)).toBeGreaterThan(45);
});

describe('goldenSection', () => {
  test('finds the minimum of a unimodal function, from either end', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (at) => {
        const f = (x: number): number => Math.cosh(x - at);
        expect(Math.abs(goldenSection(f, -2, 3).at - at)).toBeLessThan(1e-7);
        expect(Math.abs(goldenSection(f, 3, -2).at - at)).toBeLessThan(1e-7);
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  test('goes to the end where that is lowest, and gives the value it found', () => {
    const { at, value } = goldenSection((x) => Math.exp(x), 0, 1);
    expect(at).toBeLessThan(1e-14);
    expect(value).toBe(Math.exp(at));
    expect(goldenSection((x) => Math.abs(x - 0.3), 0, 1).at).toBeCloseTo(0.3, 14);
  });

  test('each iteration shrinks the bracket by the golden ratio', () => {
    const width = (iterations: number): number => Math.abs(goldenSection((x) => Math.abs(x), -1, 2, iterations).at);
    for (const iterations of [5, 10, 20]) expect(width(iterations)).toBeLessThan(3 * 0.6181 ** (iterations + 1));
  });
});
