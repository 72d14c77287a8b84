import { expect, test } from 'vitest';
import { deriveKey, randomKey, randomStream } from '../math/random.js';
import { box } from './box.js';
import { finite } from './finite.js';
import { product } from './product.js';
import { simplex } from './simplex.js';
import type { Space } from './space.js';
import { sphere } from './sphere.js';
import { torus } from './torus.js';

/** A function of a point with its mean and variance under the uniform law. */
interface Moment {
  readonly of: (x: Float64Array) => number;
  readonly mean: number;
  readonly variance: number;
}

const uniformMoments = (k: number, low: number, high: number): Moment[] => [
  { of: (x) => x[k], mean: (low + high) / 2, variance: (high - low) ** 2 / 12 },
  { of: (x) => (x[k] - (low + high) / 2) ** 2, mean: (high - low) ** 2 / 12, variance: (high - low) ** 4 / 180 },
];

/** On the sphere of radius r in R^d: E x_k^2 = r^2 / d, E x_k^4 = 3 r^4 / (d (d + 2)), E x_1^2 x_2^2 = r^4 / (d (d + 2)). */
const sphereMoments = (d: number, r: number): Moment[] => [
  { of: (x) => x[0], mean: 0, variance: r ** 2 / d },
  { of: (x) => x[d - 1] ** 2, mean: r ** 2 / d, variance: (3 * r ** 4) / (d * (d + 2)) - r ** 4 / d ** 2 },
  { of: (x) => x[0] * x[1], mean: 0, variance: r ** 4 / (d * (d + 2)) },
];

/** On the simplex in R^k, a Dirichlet law of ones: first two moments of a coordinate, and P(x_1 > 1/2) = 2^(1 - k). */
const simplexMoments = (k: number): Moment[] => [
  { of: (x) => x[0], mean: 1 / k, variance: (k - 1) / (k * k * (k + 1)) },
  { of: (x) => x[k - 1], mean: 1 / k, variance: (k - 1) / (k * k * (k + 1)) },
  { of: (x) => (x[0] > 0.5 ? 1 : 0), mean: 2 ** (1 - k), variance: 2 ** (1 - k) * (1 - 2 ** (1 - k)) },
];

const shifted = (moment: Moment, start: number): Moment => ({ ...moment, of: (x) => moment.of(x.subarray(start)) });

const cases: readonly (readonly [Space, readonly Moment[]])[] = [
  [
    box([
      [-1, 3],
      [10, 11],
    ]),
    [...uniformMoments(0, -1, 3), ...uniformMoments(1, 10, 11)],
  ],
  [torus(2, { period: 0.5 }), [...uniformMoments(0, 0, 0.5), ...uniformMoments(1, 0, 0.5)]],
  [sphere(2), sphereMoments(2, 1)],
  [sphere(4, { radius: 3 }), sphereMoments(4, 3)],
  [simplex(2), simplexMoments(2)],
  [simplex(4), simplexMoments(4)],
  [finite(5), [0, 4].map((n): Moment => ({ of: (x) => (x[0] === n ? 1 : 0), mean: 0.2, variance: 0.16 }))],
  [
    product([sphere(3), box([[0, 2]])]),
    [
      ...sphereMoments(3, 1),
      ...uniformMoments(0, 0, 2).map((moment) => shifted(moment, 3)),
      { of: (x) => x[0] * (x[3] - 1), mean: 0, variance: 1 / 9 },
    ],
  ],
];

// 29 sums of 20,000 independent terms, each beyond 5 standard errors with probability 6e-7: the false-alarm rate is below 2e-5.
test.each(cases.map(([space, moments]) => [space.name, space, moments] as const))(
  'uniform samples of %s have the moments of the uniform law',
  (name, space, moments) => {
    const count = 20_000;
    const points = new Float64Array(count * space.dim);
    space.sampleInto(points, count, randomStream(deriveKey(randomKey('sampling'), name)));
    for (const { of, mean, variance } of moments) {
      let total = 0;
      for (let i = 0; i < count; i++) total += of(points.subarray(i * space.dim, (i + 1) * space.dim));
      expect(Math.abs(total / count - mean)).toBeLessThan(5 * Math.sqrt(variance / count));
    }
  },
);

test.each(cases.map(([space]) => [space.name, space] as const))('samples of %s repeat with their key', (_, space) => {
  const draw = (seed: number): Float64Array => {
    const points = new Float64Array(10 * space.dim);
    space.sampleInto(points, 10, randomStream(randomKey(seed)));
    return points;
  };
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});
