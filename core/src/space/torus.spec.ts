import { expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { torus } from './torus.js';

test.each([1, 0.1, 2 * Math.PI, 1e-3, 7e5])('with period %d every coordinate is kept in [0, period)', (period) => {
  const space = torus(1, { period });
  const random = randomStream(randomKey('wrap'));
  const x = new Float64Array(1);
  for (let i = 0; i < 20_000; i++) {
    const turns = random.integer(2001) - 1000;
    const near = [0, 1e-17, -1e-17, 1e-16 * turns, -5e-324, random.uniform() - 0.5][random.integer(6)];
    x[0] = turns * period + near * period;
    space.projectInto(x, x, 1);
    expect(x[0] >= 0 && x[0] < period).toBe(true);
  }
});

test('the distance goes the short way around, in each coordinate', () => {
  const space = torus(2);
  const d = (a: number[], b: number[]): number => space.distance(Float64Array.from(a), 0, Float64Array.from(b), 0);
  expect(d([0.1, 0.5], [0.9, 0.5])).toBeCloseTo(0.2, 15);
  expect(d([0.05, 0.05], [0.95, 0.95])).toBeCloseTo(0.1 * Math.SQRT2, 15);
  expect(d([0, 0], [0.5, 0.5])).toBeCloseTo(space.diameter, 15);
  expect(d([0.25, 0], [0.25, 1])).toBe(0);
});

test('a turn around the torus comes back', () => {
  const space = torus(1, { period: 2 });
  const x = Float64Array.of(1.5);
  space.retractInto(x, x, Float64Array.of(1), 10, 1);
  expect(x[0]).toBeCloseTo(1.5, 12);
});

test('volume and diameter are those of the flat torus', () => {
  expect(torus(3, { period: 2 }).volume).toBe(8);
  expect(torus(4).diameter).toBe(1);
});
