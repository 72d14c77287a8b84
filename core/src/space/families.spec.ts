import { expect, test } from 'vitest';
import { isMuflowError } from '../errors.js';
import { randomKey, randomStream } from '../math/random.js';
import { box } from './box.js';
import { euclidean } from './euclidean.js';
import { finite } from './finite.js';
import { product } from './product.js';
import { simplex } from './simplex.js';
import { sphere } from './sphere.js';
import { torus } from './torus.js';

test('a box stops atoms at its walls and measures straight lines', () => {
  const space = box([
    [-1, 1],
    [0, 2],
  ]);
  const x = Float64Array.of(0.5, 1);
  space.retractInto(x, x, Float64Array.of(1, -0.25), 2, 1);
  expect(x).toEqual(Float64Array.of(1, 0.5));
  expect([space.volume, space.diameter]).toEqual([4, Math.sqrt(8)]);
  expect([space.contains(Float64Array.of(1 + 1e-10, 0)), space.contains(Float64Array.of(1.1, 0))]).toEqual([
    true,
    false,
  ]);
});

test('a box is covered by the fewest cells of its grid', () => {
  expect(box([[0, 1]]).covering(0.25 * (1 + 1e-9)).count).toBe(2);
  expect(
    box([
      [0, 1],
      [0, 3],
    ]).covering(Math.SQRT1_2 * (1 + 1e-9)).count,
  ).toBe(3);
});

test('in a finite space nothing moves, different points are one apart, isometries permute', () => {
  const space = finite(4);
  const x = Float64Array.of(2);
  space.retractInto(x, x, Float64Array.of(5), 1, 1);
  expect(x[0]).toBe(2);
  expect(space.distance(Float64Array.of(0, 3), 0, Float64Array.of(0, 3), 1)).toBe(1);
  const images = Float64Array.of(0, 1, 2, 3);
  space.isometry(randomStream(randomKey(3))).applyInto(images, images, 4);
  expect(new Set(images)).toEqual(new Set([0, 1, 2, 3]));
  const rounded = Float64Array.of(-7, 1.4, 99);
  space.projectInto(rounded, rounded, 3);
  expect(rounded).toEqual(Float64Array.of(0, 1, 3));
});

test('a product adds dimensions and squared distances, and multiplies volumes', () => {
  const space = product([sphere(3), torus(1, { period: 2 }), box([[0, 3]])]);
  expect([space.dim, space.intrinsicDim, space.hasBoundary]).toEqual([5, 4, true]);
  expect(space.volume).toBeCloseTo(4 * Math.PI * 2 * 3, 11);
  expect(space.diameter).toBeCloseTo(Math.hypot(Math.PI, 1, 3), 13);
  const a = Float64Array.of(9, 1, 0, 0, 0.1, 0);
  const b = Float64Array.of(0, 1, 0, 1.9, 2);
  expect(space.distance(a, 1, b, 0)).toBeCloseTo(Math.hypot(Math.PI / 2, 0.2, 2), 13);
  expect(product([sphere(3), euclidean(1)]).volume).toBe(Infinity);
});

test.each([
  ['euclidean(0)', () => euclidean(0)],
  ['euclidean(1.5)', () => euclidean(1.5)],
  ['box()', () => box([])],
  ['an empty interval', () => box([[1, 1]])],
  ['an infinite interval', () => box([[0, Infinity]])],
  ['sphere(1)', () => sphere(1)],
  ['a sphere of radius 0', () => sphere(3, { radius: 0 })],
  ['a torus of period NaN', () => torus(1, { period: Number.NaN })],
  ['simplex(1)', () => simplex(1)],
  ['finite(0)', () => finite(0)],
  ['product()', () => product([])],
])('%s is refused', (_, make) => {
  let caught: unknown;
  try {
    make();
  } catch (error) {
    caught = error;
  }
  expect(isMuflowError(caught) && caught.code).toBe('invalid-argument');
});
