import { deriveKey, type RandomKey, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { sincFourthData } from '../laws/index.js';
import { contradiction, type Floor } from '../probe/index.js';
import { oscillationEnergies, pairData, pairFloor, pairTarget } from '../spheres/index.js';
import { oscillatoryTarget } from '../targets/index.js';
import { tubeCertificate } from '../tube/index.js';
import {
  drawSamples,
  type FitProblem,
  type FittedNetwork,
  fitWithRestarts,
  flowFit,
  greedyFit,
  networkCeiling,
  normBudget,
  randomFeatureFit,
  trainedFit,
} from './index.js';

type Method = (problem: FitProblem, width: number, key: RandomKey) => FittedNetwork | Promise<FittedNetwork>;

/** Small fits by every method: what matters here is that none of them lies. */
const shallowMethods: Readonly<Record<string, Method>> = {
  features: (problem, width, key) => randomFeatureFit(problem, { width, rows: 1024, scale: 2, key }),
  rectifiers: (problem, width, key) => randomFeatureFit(problem, { width, rows: 1024, activation: 'relu', key }),
  greedy: (problem, width, key) =>
    greedyFit(problem, { width, rows: 512, candidates: 16, refinements: 10, scale: 2, key }),
  adam: (problem, width, key) => {
    const start = randomFeatureFit(problem, { width, rows: 512, scale: 2, key });
    return trainedFit(start, problem, { steps: 40, batch: 128, rate: 1e-2, key, method: 'Adam' });
  },
  wasserstein: (problem, width, key) => flowed(problem, width, 'wasserstein', key),
  wassersteinFisherRao: (problem, width, key) => flowed(problem, width, 'wassersteinFisherRao', key),
};

/** sin(omega <x, x'>) on two spheres of R^d. */
const pairProblem = (dim: number, omega: number): FitProblem => ({
  target: pairTarget({ dim, h: (t) => Math.sin(omega * t), name: `sin(${omega} t)` }),
  law: pairData(dim),
  label: `d = ${dim}, omega = ${omega}`,
});

function flowed(
  problem: FitProblem,
  width: number,
  metric: 'wasserstein' | 'wassersteinFisherRao',
  key: RandomKey,
): Promise<FittedNetwork> {
  const start = randomFeatureFit(problem, { width, rows: 256, activation: 'tanh', key });
  return flowFit(start, problem, { metric, rows: 256, steps: 20, key });
}

const restarts = { restarts: 2, validation: 500, points: 2000 };

describe('no fitted shallow network beats its floor', () => {
  // 99 % bands: a network exactly at its floor would fail one seed in 200; these are all far above, as is told below.
  for (const [name, method] of Object.entries(shallowMethods)) {
    test(`tube, ${name}`, async () => {
      let proved = 0;
      for (const dim of [3, 6, 12]) {
        const target = oscillatoryTarget({ dim, omega: 10 });
        const certificate = tubeCertificate(target);
        const problem = { target, law: sincFourthData({ dim }), label: `d = ${dim}` };
        for (const width of [2, 16]) {
          const floor: Floor = { ...certificate.floor(width), problem: problem.label };
          if (floor.value === 0) continue;
          const key = deriveKey(randomKey('tube'), dim, width);
          const { ceilings } = await fitWithRestarts(problem, (own) => method(problem, width, own), {
            ...restarts,
            key,
          });
          expect(contradiction([floor], ceilings)).toBeNull();
          proved = Math.max(proved, floor.value);
          for (const { units } of ceilings) expect(units).toBe(width);
        }
      }
      expect(proved).toBeGreaterThan(0.99);
    });

    test(`pair product within the budget it spends, ${name}`, async () => {
      let proved = 0;
      for (const [dim, omega] of [
        [4, 8],
        [8, 4],
        [8, 16],
      ]) {
        const problem = pairProblem(dim, omega);
        const energies = oscillationEnergies({ dim, omega });
        for (const width of [4, 16]) {
          const key = deriveKey(randomKey('pair'), dim, omega, width);
          const spent: number[] = [];
          const spending = async (own: RandomKey) => {
            const fit = await method(problem, width, own);
            spent.push(normBudget(fit, drawSamples(problem, 2000, deriveKey(own, 'budget'))).high);
            return fit;
          };
          const { ceilings } = await fitWithRestarts(problem, spending, { ...restarts, key });
          ceilings.forEach((ceiling, restart) => {
            const floor = pairFloor(energies, spent[restart]);
            expect(contradiction([{ ...floor, problem: problem.label }], [ceiling])).toBeNull();
            proved = Math.max(proved, floor.value);
          });
        }
      }
      expect(proved).toBeGreaterThan(0.5);
    });
  }
});

describe('the budget of a network', () => {
  test('of one unit on the sphere is that of the closed form', () => {
    // a relu(<x, x_1>): E relu^2 = 1/2d; the size of g by its energies. The band of 99.9 % fails one seed in 1000.
    const problem = pairProblem(4, 8);
    const fit = randomFeatureFit(problem, { width: 1, rows: 100, activation: 'relu', key: randomKey(1) });
    fit.parameters.fill(0);
    fit.parameters[fit.network.layers[0].weights] = 1;
    fit.parameters[fit.network.layers[1].weights] = -3;
    const { value, high } = normBudget(fit, drawSamples(problem, 20_000, randomKey(2)));
    const exact = (3 * Math.sqrt(1 / 8)) / Math.sqrt(oscillationEnergies({ dim: 4, omega: 8 }).square);
    expect(value / exact).toBeCloseTo(1, 1.5);
    expect(high).toBeGreaterThan(exact);
    expect(high / value).toBeLessThan(1.05);
  });

  test('is refused for deep and complex networks', () => {
    const problem: FitProblem = { target: oscillatoryTarget({ dim: 3, omega: 1 }), law: sincFourthData({ dim: 3 }) };
    const fit = randomFeatureFit(problem, { width: 2, rows: 50, key: randomKey(1) });
    expect(() => normBudget(fit, drawSamples(problem, 10, randomKey(2)))).toThrow(/one of both/);
  });
});

describe('the card of the tube', () => {
  test('64 random rectifiers leave about what they left there', () => {
    // Other draws of the units and other points: within .045 at d = 1, within .06 where nearly all is left.
    const told = [
      [1, 0.076, 0.045],
      [2, 0.756, 0.06],
      [4, 0.967, 0.06],
    ];
    for (const [dim, error, tolerance] of told) {
      const problem = { target: oscillatoryTarget({ dim, omega: 10 }), law: sincFourthData({ dim }) };
      const fit = randomFeatureFit(problem, { width: 64, activation: 'relu', rows: 4096, key: randomKey('card') });
      const { value } = networkCeiling(problem, fit, { points: 10_000, key: randomKey('test') });
      expect(Math.abs(value - error)).toBeLessThan(tolerance);
    }
  });
});
