import {
  allocateFirstVariation,
  checkFirstVariation,
  euclidean,
  gaussLegendre,
  type Measure,
  measure,
  type RandomStream,
  randomKey,
  randomStream,
} from '@muflow/core';
import { assertLaws, energyLaws } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import {
  birthDeathTarget,
  type GaussianMixture,
  gaussianMixturePopulation,
  halfSquaredNorm,
} from './gaussianMixture.js';

const plane = euclidean(2);

const density = (x: number, mean: number, variance: number): number =>
  Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

const mixtureAt = ({ weights, means, variances }: GaussianMixture, x: number): number =>
  weights.reduce((sum, weight, k) => sum + weight * density(x, means[k], variances[k]), 0);

const networkAt = (mu: Measure, unitVariance: number, x: number): number =>
  mu.masses.reduce((sum, m, i) => sum + m * mu.positions[2 * i] * density(x, mu.positions[2 * i + 1], unitVariance), 0);

/** `int f dx` by Gauss-Legendre on [-reach, reach]: the integrands are entire and vanish outside to rounding. */
function integral(f: (x: number) => number, reach = 12): number {
  const { nodes, weights } = gaussLegendre(240);
  return reach * nodes.reduce((sum, node, k) => sum + weights[k] * f(reach * node), 0);
}

function randomNetwork(random: RandomStream, count: number): Measure {
  const positions = Array.from({ length: 2 * count }, (_, k) => (k % 2 === 0 ? 2 : 1.2) * random.normal());
  const raw = Array.from({ length: count }, () => 0.1 + random.uniform());
  const total = raw.reduce((a, b) => a + b, 0);
  return measure({ space: plane, positions, masses: raw.map((mass) => mass / total) });
}

describe('population loss of Gaussian units against a Gaussian mixture', () => {
  const energy = gaussianMixturePopulation();

  test('its constant is half the squared norm of the target, 0.06886827', () => {
    expect(halfSquaredNorm(birthDeathTarget)).toBeCloseTo(0.06886827, 8);
    expect(halfSquaredNorm(birthDeathTarget)).toBeCloseTo(integral((x) => mixtureAt(birthDeathTarget, x) ** 2) / 2, 14);
    const silent = measure({ space: plane, positions: [0, 0.3, 0, -1] });
    expect(energy.value(silent)).toBeCloseTo(0.06886827, 8);
  });

  test('holds the laws of energies', () => assertLaws(energy, energyLaws, { seed: 11, runs: 25 }));

  test('its first variation is its derivative, in masses and in positions', () => {
    const random = randomStream(randomKey('mixture derivative'));
    for (let trial = 0; trial < 10; trial++) {
      const report = checkFirstVariation(energy, randomNetwork(random, 3 + trial), { seed: trial });
      expect(report.holds).toBe(true);
      expect(report.slopePositions).not.toBeNull();
    }
  });

  // 5 atoms are summed pair by pair, 400 through moments.
  test.each([1, 5, 400])('with %i atoms it is the integral of (f_mu - f)^2 / 2', (count) => {
    const random = randomStream(randomKey(`mixture value ${count}`));
    for (let trial = 0; trial < 5; trial++) {
      const mu = randomNetwork(random, count);
      const expected = integral((x) => (networkAt(mu, 0.5, x) - mixtureAt(birthDeathTarget, x)) ** 2) / 2;
      expect(energy.value(mu)).toBeCloseTo(expected, 13);
    }
  });

  test('other targets and other units: the integral again', () => {
    const random = randomStream(randomKey('other mixtures'));
    for (let trial = 0; trial < 10; trial++) {
      const size = 1 + random.integer(4);
      const numbers = (low: number, high: number): number[] =>
        Array.from({ length: size }, () => low + (high - low) * random.uniform());
      const target = { weights: numbers(-2, 2), means: numbers(-2, 2), variances: numbers(0.1, 1.5) };
      const unitVariance = 0.1 + random.uniform();
      const mu = randomNetwork(random, 4);
      const expected = integral((x) => (networkAt(mu, unitVariance, x) - mixtureAt(target, x)) ** 2) / 2;
      expect(gaussianMixturePopulation(target, { unitVariance }).value(mu)).toBeCloseTo(expected, 12);
    }
  });

  test('a target that units can form is learned to 0: the energy, the potential and its gradient vanish', () => {
    const target = { weights: [0.9, -1.5], means: [-1.1, 0.4], variances: [0.5, 0.5] };
    const learned = gaussianMixturePopulation(target);
    const mu = measure({ space: plane, positions: [3, -1.1, -15 / 7, 0.4], masses: [0.3, 0.7] });
    expect(Math.abs(learned.value(mu))).toBeLessThan(1e-15);
    const { potential, gradient } = allocateFirstVariation(2, 2);
    learned.firstVariationInto({ potential, gradient }, mu);
    for (const value of [...potential, ...gradient]) expect(Math.abs(value)).toBeLessThan(1e-14);
    const anywhere = new Float64Array(3);
    learned.potentialAt(anywhere, Float64Array.of(1, -3, -2, 0, 0.5, 2), 3, mu);
    for (const value of anywhere) expect(Math.abs(value)).toBeLessThan(1e-14);
  });

  test('never negative beyond rounding, near its zeros too', () => {
    const target = { weights: [0.9, -1.5], means: [-1.1, 0.4], variances: [0.5, 0.5] };
    const learned = gaussianMixturePopulation(target);
    const random = randomStream(randomKey('sign'));
    for (let trial = 0; trial < 200; trial++) {
      const size = 10 ** (-1 - 8 * random.uniform());
      const positions = [3, -1.1, -15 / 7, 0.4].map((value) => value + size * random.normal());
      expect(learned.value(measure({ space: plane, positions, masses: [0.3, 0.7] }))).toBeGreaterThan(-1e-15);
      expect(energy.value(randomNetwork(random, 6))).toBeGreaterThan(0);
    }
  });

  test.each([6, 300])('with %i atoms the potential off the support agrees with that at the atoms', (count) => {
    const mu = randomNetwork(randomStream(randomKey('off support')), count);
    const at = allocateFirstVariation(count, 2);
    energy.firstVariationInto(at, mu);
    const off = new Float64Array(count);
    energy.potentialAt(off, mu.positions, count, mu);
    for (let i = 0; i < count; i++) expect(off[i]).toBeCloseTo(at.potential[i], 13);
  });

  test.each([
    ['no parts', { weights: [], means: [], variances: [] }, 0.5],
    ['lists of different lengths', { weights: [1, 2], means: [0], variances: [1, 1] }, 0.5],
    ['a variance of 0', { weights: [1], means: [0], variances: [0] }, 0.5],
    ['an infinite mean', { weights: [1], means: [Number.POSITIVE_INFINITY], variances: [1] }, 0.5],
    ['a unit without width', birthDeathTarget, 0],
  ])('%s is refused', (_, target, unitVariance) => {
    expect(() => gaussianMixturePopulation(target, { unitVariance })).toThrow(
      '[gaussianMixturePopulation] the mixture is not usable',
    );
  });
});
