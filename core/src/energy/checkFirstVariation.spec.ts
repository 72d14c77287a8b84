import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measure } from '../measure/createMeasure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { sphere } from '../space/sphere.js';
import { checkFirstVariation } from './checkFirstVariation.js';
import type { Energy } from './energy.js';
import { interactionEnergy } from './interactionEnergy.js';
import { potentialEnergy } from './potentialEnergy.js';

const mu = measure({ space: euclidean(2), positions: [0.3, -1, 1.2, 0.4, -0.7, 0.9], masses: [0.2, 0.5, 0.3] });
const right: readonly Energy[] = [
  interactionEnergy({ kernel: 'exp(-norm2(x - y))', dim: 2 }),
  potentialEnergy({ potential: 'exp(x[0]) * cos(x[1])', dim: 2 }),
  potentialEnergy({ potential: '3*x[0] - x[1]', dim: 2 }),
];

/** The energy with its potential and gradient multiplied: deliberately wrong for factors other than 1. */
const distorted = (energy: Energy, potential: number, gradient: number): Energy => ({
  ...energy,
  firstVariationInto(out, at) {
    energy.firstVariationInto(out, at);
    for (let i = 0; i < at.count; i++) out.potential[i] *= potential;
    for (let i = 0; i < at.count * at.dim; i++) out.gradient[i] *= gradient;
  },
});

describe('checkFirstVariation', () => {
  test('a quadratic energy has slope 2 in both', () => {
    const report = checkFirstVariation(right[0], mu);
    expect(report.slopeMasses).toBeCloseTo(2, 1);
    expect(report.slopePositions).toBeCloseTo(2, 1);
    expect(report.errors.masses).toHaveLength(report.errors.steps.length);
  });

  test('an energy linear in the measure has no remainder in the masses', () => {
    expect(checkFirstVariation(right[1], mu).slopeMasses).toBe(Number.POSITIVE_INFINITY);
    expect(checkFirstVariation(right[2], mu)).toMatchObject({ holds: true, slopePositions: Number.POSITIVE_INFINITY });
  });

  test('a right gradient holds where terms of order 2 and 3 cancel, and a wrong one is caught there', () => {
    const atom = measure({ space: euclidean(1), positions: [0] });
    for (const curvature of [0.03, 0.01, 0.003, 0.001, 0.0003]) {
      // The constant gives F a rounding, so that the smallest clear steps lie near those where the terms cancel.
      const energy = potentialEnergy({ potential: `1 + x + ${curvature}*x^2 - x^3`, dim: 1 });
      for (let seed = 0; seed < 20; seed++) {
        expect(checkFirstVariation(energy, atom, { seed }).holds).toBe(true);
        expect(checkFirstVariation(distorted(energy, 1, 1.01), atom, { seed }).slopePositions).toBeLessThan(1.5);
      }
    }
  });

  test('any factor other than 1 in the potential is caught, in every direction', () => {
    const factors = fc.oneof(
      fc.constantFrom(2, -1, 0, 0.5, 1.001, 0.999),
      fc.double({ min: -5, max: 0.99, noNaN: true }),
    );
    fc.assert(
      fc.property(factors, fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(...right), (factor, seed, energy) => {
        const report = checkFirstVariation(distorted(energy, factor, 1), mu, { seed });
        expect(report.holds).toBe(false);
        expect(report.slopeMasses).toBeLessThan(1.3);
        expect(report.slopePositions).toBeGreaterThanOrEqual(1.8);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  test('any factor other than 1 in the gradient is caught, in every direction', () => {
    const factors = fc.oneof(
      fc.constantFrom(2, -1, 0, 0.5, 1.001, 0.999),
      fc.double({ min: -5, max: 0.99, noNaN: true }),
    );
    fc.assert(
      fc.property(factors, fc.integer({ min: 0, max: 10_000 }), fc.constantFrom(...right), (factor, seed, energy) => {
        const report = checkFirstVariation(distorted(energy, 1, factor), mu, { seed });
        expect(report.holds).toBe(false);
        expect(report.slopePositions).toBeLessThan(1.3);
        expect(report.slopeMasses).toBeGreaterThanOrEqual(1.8);
      }),
      { numRuns: 200, seed: 6 },
    );
  });

  test('a constant added to V shows on positive measures only', () => {
    const shifted: Energy = {
      ...right[0],
      firstVariationInto(out, at) {
        right[0].firstVariationInto(out, at);
        for (let i = 0; i < at.count; i++) out.potential[i] += 0.1;
      },
    };
    expect(checkFirstVariation(shifted, mu).holds).toBe(true);
    const positive = measure({ space: mu.space, positions: mu.positions, masses: mu.masses, kind: 'positive' });
    expect(checkFirstVariation(shifted, positive).holds).toBe(false);
  });

  test('an asymmetric kernel given as if it were symmetric is caught', () => {
    const value = (a: Float64Array, i: number, b: Float64Array, j: number): number => a[i] ** 2 * Math.exp(-b[j]);
    const gradientInto = (
      out: Float64Array,
      o: number,
      a: Float64Array,
      i: number,
      b: Float64Array,
      j: number,
    ): void => {
      out[o] = 2 * a[i] * Math.exp(-b[j]);
    };
    const wrong = interactionEnergy({ kernel: { value, gradientInto }, dim: 1 });
    const line = measure({ space: euclidean(1), positions: [0.3, -1, 1.2] });
    expect(checkFirstVariation(wrong, line)).toMatchObject({ holds: false });
  });

  test('kinks that only large steps cross do not count against an energy', () => {
    const kinked = potentialEnergy({ potential: 'abs(x)', dim: 1 });
    for (const near of [0.05, 0.02, 0.008, 0.003, 0.0005]) {
      for (let seed = 0; seed < 20; seed++) {
        const at = measure({ space: euclidean(1), positions: [near, -2 * near, 3] });
        expect(checkFirstVariation(kinked, at, { seed })).toMatchObject({ holds: true });
        expect(checkFirstVariation(distorted(kinked, 1, 0.5), at, { seed }).holds).toBe(false);
      }
    }
  });

  test('atoms on the border of a box move inwards, and on a sphere along it', () => {
    const cubic = potentialEnergy({ potential: 'exp(x[0]) + x[1]^3', dim: 2 });
    const border = measure({
      space: box([
        [-1, 1],
        [-1, 1],
      ]),
      positions: [1, 0.3, -1, 1, 0.2, -1],
    });
    expect(checkFirstVariation(cubic, border)).toMatchObject({ holds: true });
    expect(checkFirstVariation(distorted(cubic, 1, -1), border).holds).toBe(false);
    const circle = measure({ space: sphere(2), positions: [1, 0, 0.6, 0.8] });
    expect(checkFirstVariation(cubic, circle)).toMatchObject({ holds: true });
    expect(checkFirstVariation(distorted(cubic, 1, 2), circle).holds).toBe(false);
  });

  test('atoms of no mass and values that are not finite', () => {
    const withGhost = measure({ space: euclidean(1), positions: [1, 2, 3], masses: [0.4, 0, 0.6] });
    expect(checkFirstVariation(interactionEnergy({ kernel: 'x*y', dim: 1 }), withGhost).holds).toBe(true);
    expect(checkFirstVariation(potentialEnergy({ potential: 'log(x - 2)', dim: 1 }), withGhost).holds).toBe(false);
  });
});
