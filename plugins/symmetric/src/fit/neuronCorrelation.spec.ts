import { fillNormal, randomKey } from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { climbCorrelation, correlationBound, correlationInto, type FeatureCloud } from './neuronCorrelation.js';

const normals = (size: number, key: string): Float64Array => {
  const out = new Float64Array(size);
  fillNormal(out, randomKey(key));
  return out;
};

function drawn(seed: number, width: number, count: number): { cloud: FeatureCloud; residual: Float64Array } {
  const rows = normals(width * count, `rows ${seed}`).map((x, i) => x + (i % width === 0 ? 1 : 0));
  return { cloud: { rows, width, count }, residual: normals(count, `residual ${seed}`) };
}

/** The largest value on 3600 directions of the plane. */
function largestInPlane(cloud: FeatureCloud, residual: Float64Array): number {
  const slope = new Float64Array(2);
  let largest = 0;
  for (let k = 0; k < 3600; k++) {
    const angle = (2 * Math.PI * k) / 3600;
    const value = correlationInto(slope, cloud, residual, Float64Array.of(Math.cos(angle), Math.sin(angle)));
    largest = Math.max(largest, value);
  }
  return largest;
}

describe('how a neuron goes with residuals', () => {
  test('its gradient is that of differences', () => {
    const { cloud, residual } = drawn(1, 4, 30);
    const [slope, other, u] = [new Float64Array(4), new Float64Array(4), normals(4, 'u')];
    const value = correlationInto(slope, cloud, residual, u);
    let along = 0;
    for (let k = 0; k < 4; k++) {
      const at = (h: number) =>
        correlationInto(
          other,
          cloud,
          residual,
          u.map((x, l) => (l === k ? x + h : x)),
        );
      expect((at(1e-6) - at(-1e-6)) / 2e-6).toBeCloseTo(slope[k], 7);
      along += slope[k] * u[k];
    }
    expect(along).toBeCloseTo(value, 13);
  });

  test('no direction of the plane exceeds the bound, and climbing from 12 of them reaches the largest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(1, 3, 40), (seed, count) => {
        const { cloud, residual } = drawn(seed, 2, count);
        const largest = largestInPlane(cloud, residual);
        expect(correlationBound(cloud, residual)).toBeGreaterThanOrEqual(largest);
        const found = Array.from({ length: 12 }, (_, k) => {
          const angle = (Math.PI * k) / 6;
          const { value, direction } = climbCorrelation(
            cloud,
            residual,
            Float64Array.of(Math.cos(angle), Math.sin(angle)),
          );
          expect(Math.hypot(...direction)).toBeCloseTo(1, 13);
          return value;
        });
        // A grid of step 0.0017 loses a share of 4e-7 of a smooth maximum, and at most 9e-4 mean |r z| at a kink.
        expect(Math.max(0, ...found)).toBeGreaterThan(largest * (1 - 1e-9) - 1e-12);
      }),
      { seed: 2, numRuns: 40 },
    );
  });

  test('the bound is reached by residuals of one sign on one line, and is 0 where none is positive', () => {
    const rows = Float64Array.of(3, 4, 6, 8, 0, 0);
    const cloud = { rows, width: 2, count: 3 };
    const { value } = climbCorrelation(cloud, Float64Array.of(1, 2, 5), Float64Array.of(1, 0));
    expect(value).toBeCloseTo(25 / 3, 12);
    // Rows of length 0 cost nothing only where their residuals are not positive.
    expect(correlationBound(cloud, Float64Array.of(2, 1, -5))).toBeLessThan(20 / 3 + 0.3);
    expect(correlationBound(cloud, Float64Array.of(-1, -2, -5))).toBe(0);
    const one = { rows: Float64Array.of(3, 4), width: 2, count: 1 };
    expect(correlationBound(one, Float64Array.of(2))).toBeCloseTo(10, 8);
  });
});
