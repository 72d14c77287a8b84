import { referenceBackend, wasmBackend } from '@muflow/core';
import { expect, test } from 'vitest';
import { numbers } from './data.js';
import { checksum } from './serve.js';
import { setRow, setStep } from './sets.js';

const [count, d, m1, m2] = [5, 2, 3, 4];

/** The peers' step in plain numbers, set by set. */
function byHand(points: number): readonly number[] {
  const sizes = Array.from({ length: count }, (_, s) => (points > 0 ? points : 8 + ((s * 37) % 57)));
  const x = numbers(sizes.reduce((a, b) => a + b) * d, 70);
  const y = numbers(count, 71);
  const start = numbers(m1 * (d + 1) + m2 * m1 + m2, 72);
  for (let j = 0; j < m2; j++) start[start.length - m2 + j] /= m2;
  const [v, a] = [m1 * (d + 1), m1 * (d + 1) + m2 * m1];
  const [gradient, outputs] = [new Float64Array(start.length), new Float64Array(count)];
  let first = 0;
  sizes.forEach((size, s) => {
    const inputs = Array.from({ length: size }, (_, i) => [...x.subarray((first + i) * d, (first + i + 1) * d), 1]);
    first += size;
    const z = (i: number, p: readonly number[]): number => p.reduce((sum, c, k) => sum + c * start[i * (d + 1) + k], 0);
    const phi = Array.from({ length: m1 }, (_, i) => inputs.reduce((sum, p) => sum + Math.max(z(i, p), 0), 0) / size);
    const u = Array.from({ length: m2 }, (_, j) => phi.reduce((sum, one, i) => sum + start[v + j * m1 + i] * one, 0));
    outputs[s] = u.reduce((sum, one, j) => sum + start[a + j] * Math.max(one, 0), 0);
    const c = (outputs[s] - y[s]) / count;
    for (let j = 0; j < m2; j++) {
      gradient[a + j] += c * Math.max(u[j], 0);
      if (u[j] <= 0) continue;
      for (let i = 0; i < m1; i++) {
        gradient[v + j * m1 + i] += c * start[a + j] * phi[i];
        for (const p of inputs) {
          if (z(i, p) <= 0) continue;
          const factor = (c * start[a + j] * start[v + j * m1 + i]) / size;
          p.forEach((one, k) => {
            gradient[i * (d + 1) + k] += factor * one;
          });
        }
      }
    }
  });
  return [...checksum(outputs), ...checksum(start.map((value, p) => value - 1e-5 * gradient[p]))];
}

test.each([0, 7])('a step on sets of %d points is that of the peers, after any number of steps', (points) => {
  const expected = byHand(points);
  for (const backend of [referenceBackend(), wasmBackend()]) {
    const step = setStep({ ...setRow(points).params, count, d, inner: m1, outer: m2 }, backend);
    step.run();
    step.run();
    step.check().forEach((value, k) => {
      expect(Math.abs(value - expected[k])).toBeLessThan(1e-13);
    });
  }
});
