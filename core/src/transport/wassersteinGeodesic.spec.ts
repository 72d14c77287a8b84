import { expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import { totalMass } from '../measure/profile.js';
import { euclidean } from '../space/euclidean.js';
import { product } from '../space/product.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { randomMeasure } from '../testing/measures.js';
import { wassersteinDistance } from './exactWasserstein.js';
import { wassersteinGeodesic } from './wassersteinGeodesic.js';

const source = randomStream(randomKey(91));

test('the distance grows at constant speed along the geodesic, on every space', () => {
  for (const space of [euclidean(1), euclidean(2), torus(2), sphere(3), product([euclidean(1), sphere(2)])]) {
    for (const p of [1, 2, 3]) {
      const [mu, nu] = [5, 8].map((n) => randomMeasure(space, n, 'probability', source));
      const total = wassersteinDistance(mu, nu, { p }).value;
      const at = wassersteinGeodesic(mu, nu, { p });
      expect(wassersteinDistance(at(0), mu, { p }).upper).toBeLessThan(1e-5);
      expect(wassersteinDistance(at(1), nu, { p }).upper).toBeLessThan(1e-5);
      const middle = wassersteinDistance(at(0.2), at(0.7), { p }).value;
      expect(Math.abs(middle - 0.5 * total)).toBeLessThan(1e-9 * (1 + total));
    }
  }
});

test('keeps the mass of positive measures, and refuses times off the geodesic', () => {
  const at = wassersteinGeodesic(rescale(diracs([0, 1]), 3), rescale(diracs([5]), 3));
  expect([at(0.5).kind, totalMass(at(0.5))]).toEqual(['positive', expect.closeTo(3, 12)]);
  expect(() => at(1.5)).toThrow(/not on the geodesic, got 1.5/);
});
