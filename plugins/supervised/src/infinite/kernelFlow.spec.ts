import { fillNormal, randomKey } from '@muflow/core';
import { expect, test } from 'vitest';
import { gaussianProcess, sampleGaussian } from './gaussianProcess.js';
import { infiniteNetwork } from './infiniteNetwork.js';
import { kernelFlow } from './kernelFlow.js';

const [n, p, d] = [8, 3, 2];
const inputs = new Float64Array(n * d);
fillNormal(inputs, randomKey(1));
const points = new Float64Array(p * d);
fillNormal(points, randomKey(2));
const targets = new Float64Array(n);
fillNormal(targets, randomKey(3));
const network = infiniteNetwork({ inputs: d, depth: 2, activation: 'relu', weightVariance: 2, biasVariance: 0.2 });

const block = (kernel: typeof network.ntk, a: Float64Array, b: Float64Array): Float64Array => {
  const out = new Float64Array((a.length * b.length) / d ** 2);
  kernel(out, a, a.length / d, b, b.length / d);
  return out;
};
const [gram, cross] = [block(network.ntk, inputs, inputs), block(network.ntk, points, inputs)];
const start = {
  seen: block(network.nngp, inputs, inputs),
  cross: block(network.nngp, points, inputs),
  watched: block(network.nngp, points, points),
};
const flow = kernelFlow({ gram, cross, targets });

/** The same flow by the classical Runge-Kutta method. */
function integrate(time: number, seen: Float64Array, watched: Float64Array, steps: number): Float64Array {
  const state = Float64Array.of(...seen, ...watched);
  const rate = (f: Float64Array): Float64Array =>
    f.map((_, i) => {
      let sum = 0;
      for (let l = 0; l < n; l++) sum += (i < n ? gram[i * n + l] : cross[(i - n) * n + l]) * (targets[l] - f[l]);
      return sum / n;
    });
  const h = time / steps;
  for (let k = 0; k < steps; k++) {
    const k1 = rate(state);
    const k2 = rate(state.map((f, i) => f + 0.5 * h * k1[i]));
    const k3 = rate(state.map((f, i) => f + 0.5 * h * k2[i]));
    const k4 = rate(state.map((f, i) => f + h * k3[i]));
    for (let i = 0; i < state.length; i++) state[i] += (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
  }
  return state.slice(n);
}

test('the closed form is the flow, integrated step by step', () => {
  const [seen, watched] = [targets.map((y) => y - 1), Float64Array.of(0.2, -0.1, 1)];
  for (const time of [0, 0.3, 4]) {
    const known = integrate(time, seen, watched, 2000);
    flow.valuesAt(time, { seen, watched }).forEach((value, i) => {
      expect(Math.abs(value - known[i])).toBeLessThan(1e-9);
    });
  }
});

test('with a step size it is gradient descent, step by step', () => {
  const stepSize = 0.2;
  const descent = kernelFlow({ gram, cross, targets, stepSize });
  const [seen, watched] = [targets.map((y) => y - 1), new Float64Array(p)];
  const state = Float64Array.of(...seen, ...watched);
  for (let k = 0; k < 15; k++) {
    const residual = targets.map((y, l) => y - state[l]);
    for (let i = 0; i < n + p; i++) {
      for (let l = 0; l < n; l++)
        state[i] += (stepSize / n) * (i < n ? gram[i * n + l] : cross[(i - n) * n + l]) * residual[l];
    }
  }
  descent.valuesAt(15 * stepSize, { seen, watched }).forEach((value, i) => {
    expect(Math.abs(value - state[n + i])).toBeLessThan(1e-12);
  });
});

test('the law of the ensemble is that of trained draws', () => {
  // 4000 draws; bounds at 5 deviations, false alarms below 1e-5.
  const m = n + p;
  const all = Float64Array.of(...inputs, ...points);
  const count = 4000;
  const draws = sampleGaussian(
    { mean: new Float64Array(m), covariance: block(network.nngp, all, all) },
    count,
    randomKey(4),
  );
  const { mean, covariance } = flow.ensembleAt(1.5, start);
  const values = Array.from({ length: count }, (_, s) =>
    flow.valuesAt(1.5, { seen: draws.slice(s * m, s * m + n), watched: draws.slice(s * m + n, (s + 1) * m) }),
  );
  for (let i = 0; i < p; i++) {
    const variance = covariance[i * p + i];
    const average = values.reduce((sum, f) => sum + f[i], 0) / count;
    expect(Math.abs(average - mean[i])).toBeLessThan(5 * Math.sqrt(variance / count));
    const second = values.reduce((sum, f) => sum + (f[i] - mean[i]) ** 2, 0) / count;
    expect(Math.abs(second / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  }
});

test('with one kernel for both, training to the end is the posterior mean with its spread; the NTK has another', () => {
  const same = kernelFlow({ gram: start.seen, cross: start.cross, targets });
  const limit = same.ensembleAt(Number.POSITIVE_INFINITY, start);
  const { mean, covariance } = gaussianProcess({ kernel: network.nngp, inputDim: d, inputs, targets }).posterior(
    points,
  );
  for (let i = 0; i < p; i++) {
    expect(Math.abs(limit.mean[i] - mean[i])).toBeLessThan(1e-8);
    // Training the last layer alone samples the posterior: K - K A - A K + A K A = K - A K.
    expect(Math.abs(limit.covariance[i * p + i] - covariance[i * p + i])).toBeLessThan(1e-8);
  }
  const full = flow.ensembleAt(Number.POSITIVE_INFINITY, start);
  expect(Math.abs(full.mean[0] - mean[0])).toBeGreaterThan(1e-4);
});

test('a singular kernel moves only what it sees', () => {
  const silent = kernelFlow({ gram: Float64Array.of(1, 1, 1, 1), targets: Float64Array.of(1, 0) });
  const from = { seen: new Float64Array(2), watched: new Float64Array(2) };
  const end = silent.valuesAt(Number.POSITIVE_INFINITY, from);
  expect(end[0]).toBeCloseTo(0.5, 13);
  expect(end[1]).toBeCloseTo(0.5, 13);
});

test('matrices that do not fit are refused', () => {
  expect(() => kernelFlow({ gram, targets: new Float64Array(3) })).toThrow(/do not fit the targets/);
});
