import { fillNormal, randomKey } from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correlationCellBounds } from './correlationCells.js';
import { climbCorrelation, correlationInto, type FeatureCloud } from './neuronCorrelation.js';

const normals = (size: number, key: string): Float64Array => {
  const out = new Float64Array(size);
  fillNormal(out, randomKey(key));
  return out;
};

/** Rows whose coordinates fall off by a factor, along axes that are turned in the plane of any two. */
function drawn(
  seed: number,
  { width = 3, count = 25, fall = 1 } = {},
): { cloud: FeatureCloud; residual: Float64Array } {
  const rows = normals(width * count, `rows ${seed}`).map(
    (x, i) => (x + (i % width === 0 ? 1 : 0)) * fall ** (i % width),
  );
  for (let at = 0; at < rows.length; at += width) {
    for (let k = 1; k < width; k++) {
      const [x, y] = [rows[at], rows[at + k]];
      rows[at] = 0.6 * x - 0.8 * y;
      rows[at + k] = 0.8 * x + 0.6 * y;
    }
  }
  return { cloud: { rows, width, count }, residual: normals(count, `residual ${seed}`) };
}

const rowOf = ({ rows, width }: FeatureCloud, s: number): Float64Array => rows.subarray(s * width, (s + 1) * width);

/** The largest value that climbing from drawn directions finds. */
function found(cloud: FeatureCloud, residual: Float64Array, starts = 40): number {
  const values = Array.from({ length: starts }, (_, k) =>
    climbCorrelation(cloud, residual, normals(cloud.width, `start ${k}`)),
  );
  return Math.max(0, ...values.map(({ value }) => value));
}

/** The largest value on 20,000 directions of the plane: within 3e-4 times the mean of |r z| of the maximum at a kink. */
function largestInPlane(cloud: FeatureCloud, residual: Float64Array): number {
  const slope = new Float64Array(2);
  let largest = 0;
  for (let k = 0; k < 20_000; k++) {
    const angle = (2 * Math.PI * k) / 20_000;
    const value = correlationInto(slope, cloud, residual, Float64Array.of(Math.cos(angle), Math.sin(angle)));
    largest = Math.max(largest, value);
  }
  return largest;
}

const seeds = fc.integer({ min: 0, max: 1e6 });
const opposite = (residual: Float64Array): Float64Array => residual.map((r) => -r);

describe('bounds over cells of the sphere', () => {
  test('are reached within 1e-4 in the plane, for both signs', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { cloud, residual } = drawn(seed, { width: 2 });
        [residual, opposite(residual)].forEach((signed, k) => {
          const reached = largestInPlane(cloud, signed);
          const bound = correlationCellBounds(cloud, residual, { ranks: [2], cells: 10_000, reached })[k];
          expect(bound).toBeGreaterThanOrEqual(reached);
          const mean =
            signed.reduce((sum, r, s) => sum + Math.abs(r) * Math.hypot(...rowOf(cloud, s)), 0) / cloud.count;
          expect(bound).toBeLessThan(reached * (1 + 1e-4) + 3e-4 * mean);
        });
      }),
      { seed: 3, numRuns: 15 },
    );
  });

  test.each([
    { width: 1, ranks: [1] },
    { width: 3, ranks: [1, 2, 3] },
    { width: 7, ranks: [2, 3] },
    { width: 7, ranks: [4], fall: 0.3 },
  ])('no direction exceeds them, of few dimensions of many neither: %o', ({ ranks, ...shape }) => {
    const slope = new Float64Array(shape.width);
    for (let seed = 0; seed < 10; seed++) {
      const { cloud, residual } = drawn(seed, shape);
      for (const cells of [1, 300]) {
        const bounds = correlationCellBounds(cloud, residual, { ranks, cells, reached: 0 });
        [residual, opposite(residual)].forEach((signed, k) => {
          expect(bounds[k]).toBeGreaterThanOrEqual(found(cloud, signed, 4));
          for (let i = 0; i < 30; i++) {
            const u = normals(shape.width, `u ${i}`);
            const value = correlationInto(slope, cloud, signed, u) / Math.hypot(...u);
            expect(bounds[k]).toBeGreaterThanOrEqual(value);
          }
        });
      }
    }
  });

  test('more cells make them smaller, down to what the rest of the features leaves open', () => {
    const { cloud, residual } = drawn(4, { width: 6, fall: 0.1 });
    const reached = found(cloud, residual);
    // What the rest leaves open is of size 0.1^3 here, and adds its square.
    const at = (cells: number) => correlationCellBounds(cloud, residual, { ranks: [3], cells, reached })[0];
    expect(at(500)).toBeLessThan(at(10));
    expect(at(10_000)).toBeLessThanOrEqual(at(500));
    expect(at(10_000)).toBeLessThan(1.01 * reached);
    const none = correlationCellBounds(cloud, new Float64Array(25), { ranks: [3], cells: 100, reached: 0 });
    expect(none).toEqual([0, 0]);
  });
});
