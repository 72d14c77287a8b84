import { expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { sphere } from './sphere.js';

test('volumes and diameters are the closed forms', () => {
  expect(sphere(2).volume).toBeCloseTo(2 * Math.PI, 12);
  expect(sphere(3, { radius: 2 }).volume).toBeCloseTo(16 * Math.PI, 11);
  expect(sphere(4).volume).toBeCloseTo(2 * Math.PI ** 2, 11);
  expect(sphere(3, { radius: 2 }).diameter).toBeCloseTo(2 * Math.PI, 14);
});

test('the distance is the angle, without loss for near and for opposite points', () => {
  const space = sphere(2, { radius: 3 });
  const at = (angle: number): Float64Array => Float64Array.of(3 * Math.cos(angle), 3 * Math.sin(angle));
  for (const angle of [0, 1e-12, 1e-7, 0.3, Math.PI / 2, 2, Math.PI - 1e-7, Math.PI - 1e-12, Math.PI]) {
    expect(space.distance(at(0), 0, at(angle), 0) / 3).toBeCloseTo(angle, 14);
    expect(space.distance(at(1), 0, at(1 + angle), 0) / 3).toBeCloseTo(angle, 14);
  }
});

test('the retraction follows the great circle to second order: the error in angle is t^3 / 3', () => {
  const space = sphere(3);
  const x = Float64Array.of(0, 0, 1);
  const error = (t: number): number => {
    const out = new Float64Array(3);
    space.retractInto(out, x, Float64Array.of(1, 0, 0), t, 1);
    return t - space.distance(x, 0, out, 0);
  };
  expect(Math.log2(error(0.1) / error(0.025)) / 2).toBeCloseTo(3, 1);
  expect(error(0.01) / 0.01 ** 3).toBeCloseTo(1 / 3, 3);
});

test('the center of the ball projects to a point of the sphere', () => {
  const out = new Float64Array(3);
  sphere(3).projectInto(out, out, 1);
  expect(sphere(3).contains(out)).toBe(true);
});

test('a covering stays within a constant of the volume bound', () => {
  const space = sphere(3);
  const { count } = space.covering(0.1);
  // A cap of angle r has the share (1 - cos r) / 2 of the sphere; the cube grid wastes less than a factor 10.
  expect(count * 0.5 * (1 - Math.cos(0.1))).toBeGreaterThan(1);
  expect(count * 0.5 * (1 - Math.cos(0.1))).toBeLessThan(10);
});

test('the covering holds at the corners of the cube, the edges and the poles', () => {
  const space = sphere(3);
  const { radius, count, centers } = space.covering(0.3);
  const random = randomStream(randomKey('corners'));
  for (let i = 0; i < 500; i++) {
    const x = Float64Array.from({ length: 3 }, () => random.integer(3) - 1 + 1e-9 * random.normal());
    space.projectInto(x, x, 1);
    const distances = Array.from({ length: count }, (_, c) => space.distance(x, 0, centers, 3 * c));
    expect(Math.min(...distances)).toBeLessThanOrEqual(radius);
  }
});
