import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { measure, rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { wassersteinDistance } from './exactWasserstein.js';
import { gaussianHellinger } from './gaussianHellinger.js';
import { unbalancedTransport } from './unbalanced.js';
import { wfrDistance } from './wfrDistance.js';

function cloud(seed: number, n: number, { shift = 0, total = 1 } = {}): Measure {
  const random = randomStream(randomKey(seed));
  const positions = Float64Array.from({ length: 2 * n }, (_, k) => random.normal() + (k % 2 === 0 ? shift : 0));
  const masses = Float64Array.from({ length: n }, (_, i) => (i % 5 === 4 ? 0 : 0.5 + random.uniform()));
  const sum = masses.reduce((all, mass) => all + mass, 0);
  return measure({ space: euclidean(2), positions, masses: masses.map((m) => (m * total) / sum), kind: 'positive' });
}

describe('gaussianHellinger', () => {
  test('of two Diracs is rho (a + b - 2 sqrt(ab) e^(-c / 2 rho))', () => {
    for (const [a, b, d, rho] of [
      [1, 1, 1, 1],
      [0.3, 2, 1.5, 0.7],
      [5, 1e-6, 0.01, 10],
      [1, 2, 100, 1],
    ]) {
      const squared = rho * (a + b - 2 * Math.sqrt(a * b) * Math.exp((-d * d) / (2 * rho)));
      const found = gaussianHellinger(rescale(diracs([0]), a), rescale(diracs([d]), b), { rho });
      expect(found.squared / squared).toBeCloseTo(1, 12);
      expect(found.status).toBe('exact');
    }
  });

  test('has its bounds in order, within 1e-9 of each other, on random problems', () => {
    for (let seed = 0; seed < 60; seed++) {
      const mu = cloud(seed, 1 + (seed % 23), { total: 0.5 + (seed % 3) });
      const nu = cloud(100 + seed, 1 + (seed % 17), { shift: seed % 5 });
      const { lower, value, upper, status } = gaussianHellinger(mu, nu, { rho: 10 ** ((seed % 5) - 2) });
      expect(lower <= value && value <= upper).toBe(true);
      expect(upper / lower - 1).toBeLessThan(1e-9);
      expect(status).toBe('exact');
    }
  });

  test('is below Hellinger-Kantorovich at rho = 1, and the limit of the entropic problem', () => {
    for (let seed = 0; seed < 10; seed++) {
      const [mu, nu] = [cloud(seed, 12, { total: 2 }), cloud(50 + seed, 9, { shift: 0.5 })];
      const found = gaussianHellinger(mu, nu);
      expect(found.lower).toBeLessThanOrEqual(wfrDistance(mu, nu, { alpha: 4 }).upper);
      const entropic = unbalancedTransport(mu, nu, { epsilon: 1e-3, rho: 1 });
      expect(Math.abs(entropic.squared - found.squared)).toBeLessThan(1e-3 * 8);
    }
  });

  test('tends to W_2 between equal masses as rho grows, and is zero between equal measures', () => {
    const [mu, nu] = [cloud(7, 12), cloud(8, 9, { shift: 1 })];
    const { squared } = wassersteinDistance(mu, nu);
    const missing = (rho: number): number => squared - gaussianHellinger(mu, nu, { rho }).squared;
    expect(missing(1e4)).toBeGreaterThan(0);
    // The first correction is proportional to 1 / rho.
    expect(missing(1e4) / missing(1e5)).toBeCloseTo(10, 1);
    const same = gaussianHellinger(mu, mu);
    expect(same.lower).toBe(0);
    expect(same.value).toBeLessThan(1e-7);
  });

  test('takes empty measures and refuses a weight that is none', () => {
    const empty = measure({ space: euclidean(1), positions: [0], masses: [0], kind: 'positive' });
    expect(gaussianHellinger(rescale(diracs([1]), 3), empty, { rho: 2 }).squared).toBeCloseTo(6, 12);
    expect(gaussianHellinger(empty, empty).value).toBe(0);
    expect(() => gaussianHellinger(empty, empty, { rho: 0 })).toThrow(/rho is not usable/);
    expect(() => gaussianHellinger(diracs([0]), diracs([1e200]))).toThrow(/not a finite number/);
  });
});
