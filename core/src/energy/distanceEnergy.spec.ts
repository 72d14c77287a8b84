import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { measure, rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { energyLaws } from '../testing/energyLaws.js';
import { randomMeasure } from '../testing/measures.js';
import { fisherRaoDistance } from '../transport/fisherRao.js';
import { checkFirstVariation } from './checkFirstVariation.js';
import { allocateFirstVariation, integrate } from './checks.js';
import { type DistanceEnergyOptions, distanceEnergy, distanceKinds } from './distanceEnergy.js';

const reference = (space: Space, count: number, seed: number): Measure =>
  randomMeasure(space, count, 'probability', randomStream(randomKey(seed)));

const variation = (energy: ReturnType<typeof distanceEnergy>, mu: Measure) => {
  const out = allocateFirstVariation(mu.count, mu.dim);
  energy.firstVariationInto(out, mu);
  return out;
};

const lifted = product([euclidean(1), sphere(3)]);
const cases: readonly (readonly [DistanceEnergyOptions, Space])[] = [
  [{ distance: 'w2' }, euclidean(1)],
  [{ distance: 'w2' }, euclidean(2)],
  [{ distance: 'w2' }, torus(2)],
  [{ distance: 'w2' }, sphere(3)],
  [{ distance: 'w2' }, lifted],
  [{ distance: 'wfr', alpha: 0.7 }, euclidean(2)],
  [{ distance: 'wfr', alpha: 4 }, euclidean(1)],
  [{ distance: 'wfr', alpha: 40 }, torus(1)],
  [{ distance: 'wfr' }, sphere(3)],
  [{ distance: 'fisher-rao' }, finite(4)],
  [{ distance: 'energy-distance' }, euclidean(1)],
  [{ distance: 'energy-distance' }, euclidean(3)],
  [{ distance: 'mmd', width: 0.8 }, euclidean(2)],
  [{ distance: 'sinkhorn-divergence', epsilon: 1 }, euclidean(2)],
  [{ distance: 'sinkhorn-divergence', epsilon: 0.5 }, torus(1)],
  [{ distance: 'sinkhorn', epsilon: 0.5 }, euclidean(2)],
  [{ distance: 'sinkhorn', epsilon: 1 }, sphere(3)],
  [{ distance: 'unbalanced', epsilon: 0.5, rho: 0.7 }, euclidean(2)],
  [{ distance: 'unbalanced', epsilon: 0.3 }, torus(2)],
  [{ distance: 'gaussian-hellinger', rho: 0.6 }, euclidean(2)],
  [{ distance: 'gaussian-hellinger' }, sphere(3)],
  [{ distance: 'spherical-hellinger-kantorovich' }, euclidean(1)],
  [{ distance: 'spherical-hellinger-kantorovich', alpha: 0.5 }, torus(2)],
  [{ distance: 'sliced', directions: 7 }, euclidean(3)],
  [{ distance: 'sliced' }, euclidean(1)],
  [{ distance: 'sliced', directions: [1, 0, 1, 2] }, euclidean(2)],
  [{ distance: 'bures' }, euclidean(1)],
  [{ distance: 'bounded-lipschitz' }, euclidean(2)],
  [{ distance: 'bounded-lipschitz' }, torus(1)],
  [{ distance: 'bounded-lipschitz' }, sphere(3)],
];

const energies = cases.map(([options, space]) => ({ space, energy: distanceEnergy(reference(space, 5, 3), options) }));

describe.each(energies)('$energy.name on $space.name', ({ energy }) => {
  test.each(energyLaws.filter(({ skip }) => !skip?.(energy)))('$title', ({ check }) => {
    expect(check(energy, { seed: 11, runs: 12 })).toMatchObject({ holds: true });
  });
});

describe('half the squared distance to a reference', () => {
  test('of a shifted W2 reference is half the square of the shift, and its gradient the shift itself', () => {
    const mu = diracs([
      [0, 0],
      [1, 0],
      [0, 3],
    ]);
    const energy = distanceEnergy(
      diracs([
        [0.5, 0.25],
        [1.5, 0.25],
        [0.5, 3.25],
      ]),
    );
    expect(energy.value(mu)).toBeCloseTo((0.25 + 0.0625) / 2, 14);
    expect(Array.from(variation(energy, mu).gradient)).toEqual([-0.5, -0.25, -0.5, -0.25, -0.5, -0.25]);
  });

  test('vanishes at the reference with zero gradient', () => {
    const nu = reference(euclidean(2), 5, 8);
    // An entropic cost that is not debiased is least at a blurred reference.
    const blurred = ['sinkhorn', 'unbalanced'];
    for (const distance of distanceKinds.filter((kind) => !blurred.includes(kind))) {
      const energy = distanceEnergy(nu, { distance, epsilon: 1 });
      const { gradient } = variation(energy, nu);
      expect(Math.abs(energy.value(nu)), distance).toBeLessThan(1e-14);
      expect(Math.max(...gradient.map(Math.abs)), distance).toBeLessThan(1e-12);
    }
  });

  test('sliced on the line is that of W2, with its potential and gradient', () => {
    const nu = reference(euclidean(1), 6, 4);
    const mu = reference(euclidean(1), 9, 5);
    const [sliced, plain] = [distanceEnergy(nu, { distance: 'sliced' }), distanceEnergy(nu)];
    expect(sliced.value(mu)).toBeCloseTo(plain.value(mu), 13);
    const [found, expected] = [variation(sliced, mu), variation(plain, mu)];
    for (let i = 0; i < mu.count; i++) {
      expect(found.potential[i]).toBeCloseTo(expected.potential[i], 12);
      expect(found.gradient[i]).toBeCloseTo(expected.gradient[i], 12);
    }
  });

  test('of moments is that of W2 along affine maps, with the same gradient, and its V the derivative of F in the plane', () => {
    const mu = reference(euclidean(2), 7, 6);
    // x -> m + A x with A symmetric and positive is optimal for clouds and Gaussians alike.
    const [a, b, c] = [1.5, 0.4, 0.7];
    const positions = mu.positions.map((x, k) =>
      k % 2 === 0 ? 1 + a * x + b * mu.positions[k + 1] : -2 + b * mu.positions[k - 1] + c * x,
    );
    const nu = measure({ space: mu.space, positions, masses: mu.masses });
    const [moments, plain] = [distanceEnergy(nu, { distance: 'bures' }), distanceEnergy(nu)];
    expect(moments.value(mu)).toBeCloseTo(plain.value(mu), 12);
    const [found, expected] = [variation(moments, mu), variation(plain, mu)];
    found.gradient.forEach((x, k) => {
      expect(x).toBeCloseTo(expected.gradient[k], 10);
    });
    expect(checkFirstVariation(moments, reference(euclidean(2), 5, 9)).holds).toBe(true);
    // A single atom is moved by the means alone.
    const single = variation(moments, diracs([[0, 0]]));
    const center = [0, 1].map(
      (k) =>
        -integrate(
          nu,
          nu.positions.filter((_, at) => at % 2 === k),
        ),
    );
    expect(single.gradient[0]).toBeCloseTo(center[0], 12);
    expect(single.gradient[1]).toBeCloseTo(center[1], 12);
    expect(() => distanceEnergy(reference(torus(2), 3, 1), { distance: 'bures' })).toThrow(/taken of coordinates/);
  });

  test('spherical at distance c of two Diracs is c^2 / 2, with the shift as gradient', () => {
    for (const [alpha, c] of [
      [4, 1.2],
      [0.5, 0.3],
    ]) {
      const energy = distanceEnergy(diracs([0]), { distance: 'spherical-hellinger-kantorovich', alpha });
      expect(energy.value(diracs([c]))).toBeCloseTo(c ** 2 / 2, 13);
      expect(variation(energy, diracs([c])).gradient[0]).toBeCloseTo(c, 12);
    }
  });

  test('entropic between Diracs is c^2 / 2, and unbalanced a decreasing pull c exp(-c^2 / (2 rho + eps))', () => {
    const [epsilon, rho, c] = [0.3, 0.7, 1.1];
    const entropic = distanceEnergy(diracs([0]), { distance: 'sinkhorn', epsilon });
    expect(entropic.value(diracs([c]))).toBeCloseTo(c ** 2 / 2, 13);
    expect(variation(entropic, diracs([c])).gradient[0]).toBeCloseTo(c, 12);
    const unbalanced = distanceEnergy(diracs([0]), { distance: 'unbalanced', epsilon, rho });
    const share = Math.exp(-(c ** 2) / (2 * rho + epsilon));
    expect(unbalanced.value(diracs([c]))).toBeCloseTo(((2 * rho + epsilon) * (1 - share)) / 2, 12);
    expect(variation(unbalanced, diracs([c])).gradient[0]).toBeCloseTo(c * share, 12);
  });

  test('in W2 does not see the total mass', () => {
    const energy = distanceEnergy(reference(euclidean(2), 4, 1));
    const mu = reference(euclidean(2), 6, 2);
    expect(energy.value(rescale(mu, 3))).toBeCloseTo(energy.value(mu), 13);
  });

  test('in Fisher-Rao is half the square of the distance of the masses', () => {
    const space = finite(3);
    const at = (masses: readonly number[]): Measure => measure({ space, positions: [0, 1, 2], masses });
    const [p, q] = [at([0.2, 0.3, 0.5]), at([0.6, 0.3, 0.1])];
    const energy = distanceEnergy(q, { distance: 'fisher-rao' });
    expect(energy.value(p)).toBeCloseTo(fisherRaoDistance(p, q) ** 2 / 2, 14);
  });

  test('at an atom of no mass is that of the nearest point by the dual, along a path to it', () => {
    const mu = measure({ space: euclidean(1), positions: [0, 0.4], masses: [1, 0] });
    for (const distance of ['w2', 'wfr'] as const) {
      const energy = distanceEnergy(diracs([1]), { distance });
      const h = 1e-6;
      const around = new Float64Array(2);
      energy.potentialAt(around, Float64Array.of(0.4 - h, 0.4 + h), 2, mu);
      expect(variation(energy, mu).gradient[1], distance).toBeCloseTo((around[1] - around[0]) / (2 * h), 7);
    }
  });

  test('refuses a distance that it does not know, and measures of another dimension', () => {
    expect(() => distanceEnergy(diracs([0]), { distance: 'w1' as 'w2' })).toThrow(/no such distance.*w1/s);
    expect(() => distanceEnergy(diracs([0])).value(diracs([[0, 1]]))).toThrow(/another dimension/);
  });
});
