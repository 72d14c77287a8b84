import { defaultBackend, networkUnit, randomKey, risk, type StudyContext, simulate } from '@muflow/core';
import { expect, test } from 'vitest';
import { singleIndexTable } from '../data/generators.js';
import { makeDataset } from '../dataset.js';
import { startOf, type TrainingOptions, trainNetwork } from './trainNetwork.js';

const context: StudyContext = {
  seed: 1,
  backend: defaultBackend(),
  simulate: async (_, problem, plan) => simulate(problem, plan),
  progress: () => undefined,
  pause: async () => undefined,
};
const table = singleIndexTable({ rows: 200, inputs: 3, noise: 0.1, key: randomKey(2) });
const data = makeDataset(table, {
  target: 'y',
  features: ['x0', 'x1', 'x2'],
  logarithmic: [],
  heldOut: 0.2,
  validation: 0.2,
  key: randomKey(3),
});
const options: TrainingOptions = {
  law: { activation: 'relu', weight: 0.5, bias: 1 },
  width: 30,
  alpha: 1,
  gamma: 1,
  lambda: 0,
  steps: 60,
  courant: 0.5,
  batch: 1000,
};

test('a start predicts 0 everywhere, with weights and biases of the law', () => {
  const mu = startOf(3, 20_000, { activation: 'relu', weight: 0.5, bias: 2 }, randomKey(4));
  const network = risk({
    unit: networkUnit({ activation: 'relu', inputs: 3 }),
    inputs: data.test.inputs,
    targets: data.test.targets,
  });
  const out = new Float64Array(data.test.rows.length);
  network.predictInto(out, data.test.inputs, out.length, mu);
  for (const value of out) expect(Math.abs(value)).toBeLessThan(1e-12);
  const spread = (k: number): number =>
    Math.sqrt(
      Array.from({ length: mu.count }, (_, i) => mu.positions[5 * i + k] ** 2).reduce((a, b) => a + b) / mu.count,
    );
  // 10^4 independent pairs: a standard error of 0.7 %, a band of 5.
  for (const k of [1, 2, 3]) expect(Math.abs(spread(k) / 0.5 - 1)).toBeLessThan(0.035);
  expect(Math.abs(spread(4) / 2 - 1)).toBeLessThan(0.035);
});

test('the measure that is kept is that of least validation loss along the curve', async () => {
  const { curve, best, measure } = await trainNetwork(data, { ...options, steps: 200 }, context);
  expect(best.validationLoss).toBe(Math.min(...curve.map(({ validationLoss }) => validationLoss)));
  const { inputs, targets } = data.validation;
  const validation = risk({ unit: networkUnit({ activation: 'relu', inputs: 3 }), inputs, targets });
  expect(validation.meanLoss(measure)).toBeCloseTo(best.validationLoss, 12);
  expect(best.validationLoss).toBeLessThan(curve[0].validationLoss / 4);
});

test('steps and time run on through the phases, and steps shrink as the kernel grows', async () => {
  const { curve } = await trainNetwork(data, options, context);
  expect(curve[0].step).toBe(0);
  expect(curve[curve.length - 1].step).toBe(60);
  for (let k = 1; k < curve.length; k++) {
    expect(curve[k].step).toBeGreaterThan(curve[k - 1].step);
    expect(curve[k].time - curve[k - 1].time).toBeCloseTo((curve[k].step - curve[k - 1].step) * curve[k].dt, 10);
  }
  expect(curve[curve.length - 1].dt).toBeLessThan(curve[0].dt);
});

test('small steps lower the training loss at every record', async () => {
  const { curve } = await trainNetwork(data, { ...options, courant: 0.1 }, context);
  for (let k = 1; k < curve.length; k++) expect(curve[k].trainLoss).toBeLessThan(curve[k - 1].trainLoss);
});
