import { box, parseSpace, randomKey, randomStream, type Space, simplex, sphere, torus } from '@muflow/core';
import { expect, test } from 'vitest';
import { localFrame, snapToWalls } from './localFrame.js';

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
};

const vectorsOf = ({ rank, basis }: { rank: number; basis: Float64Array }, dim: number): Float64Array[] =>
  Array.from({ length: rank }, (_, k) => basis.slice(k * dim, (k + 1) * dim));

const spaces: readonly Space[] = [
  torus(2),
  sphere(2),
  sphere(4, { radius: 2 }),
  simplex(4),
  box([
    [-1, 1],
    [0, 3],
  ]),
  parseSpace('sphere(3) x [0,1] x torus(1)'),
];

test.each(spaces.map((space) => [space.name, space] as const))(
  '%s: inside, the frame is an orthonormal basis of the tangent space',
  (_, space) => {
    const random = randomStream(randomKey(4));
    for (let round = 0; round < 10; round++) {
      const at = new Float64Array(space.dim);
      space.sampleInto(at, 1, random);
      const g = Float64Array.from({ length: space.dim }, () => random.normal());
      const frame = localFrame(space, at, g);
      expect(frame.rank).toBe(space.intrinsicDim);
      expect(frame.push).toBe(Number.POSITIVE_INFINITY);
      const vectors = vectorsOf(frame, space.dim);
      vectors.forEach((a, i) => {
        const tangent = new Float64Array(space.dim);
        space.projectTangentInto(tangent, at, a, 1);
        for (let k = 0; k < space.dim; k++) expect(tangent[k]).toBeCloseTo(a[k], 12);
        vectors.forEach((b, j) => {
          expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 12);
        });
      });
    }
  },
);

test('on a sphere the bend is the second derivative that the retraction adds to a linear function', () => {
  const space = sphere(3, { radius: 2 });
  const random = randomStream(randomKey(9));
  const at = new Float64Array(3);
  space.sampleInto(at, 1, random);
  const g = Float64Array.of(0.3, -1.2, 0.7);
  const frame = localFrame(space, at, g);
  const h = 1e-4;
  vectorsOf(frame, 3).forEach((direction, k) => {
    const value = (t: number): number => {
      const moved = new Float64Array(3);
      space.retractInto(moved, at, direction, t, 1);
      return dot(g, moved);
    };
    const second = (value(h) - 2 * value(0) + value(-h)) / (h * h);
    expect(frame.bend[k]).toBeCloseTo(second, 5);
  });
});

test('walls into which an atom descends are left out, others are free', () => {
  const square = box([
    [0, 1],
    [0, 1],
  ]);
  // At the left wall, pushed into it by slope 2; free along the second coordinate.
  const held = localFrame(square, Float64Array.of(0, 0.5), Float64Array.of(2, -1));
  expect([held.rank, held.push, Array.from(held.basis)]).toEqual([1, 2, [0, 1]]);
  // At the left wall, but wanting to leave it.
  expect(localFrame(square, Float64Array.of(0, 0.5), Float64Array.of(-2, -1)).rank).toBe(2);
  // A corner of the simplex where two coordinates are held.
  const corner = localFrame(simplex(3), Float64Array.of(1, 0, 0), Float64Array.of(0, 1, 3));
  expect([corner.rank, corner.push]).toEqual([0, 1]);
});

test('points near walls are put onto those they descend into', () => {
  const at = Float64Array.of(0.01, 0.99, 0.5);
  const cube = box([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
  snapToWalls(cube, at, Float64Array.of(1, 1, 1), 0.02);
  expect(Array.from(at)).toEqual([0, 0.99, 0.5]);
  const share = Float64Array.of(0.01, 0.49, 0.5);
  snapToWalls(simplex(3), share, Float64Array.of(5, 1, 1), 0.02);
  expect(share[0]).toBe(0);
  expect(share[1] + share[2]).toBeCloseTo(1, 15);
});
