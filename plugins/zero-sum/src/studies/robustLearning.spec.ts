import { createWorkbench, definePlugin, measure, parseSpace } from '@muflow/core';
import { expect, test } from 'vitest';
import { robustLearningStudy } from './robustLearning.js';
import { networkValues, worstMargins, zeroCurve } from './shallowNetwork.js';

const workbench = createWorkbench({
  plugins: [definePlugin({ id: 'zero-sum', version: '0.1.0', requires: {}, studies: [robustLearningStudy] })],
});
const neuron = measure({ space: parseSpace('sphere(4)'), positions: [1, 0, 0, 0] });

test('a network of one neuron is its unit, and moves cost what its slope says', () => {
  // a = 1, theta = (0.6, 0, 0.8): f(z) = max(0, 0.6 z_1 + 0.8)^2.
  const nu = { ...neuron, positions: Float64Array.of(1, 0.6, 0, 0.8) };
  expect(networkValues(nu, 2, Float64Array.of(1, 5, -2, 0))[0]).toBeCloseTo(1.96, 12);
  expect(networkValues(nu, 2, Float64Array.of(1, 5, -2, 0))[1]).toBe(0);
  const data = { points: [[1, 0]], labels: [1] };
  expect(worstMargins(nu, 2, data, 0)[0]).toBeCloseTo(1.96, 12);
  expect(worstMargins(nu, 2, data, 0.5)[0]).toBeCloseTo(1.21, 12);
  expect(worstMargins(nu, 2, { points: [[1, 0]], labels: [-1] }, 0.5)[0]).toBeCloseTo(-((0.9 + 0.8) ** 2), 12);
});

test('the zero curve of a circle has the length and radius of the circle', () => {
  const circle = (points: Float64Array): Float64Array =>
    Float64Array.from({ length: points.length / 2 }, (_, i) => Math.hypot(points[2 * i], points[2 * i + 1]) - 0.7);
  const { x, y } = zeroCurve(circle, 1, 60);
  let length = 0;
  for (let k = 0; k < x.length; k += 3) {
    expect(y[k + 2]).toBeNaN();
    length += Math.hypot(x[k + 1] - x[k], y[k + 1] - y[k]);
    expect(Math.hypot(x[k], y[k])).toBeCloseTo(0.7, 3);
  }
  expect(length / (2 * Math.PI * 0.7)).toBeCloseTo(1, 2);
});

// At default parameters all claims hold for the seeds 1 to 3; this is smaller.
test('plain training gives way to moves that robust training withstands, with proof', async () => {
  const params = { points: 6, rounds: 8, tolerance: 5e-3, steps: 100, neurons: 20, fresh: 50 };
  const { claims, tables } = await workbench.runStudy('zero-sum/robust-learning', params, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(7);
  expect(tables[0].rows.map(([name, , status]) => [name, status])).toEqual([
    ['plain', 'certified'],
    ['robust', 'certified'],
  ]);
});
