import { expect, test } from 'vitest';
import { addScaledInto, euclideanNorm, firstNonFinite, maxAbs } from './vectors.js';

const of = (...values: number[]): Float64Array => Float64Array.of(...values);

test('firstNonFinite names the first NaN or infinity within count', () => {
  expect(firstNonFinite(of(1, 2, 3))).toBe(-1);
  expect(firstNonFinite(of(1, Number.NEGATIVE_INFINITY, Number.NaN))).toBe(1);
  expect(firstNonFinite(of(1, 2, Number.NaN), 2)).toBe(-1);
});

test('firstNonFinite finds a number that is not finite at every place, and none among the largest and the smallest', () => {
  const finite = [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, -0];
  for (let count = 0; count < 12; count++) {
    const values = Float64Array.from({ length: count }, (_, i) => finite[i % 4]);
    expect(firstNonFinite(values)).toBe(-1);
    for (let at = 0; at < count; at++) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        expect(firstNonFinite(values.map((value, i) => (i === at ? bad : value)))).toBe(at);
      }
    }
  }
});

test('addScaledInto adds a multiple to the first entries', () => {
  const out = of(1, 1, 1);
  addScaledInto(out, -2, of(1, 2, 3), 2);
  expect(out).toEqual(of(-1, -3, 1));
});

test('maxAbs is the largest size, and NaN wherever one is', () => {
  expect(maxAbs(of(1, -3, 2))).toBe(3);
  expect(maxAbs(of())).toBe(0);
  expect(maxAbs(of(1, Number.NaN, 2))).toBe(Number.NaN);
  expect(maxAbs(of(1, -3, 2), 1)).toBe(1);
});

test('euclideanNorm reads its window only', () => {
  expect(euclideanNorm(of(9, 3, 4, 9), 1, 2)).toBe(5);
  expect(euclideanNorm(of())).toBe(0);
});
