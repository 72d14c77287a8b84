import { expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { simplex } from './simplex.js';

test('the projection obeys the variational inequality (y - p, q - p) <= 0 against every vertex', () => {
  const random = randomStream(randomKey('projection'));
  for (const k of [2, 3, 7, 40]) {
    const space = simplex(k);
    for (let i = 0; i < 200; i++) {
      const y = Float64Array.from({ length: k }, () => random.normal() * 10 ** (random.integer(5) - 3));
      const p = new Float64Array(k);
      space.projectInto(p, y, 1);
      expect(space.contains(p)).toBe(true);
      const along = p.reduce((sum, value, j) => sum + (y[j] - value) * value, 0);
      // The vertices span the simplex, so the inequality at them is the inequality everywhere.
      for (let j = 0; j < k; j++) expect(y[j] - p[j] - along).toBeLessThan(1e-12 * (1 + Math.abs(y[j])));
    }
  }
});

test('volumes and diameter are the closed forms', () => {
  expect(simplex(2).volume).toBeCloseTo(Math.SQRT2, 13);
  expect(simplex(3).volume).toBeCloseTo(Math.sqrt(3) / 2, 13);
  expect(simplex(4).volume).toBeCloseTo(1 / 3, 13);
  expect(simplex(3).diameter).toBe(Math.SQRT2);
});

test('the covering holds at the deep holes of its lattice and is tight there', () => {
  for (const k of [2, 3, 4, 5]) {
    const space = simplex(k);
    const { radius, count, centers } = space.covering(0.3);
    // Rounding of sqrt(a (k - a) / k) / radius up to a whole N.
    const a = Math.floor(k / 2);
    const n = Math.ceil(Math.sqrt((a * (k - a)) / k) / 0.3);
    const hole = new Float64Array(k).fill(a / k / n);
    hole[0] += 1 - a / n;
    const distances = Array.from({ length: count }, (_, c) => space.distance(hole, 0, centers, k * c));
    const nearest = Math.min(...distances);
    expect(nearest).toBeLessThanOrEqual(radius);
    expect(nearest).toBeCloseTo(Math.sqrt((a * (k - a)) / k) / n, 12);
  }
});

test('the centers are the different compositions of N', () => {
  const { count, centers } = simplex(4).covering(0.26);
  const rows = new Set(Array.from({ length: count }, (_, c) => centers.slice(4 * c, 4 * c + 4).join()));
  expect(rows.size).toBe(count);
  // N = 4: the binomial coefficient (7 over 3).
  expect(count).toBe(35);
});
