import { expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { box } from '../space/box.js';
import { product } from '../space/product.js';
import { simplex } from '../space/simplex.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { declaredMinimum } from './declaredMinimum.js';

test.each<[string, Space, number]>([
  ['interval', box([[-1, 2]]), 1e-6],
  [
    'square',
    box([
      [-1, 1],
      [0, 1],
    ]),
    1e-2,
  ],
  ['torus', torus(1, { period: 2 }), 1e-4],
  ['circle', sphere(2, { radius: 3 }), 1e-3],
  ['sphere', sphere(3), 0.05],
  ['simplex', simplex(3), 0.02],
  ['product', product([box([[0, 1]]), sphere(2)]), 0.05],
])('the distance to a point is least there, by its Lipschitz constant 1: %s', (_, space, tolerance) => {
  const target = new Float64Array(space.dim);
  space.sampleInto(target, 1, randomStream(randomKey('target')));
  const value = (x: Float64Array): number => space.distance(x, 0, target, 0);
  const { lower, upper, status, at, method } = declaredMinimum({ space, value, lipschitz: 1 }, { tolerance });
  expect([status, method]).toEqual(['certified', 'declared']);
  expect(lower).toBeLessThanOrEqual(0);
  expect(upper).toBeGreaterThanOrEqual(0);
  expect(Math.abs(value(at) - upper)).toBeLessThan(1e-7);
});

test('a constant that is too small is not noticed, so the enclosure may be wrong: it rests on the declaration', () => {
  const space = box([[-1, 1]]);
  // A narrow dip at 0.3 of slope 50, declared flat.
  const value = ([x]: Float64Array): number => Math.min(0, 50 * Math.abs(x - 0.3) - 1);
  const wrong = declaredMinimum({ space, value, lipschitz: 0.01 }, { tolerance: 0.02 });
  const right = declaredMinimum({ space, value, lipschitz: 50 }, { tolerance: 0.02 });
  expect(wrong.lower).toBeGreaterThan(-0.1);
  expect(right.lower).toBeLessThanOrEqual(-1);
  expect(right.upper).toBeLessThan(-0.97);
});

test('constants and values that are no numbers are refused', () => {
  const space = box([[-1, 1]]);
  expect(() => declaredMinimum({ space, value: () => 0, lipschitz: Number.NaN })).toThrow(/the constant is not usable/);
  expect(() => declaredMinimum({ space, value: () => Number.NaN, lipschitz: 1 })).toThrow(/a value is not a number/);
});
