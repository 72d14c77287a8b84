import { deepNetwork, drawParameters, fillNormal, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { measureSignals } from '../deep/measureSignals.js';
import { criticalWeightVariance, signalPropagation } from './signalPropagation.js';

describe.each([
  ['relu', 1, 0],
  ['relu', 2, 0],
  ['relu', 4, 0],
  ['erf', 0.4, 0],
  ['erf', 1.5, 0.1],
  ['tanh', 2.5, 0.05],
] as const)('%s at weight variance %s, bias variance %s', (activation, weightVariance, biasVariance) => {
  test('wide networks have the predicted signals and gradients, whether they vanish, stay or explode', () => {
    // A mean square over n neurons deviates by at most sqrt(5/n), a share, in each layer (relu); bounds at 5 deviations of
    // the product over layers: false alarms below 1e-4 in all.
    const [d, depth, draws, width] = [20, 4, 10, 250];
    const bound = (layers: number): number => 5 * Math.sqrt((5 * layers) / (draws * width));
    const inputs = new Float64Array(d);
    fillNormal(inputs, randomKey(1));
    const meanSquare = inputs.reduce((sum, value) => sum + value * value, 0) / d;
    const theory = signalPropagation({ activation, weightVariance, biasVariance, depth: depth + 1, meanSquare });
    const means = { activations: new Float64Array(depth), gradients: new Float64Array(depth) };
    for (let s = 0; s < draws; s++) {
      const widths = Array.from({ length: depth }, () => width);
      const network = deepNetwork({ inputs: d, widths, activation, weightVariance, biasVariance });
      const found = measureSignals(network, drawParameters(network, randomKey(s)), inputs);
      for (let l = 0; l < depth; l++) {
        means.activations[l] += found.activations[l] / draws;
        means.gradients[l] += found.gradients[l] / draws;
      }
    }
    // The network has one hidden layer less than the theory was asked for: its gradient lacks the last factor.
    const last = theory.gradients[depth];
    for (let l = 0; l < depth; l++) {
      const signal = (theory.squares[l + 1] - biasVariance) / weightVariance;
      expect(Math.abs(means.activations[l] / signal - 1)).toBeLessThan(bound(l + 1));
      expect(Math.abs((means.gradients[l] * last) / theory.gradients[l] - 1)).toBeLessThan(bound(depth - l));
    }
  });
});

test('relu without bias: signals and gradients are multiplied by half the weight variance', () => {
  for (const weightVariance of [1, 2, 3]) {
    const { squares, gradients } = signalPropagation({ activation: 'relu', weightVariance, depth: 12 });
    for (let l = 0; l < 12; l++) {
      expect(squares[l] / (weightVariance * (weightVariance / 2) ** l)).toBeCloseTo(1, 12);
      expect(gradients[l] / (weightVariance / 2) ** (12 - l)).toBeCloseTo(1, 12);
    }
  }
});

test('the edge of chaos: 2 for relu, 1 for tanh, pi/4 for erf, and above with a bias', () => {
  expect(Math.abs(criticalWeightVariance('relu') - 2)).toBeLessThan(1e-6);
  expect(Math.abs(criticalWeightVariance('tanh') - 1)).toBeLessThan(1e-6);
  expect(Math.abs(criticalWeightVariance('erf') - Math.PI / 4)).toBeLessThan(1e-6);
  const critical = criticalWeightVariance('erf', 0.05);
  const { squares, slopes } = signalPropagation({
    activation: 'erf',
    weightVariance: critical,
    biasVariance: 0.05,
    depth: 400,
  });
  expect(squares[399]).toBeCloseTo(squares[398], 9);
  expect(slopes[399]).toBeCloseTo(1, 8);
});

test('below the edge inputs become one, above it they part', () => {
  const critical = criticalWeightVariance('erf', 0.05);
  const last = (weightVariance: number): number => {
    const options = { activation: 'erf', weightVariance, biasVariance: 0.05, depth: 60, correlation: 0.9 };
    return signalPropagation(options).correlations[59];
  };
  expect(last(0.7 * critical)).toBeGreaterThan(0.9999);
  expect(last(2 * critical)).toBeLessThan(0.8);
});

test('what does not fit is refused', () => {
  expect(() => signalPropagation({ activation: 'relu', weightVariance: 2, depth: 0 })).toThrow(/depth 0/);
  expect(() => criticalWeightVariance('0 * z + 1')).toThrow(/no edge of chaos/);
});
