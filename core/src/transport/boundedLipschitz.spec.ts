import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { measure, rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { sphere } from '../space/sphere.js';
import { randomMeasure } from '../testing/measures.js';
import { boundedLipschitzDistance } from './boundedLipschitz.js';
import { wassersteinDistance } from './exactWasserstein.js';

function cloud(seed: number, n: number, { spread = 1, total = 1 } = {}): Measure {
  const random = randomStream(randomKey(seed));
  const positions = Float64Array.from({ length: 2 * n }, () => spread * random.uniform());
  const masses = Float64Array.from({ length: n }, (_, i) => (i % 5 === 4 ? 0 : 0.5 + random.uniform()));
  const sum = masses.reduce((all, mass) => all + mass, 0);
  return measure({ space: euclidean(2), positions, masses: masses.map((m) => (m * total) / sum), kind: 'positive' });
}

describe('boundedLipschitzDistance', () => {
  test('of two Diracs moves the common mass while that is cheaper than 2', () => {
    for (const [a, b, d] of [
      [1, 3, 0.25],
      [2, 0.5, 1.9],
      [2, 0.5, 7],
      [1, 1, 0],
    ]) {
      const value = Math.min(a, b) * Math.min(d, 2) + Math.abs(a - b);
      const found = boundedLipschitzDistance(rescale(diracs([0]), a), rescale(diracs([d]), b));
      expect(found.value).toBeCloseTo(value, 12);
      expect(found.lower <= found.value && found.value <= found.upper).toBe(true);
    }
  });

  test('is W_1 between probabilities on a set of diameter 2, and less on a wider one', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [mu, nu] = [cloud(seed, 9), cloud(50 + seed, 14)];
      expect(boundedLipschitzDistance(mu, nu).value).toBeCloseTo(wassersteinDistance(mu, nu, { p: 1 }).value, 12);
      const [wide, other] = [cloud(seed, 9, { spread: 9 }), cloud(50 + seed, 14, { spread: 9 })];
      const found = boundedLipschitzDistance(wide, other);
      expect(found.value).toBeLessThan(wassersteinDistance(wide, other, { p: 1 }).value);
      expect(found.upper).toBeLessThanOrEqual(2 + 1e-12);
    }
  });

  test('holds the triangle inequality within its bounds, tight to 1e-9, and is symmetric', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [a, b, c] = [0, 1, 2].map((k) => cloud(3 * seed + k, 5 + k, { spread: 3, total: 1 + k }));
      const [ab, bc, ac] = [
        boundedLipschitzDistance(a, b),
        boundedLipschitzDistance(b, c),
        boundedLipschitzDistance(a, c),
      ];
      expect(ac.lower).toBeLessThanOrEqual(ab.upper + bc.upper);
      expect(ab.upper / ab.lower - 1).toBeLessThan(1e-9);
      expect(boundedLipschitzDistance(b, a).value).toBeCloseTo(ab.value, 12);
      expect(boundedLipschitzDistance(a, a).upper).toBeLessThan(1e-12);
    }
  });

  test('has a plan and a function that prove it: what is moved and destroyed costs the value, f is bounded with slope 1', () => {
    const random = randomStream(randomKey('flat duality'));
    for (let trial = 0; trial < 60; trial++) {
      const space = [euclidean(1), euclidean(2), sphere(3)][trial % 3];
      const mu = randomMeasure(space, 1 + (trial % 7), 'positive', random);
      const nu = randomMeasure(space, 1 + (trial % 5), 'positive', random);
      const { value, plan, potentials } = boundedLipschitzDistance(mu, nu);
      if (plan === undefined || potentials === undefined) throw new Error('no plan');
      const left = [Array.from(mu.masses), Array.from(nu.masses)];
      let cost = 0;
      plan.masses.forEach((mass, k) => {
        const [i, j] = [plan.rows[k], plan.columns[k]];
        cost += mass * space.distance(mu.positions, i * mu.dim, nu.positions, j * nu.dim);
        left[0][i] -= mass;
        left[1][j] -= mass;
      });
      expect(Math.min(...left.flat())).toBeGreaterThan(-1e-13);
      expect(cost + left.flat().reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(value, 12);
      const points = [...mu.positions, ...nu.positions];
      const f = [...potentials.source, ...potentials.target.map((potential) => -potential)];
      const places = Float64Array.from(points);
      f.forEach((one, i) => {
        expect(Math.abs(one)).toBeLessThanOrEqual(1 + 1e-12);
        f.forEach((other, j) => {
          const slope = i < mu.count && j >= mu.count;
          if (slope)
            expect(one - other).toBeLessThanOrEqual(space.distance(places, i * mu.dim, places, j * mu.dim) + 1e-12);
        });
      });
      const dual = f.reduce((sum, one, i) => sum + one * (i < mu.count ? mu.masses[i] : -nu.masses[i - mu.count]), 0);
      expect(dual).toBeCloseTo(value, 12);
    }
  });

  test('of a measure and nothing is its mass', () => {
    const empty = measure({ space: euclidean(1), positions: [0], masses: [0], kind: 'positive' });
    expect(boundedLipschitzDistance(rescale(diracs([1]), 3), empty).value).toBeCloseTo(3, 12);
    expect(boundedLipschitzDistance(empty, empty).value).toBe(0);
  });
});
