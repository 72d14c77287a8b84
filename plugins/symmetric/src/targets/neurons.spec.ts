import { randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { repeatPoints } from '../sets/batches.js';
import { setBatch } from '../sets/setBatch.js';
import { boxSets, drawSets } from '../sets/setLaws.js';
import { setTarget, setTargetIds } from './catalog.js';
import { singleNeuron, smoothNeuron } from './neurons.js';

const dim = 4;
const batch = drawSets(boxSets({ dim, radius: 3 }), { sets: 200, size: [2, 8], key: randomKey(1) });

describe('the single neuron', () => {
  const { parameters, values } = singleNeuron({ dim, key: randomKey(3) });

  test('is the mean of squared relu(<w, (x, 1)>)', () => {
    const { points, offsets } = batch;
    const byHand = (s: number): number => {
      let sum = 0;
      for (let i = offsets[s]; i < offsets[s + 1]; i++) {
        let z = parameters[dim];
        for (let k = 0; k < dim; k++) z += parameters[k] * points[i * dim + k];
        sum += Math.max(z, 0) ** 2;
      }
      return sum / (offsets[s + 1] - offsets[s]);
    };
    values(batch).forEach((value, s) => {
      expect(Math.abs(value - byHand(s))).toBeLessThan(1e-12 * (1 + byHand(s)));
    });
  });

  test('is linear in mu, as a relu of what is not negative changes nothing; with tanh it is not', () => {
    const mixed = setBatch([
      { points: [[1, 2, 0, 1]] },
      { points: [[-2, 1, 1, 0]] },
      {
        points: [
          [1, 2, 0, 1],
          [-2, 1, 1, 0],
        ],
      },
    ]);
    const bend = (outer: string): number => {
      const [a, b, both] = singleNeuron({ dim, key: randomKey(3), inner: 'relu', outer }).values(mixed);
      return Math.abs(both - (a + b) / 2);
    };
    expect(bend('relu')).toBeLessThan(1e-13);
    expect(bend('tanh')).toBeGreaterThan(1e-3);
  });
});

describe('the smooth neuron', () => {
  test.each([1, 2, 3, 4, 5, 6])('is switched on for most sets, whatever the draw %d', (seed) => {
    const { values, parameters, network } = smoothNeuron({ dim, key: randomKey(seed), radius: 3 });
    expect(values(batch).filter((value) => value > 0).length).toBeGreaterThan(120);
    expect(Math.hypot(...parameters.subarray(...network.parts.middle))).toBeCloseTo(1, 12);
  });
});

test.each(setTargetIds)('%s can be had by its name, and knows whether it is a function of the measure', (id) => {
  const target = setTarget(id, { dim, key: randomKey(5), radius: 3 });
  const values = target.values(batch);
  const spread = Math.max(...values) - Math.min(...values);
  expect(spread).toBeGreaterThan(0);
  if (!target.ofMeasure) return;
  target.values(repeatPoints(batch, 3)).forEach((value, s) => {
    expect(Math.abs(value - values[s])).toBeLessThan(1e-12 * (1 + Math.abs(values[s])));
  });
});

test('an unknown name is refused with the nearest', () => {
  expect(() => setTarget('medain' as 'median', { dim, key: randomKey(1) })).toThrow(
    /got "medain".*did you mean mean or median/,
  );
});
