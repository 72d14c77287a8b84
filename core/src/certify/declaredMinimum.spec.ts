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

test.each<[string, Space, number, number]>([
  ['interval', box([[-1, 2]]), 1e-9, 400],
  [
    'square',
    box([
      [-1, 1],
      [0, 1],
    ]),
    1e-5,
    3000,
  ],
  ['torus', torus(2, { period: 2 }), 1e-4, 3000],
])('half the squared distance to a point is least there, by its curvature: %s', (_, space, tolerance, cells) => {
  const target = new Float64Array(space.dim);
  space.sampleInto(target, 1, randomStream(randomKey('bend')));
  const distance = (x: Float64Array): number => space.distance(x, 0, target, 0);
  // On a torus the cut locus bends the other way: a cosine instead.
  const torus = space.kind === 'torus';
  const angles = (x: Float64Array): number[] => Array.from(x, (t, k) => Math.PI * (t - target[k]));
  const value = (x: Float64Array): number =>
    torus ? angles(x).reduce((sum, angle) => sum + 1 - Math.cos(angle), 0) : distance(x) ** 2 / 2;
  const slope = (x: Float64Array): number => (torus ? Math.PI * Math.hypot(...angles(x).map(Math.sin)) : distance(x));
  const bend = { curvature: torus ? Math.PI ** 2 : 1, slope };
  const found = declaredMinimum({ space, value, bend }, { tolerance });
  expect(found.status).toBe('certified');
  expect(found.lower).toBeLessThanOrEqual(0);
  expect(found.upper).toBeGreaterThanOrEqual(0);
  expect(found.cells).toBeLessThan(cells);
});

test('a curvature takes fewer cells than a Lipschitz constant, and both together no more than either', () => {
  const space = box([[0, 1]]);
  const value = ([x]: Float64Array): number => Math.sin(9 * x) + x;
  const bend = { curvature: 81, slope: ([x]: Float64Array): number => Math.abs(9 * Math.cos(9 * x) + 1) };
  const cellsOf = (declared: { lipschitz?: number; bend?: typeof bend }): number =>
    declaredMinimum({ space, value, ...declared }, { tolerance: 1e-4 }).cells;
  const [first, second, both] = [cellsOf({ lipschitz: 10 }), cellsOf({ bend }), cellsOf({ lipschitz: 10, bend })];
  expect(second).toBeLessThan(first / 10);
  expect(both).toBeLessThanOrEqual(second);
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
  expect(() => declaredMinimum({ space, value: () => 0 })).toThrow(/the constant is not usable/);
  expect(() => declaredMinimum({ space, value: () => Number.NaN, lipschitz: 1 })).toThrow(/a value is not a number/);
});
