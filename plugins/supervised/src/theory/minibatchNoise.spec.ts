import {
  euclidean,
  euler,
  gradientFlow,
  measure,
  minibatch,
  networkUnit,
  normalsInto,
  randomKey,
  risk,
  simulate,
  wasserstein,
} from '@muflow/core';
import { expect, test } from 'vitest';
import { minibatchNoise } from './minibatchNoise.js';

test('of a constant fitted to numbers it is the closed form of a linear recursion', () => {
  // f = a, G^l = a - y_l: C_k = dt^2 s (1 - q^k) / (1 - q), q = (1 - dt)^2, s = (L - b)/(b (L - 1)) Var y.
  const targets = Float64Array.of(1, 4, -2, 0.5, 3);
  const average = targets.reduce((sum, y) => sum + y, 0) / 5;
  const variance = targets.reduce((sum, y) => sum + (y - average) ** 2, 0) / 5;
  const initial = measure({ space: euclidean(1), positions: [2] });
  for (const [dt, batch, steps] of [
    [0.1, 2, 7],
    [0.5, 1, 30],
    [0.3, 5, 10],
  ]) {
    const noise = minibatchNoise({
      unit: { formula: 'a + 0*x', atom: { a: 1 } },
      inputs: new Float64Array(5),
      targets,
      initial,
      dt,
      batch,
    });
    noise.advance(steps);
    const q = (1 - dt) ** 2;
    const expected = (dt * dt * variance * (5 - batch) * (1 - q ** steps)) / (batch * 4 * (1 - q));
    expect(noise.variance()).toBeCloseTo(expected, 12);
    expect(noise.mean().positions[0]).toBeCloseTo(average + (2 - average) * (1 - dt) ** steps, 12);
  }
});

const unit = networkUnit({ activation: 'tanh', inputs: 1 });
const inputs = Float64Array.of(-1, -0.5, 0, 0.4, 0.7, 1);
const targets = Float64Array.of(1, -1, 0.5, 0.2, -0.7, 1.2);
const energy = risk({ unit, inputs, targets });
const places = new Float64Array(12);
normalsInto(places, 0, 12, randomKey('noise'), 0);
const initial = measure({ space: euclidean(3), positions: places, masses: [0.4, 0.3, 0.2, 0.1] });

// 600 runs: a variance summed over six rows spreads by at most sqrt(2/600) = 6 %; 20 % is three deviations, so a false
// alarm comes in less than 1 of 300 seeds. The second order in the noise is of relative size dt.
test('it predicts the variance of runs on random batches, and its mean is that of Euler steps on all rows', () => {
  const [dt, steps, batch, runs] = [0.02, 100, 2, 600];
  const noise = minibatchNoise({ unit, inputs, targets, initial, dt, batch });
  noise.advance(steps);
  const end = (seed: string | null): Float64Array => {
    const flow = gradientFlow(
      energy,
      wasserstein(),
      seed === null ? {} : { estimate: minibatch(energy, { size: batch }) },
    );
    const plan = { stepper: euler(), dt, maxSteps: steps, record: { every: steps }, ...(seed && { seed }) };
    const out = new Float64Array(6);
    const [mu] = simulate({ flow, initial }, plan).profile;
    energy.predictInto(out, inputs, 6, mu);
    return out;
  };
  const out = new Float64Array(6);
  energy.predictInto(out, inputs, 6, noise.mean());
  const exact = end(null);
  for (let l = 0; l < 6; l++) expect(out[l]).toBeCloseTo(exact[l], 12);
  const seen = Array.from({ length: runs }, (_, run) => end(`run ${run}`));
  let variance = 0;
  for (let l = 0; l < 6; l++) {
    const mean = seen.reduce((sum, values) => sum + values[l], 0) / runs;
    variance += seen.reduce((sum, values) => sum + (values[l] - mean) ** 2, 0) / ((runs - 1) * 6);
  }
  expect(Math.abs(variance / noise.variance() - 1)).toBeLessThan(0.2);
});

test('batches of all rows make no noise, and what does not fit is refused', () => {
  const good = { unit, inputs, targets, initial, dt: 0.1, batch: 6 };
  const none = minibatchNoise(good);
  none.advance(5);
  expect(none.variance()).toBe(0);
  expect(() => minibatchNoise({ ...good, batch: 7 })).toThrow('batches of 7');
  expect(() => minibatchNoise({ ...good, targets: Float64Array.of(1, 2, 3, 4) })).toThrow('[minibatchNoise]');
  expect(() => minibatchNoise({ ...good, initial: measure({ space: euclidean(1), positions: [1] }) })).toThrow(
    'atoms of 1',
  );
});
