import { allocatePass, fillNormal, forward, gaussHermite, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { depthThreeInto, depthThreeNetwork } from '../constructions/index.js';
import { attainedNormBudget, radialNormBudget, radialNormFloor, shellEnergies } from './gaussianRadial.js';
import { radialConstruction } from './radialConstruction.js';

const ball = (dim: number, degrees?: number) =>
  shellEnergies({ dim, name: 'ball', radii: [Math.sqrt(dim)], values: [1], ...(degrees ? { degrees } : {}) });

describe('functions constant on shells', () => {
  test('energies by degree add up to the variance, as K^(-1/2) for a jump', () => {
    for (const dim of [2, 5, 20, 64]) {
      const left = (degrees: number): number => {
        const { variance, byDegree } = ball(dim, degrees);
        return 1 - byDegree.reduce((sum, energy) => sum + energy, 0) / variance;
      };
      expect(left(1600)).toBeGreaterThan(0);
      expect(left(1600)).toBeLessThan(0.06);
      expect(left(100) / left(1600)).toBeGreaterThan(3);
      expect(left(100) / left(1600)).toBeLessThan(5);
    }
  });

  test('the variance is that of a coin, and degree 2 is the covariance with |x|^2', () => {
    // d = 2: P(|x| <= R) = 1 - exp(-R^2/2), and E[1{|x| <= R} (|x|^2/2 - 1)] = -y exp(-y).
    const { variance, byDegree } = shellEnergies({ dim: 2, name: 'disc', radii: [1.3], values: [2] });
    const y = 1.3 ** 2 / 2;
    const mass = 1 - Math.exp(-y);
    expect(variance).toBeCloseTo(4 * mass * (1 - mass), 13);
    expect(byDegree[0]).toBeCloseTo((2 * y * Math.exp(-y)) ** 2, 13);
  });

  test('shells are differences of balls, and shells side by side with one value are one', () => {
    const one = shellEnergies({ dim: 7, name: 'a', radii: [2, 3], values: [1, 1] });
    const same = shellEnergies({ dim: 7, name: 'b', radii: [3], values: [1] });
    expect(one.variance).toBeCloseTo(same.variance, 13);
    one.byDegree.forEach((energy, k) => {
      expect(energy).toBeCloseTo(same.byDegree[k], 12);
    });
    expect(() => shellEnergies({ dim: 7, name: 'c', radii: [3, 2], values: [1, 1] })).toThrow(/\[shellEnergies\]/);
  });
});

describe('norm budgets of radial functions', () => {
  test('the average of one ridge function attains its floor: d = 3, psi a ramp', () => {
    // psi = relu(<v, x>): its average over v is a |x|, and |psi|^2 = 1/2. Coefficients of relu: c_0 = 1/sqrt(2 pi),
    // c_2 = 1/(2 sqrt(pi)), so degree 2 of the average has energy c_2^2/3; by quadrature of |x| here.
    const { nodes, weights } = gaussHermite(60);
    let [mean, second] = [0, 0];
    // E relu averaged over v at radius s is s E|t|/2 = s/4; E over |x| by three coordinates' quadrature.
    for (const [i, x] of nodes.entries()) {
      for (const [j, y] of nodes.entries()) {
        for (const [k, z] of nodes.entries()) {
          const mass = weights[i] * weights[j] * weights[k];
          const squares = x * x + y * y + z * z;
          mean += (mass * Math.sqrt(squares)) / 4;
          second += ((mass * Math.sqrt(squares)) / 4) * ((squares - 3) / Math.sqrt(6));
        }
      }
    }
    expect(mean).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 4);
    expect(second ** 2).toBeCloseTo(1 / (4 * Math.PI) / 3, 4);
  });

  test('budgets grow with d and with what is asked, and floors are their inverse', () => {
    for (const dim of [4, 16, 64]) {
      const energies = ball(dim);
      for (const error of [0.3, 0.5, 0.9]) {
        expect(radialNormFloor(energies, radialNormBudget(energies, error)).value).toBeCloseTo(error ** 2, 8);
      }
      expect(radialNormBudget(energies, 0.3)).toBeGreaterThan(radialNormBudget(energies, 0.5));
    }
    expect(radialNormBudget(ball(64), 0.5)).toBeGreaterThan(4 * radialNormBudget(ball(16), 0.5));
    for (const dim of [4, 32]) {
      // More degrees close the gap between what is proved and what is attained from both sides.
      const ratio = (degrees: number): number =>
        attainedNormBudget(ball(dim, degrees), 0.5) / radialNormBudget(ball(dim, degrees), 0.5);
      expect(ratio(400)).toBeGreaterThan(ratio(4000));
      expect(ratio(4000)).toBeGreaterThan(1);
      expect(ratio(4000)).toBeLessThan(1.3);
    }
    expect(attainedNormBudget(ball(8, 2), 0.1)).toBe(Infinity);
    // One degree alone: |x|^2 needs sqrt(d) of its size.
    const square = { dim: 25, name: 'square', variance: 1, byDegree: Float64Array.of(1) };
    expect(radialNormBudget(square, 0.5)).toBeCloseTo(2.5, 9);
    expect(() => radialNormBudget(square, 1)).toThrow(/\[radialNormBudget\]/);
    expect(() => radialNormFloor(square, -1)).toThrow(/\[radialNormFloor\]/);
  });
});

test('the construction of a radial function is its network, and converges', () => {
  const [dim, count] = [4, 300];
  const profile = (s: number): number => Math.cos(3 * s);
  const points = new Float64Array(dim * count);
  fillNormal(points, randomKey(3));
  for (let i = 0; i < points.length; i++) points[i] *= 3;
  const values = new Float64Array(count);
  const errorAt = (step: number): number => {
    const shape = radialConstruction({ dim, profile, cutoff: 30, outerStep: step, innerStep: step });
    depthThreeInto(values, shape, points, count);
    if (step === 0.1) {
      const { network, parameters } = depthThreeNetwork(shape);
      const pass = allocatePass(network, count);
      forward(network, pass, parameters, points);
      values.forEach((value, l) => {
        expect(Math.abs(pass.outputs[l] - value)).toBeLessThan(1e-9);
      });
    }
    return values.reduce((sum, value, l) => {
      const radius = Math.hypot(...points.subarray(l * dim, (l + 1) * dim));
      return sum + (value - profile(radius)) ** 2 / count;
    }, 0);
  };
  const [coarse, fine] = [errorAt(0.1), errorAt(0.05)];
  expect(fine).toBeLessThan(coarse / 10);
  expect(fine).toBeLessThan(1e-3);
  expect(() => radialConstruction({ dim, profile, cutoff: 0, outerStep: 1, innerStep: 1 })).toThrow(
    /\[radialConstruction\]/,
  );
});
