import { type Measure, measure, randomKey, randomStream, wassersteinFisherRao } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { spikes as cardSpikes, optimalEnergies } from '../studies/deconvolutionCard.js';
import { circle, deconvolutionEnergy } from './deconvolution.js';
import { optimizeMasses } from './fixedPositions.js';
import { frankWolfe } from './frankWolfe.js';
import { dirichletKernel } from './waveKernel.js';

const kernel = dirichletKernel(7);
const space = circle(1);

/** Five spikes near a fifth of the circle each. */
function spikes(seed: number): Measure {
  const random = randomStream(randomKey(`spikes ${seed}`));
  const positions = Array.from({ length: 5 }, (_, k) => 0.3 + 1.2 * k + 0.4 * random.uniform());
  return measure({ space, kind: 'positive', positions, masses: positions.map(() => 0.5 + random.uniform()) });
}

describe('masses over fixed positions', () => {
  test('of one atom are soft thresholding', () => {
    const target = measure({ space, kind: 'positive', positions: [1], masses: [2] });
    const at = (lambda: number, place: number) =>
      optimizeMasses({ target, kernel, lambda }, Float64Array.of(place)).masses[0];
    // K(0) = 15, so w = (2 * 15 - lambda) / 15 at the spike.
    expect(at(3, 1)).toBeCloseTo(1.8, 12);
    expect(at(31, 1)).toBe(0);
    const overlap = Math.sin(7.5 * 0.2) / Math.sin(0.1);
    expect(at(3, 1.2)).toBeCloseTo((2 * overlap - 3) / 15, 12);
  });

  test('satisfy the conditions of an optimum: V = 0 where there is mass, V >= 0 elsewhere', () => {
    for (let seed = 0; seed < 10; seed++) {
      const problem = { target: spikes(seed), kernel, lambda: 1 };
      const grid = Float64Array.from({ length: 15 }, (_, i) => (2 * Math.PI * (i + 0.5)) / 15);
      const mu = optimizeMasses(problem, grid, { tolerance: 1e-13 });
      const variation = { potential: new Float64Array(15), gradient: new Float64Array(15) };
      deconvolutionEnergy(problem).firstVariationInto(variation, mu);
      mu.masses.forEach((mass, i) => {
        if (mass > 0) expect(Math.abs(variation.potential[i])).toBeLessThan(1e-5);
        else expect(variation.potential[i]).toBeGreaterThan(-1e-5);
      });
    }
  });
});

describe('Frank-Wolfe', () => {
  test('lowers the energy with every atom, and its certified gap bounds what is left', () => {
    const problem = { target: spikes(1), kernel, lambda: 1 };
    const { gaps, measure: found } = frankWolfe(problem, { maxAtoms: 12 });
    const primals = gaps.map(({ primal }) => primal);
    const bound = Math.max(...gaps.map(({ dual }) => dual));
    expect(gaps.every(({ status }) => status === 'certified')).toBe(true);
    for (let k = 1; k < gaps.length; k++) {
      expect(primals[k]).toBeLessThan(primals[k - 1]);
      expect(gaps[k].gap).toBeGreaterThanOrEqual(primals[k] - bound);
    }
    expect(deconvolutionEnergy(problem).value(found)).toBeCloseTo(primals[primals.length - 1], 10);
  });

  test.each([1, 2, 3])('that slides finds the optimum with as many atoms as spikes: seed %i', (seed) => {
    const problem = { target: spikes(seed), kernel, lambda: 1 };
    const slide = { metric: wassersteinFisherRao({ alpha: 4 }), dt: 0.002, steps: 1500 };
    const { gaps, measure: found } = frankWolfe(problem, { slide });
    expect(found.count).toBe(5);
    expect(gaps).toHaveLength(6);
    expect(gaps[5].gap).toBeLessThan(1e-8 * gaps[0].primal);
  });

  test('that slides ends at the least energy of three spikes on the torus of two dimensions', () => {
    const target = cardSpikes();
    const slide = { dt: 0.01, steps: 300 };
    const { gaps } = frankWolfe({ target, kernel: dirichletKernel(2), lambda: 1 }, { slide, tolerance: 1e-11 });
    expect(Math.abs(gaps[gaps.length - 1].primal / optimalEnergies[1] - 1)).toBeLessThan(1e-9);
  });

  test('of a target below the penalty is no atom', () => {
    const target = measure({ space, kind: 'positive', positions: [1], masses: [0.01] });
    const { gaps, measure: found } = frankWolfe({ target, kernel, lambda: 1 });
    expect(gaps).toHaveLength(1);
    expect(gaps[0].gap).toBeLessThan(1e-12);
    expect([...found.masses]).toEqual([0]);
  });
});
