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
import { allocateFirstVariation } from './checks.js';
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
    for (const distance of distanceKinds) {
      const energy = distanceEnergy(nu, { distance, epsilon: 1 });
      const { gradient } = variation(energy, nu);
      expect(Math.abs(energy.value(nu)), distance).toBeLessThan(1e-14);
      expect(Math.max(...gradient.map(Math.abs)), distance).toBeLessThan(1e-12);
    }
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
