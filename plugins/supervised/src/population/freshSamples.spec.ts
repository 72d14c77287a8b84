import {
  allocateFirstVariation,
  deriveKey,
  euclidean,
  measure,
  networkUnit,
  type RandomKey,
  randomKey,
  randomStream,
  referenceBackend,
  risk,
} from '@muflow/core';
import { expect, test } from 'vitest';
import { freshSampleField, type Population, sigmoidLoss } from './freshSamples.js';
import { threeSpin, wideSphere } from './threeSpin.js';

const d = 3;
const form = threeSpin(d, randomKey('form'));
const population: Population = {
  inputs: d,
  drawInto: (out, count, key) => out.set(wideSphere(d, count, key)),
  targetsInto: form.valuesInto,
};

function networkOf(count: number) {
  const random = randomStream(randomKey('network'));
  return measure({
    space: euclidean(d + 2),
    positions: Array.from({ length: count * (d + 2) }, () => random.normal()),
  });
}

const variationAt = (key: RandomKey, step: number, batch = 7) => {
  const mu = networkOf(4);
  const field = freshSampleField(population, batch);
  const out = allocateFirstVariation(mu.count, mu.dim);
  field.evaluateInto([out], [mu], { time: 0, step, key });
  return { mu, field, out };
};

test('a step sees the gradient of the risk on the rows it drew', () => {
  const key = randomKey(5);
  const { mu, field, out } = variationAt(key, 3);
  const inputs = wideSphere(d, 7, deriveKey(key, 'fresh samples', 3));
  const targets = new Float64Array(7);
  form.valuesInto(targets, inputs, 7);
  const unit = networkUnit({ activation: 'sigmoid', inputs: d });
  const onRows = risk({ unit, inputs, targets, loss: 'square', backend: referenceBackend() });
  const expected = allocateFirstVariation(mu.count, mu.dim);
  onRows.firstVariationInto(expected, mu);
  for (let i = 0; i < 4; i++) expect(out.potential[i]).toBeCloseTo(expected.potential[i], 12);
  for (let k = 0; k < out.gradient.length; k++) expect(out.gradient[k]).toBeCloseTo(expected.gradient[k], 12);
  const away = new Float64Array(4);
  field.potentialAt(0, away, mu.positions, 4, [mu]);
  for (let i = 0; i < 4; i++) expect(away[i]).toBeCloseTo(expected.potential[i], 12);
  expect(sigmoidLoss(mu, inputs, targets)).toBeCloseTo(2 * onRows.value(mu), 12);
});

test('every step draws anew, and the same step the same', () => {
  const gradient = (seed: number, step: number) => variationAt(randomKey(seed), step).out.gradient;
  expect(gradient(1, 0)).toEqual(gradient(1, 0));
  expect(gradient(1, 1)).not.toEqual(gradient(1, 0));
  expect(gradient(2, 0)).not.toEqual(gradient(1, 0));
});

test('a batch that is no number of samples is refused', () => {
  expect(() => freshSampleField(population, 0)).toThrow('[freshSampleField] the batch size is not usable, got 0');
});
