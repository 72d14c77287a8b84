import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { measure, rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
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

  test('of a measure and nothing is its mass', () => {
    const empty = measure({ space: euclidean(1), positions: [0], masses: [0], kind: 'positive' });
    expect(boundedLipschitzDistance(rescale(diracs([1]), 3), empty).value).toBeCloseTo(3, 12);
    expect(boundedLipschitzDistance(empty, empty).value).toBe(0);
  });
});
