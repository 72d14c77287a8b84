import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { torus } from '../space/torus.js';
import { movedBy, randomMeasure } from '../testing/measures.js';
import { wassersteinOnCircle } from './circle.js';
import { wassersteinDistance } from './exactWasserstein.js';

const circles = [torus(1), torus(1, { period: 7 })];
const source = randomStream(randomKey(81));

describe('the Wasserstein distance on the circle', () => {
  test('is that of the network simplex method, within closed bounds, on a thousand random problems', () => {
    for (let k = 0; k < 1000; k++) {
      const space = circles[k % 2];
      const make = (): Measure => {
        const mu = randomMeasure(space, 1 + Math.floor(source.uniform() * 9), 'probability', source);
        return k % 3 === 0 ? measure({ space, positions: mu.positions }) : mu;
      };
      const [mu, nu] = [make(), make()];
      const p = [1, 1.5, 2, 4][k % 4];
      const { value, lower, upper, plan } = wassersteinOnCircle(mu, nu, { p });
      const other = wassersteinDistance(mu, nu, { p });
      expect(Math.abs(value - other.value)).toBeLessThan(1e-12 * value);
      expect(lower).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(upper);
      expect(upper - lower).toBeLessThanOrEqual(1e-9 * value);
      expect(plan?.masses.length).toBeLessThanOrEqual(mu.count + nu.count);
      const rows = new Float64Array(mu.count);
      const columns = new Float64Array(nu.count);
      plan?.masses.forEach((mass, entry) => {
        rows[plan.rows[entry]] += mass;
        columns[plan.columns[entry]] += mass;
      });
      for (let i = 0; i < mu.count; i++) expect(Math.abs(rows[i] - mu.masses[i])).toBeLessThan(1e-13);
      for (let j = 0; j < nu.count; j++) expect(Math.abs(columns[j] - nu.masses[j])).toBeLessThan(1e-13);
    }
  });

  test.each([1, 1e-2, 1e-4, 1e-6])('has bounds closed to 1e-9 that hold, atoms moved by %f of the circle', (size) => {
    for (let k = 0; k < 150; k++) {
      const space = circles[k % 2];
      const period = 2 * space.diameter;
      const count = [1, 2, 5, 20, 60][k % 5];
      const free = randomMeasure(space, count, 'probability', source);
      const mu = k % 3 === 0 ? measure({ space, positions: free.positions }) : free;
      const moved = mu.positions.map((x) => x + period * (1 + size * (source.uniform() - 0.5))).map((x) => x % period);
      const nu = measure({ space, positions: moved, masses: mu.masses });
      const p = [1, 2, 4][Math.floor(k / 3) % 3];
      const { value, lower, upper } = wassersteinOnCircle(mu, nu, { p });
      expect(lower).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(upper);
      expect(upper - lower).toBeLessThanOrEqual(1e-9 * value);
      const other = wassersteinDistance(mu, nu, { p });
      expect(lower).toBeLessThanOrEqual(other.upper);
      expect(other.lower).toBeLessThanOrEqual(upper);
    }
  });

  test('between a cloud and the cloud turned by less than half a turn is the angle, if it is spread evenly', () => {
    const space = torus(1);
    const n = 50;
    const mu = measure({ space, positions: Float64Array.from({ length: n }, (_, i) => i / n) });
    const nu = measure({ space, positions: Float64Array.from({ length: n }, (_, i) => (i + 0.3) / n) });
    expect(wassersteinOnCircle(mu, nu).value).toBeCloseTo(0.3 / n, 14);
    expect(wassersteinOnCircle(mu, mu).value).toBe(0);
  });

  test('does not change when both measures are turned or reflected', () => {
    const space = torus(1, { period: 7 });
    for (let k = 0; k < 30; k++) {
      const [mu, nu] = [randomMeasure(space, 6, 'probability', source), randomMeasure(space, 9, 'probability', source)];
      const isometry = space.isometry(source);
      const turned = wassersteinOnCircle(movedBy(mu, isometry), movedBy(nu, isometry)).value;
      expect(turned).toBeCloseTo(wassersteinOnCircle(mu, nu).value, 12);
    }
  });

  test('takes few shifts for large clouds', () => {
    const space = torus(1);
    const [mu, nu] = [0, 1].map(() => randomMeasure(space, 5000, 'probability', source));
    const { value, lower, upper, iterations } = wassersteinOnCircle(mu, nu);
    expect(upper - lower).toBeLessThanOrEqual(1e-9 * value);
    expect(iterations).toBeLessThan(100);
  });

  test('takes single atoms, and refuses other spaces', () => {
    const [mu, nu] = [0.25, 0.875].map((x) => diracs([x], [1], { space: torus(1) }));
    expect(wassersteinOnCircle(mu, nu).value).toBe(0.375);
    expect(wassersteinOnCircle(mu, nu).plan?.masses.length).toBe(1);
    const line = measure({ space: euclidean(1), positions: [0] });
    expect(() => wassersteinOnCircle(line, line)).toThrow(/not a circle, got euclidean\(1\)/);
  });
});
