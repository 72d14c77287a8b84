import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { measure, rescale, withLogMasses } from './createMeasure.js';
import { diracs, gaussian, uniformOn } from './initialMeasures.js';
import type { Measure } from './measure.js';
import { logTotalMass, totalMass } from './profile.js';
import { liftSigned, projectSigned, variationNorm } from './signed.js';
import { covariance, effectiveSampleSize, integrate, massEntropy, mean, moment, proportions } from './statistics.js';
import { mergeAtoms, support } from './support.js';

const planeAtoms = fc.array(
  fc.tuple(
    fc.double({ min: -5, max: 5, noNaN: true }),
    fc.double({ min: -5, max: 5, noNaN: true }),
    fc.double({ min: 0.01, max: 2, noNaN: true }),
  ),
  { minLength: 1, maxLength: 8 },
);
const toMeasure = (atoms: readonly (readonly [number, number, number])[]): Measure =>
  measure({
    space: euclidean(2),
    kind: 'positive',
    positions: atoms.flatMap((atom) => atom.slice(0, 2)),
    masses: atoms.map(([, , mass]) => mass),
  });
const summary = (mu: Measure): number[] => [
  totalMass(mu),
  ...mean(mu),
  ...covariance(mu),
  moment(mu, [2, 1]),
  integrate(
    mu,
    Float64Array.from({ length: mu.count }, (_, i) => Math.cos(mu.positions[2 * i])),
  ),
];
const worst = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, k) => Math.abs(value - b[k])));

describe('statistics', () => {
  property.prop([planeAtoms, fc.integer({ min: 0, max: 7 }), fc.double({ min: 0.1, max: 0.9, noNaN: true })], {
    seed: 41,
  })('do not see the order of atoms, nor an atom split in two', (atoms, at, share) => {
    const mu = toMeasure(atoms);
    const [x, y, mass] = atoms[at % atoms.length];
    const split = [...atoms, [x, y, mass * (1 - share)] as const].map((atom, i) =>
      i === at % atoms.length ? ([x, y, mass * share] as const) : atom,
    );
    expect(worst(summary(mu), summary(toMeasure([...atoms].reverse())))).toBeLessThan(1e-10);
    expect(worst(summary(mu), summary(toMeasure(split)))).toBeLessThan(1e-10);
  });

  test('have the closed forms of two atoms', () => {
    const mu = diracs([0, 4], [0.25, 0.75]);
    expect(mean(mu)[0]).toBeCloseTo(3, 14);
    expect(covariance(mu)[0]).toBeCloseTo(3, 14);
    expect(moment(mu, [3])).toBeCloseTo(48, 12);
    expect(massEntropy(mu)).toBeCloseTo(-0.25 * Math.log(0.25) - 0.75 * Math.log(0.75), 14);
    expect(effectiveSampleSize(mu)).toBeCloseTo(1 / (1 / 16 + 9 / 16), 13);
  });

  test('of n equal masses are entropy log n and n effective atoms, of one atom 0 and 1', () => {
    for (const n of [1, 2, 17]) {
      const mu = uniformOn(torus(1), n, 1);
      expect(massEntropy(mu)).toBeCloseTo(Math.log(n), 13);
      expect(effectiveSampleSize(mu)).toBeCloseTo(n, 11);
    }
  });

  test('of proportions survive log-masses near -1000', () => {
    const mu = measure({
      space: euclidean(1),
      positions: [0, 4],
      kind: 'positive',
      logMasses: [-1000, -1000 + Math.log(3)],
    });
    expect(totalMass(mu)).toBe(0);
    expect(proportions(mu)[1]).toBeCloseTo(0.75, 13);
    expect(mean(mu)[0]).toBeCloseTo(3, 12);
    expect(effectiveSampleSize(mu)).toBeCloseTo(1.6, 12);
    expect(support(mu)).toHaveLength(0);
    expect(mergeAtoms(mu, 10).logMasses[0]).toBeCloseTo(-1000 + Math.log(4), 10);
  });

  test('of the null measure are refused, and it has no effective atoms', () => {
    const mu = measure({ space: euclidean(1), positions: [0], kind: 'positive', masses: [0] });
    expect(effectiveSampleSize(mu)).toBe(0);
    expect(() => mean(mu)).toThrow(/total mass is not positive.*got 0/);
  });

  test('moments need a power per coordinate', () => {
    expect(() => moment(diracs([1]), [1, 1])).toThrow(/2 powers, expected 1/);
  });

  test('an atom of no mass adds nothing to an integral, whatever its value', () => {
    expect(integrate(diracs([0, 1], [0, 1]), [Number.POSITIVE_INFINITY, 2])).toBe(2);
  });
});

describe('merging atoms', () => {
  property.prop([planeAtoms, fc.double({ min: 0, max: 4, noNaN: true })], { seed: 42 })(
    'conserves mass and mean, and does not see the order of atoms',
    (atoms, radius) => {
      const mu = toMeasure(atoms);
      const merged = mergeAtoms(mu, radius);
      expect(Math.abs(logTotalMass(merged) - logTotalMass(mu))).toBeLessThan(1e-13);
      expect(worst([...mean(merged)], [...mean(mu)])).toBeLessThan(1e-12);
      const listed = support(mu, { mergeRadius: radius });
      const reversed = support(toMeasure([...atoms].reverse()), { mergeRadius: radius });
      expect(reversed.length).toBe(listed.length);
      listed.forEach(({ at, mass }) => {
        const same = reversed.some(
          (other) => Math.hypot(other.at[0] - at[0], other.at[1] - at[1]) + Math.abs(other.mass - mass) < 1e-12,
        );
        expect(same).toBe(true);
      });
    },
  );

  test('takes the heaviest as center and keeps its id', () => {
    const mu = diracs([0, 1, 1.5, 9], [0.1, 0.5, 0.3, 0.1]);
    const merged = mergeAtoms(mu, 1);
    expect(Array.from(merged.ids)).toEqual([1, 3]);
    expect(merged.nextId).toBe(4);
    expect(merged.positions[0]).toBeCloseTo((0.5 + 0.45) / 0.9, 14);
    expect(merged.masses[0]).toBeCloseTo(0.9, 14);
  });

  test('with radius 0 merges equal points only, and nothing to merge is the measure itself', () => {
    expect(support(diracs([2, 1, 2]))).toEqual([
      { at: [2], mass: expect.closeTo(2 / 3, 14), merged: 2 },
      { at: [1], mass: expect.closeTo(1 / 3, 14), merged: 1 },
    ]);
    expect(Array.from(mergeAtoms(diracs([2, 1, 2]), 0).ids)).toEqual([1, 0]);
    const mu = diracs([1, 2]);
    expect(mergeAtoms(mu, 0.5)).toBe(mu);
  });

  test('goes around the circle', () => {
    const space = torus(1, { period: 2 * Math.PI });
    const mu = diracs([0.1, 2 * Math.PI - 0.1], [0.5, 0.5], { space });
    const [atom] = support(mu, { mergeRadius: 0.3 });
    expect(space.distance(Float64Array.from(atom.at), 0, Float64Array.of(0), 0)).toBeLessThan(1e-14);
  });

  test('stays on the sphere, on a finite space, and on a product with a circle', () => {
    const circle = diracs(
      [
        [1, 0],
        [Math.cos(0.2), Math.sin(0.2)],
      ],
      [0.5, 0.5],
      { space: sphere(2) },
    );
    const [middle] = support(circle, { mergeRadius: 0.3 });
    expect(Math.atan2(middle.at[1], middle.at[0])).toBeCloseTo(0.1, 14);
    expect(Math.hypot(...middle.at)).toBeCloseTo(1, 14);
    expect(support(diracs([0, 3], [0.4, 0.6], { space: finite(4) }), { mergeRadius: 1 })[0].at).toEqual([3]);
    const pair = diracs(
      [
        [3, 0.05],
        [3, 0.95],
      ],
      undefined,
      { space: product([euclidean(1), torus(1)]) },
    );
    const around = mergeAtoms(pair, 0.2);
    expect(around.count).toBe(1);
    expect(Math.min(around.positions[1], 1 - around.positions[1])).toBeLessThan(1e-12);
  });

  test('leaves out small shares of the total, also of positive measures', () => {
    const mu = rescale(diracs([0, 1], [0.999, 0.001]), 50);
    expect(support(mu, { minShare: 0.01 })).toHaveLength(1);
    expect(support(mu, { minShare: 0.0009 })).toHaveLength(2);
  });

  test('needs a radius', () => {
    expect(() => mergeAtoms(diracs([0]), Number.NaN)).toThrow(/radius.*got NaN/);
  });
});

describe('the signed lift', () => {
  const weights = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 8 });
  property.prop([weights, fc.constantFrom('probability' as const, 'positive' as const)], { seed: 43 })(
    'projects back to the signed measure',
    (given, kind) => {
      const positions = given.flatMap((_, i) => [i, -i]);
      const lifted = liftSigned({ positions, weights: given, kind });
      const back = projectSigned(lifted);
      expect(lifted.space.name).toBe('product(euclidean(1) x euclidean(2))');
      expect(Array.from(back.positions)).toEqual(positions);
      expect(worst([...back.weights], given)).toBeLessThan(1e-14);
      expect(Math.abs(variationNorm(back) - given.reduce((sum, w) => sum + Math.abs(w), 0))).toBeLessThan(1e-13);
    },
  );

  test('of two opposite neurons at one place projects to zero', () => {
    const lifted = liftSigned({ positions: [1, 1], weights: [2, -2], space: torus(1) });
    const back = projectSigned(lifted);
    expect(back.space.name).toBe('torus(1)');
    expect(variationNorm(back)).toBeLessThan(1e-15);
    expect(variationNorm({ ...back, positions: Float64Array.of(1, 0.5) })).toBeCloseTo(4, 14);
  });

  test('integrates a times the mass: h(mu)(B) = int a mu(da, B)', () => {
    const mu = diracs(
      [
        [3, 0.5],
        [-1, 0.25],
      ],
      [0.25, 0.75],
      { space: product([euclidean(1), torus(1)]) },
    );
    expect(worst([...projectSigned(mu).weights], [0.75, -0.75])).toBeLessThan(1e-15);
  });

  test('is refused without a line of output weights, or with other sizes', () => {
    expect(() => projectSigned(gaussian({ dim: 2, n: 3, key: 1 }))).toThrow(/got euclidean\(2\), expected product/);
    expect(() => liftSigned({ positions: [1, 2, 3], weights: [1, 2] })).toThrow(/3 coordinates, 2 weights/);
    expect(() => withLogMasses(diracs([1]), [1])).toThrow(/sum of 2\.718/);
  });
});
