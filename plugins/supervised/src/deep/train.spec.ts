import { deepNetwork, drawParameters, fillNormal, logLogSlope, randomKey } from '@muflow/core';
import { expect, test } from 'vitest';
import { deepStepper, trainDeep } from './train.js';

const rows = 12;
const network = deepNetwork({
  inputs: 2,
  widths: [20, 20],
  activation: 'tanh',
  weightVariance: 1.5,
  biasVariance: 0.1,
});
const start = drawParameters(network, randomKey(1));
const inputs = new Float64Array(rows * 2);
fillNormal(inputs, randomKey(2));
const targets = Float64Array.from({ length: rows }, (_, r) => Math.sin(2 * inputs[2 * r]));
const data = { inputs, targets };

test('the risk falls by its squared gradient norm: first order in the step', () => {
  const stepper = deepStepper(network, rows);
  const steps = [1e-2, 3e-3, 1e-3, 3e-4];
  const rates = steps.map((h) => {
    const parameters = start.slice();
    const before = stepper.step(parameters, data, h);
    const after = stepper.step(parameters, data, 0);
    const squares = parameters.reduce((sum, value, i) => sum + ((value - start[i]) / h) ** 2, 0);
    return Math.abs((before - after) / h - squares);
  });
  expect(Math.abs(logLogSlope(steps, rates) - 1)).toBeLessThan(0.1);
});

test('full-batch descent lowers the risk at every step, a hundredfold in 1000', () => {
  const { risks } = trainDeep({ network, data, start, stepSize: 0.3, steps: 1000 });
  expect(risks[999]).toBeLessThan(1e-2 * risks[0]);
  for (let k = 1; k < risks.length; k++) expect(risks[k]).toBeLessThan(risks[k - 1]);
});

test('every pass takes each row once, and the same key gives the same run', () => {
  const options = { network, data, start, stepSize: 0, steps: 3, batch: 4 };
  const { risks } = trainDeep({ ...options, key: randomKey(3) });
  const whole = trainDeep({ network, data, start, stepSize: 0, steps: 1 }).risks[0];
  expect((risks[0] + risks[1] + risks[2]) / 3).toBeCloseTo(whole, 13);
  expect(risks[0]).not.toBe(risks[1]);
  expect(trainDeep({ ...options, key: randomKey(3) }).risks).toEqual(risks);
});

test('what does not fit is refused', () => {
  const options = { network, data, start, stepSize: 0.1, steps: 1 };
  expect(() => trainDeep({ ...options, batch: 13, key: randomKey(1) })).toThrow(/batch 13 of 12 rows/);
  expect(() => trainDeep({ ...options, batch: 3 })).toThrow(/without a key/);
  expect(() => trainDeep({ ...options, data: { inputs, targets: new Float64Array(3) } })).toThrow(/got 3 numbers/);
});
