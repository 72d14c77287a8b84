import {
  convergenceOrder,
  euclidean,
  euler,
  eulerTableau,
  gaussHermite,
  gradientFlow,
  heun,
  type Measure,
  measure,
  networkUnit,
  normalsInto,
  randomKey,
  risk,
  simulate,
  wasserstein,
} from '@muflow/core';
import { expect, test } from 'vitest';
import { fluctuations } from './fluctuations.js';

const unit = networkUnit({ activation: 'tanh', inputs: 1 });
const inputs = Float64Array.of(-1, -0.4, 0.3, 0.9);
const targets = Float64Array.of(0.5, -0.3, 0.2, 0.8);
const energy = risk({ unit, inputs, targets });

function start(n: number, masses = new Float64Array(n).fill(1 / n)): Measure {
  const positions = new Float64Array(3 * n);
  normalsInto(positions, 0, 3 * n, randomKey('start'), 0);
  return measure({ space: euclidean(3), positions, masses, kind: 'positive' });
}

function predictionsAfter(initial: Measure, stepper: ReturnType<typeof heun>, dt: number, steps: number): Float64Array {
  const run = simulate({ flow: gradientFlow(energy, wasserstein()), initial }, { stepper, dt, maxSteps: steps });
  const out = new Float64Array(4);
  energy.predictInto(out, inputs, 4, run.profile[0]);
  return out;
}

test.each([
  ['euler', euler(), eulerTableau],
  ['heun', heun(), undefined],
] as const)(
  'the influence is the derivative of the simulated network in the mass of an atom: %s',
  (_, stepper, tableau) => {
    const n = 6;
    const closed = fluctuations({ unit, inputs, targets, initial: start(n), dt: 0.2, ...(tableau && { tableau }) });
    closed.advance(40);
    expect(closed.time()).toBeCloseTo(8, 12);
    const influence = closed.influence();
    const h = 1e-5;
    for (let s = 0; s < n; s++) {
      const shifted = (by: number): Float64Array => {
        const masses = new Float64Array(n).fill(1 / n);
        masses[s] += by;
        return predictionsAfter(start(n, masses), stepper, 0.2, 40);
      };
      const [up, down] = [shifted(h), shifted(-h)];
      for (let l = 0; l < 4; l++) {
        expect(Math.abs(influence[l * n + s] - (up[l] - down[l]) / (2 * h))).toBeLessThan(1e-7);
      }
    }
    const [end] = simulate(
      { flow: gradientFlow(energy, wasserstein()), initial: start(n) },
      { stepper, dt: 0.2, maxSteps: 40 },
    ).profile;
    for (let k = 0; k < 3 * n; k++) expect(closed.limit().positions[k]).toBeCloseTo(end.positions[k], 10);
  },
);

test('at the start the covariance is that of one unit, and equals the level of units drawn anew', () => {
  const initial = start(50);
  const closed = fluctuations({ unit, inputs, targets, initial, dt: 0.1 });
  const values = (l: number): number[] =>
    Array.from({ length: 50 }, (_, i) => {
      const [a, w, b] = initial.positions.subarray(3 * i, 3 * i + 3);
      return a * Math.tanh(w * inputs[l] + b);
    });
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const covariance = closed.covariance();
  let trace = 0;
  for (let k = 0; k < 4; k++) {
    for (let l = 0; l < 4; l++) {
      const [x, y] = [values(k), values(l)];
      const expected = mean(x.map((value, i) => value * y[i])) - mean(x) * mean(y);
      expect(covariance[4 * k + l]).toBeCloseTo(expected, 12);
      if (k === l) trace += expected / 4;
    }
  }
  expect(closed.variance()).toBeCloseTo(trace, 12);
  expect(closed.resampling()).toBeCloseTo(trace, 12);
});

test('linear units a x: the variance is Var(a) x^2 exp(-2 x^2 t), and Heun steps find it to second order', () => {
  const linear = { formula: 'a * x', atom: { a: 1 } };
  const initial = measure({ space: euclidean(1), positions: [-1, 2] });
  const [x, y] = [0.7, 0.4];
  const errors = [0.2, 0.1].map((dt) => {
    const closed = fluctuations({
      unit: linear,
      inputs: Float64Array.of(x),
      targets: Float64Array.of(y),
      initial,
      dt,
    });
    closed.advance(Math.round(4 / dt));
    // A(x, s) = x a_s(0) + x T_s up to a constant in s, and T' = -x A: A decays as exp(-x^2 t). Var(a) = 9/4.
    return Math.abs(closed.variance() - 2.25 * x * x * Math.exp(-2 * x * x * 4));
  });
  expect(convergenceOrder([0.2, 0.1], errors)).toBeGreaterThan(1.8);
  expect(convergenceOrder([0.2, 0.1], errors)).toBeLessThan(2.2);
});

// n Var f over 200 networks of 100 units: the estimate has a deviation of at most sqrt(2/200) = 10 % (it sums several
// squares), the bias of finite width is about 1 %. A band of 30 % is three deviations: false alarms below 1 in 300.
test('it predicts n times the variance of networks drawn at random, at several times', () => {
  const { nodes, weights } = gaussHermite(12);
  const positions: number[] = [];
  const masses: number[] = [];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < 12; i++) {
    for (let j = 0; j < 12; j++) {
      positions.push(1, nodes[i], nodes[j]);
      masses.push((weights[i] * weights[j]) / total ** 2);
    }
  }
  const closed = fluctuations({
    unit,
    inputs,
    targets,
    initial: measure({ space: euclidean(3), positions, masses }),
    dt: 0.2,
  });
  const [networks, width, key] = [200, 100, randomKey('networks')];
  const runs = Array.from({ length: networks }, (_, run) => {
    const places = new Float64Array(3 * width);
    for (let i = 0; i < width; i++) {
      normalsInto(places, 3 * i + 1, 2, key, run * width + i);
      places[3 * i] = 1;
    }
    return simulate(
      { flow: gradientFlow(energy, wasserstein()), initial: measure({ space: euclidean(3), positions: places }) },
      { stepper: heun(), dt: 0.2, maxSteps: 40, record: { every: 20 } },
    ).frames.map((frame) => {
      const out = new Float64Array(4);
      energy.predictInto(out, inputs, 4, frame.profile[0]);
      return out;
    });
  });
  for (const record of [0, 1, 2]) {
    let variance = 0;
    for (let l = 0; l < 4; l++) {
      const values = runs.map((run) => run[record][l]);
      const mean = values.reduce((sum, value) => sum + value, 0) / networks;
      variance += values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (networks - 1) / 4;
    }
    const ratio = (width * variance) / closed.variance();
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.3);
    closed.advance(20);
  }
});

test('a start that is no probability measure and data that do not fit are refused', () => {
  const good = { unit, inputs, targets, initial: start(3), dt: 0.1 };
  expect(() => fluctuations({ ...good, initial: start(3, Float64Array.of(1, 1, 1)) })).toThrow('total mass 2.99');
  expect(() => fluctuations({ ...good, dt: 0 })).toThrow('dt 0');
  expect(() => fluctuations({ ...good, targets: Float64Array.of(1, 2, 3) })).toThrow('[fluctuations]');
  expect(() => fluctuations({ ...good, unit: networkUnit({ activation: 'tanh', inputs: 1, bias: false }) })).toThrow(
    'atoms of 3',
  );
});
