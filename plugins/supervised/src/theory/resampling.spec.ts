import { euclidean, measure, networkUnit, normalsInto, randomKey, randomStream } from '@muflow/core';
import { expect, test } from 'vitest';
import { fluctuations } from './fluctuations.js';
import { resamplingVariance } from './resampling.js';

const unit = networkUnit({ activation: 'tanh', inputs: 1 });
const inputs = Float64Array.of(-1, 0.2, 0.8);
const positions = new Float64Array(15);
normalsInto(positions, 0, 15, randomKey('atoms'), 0);
const masses = [0.1, 0.3, 0.2, 0.25, 0.15];
const mu = measure({ space: euclidean(3), positions, masses });

// 20,000 networks of 3 units: a deviation of 1 %, so that 5 % is five deviations.
test('it is n times the mean square error of networks of n units drawn from the measure', () => {
  const value = (i: number, x: number): number =>
    positions[3 * i] * Math.tanh(positions[3 * i + 1] * x + positions[3 * i + 2]);
  const f = Array.from(inputs, (x) => masses.reduce((sum, mass, i) => sum + mass * value(i, x), 0));
  const random = randomStream(randomKey('draws'));
  const cumulative = masses.map((_, i) => masses.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const draw = (): number => {
    const u = random.uniform();
    return cumulative.findIndex((c) => u < c);
  };
  let error = 0;
  for (let trial = 0; trial < 20_000; trial++) {
    const chosen = [draw(), draw(), draw()];
    for (let l = 0; l < 3; l++) {
      const network = chosen.reduce((sum, i) => sum + value(i, inputs[l]), 0) / 3;
      error += (network - f[l]) ** 2 / (3 * 20_000);
    }
  }
  expect(Math.abs((3 * error) / resamplingVariance(unit, inputs, mu) - 1)).toBeLessThan(0.05);
});

test('it is the fluctuation at the start, and 0 of a single atom', () => {
  const closed = fluctuations({ unit, inputs, targets: new Float64Array(3), initial: mu, dt: 1 });
  expect(resamplingVariance(unit, inputs, mu)).toBeCloseTo(closed.variance(), 12);
  const single = measure({ space: euclidean(3), positions: [1, 2, 3] });
  expect(resamplingVariance(unit, inputs, single)).toBe(0);
});

test('measures that are not of total mass 1, or of another unit, are refused', () => {
  const heavy = measure({ space: euclidean(3), positions: [1, 2, 3], masses: [2], kind: 'positive' });
  expect(() => resamplingVariance(unit, inputs, heavy)).toThrow('total mass');
  expect(() => resamplingVariance(unit, inputs, measure({ space: euclidean(1), positions: [1] }))).toThrow(
    'atoms of 1',
  );
});
