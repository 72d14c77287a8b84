import { cholesky, fillNormal, randomKey, solvePositiveDefinite } from '@muflow/core';
import { expect, test } from 'vitest';
import { gaussianProcess, sampleGaussian } from './gaussianProcess.js';
import { infiniteNetwork } from './infiniteNetwork.js';

const [n, d] = [9, 2];
const inputs = new Float64Array(n * d);
fillNormal(inputs, randomKey(1));
const targets = new Float64Array(n);
fillNormal(targets, randomKey(2));
const { nngp } = infiniteNetwork({ inputs: d, depth: 2, activation: 'erf', weightVariance: 2, biasVariance: 0.3 });

test('the evidence is the product of the one-step predictive densities', () => {
  const noise = 0.1;
  const whole = gaussianProcess({ kernel: nngp, inputDim: d, inputs, targets, noise });
  const prior = new Float64Array(1);
  nngp(prior, inputs, 1, inputs, 1);
  let sum = logNormal(targets[0], 0, prior[0] + noise);
  for (let l = 1; l < n; l++) {
    const before = { inputs: inputs.slice(0, l * d), targets: targets.slice(0, l) };
    const { mean, covariance } = gaussianProcess({ kernel: nngp, inputDim: d, ...before, noise }).posterior(
      inputs.slice(l * d, (l + 1) * d),
    );
    sum += logNormal(targets[l], mean[0], covariance[0] + noise);
  }
  expect(whole.logMarginalLikelihood).toBeCloseTo(sum, 10);
});

test('mean and covariance are the conditional ones of the joint law', () => {
  const points = Float64Array.of(0.3, -0.2, 1, 1, -2, 0.4);
  const { mean, covariance } = gaussianProcess({ kernel: nngp, inputDim: d, inputs, targets, noise: 0.05 }).posterior(
    points,
  );
  // Inverting the joint covariance: its block at the points is the inverse of the conditional covariance.
  const all = Float64Array.of(...inputs, ...points);
  const m = n + 3;
  const joint = new Float64Array(m * m);
  nngp(joint, all, m, all, m);
  for (let i = 0; i < n; i++) joint[i * m + i] += 0.05;
  const identity = new Float64Array(m * m);
  for (let i = 0; i < m; i++) identity[i * m + i] = 1;
  const precision = solvePositiveDefinite(joint, identity, m, m);
  for (let i = 0; i < 3; i++) {
    let [balance, unit] = [0, 0];
    for (let l = 0; l < n; l++) balance += precision[(n + i) * m + l] * targets[l];
    for (let j = 0; j < 3; j++) {
      balance += precision[(n + i) * m + n + j] * mean[j];
      unit += precision[(n + i) * m + n + j] * covariance[j * 3 + i];
    }
    expect(balance).toBeCloseTo(0, 9);
    expect(unit).toBeCloseTo(1, 9);
  }
});

test('without noise the posterior passes through the data and is certain there', () => {
  const { mean, covariance } = gaussianProcess({ kernel: nngp, inputDim: d, inputs, targets }).posterior(inputs);
  mean.forEach((value, l) => {
    expect(value).toBeCloseTo(targets[l], 8);
  });
  for (let l = 0; l < n; l++) expect(Math.abs(covariance[l * n + l])).toBeLessThan(1e-9);
});

test('draws have the mean and the covariance', () => {
  // 20000 draws; bounds at 5 deviations, false alarms below 1e-5 in all.
  const covariance = Float64Array.of(2, 0.9, 0, 0.9, 1, -0.4, 0, -0.4, 0.5);
  expect(cholesky(covariance, 3)[0]).toBeCloseTo(Math.SQRT2, 12);
  const mean = Float64Array.of(1, -1, 0);
  const count = 20000;
  const draws = sampleGaussian({ mean, covariance }, count, randomKey(7));
  for (let i = 0; i < 3; i++) {
    let first = 0;
    for (let s = 0; s < count; s++) first += (draws[s * 3 + i] - mean[i]) / count;
    expect(Math.abs(first)).toBeLessThan(5 * Math.sqrt(covariance[4 * i] / count));
    for (let j = 0; j < 3; j++) {
      let second = 0;
      for (let s = 0; s < count; s++) second += ((draws[s * 3 + i] - mean[i]) * (draws[s * 3 + j] - mean[j])) / count;
      const deviation = Math.sqrt((covariance[4 * i] * covariance[4 * j] + covariance[3 * i + j] ** 2) / count);
      expect(Math.abs(second - covariance[3 * i + j])).toBeLessThan(5 * deviation);
    }
  }
});

test('what does not fit is refused', () => {
  expect(() => gaussianProcess({ kernel: nngp, inputDim: 3, inputs, targets })).toThrow(
    /18 numbers of inputs, 9 targets/,
  );
  expect(() => gaussianProcess({ kernel: nngp, inputDim: d, inputs, targets, noise: -1 })).toThrow(/noise -1/);
});

function logNormal(y: number, mean: number, variance: number): number {
  return -0.5 * ((y - mean) ** 2 / variance + Math.log(2 * Math.PI * variance));
}
