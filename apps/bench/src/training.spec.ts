import { referenceBackend } from '@muflow/core';
import { expect, test } from 'vitest';
import { numbers } from './data.js';
import { training, trainingRow } from './training.js';

/** The peers' loop in plain numbers: neurons (a, w, b), masses m, potential a S, gradients (S, a S_w, a S_b). */
function byHand(metric: string, d: number, n: number, rows: number, steps: number): number {
  const [x, y] = [numbers(rows * d, 1), numbers(rows, 2)];
  const u = numbers(n * (d + 2), 3);
  const m = new Float64Array(n).fill(1 / n);
  const unit = (i: number, l: number): number => {
    let z = u[i * (d + 2) + d + 1];
    for (let k = 0; k < d; k++) z += u[i * (d + 2) + 1 + k] * x[l * d + k];
    return z;
  };
  const residuals = (): number[] =>
    Array.from(y, (target, l) =>
      m.reduce((sum, mass, i) => sum + mass * u[i * (d + 2)] * Math.max(0, unit(i, l)), -target),
    );
  for (let step = 0; step < steps; step++) {
    const r = residuals().map((one) => one / rows);
    const gradient = new Float64Array(u.length);
    const potential = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const at = i * (d + 2);
      for (let l = 0; l < rows; l++) {
        const z = unit(i, l);
        if (z <= 0) continue;
        gradient[at] += r[l] * z;
        for (let k = 0; k < d; k++) gradient[at + 1 + k] += u[at] * r[l] * x[l * d + k];
        gradient[at + d + 1] += u[at] * r[l];
      }
      potential[i] = u[at] * gradient[at];
    }
    const mean = potential.reduce((sum, v, i) => sum + m[i] * v, 0);
    for (let c = 0; c < u.length; c++) u[c] -= 0.1 * gradient[c];
    if (metric === 'w2') continue;
    for (let i = 0; i < n; i++) m[i] *= Math.exp(-0.1 * (potential[i] - mean));
    const total = m.reduce((sum, mass) => sum + mass, 0);
    for (let i = 0; i < n; i++) m[i] /= total;
  }
  return residuals().reduce((sum, one) => sum + one * one, 0) / (2 * rows);
}

test.each(['w2', 'wfr'] as const)('the last loss of a training row is that of the written-out loop: %s', (metric) => {
  const { params } = trainingRow(metric, 2, 7, 9, 20);
  const prepared = training(params, referenceBackend());
  prepared.run();
  expect(Math.abs(prepared.check()[0] / byHand(metric, 2, 7, 9, 20) - 1)).toBeLessThan(1e-12);
  expect(prepared.check()[0]).toBeLessThan(byHand(metric, 2, 7, 9, 0));
});
