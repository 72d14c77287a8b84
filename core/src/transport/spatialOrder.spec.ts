import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { spatialOrder } from './spatialOrder.js';

const uniforms = (count: number): Float64Array => {
  const source = randomStream(randomKey(83));
  return Float64Array.from({ length: count }, () => source.uniform());
};

describe('the order of points in space', () => {
  test('holds every point once, also where many are the same', () => {
    for (const points of [uniforms(0), uniforms(2), uniforms(14), uniforms(2000), new Float64Array(300)]) {
      const order = spatialOrder(points, 2);
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: points.length / 2 }, (_, i) => i));
    }
  });

  test('sorts the line up to the last halves', () => {
    const points = uniforms(1024);
    const sorted = Array.from(spatialOrder(points, 1), (i) => points[i]);
    expect(sorted).toEqual(Array.from(Float64Array.from(points).sort()));
  });

  test('gives runs that fill boxes: in every sixteenth of the square a sixteenth of each run of 64', () => {
    // 32 x 32 points of a grid in a scattered order: halving at medians gives blocks of the grid.
    const scattered = (k: number): number => (k * 397) % 1024;
    const points = Float64Array.from({ length: 2048 }, (_, k) => {
      const cell = scattered(k >> 1);
      return k % 2 === 0 ? cell % 32 : Math.floor(cell / 32);
    });
    const order = spatialOrder(points, 2);
    for (let run = 0; run < 16; run++) {
      const part = order.subarray(64 * run, 64 * run + 64);
      for (const c of [0, 1]) {
        const values = Array.from(part, (i) => points[2 * i + c]);
        expect(Math.max(...values) - Math.min(...values)).toBe(7);
      }
    }
  });
});
