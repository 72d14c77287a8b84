import {
  euclidean,
  gradientFlow,
  type Measure,
  type Metric,
  measure,
  networkUnit,
  normalsInto,
  product,
  randomKey,
  randomStream,
  risk,
  rk4,
  simulate,
  sphere,
  symmetricEigen,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { reluKernel } from '../population/dotKernels.js';
import { tangentKernel } from './tangentKernel.js';

const normals = (count: number, name: string): Float64Array => {
  const out = new Float64Array(count);
  normalsInto(out, 0, count, randomKey(name), 0);
  return out;
};

const tanh = networkUnit({ activation: 'tanh', inputs: 2 });
const conicUnit = { formula: 's * tanh(dot(w, x))', atom: { s: 1, w: 2 } };
const inputs = normals(10, 'inputs');
const targets = normals(5, 'targets');
const at = normals(6, 'at');

const unevenMasses = (n: number): Float64Array => {
  const random = randomStream(randomKey('masses'));
  return Float64Array.from({ length: n }, () => 0.1 + random.uniform());
};

function network(kind: 'probability' | 'positive'): Measure {
  const masses = unevenMasses(7);
  const total = kind === 'probability' ? masses.reduce((a, b) => a + b) : 1;
  return measure({ space: euclidean(4), positions: normals(28, 'atoms'), masses: masses.map((m) => m / total), kind });
}

function conicNetwork(): Measure {
  const positions = normals(21, 'conic');
  const space = product([euclidean(1), sphere(2)]);
  space.projectInto(positions, positions, 7);
  for (let i = 0; i < 7; i++) positions[3 * i] = i % 2 === 0 ? 1 : -1;
  return measure({ space, positions, masses: unevenMasses(7), kind: 'positive' });
}

const frozenSign = wassersteinFisherRao({ alpha: 4, blocks: [{ start: 0, end: 1, rate: 0 }] });

const cases: readonly (readonly [string, typeof tanh, Metric, Measure])[] = [
  ['W2', tanh, wasserstein(), network('probability')],
  ['WFR of probabilities', tanh, wassersteinFisherRao({ alpha: 2, gamma: 0.5 }), network('probability')],
  ['WFR of positive measures', tanh, wassersteinFisherRao({ alpha: 2 }), network('positive')],
  ['the conic lift on a sphere, signs frozen', conicUnit, frozenSign, conicNetwork()],
];

describe('along the flow of a risk, d/dt f(x) = -(1/L) sum_l M(x, x_l) (f(x_l) - y_l)', () => {
  test.each(cases)('%s', (_, unit, metric, mu) => {
    const energy = risk({ unit, inputs, targets, ...(mu.space.kind === 'product' ? { space: mu.space } : {}) });
    const kernel = tangentKernel({ unit, inputs, at, inputDim: 2, metric }, mu);
    const now = new Float64Array(5);
    energy.predictInto(now, inputs, 5, mu);
    const residual = now.map((f, l) => (f - targets[l]) / 5);
    const predicted = new Float64Array(3);
    for (let p = 0; p < 3; p++) for (let l = 0; l < 5; l++) predicted[p] -= kernel[5 * p + l] * residual[l];
    // A fourth-order difference in time of the network itself, whose steps are exact to 1e-14.
    const seen = (dt: number): Float64Array => {
      const out = new Float64Array(3);
      const { profile } = simulate(
        { flow: gradientFlow(energy, metric), initial: mu },
        { stepper: rk4(), dt, maxSteps: 1 },
      );
      energy.predictInto(out, at, 3, profile[0]);
      return out;
    };
    const h = 5e-4;
    const start = new Float64Array(3);
    energy.predictInto(start, at, 3, mu);
    const [one, two, three, four] = [seen(h), seen(2 * h), seen(3 * h), seen(4 * h)];
    for (let p = 0; p < 3; p++) {
      const slope = (-25 * start[p] + 48 * one[p] - 36 * two[p] + 16 * three[p] - 3 * four[p]) / (12 * h);
      expect(Math.abs(slope - predicted[p])).toBeLessThan(1e-7 * (1 + Math.abs(predicted[p])));
    }
  });
});

test('of ReLU units under N(0, I) it tends to the closed kernels', () => {
  // Units a relu(<w, x>), a = -1 or 1 and w ~ N(0, I): E[relu relu] + E[1 1] <x, x'>.
  const n = 40_000;
  const positions = normals(3 * n, 'relu');
  for (let i = 0; i < n; i++) positions[3 * i] = i % 2 === 0 ? 1 : -1;
  const mu = measure({ space: euclidean(3), positions });
  const unit = networkUnit({ activation: 'relu', inputs: 2, bias: false });
  const pair = Float64Array.of(1, 0.5, -0.3, 0.8);
  const kernel = tangentKernel({ unit, inputs: pair, inputDim: 2 }, mu);
  const out = new Float64Array(4);
  for (const [k, l] of [
    [0, 0],
    [0, 1],
    [1, 1],
  ]) {
    const product = (i: number, j: number): number => pair[2 * i] * pair[2 * j] + pair[2 * i + 1] * pair[2 * j + 1];
    reluKernel('gaussian', 2).evaluateInto(out, product(k, k), product(l, l), product(k, l));
    // The mean of 40,000 terms of deviation below 2: five deviations are 0.05, a false alarm in 10^6.
    expect(Math.abs(kernel[2 * k + l] - (out[0] + out[3] * product(k, l)))).toBeLessThan(0.05);
  }
});

test.each(cases)('it is symmetric and positive semidefinite: %s', (_, unit, metric, mu) => {
  const kernel = tangentKernel({ unit, inputs, inputDim: 2, metric }, mu);
  for (let k = 0; k < 5; k++) for (let l = 0; l < k; l++) expect(kernel[5 * k + l]).toBeCloseTo(kernel[5 * l + k], 12);
  expect(Math.min(...symmetricEigen(kernel, 5).values)).toBeGreaterThan(-1e-12);
});

test('a measure of another unit is refused', () => {
  expect(() => tangentKernel({ unit: tanh, inputs, inputDim: 2 }, conicNetwork())).toThrow('[tangentKernel]');
});
