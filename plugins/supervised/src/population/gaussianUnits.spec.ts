import { allocateFirstVariation, checkFirstVariation, euclidean, measure, randomKey, randomStream } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { gaussianUnits, sphereTransform } from './gaussianUnits.js';
import { networkPopulation } from './networkPopulation.js';
import { threeSpin, wideSphere } from './threeSpin.js';
import { threeSpinSquare, threeSpinTarget } from './threeSpinTarget.js';

describe('the transform of the sphere', () => {
  test('in three dimensions it is sinh(r)/r with r = sqrt(3 q)', () => {
    const transform = sphereTransform(3);
    const out = new Float64Array(2);
    for (const q of [0.01, 1, 40, 900]) {
      const r = Math.sqrt(3 * q);
      transform.firstInto(out, q);
      expect(out[0] / (Math.sinh(r) / r)).toBeCloseTo(1, 13);
      const slope = (1.5 / r) * (Math.cosh(r) / r - Math.sinh(r) / (r * r));
      expect(out[1] / slope).toBeCloseTo(1, 11);
    }
    transform.firstInto(out, 0);
    expect([...out]).toEqual([1, 0.5]);
  });

  test('the table agrees with the series to rounding, at its nodes, between them and past its end', () => {
    for (const d of [2, 5, 25]) {
      const transform = sphereTransform(d);
      const out = new Float64Array(2);
      for (const q of [-1e-17, 0.2499999, 0.25, 0.2500001, 7.75, 100.1, 511.9, 512.1, 2000]) {
        transform.firstInto(out, q);
        expect(out[0] / transform.derivative(0, Math.max(0, q))).toBeCloseTo(1, 14);
        expect(out[1] / transform.derivative(1, Math.max(0, q))).toBeCloseTo(1, 14);
      }
    }
  });

  test('its derivatives are those of the differences of the one before', () => {
    const transform = sphereTransform(7);
    for (const j of [0, 1, 2, 3]) {
      const h = 1e-4;
      const difference = (transform.derivative(j, 1 + h) - transform.derivative(j, 1 - h)) / (2 * h);
      expect(difference / transform.derivative(j + 1, 1)).toBeCloseTo(1, 7);
    }
  });
});

/** Mean of g over uniform inputs, with its standard error. */
function average(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}

const samples = 40_000;

// Each comparison stays within 5 standard errors but once in 1.7e6; there are 4 for each dimension.
describe.each([3, 5, 8])('Gaussian units in dimension %i against samples', (d) => {
  const units = gaussianUnits(d, 5 / d);
  const form = threeSpin(d, randomKey('form'));
  const target = threeSpinTarget(form, units);
  const inputs = wideSphere(d, samples, randomKey(`inputs ${d}`));
  const values = new Float64Array(samples);
  form.valuesInto(values, inputs, samples);
  const random = randomStream(randomKey(`centers ${d}`));
  const centers = Float64Array.from({ length: 2 * d }, () => 0.8 * random.normal());
  const phi = (l: number, start: number): number => {
    let square = 0;
    for (let k = 0; k < d; k++) square += (inputs[l * d + k] - centers[start + k]) ** 2;
    return units.amplitude * Math.exp((-units.alpha / 2) * square);
  };
  const all = Array.from({ length: samples }, (_, l) => l);
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let k = 0; k < d; k++) sum += centers[i * d + k] * centers[j * d + k];
    return sum;
  };

  test('the kernel is the mean of the product of two units', () => {
    const out = new Float64Array(4);
    units.kernel.evaluateInto(out, dot(0, 0), dot(1, 1), dot(0, 1));
    const { mean, error } = average(all.map((l) => phi(l, 0) * phi(l, d)));
    expect(Math.abs(out[0] - mean)).toBeLessThan(5 * error);
  });

  test('the correlation with the three-spin polynomial is the mean of the product', () => {
    const gradient = new Float64Array(d);
    for (const start of [0, d]) {
      const exact = target.correlationInto(gradient, centers, start);
      const { mean, error } = average(all.map((l) => values[l] * phi(l, start)));
      expect(Math.abs(exact - mean)).toBeLessThan(5 * error);
    }
  });

  test('the mean square of the polynomial is that of its couplings', () => {
    const { mean, error } = average(all.map((l) => values[l] ** 2));
    expect(Math.abs(threeSpinSquare(form) - mean)).toBeLessThan(5 * error);
  });

  test('the first variation of the loss is that of its differences', () => {
    const energy = networkPopulation(units.kernel, d, target);
    const positions = Array.from({ length: 3 * (d + 1) }, () => random.normal());
    const mu = measure({ space: euclidean(d + 1), positions });
    expect(checkFirstVariation(energy, mu, { seed: 1 }).holds).toBe(true);
    const out = allocateFirstVariation(3, d + 1);
    energy.firstVariationInto(out, mu);
    const potential = new Float64Array(3);
    energy.potentialAt(potential, mu.positions, 3, mu);
    for (let i = 0; i < 3; i++) expect(potential[i]).toBeCloseTo(out.potential[i], 12);
  });
});

test('a unit centered on the sphere has mean square 1', () => {
  for (const d of [2, 5, 25]) {
    const out = new Float64Array(4);
    gaussianUnits(d, 5 / d).kernel.evaluateInto(out, d, d, d);
    expect(out[0]).toBeCloseTo(1, 12);
  }
});

test('a width, a dimension or a target that does not fit is refused', () => {
  expect(() => gaussianUnits(5, 0)).toThrow('[gaussianUnits] alpha is not usable, got 0');
  expect(() => gaussianUnits(5, 100)).toThrow('at most 350 / inputs = 70');
  expect(() => gaussianUnits(1, 1)).toThrow('[gaussianUnits] the number of inputs is not usable');
  const units = gaussianUnits(3, 1);
  const target = threeSpinTarget(threeSpin(3, randomKey(1)), units);
  expect(() => networkPopulation(units.kernel, 4, target)).toThrow('the target has other inputs');
});
