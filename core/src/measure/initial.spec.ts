import { describe, expect, test } from 'vitest';
import { deriveKey, randomKey } from '../math/random.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import { simplex } from '../space/simplex.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { atomsLaw, boxLaw, draw, gaussianLaw, independent, uniformLaw } from './initialLaws.js';
import { diracs, gaussian, grid, onSphere, symmetrized, uniformBox, uniformOn } from './initialMeasures.js';
import type { Measure } from './measure.js';
import { totalMass } from './profile.js';
import { covariance, mean, moment } from './statistics.js';

const key = randomKey(2026);
const spaces: readonly Space[] = [
  box([
    [-1, 2],
    [0, 1],
  ]),
  torus(2, { period: 3 }),
  sphere(3),
  simplex(4),
  finite(5),
  product([box([[0, 1]]), sphere(2)]),
];

const insideAll = (mu: Measure): boolean =>
  Array.from({ length: mu.count }, (_, i) => mu.space.contains(mu.positions, i * mu.dim)).every(Boolean);

/** Largest distance between the empirical and the true distribution function, times sqrt(n). */
function kolmogorov(sample: Float64Array, cdf: (x: number) => number): number {
  const sorted = sample.slice().sort();
  const n = sorted.length;
  let largest = 0;
  sorted.forEach((x, i) => {
    largest = Math.max(largest, Math.abs(cdf(x) - i / n), Math.abs(cdf(x) - (i + 1) / n));
  });
  return largest * Math.sqrt(n);
}
// P(sqrt(n) D > 2.7) <= 2 exp(-2 * 2.7^2) = 9.3e-7 for every n (Massart): the false-alarm rate of one comparison.
const alarm = 2.7;
const column = (mu: Measure, k: number): Float64Array =>
  Float64Array.from({ length: mu.count }, (_, i) => mu.positions[i * mu.dim + k]);

describe('draws', () => {
  test.each(spaces.map((space) => [space.name, space] as const))('on %s lie inside with mass 1', (_, space) => {
    const mu = uniformOn(space, 200, key);
    expect(insideAll(mu)).toBe(true);
    expect(Math.abs(totalMass(mu) - 1)).toBeLessThan(1e-13);
    expect(new Set(mu.ids).size).toBe(200);
  });

  test('of n + k atoms begin with the draw of n, bit for bit', () => {
    const law = independent([gaussianLaw({ dim: 1 }), uniformLaw(sphere(3)), boxLaw([[0, 1]])]);
    const [few, many] = [draw(law, 10, key), draw(law, 25, key)];
    expect(many.positions.slice(0, few.positions.length)).toEqual(few.positions);
  });

  test('with the same key agree and with another differ everywhere', () => {
    const [a, b, c] = [uniformOn(torus(1), 50, 7), uniformOn(torus(1), 50, 7), uniformOn(torus(1), 50, 8)];
    expect(a.positions).toEqual(b.positions);
    expect(a.positions.some((x, i) => x === c.positions[i])).toBe(false);
  });

  test('from a box are uniform', () => {
    const mu = uniformBox({ intervals: [[-2, 2]], n: 4000, key });
    expect(mu.space.name).toBe('euclidean(1)');
    expect(kolmogorov(mu.positions, (x) => (x + 2) / 4)).toBeLessThan(alarm);
  });

  test('on the sphere of R^3 have uniform heights (Archimedes)', () => {
    const mu = onSphere(3, 4000, key);
    for (let k = 0; k < 3; k++) expect(kolmogorov(column(mu, k), (z) => (z + 1) / 2)).toBeLessThan(alarm);
  });

  test('of a Gaussian have its mean and covariance', () => {
    const n = 4000;
    const mu = gaussian({ dim: 2, n, key, mean: [-2, 5], std: [0.1, 3] });
    const center = mean(mu);
    const spread = covariance(mu);
    // Five standard errors: 5.7e-7 per comparison.
    expect(Math.abs(center[0] + 2)).toBeLessThan((5 * 0.1) / Math.sqrt(n));
    expect(Math.abs(center[1] - 5)).toBeLessThan((5 * 3) / Math.sqrt(n));
    expect(Math.abs(spread[0] / 0.01 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(spread[3] / 9 - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(spread[1])).toBeLessThan((5 * 0.3) / Math.sqrt(n));
  });

  test('of equal factors are independent, not copies', () => {
    const n = 4000;
    const mu = draw(independent([gaussianLaw({ dim: 1 }), gaussianLaw({ dim: 1 })]), n, key);
    // Correlation of independent normals: five standard errors, 5.7e-7.
    expect(Math.abs(covariance(mu)[1])).toBeLessThan(5 / Math.sqrt(n));
  });

  test('of different laws with one key are unrelated', () => {
    const n = 4000;
    const x = uniformOn(box([[0, 1]]), n, key).positions;
    const y = uniformBox({ intervals: [[0, 1]], n, key }).positions;
    const product12 = x.reduce((sum, value, i) => sum + (value - 0.5) * (y[i] - 0.5), 0) / n;
    expect(Math.abs(product12 * 12)).toBeLessThan(5 / Math.sqrt(n));
  });

  test('from atoms follow their masses, down to log-mass -1000', () => {
    const n = 4000;
    const signs = diracs([-1, 1], [0.25, 0.75]);
    const mu = draw(atomsLaw(signs), n, key);
    // Five standard errors of a coin with p = 3/4.
    expect(Math.abs(moment(mu, [1]) - 0.5)).toBeLessThan((5 * 2 * Math.sqrt(3 / 16)) / Math.sqrt(n));
    const faint = { ...signs, logMasses: Float64Array.of(-1000, -2000) };
    expect(draw(atomsLaw(faint), 20, key).positions.every((x) => x === -1)).toBe(true);
  });

  test('accept a derived key', () => {
    const derived = deriveKey(key, 'player', 1);
    expect(uniformOn(torus(1), 3, derived).positions).not.toEqual(uniformOn(torus(1), 3, key).positions);
  });
});

describe('grids', () => {
  test('put atoms at the centers of cells', () => {
    const mu = grid(torus(2, { period: 2 * Math.PI }), 10);
    expect(mu.count).toBe(100);
    expect(mu.positions[0]).toBeCloseTo(Math.PI / 10, 14);
    expect(Math.max(...mu.positions)).toBeCloseTo(2 * Math.PI - Math.PI / 10, 14);
  });

  test('or at the ends, counting 0 of a circle once', () => {
    expect(Array.from(grid(box([[-1, 1]]), 3, 'ends').positions)).toEqual([-1, 0, 1]);
    expect(Array.from(grid(torus(1), 4, 'ends').positions)).toEqual([0, 0.25, 0.5, 0.75]);
    expect(Array.from(grid(box([[-1, 1]]), 1, 'ends').positions)).toEqual([0]);
  });

  test('take every point of a finite space and multiply over factors', () => {
    expect(Array.from(grid(finite(4), 4).positions)).toEqual([0, 1, 2, 3]);
    const mu = grid(product([finite(2), box([[0, 1]])]), [2, 2]);
    expect(Array.from(mu.positions)).toEqual([0, 0.25, 0, 0.75, 1, 0.25, 1, 0.75]);
  });
});

describe('Diracs and symmetrized measures', () => {
  test('Diracs keep points and masses', () => {
    const mu = diracs(
      [
        [0, 1],
        [2, 3],
      ],
      [2, 3],
      { kind: 'positive' },
    );
    expect([mu.dim, Array.from(mu.positions)]).toEqual([2, [0, 1, 2, 3]]);
    expect(mu.masses[1]).toBeCloseTo(3, 14);
  });

  test('symmetrizing makes odd moments of the coordinate vanish and keeps even ones', () => {
    const mu = gaussian({ dim: 2, n: 30, key, mean: [1, 2] });
    const pair = symmetrized(mu);
    expect(pair.count).toBe(60);
    expect(Math.abs(moment(pair, [1, 1]))).toBeLessThan(1e-14);
    expect(moment(pair, [2, 1])).toBeCloseTo(moment(mu, [2, 1]), 12);
    expect(Math.abs(totalMass(pair) - 1)).toBeLessThan(1e-14);
  });
});

describe('misuse is refused', () => {
  const cases: readonly [string, () => unknown, RegExp][] = [
    ['uniform on an unbounded space', () => uniformOn(euclidean(2), 3, key), /infinite volume.*euclidean\(2\)/],
    ['no atoms', () => uniformOn(torus(1), 0, key), /number of atoms.*got 0/],
    ['half an atom', () => uniformOn(torus(1), 1.5, key), /got 1\.5/],
    ['means of another dimension', () => gaussianLaw({ dim: 2, mean: [1] }), /mean does not fit.*array\(1\)/],
    ['a negative deviation', () => gaussianLaw({ dim: 1, std: -1 }), /negative.*\[-1\]/],
    ['a box that leaves the space', () => boxLaw([[0, 2]], torus(1)), /\[0, 2\] in torus\(1\)/],
    ['a grid on a sphere', () => grid(sphere(3), 4), /no grid.*sphere\(3\)/],
    ['too few counts', () => grid(torus(2), [4]), /1 counts.*2, one per/],
    ['ragged points', () => diracs([[0, 1], [2]]), /point 1.*array\(1\) \[2\]/],
    ['no points', () => diracs([]), /0 points/],
    ['a coordinate that is not there', () => symmetrized(diracs([1]), 1), /got 1, expected an integer from 0 to 0/],
  ];
  test.each(cases)('%s', (_, build, message) => {
    expect(build).toThrow(message);
  });
});
