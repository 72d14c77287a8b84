import { fillNormal, fillUniform, randomKey } from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fourierBound } from './fourierBound.js';
import { greedyApproximation } from './greedyApproximation.js';
import { variationInterval } from './variationInterval.js';

const drawn = (fill: typeof fillNormal, count: number, key: string): Float64Array => {
  const out = new Float64Array(count);
  fill(out, randomKey(key));
  return out;
};

/** A random sum of three waves and its values on rows of the interval [-1, 1]. */
function waves(seed: number, count: number) {
  const amplitudes = drawn(fillNormal, 3, `amplitudes ${seed}`);
  const frequencies = drawn(fillNormal, 3, `frequencies ${seed}`).map((x) => 4 * x);
  const phases = drawn(fillNormal, 3, `phases ${seed}`);
  const inputs = drawn(fillUniform, count, `rows ${seed}`).map((x) => 2 * x - 1);
  const targets = inputs.map((x) =>
    amplitudes.reduce((sum, c, j) => sum + c * Math.cos(frequencies[j] * x + phases[j]), 0),
  );
  return { sum: { dim: 1, amplitudes, frequencies, phases, radius: 1 }, inputs, targets };
}

describe('bounds by the spectrum', () => {
  test('are above the certified variation norm of sums of waves, the moment above the integral', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (seed) => {
        const { sum, inputs, targets } = waves(seed, 10);
        const { norm, moment } = fourierBound(sum);
        const { upper } = variationInterval({ inputs, targets, tolerance: 1e-3, width: 1e-2 });
        expect(upper).toBeLessThanOrEqual(norm);
        expect(norm).toBeLessThanOrEqual(moment);
      }),
      { numRuns: 3, seed: 3 },
    );
  });

  test('of cos(w x): the integral in closed form while |w| is below a quarter turn', () => {
    // int_{-w}^w cos(t) sqrt(w^2 + t^2) dt by a sum of midpoints.
    const w = 1.2;
    let sum = 2;
    for (let k = 0; k < 100_000; k++) {
      const t = w * ((k + 0.5) / 50_000 - 1);
      sum += (Math.cos(t) * Math.hypot(w, t) * w) / 50_000;
    }
    const wave = { dim: 1, amplitudes: [-1], frequencies: [w], phases: [0], radius: 1 };
    expect(fourierBound(wave).norm).toBeCloseTo(sum, 8);
  });

  test('do not see the dimension, but the length of the frequency', () => {
    const flat = { dim: 1, amplitudes: [2], frequencies: [5], phases: [0.3], radius: 1.5 };
    const deep = { ...flat, dim: 4, frequencies: [3, 0, 0, -4] };
    expect(fourierBound(deep).norm).toBeCloseTo(fourierBound(flat).norm, 12);
    expect(() => fourierBound({ ...flat, dim: 2 })).toThrow(/these are no waves/);
  });
});

describe('greedy approximation', () => {
  test.each([1, 2])('of values of variation norm V is within V S / sqrt(m + 1), inputs of dimension %d', (d) => {
    const count = d === 1 ? 12 : 8;
    const inputs = drawn(fillNormal, count * d, `inputs ${d}`);
    const targets = drawn(fillNormal, count, 'targets');
    const tolerance = 1e-3;
    const { upper } = variationInterval({ inputs, targets, tolerance, width: 1e-2 });
    const { distances, size } = greedyApproximation({ inputs, targets, units: 8 });
    // Values within the tolerance of y have that norm, so y itself is followed up to it.
    distances.forEach((distance, m) => {
      expect(distance).toBeLessThanOrEqual((upper * size) / Math.sqrt(m + 1) + tolerance);
      if (m > 0) expect(distance).toBeLessThan(distances[m - 1]);
    });
  });

  test('of one neuron ends with it', () => {
    const inputs = drawn(fillNormal, 40, 'rows');
    const targets = Float64Array.from({ length: 20 }, (_, l) => Math.max(0, inputs[2 * l + 1]));
    const { distances, atoms } = greedyApproximation({ inputs, targets, units: 20, bias: false });
    expect(distances[distances.length - 1]).toBeLessThan(1e-9);
    expect(atoms.weights.length).toBeLessThanOrEqual(20);
    expect(() => greedyApproximation({ inputs, targets, units: 0.5 })).toThrow(/no count/);
  });
});
