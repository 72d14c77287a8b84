import {
  euclidean,
  euler,
  fillNormal,
  gradientFlow,
  type Measure,
  measure,
  randomKey,
  referenceBackend,
  risk,
  simulate,
  solvePositiveDefinite,
  wasserstein,
} from '@muflow/core';
import { expect, test } from 'vitest';
import { errorDecomposition } from './errorDecomposition.js';
import { gaussianUnits } from './gaussianUnits.js';
import { networkPopulation } from './networkPopulation.js';
import { threeSpin, wideSphere } from './threeSpin.js';
import { threeSpinTarget } from './threeSpinTarget.js';

/**
 * Lines `a x` learn `y = b x + c x^3 + noise`, x ~ N(0, 1): with `a* = b + 3 c`,
 *
 *     R(a) = (1/2)(a - a*)^2 + 3 c^2 + sigma^2 / 2.
 */
const [b, c, sigma] = [0.7, 0.2, 0.5];
const best = b + 3 * c;
const bayes = sigma ** 2 / 2;
const line = (a: number): Measure => measure({ space: euclidean(1), positions: [a] });
const population = { value: (mu: Measure) => 0.5 * (mu.positions[0] - best) ** 2 + 3 * c * c + bayes };

function sample(rows: number, seed: number) {
  const [inputs, noise] = [new Float64Array(rows), new Float64Array(rows)];
  fillNormal(inputs, randomKey(`inputs ${seed}`));
  fillNormal(noise, randomKey(`noise ${seed}`));
  const targets = inputs.map((x, l) => b * x + c * x ** 3 + sigma * noise[l]);
  let [xx, xy] = [0, 0];
  for (let l = 0; l < rows; l++) {
    xx += inputs[l] ** 2;
    xy += inputs[l] * targets[l];
  }
  const unit = { formula: 'a * x[0]', atom: { a: 1 } };
  const empirical = risk({ unit, inputs, targets, loss: 'square', backend: referenceBackend() });
  return { empirical, least: xy / xx };
}

test('a line through a cubic: each part is its closed form, and they add up', () => {
  const { empirical, least } = sample(50, 1);
  const options = { population, empirical, populationBest: line(best), empiricalBest: line(least), bayes };
  const parts = errorDecomposition({ ...options, fit: line(0.4) });
  expect(parts.approximation).toBeCloseTo(3 * c * c, 14);
  expect(parts.statistical).toBeCloseTo(0.5 * (least - best) ** 2, 14);
  expect(parts.optimization).toBeCloseTo(0.5 * ((0.4 - best) ** 2 - (least - best) ** 2), 14);
  expect(parts.approximation + parts.statistical + parts.optimization).toBeCloseTo(parts.excess, 14);
  expect(parts.empiricalOptimization).toBeGreaterThan(0);
  expect(errorDecomposition({ ...options, fit: line(least) }).empiricalOptimization).toBeCloseTo(0, 14);
});

// The squared error of the slope has mean (sigma^2 + E[x^2 (c (x^3 - 3 x))^2]) / L up to 1/L^2, with
// E[x^2 (x^3 - 3x)^2] = 105 - 90 + 27 = 42, so (0.25 + 42 * 0.04) / 400. Its relative spread over 400 samples is 7 %:
// 5 deviations and a margin of 10 % for higher orders are exceeded once in 10^6.
test('the statistical part falls to its asymptotic mean', () => {
  const [rows, repeats] = [400, 400];
  let mean = 0;
  for (let seed = 0; seed < repeats; seed++) {
    const { empirical, least } = sample(rows, seed);
    const fit = line(least);
    mean +=
      errorDecomposition({ population, empirical, fit, empiricalBest: fit, populationBest: line(best), bayes })
        .statistical / repeats;
  }
  const expected = (sigma ** 2 + 42 * c * c) / (2 * rows);
  expect(Math.abs(mean / expected - 1)).toBeLessThan(0.45);
});

test('Gaussian units on fixed centers: training takes the optimization part to nothing, the others stay', () => {
  const [d, n, rows] = [3, 6, 60];
  const units = gaussianUnits(d, 1);
  const form = threeSpin(d, randomKey('form'));
  const target = threeSpinTarget(form, units);
  const loss = networkPopulation(units.kernel, d, target);
  const centers = wideSphere(d, n, randomKey('centers'));
  const inputs = wideSphere(d, rows, randomKey('rows'));
  const targets = new Float64Array(rows);
  form.valuesInto(targets, inputs, rows);
  const network = (weights: ArrayLike<number>): Measure => {
    const positions = new Float64Array(n * (d + 1));
    for (let i = 0; i < n; i++) {
      positions[i * (d + 1)] = weights[i];
      positions.set(centers.subarray(i * d, i * d + d), i * (d + 1) + 1);
    }
    return measure({ space: euclidean(d + 1), positions });
  };
  const unit = {
    formula: `a * ${units.amplitude} * exp(-${units.alpha / 2} * norm2(x - z))`,
    atom: { a: 1, z: d },
  };
  const empirical = risk({ unit, inputs, targets, loss: 'square', backend: referenceBackend() });
  const minimizer = (energy: { value(mu: Measure): number }): Measure => {
    // F(weights) is quadratic: its Hessian and gradient at 0 by exact differences of second order.
    const at = (i: number, j: number, size: number): number => {
      const weights = new Float64Array(n);
      if (i >= 0) weights[i] += size;
      if (j >= 0) weights[j] += size;
      return energy.value(network(weights));
    };
    const zero = at(-1, -1, 0);
    const single = Array.from({ length: n }, (_, i) => at(i, -1, 1));
    const twice = Array.from({ length: n }, (_, i) => at(i, i, 1));
    const hessian = new Float64Array(n * n);
    const gradient = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const curvature = twice[i] - 2 * single[i] + zero;
      gradient[i] = single[i] - zero - curvature / 2;
      for (let j = 0; j < n; j++) {
        hessian[i * n + j] = i === j ? curvature : at(i, j, 1) - single[i] - single[j] + zero;
      }
    }
    return network(solvePositiveDefinite(hessian, gradient, n).map((value) => -value));
  };
  const references = { empiricalBest: minimizer(empirical), populationBest: minimizer(loss) };
  const metric = wasserstein({ blocks: [{ start: 1, end: d + 1, rate: 0 }] });
  const trained = (maxSteps: number): Measure =>
    simulate(
      { flow: gradientFlow(empirical, metric), initial: network(new Float64Array(n)) },
      { stepper: euler(), dt: 4, maxSteps },
    ).profile[0];
  const partsAt = (steps: number) =>
    errorDecomposition({ population: loss, empirical, fit: trained(steps), ...references });
  const [early, late] = [partsAt(5), partsAt(1000)];
  expect(late.approximation).toBe(early.approximation);
  expect(late.statistical).toBe(early.statistical);
  expect(early.approximation).toBeGreaterThan(0);
  expect(early.statistical).toBeGreaterThan(0);
  expect(early.empiricalOptimization).toBeGreaterThan(10 * late.empiricalOptimization);
  expect(late.empiricalOptimization).toBeGreaterThan(-1e-14);
  expect(Math.abs(late.optimization)).toBeLessThan(1e-3 * early.optimization);
});

test('a Bayes risk that is no number is refused', () => {
  const { empirical } = sample(5, 1);
  const fit = line(0);
  expect(() =>
    errorDecomposition({
      population,
      empirical,
      fit,
      empiricalBest: fit,
      populationBest: fit,
      bayes: Number.NaN,
    }),
  ).toThrow('[errorDecomposition] the Bayes risk is not usable');
});
