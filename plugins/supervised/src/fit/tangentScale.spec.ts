import { diracs, fillNormal, networkUnit, randomKey, risk, wasserstein, wassersteinFisherRao } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { symmetricStart } from '../network.js';
import { tangentScale } from './tangentScale.js';

const rows = 200;
const inputs = new Float64Array(rows * 2);
fillNormal(inputs, randomKey(1));
const networkOf = (activation: string) =>
  risk({ unit: networkUnit({ activation, inputs: 2 }), inputs: inputs.slice(0, 2), targets: new Float64Array(1) });

describe('the fastest rate of the tangent kernel', () => {
  test('is that of a kernel written out, of one neuron a tanh(<w, x> + b)', () => {
    const mu = diracs([[0.7, 0.4, -0.3, 0.2]]);
    // Gradients of Phi in (a, w, b) at every row: the kernel is G G^T / L, its eigenvalues those of G^T G / L.
    const g = Array.from({ length: rows }, (_, l) => {
      const [x, y] = inputs.subarray(2 * l, 2 * l + 2);
      const t = Math.tanh(0.4 * x - 0.3 * y + 0.2);
      const slope = 0.7 * (1 - t * t);
      return [t, slope * x, slope * y, slope];
    });
    let c = [1, 1, 1, 1];
    let largest = 0;
    for (let round = 0; round < 500; round++) {
      const next = [0, 1, 2, 3].map((j) =>
        g.reduce((sum, row) => sum + (row[j] * row.reduce((s, r, k) => s + r * c[k], 0)) / rows, 0),
      );
      largest = Math.hypot(...next);
      c = next.map((value) => value / largest);
    }
    const options = { metric: wasserstein(), inputs, rows, key: randomKey(2), rounds: 100 };
    expect(tangentScale(networkOf('tanh'), mu, options) / largest).toBeCloseTo(1, 4);
  });

  test('is proportional to the rate of transport, and the reaction adds to it', () => {
    const mu = symmetricStart(2, 40, randomKey(3));
    const options = { inputs, rows, key: randomKey(4), rounds: 60 };
    const slow = tangentScale(networkOf('tanh'), mu, {
      ...options,
      metric: wassersteinFisherRao({ gamma: 1, alpha: 0 }),
    });
    const fast = tangentScale(networkOf('tanh'), mu, {
      ...options,
      metric: wassersteinFisherRao({ gamma: 3, alpha: 0 }),
    });
    expect(fast / slow).toBeCloseTo(3, 4);
    const both = tangentScale(networkOf('tanh'), mu, {
      ...options,
      metric: wassersteinFisherRao({ gamma: 1, alpha: 1 }),
    });
    expect(both).toBeGreaterThan(slow);
  });

  test('rises to its limit with the rounds', () => {
    const mu = symmetricStart(2, 40, randomKey(3));
    const at = (rounds: number): number =>
      tangentScale(networkOf('relu'), mu, { metric: wasserstein(), inputs, rows, key: randomKey(5), rounds });
    expect(at(3)).toBeLessThan(at(12) * (1 + 1e-9));
    expect(at(12) / at(60)).toBeGreaterThan(0.99);
  });
});
