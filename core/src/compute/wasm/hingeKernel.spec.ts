import { describe, expect, test } from 'vitest';
import { fillNormal, randomKey } from '../../math/random.js';
import { compileHingeSums } from './hingeKernel.js';

const normals = (count: number, name: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(name));
  return out;
};

interface Sizes {
  readonly rows: number;
  readonly count: number;
  readonly width: number;
}

/** Both sums pair by pair, with the sums of the sizes of their terms. */
function direct({ rows, count, width }: Sizes, x: Float64Array, p: Float64Array, weights: Float64Array) {
  const points = new Float64Array(rows);
  const sums = new Float64Array(count * width);
  const sizes = { points: 0, sums: 0 };
  for (let l = 0; l < rows; l++) {
    for (let i = 0; i < count; i++) {
      let z = 0;
      for (let k = 0; k < width; k++) z += x[l * width + k] * p[i * width + k];
      if (!(z > 0)) continue;
      points[l] += weights[i] * z;
      sizes.points = Math.max(sizes.points, Math.abs(weights[i] * z));
      for (let k = 0; k < width; k++) {
        sums[i * width + k] += weights[l] * x[l * width + k];
        sizes.sums = Math.max(sizes.sums, Math.abs(weights[l] * x[l * width + k]));
      }
    }
  }
  return { points, sums, bounds: { points: count * sizes.points * 1e-15, sums: rows * sizes.sums * 1e-15 } };
}

const farthest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);

const compiled = (x: Float64Array, { rows, width }: Sizes) => {
  const sums = compileHingeSums({ coordinates: x, count: rows, width });
  if (sums === null) throw new Error('not compiled');
  return sums;
};

describe('sums of rectified inner products by signs', () => {
  const all: readonly Sizes[] = [
    { rows: 1, count: 1, width: 1 },
    { rows: 9, count: 7, width: 2 },
    { rows: 64, count: 40, width: 3 },
    { rows: 101, count: 33, width: 11 },
    { rows: 37, count: 130, width: 32 },
  ];
  for (const sizes of all) {
    const { rows, count, width } = sizes;
    const x = normals(rows * width, `rows ${width}`);
    const weights = normals(Math.max(rows, count), 'weights');

    test(`are those pair by pair while points move: ${rows} x ${count}, ${width} coordinates`, () => {
      const sums = compiled(x, sizes);
      const p = normals(count * width, 'points');
      const way = normals(count * width, 'way');
      const overPoints = new Float64Array(rows);
      const overRows = new Float64Array(count * width);
      for (const step of [0, 1e-4, 1e-3, 1e-3, 0.1, -0.1, 3, -3, 1e-9, 0]) {
        for (let k = 0; k < p.length; k++) p[k] += step * way[k];
        expect(sums.place(p, count)).toBe(true);
        sums.overPointsInto(overPoints, weights);
        sums.overRowsInto(overRows, weights);
        const expected = direct(sizes, x, p, weights);
        expect(farthest(overPoints, expected.points)).toBeLessThanOrEqual(expected.bounds.points);
        expect(farthest(overRows, expected.sums)).toBeLessThanOrEqual(expected.bounds.sums);
      }
    });

    test(`have bits that do not depend on what was placed before: ${rows} x ${count}, ${width} coordinates`, () => {
      const warm = compiled(x, sizes);
      const p = normals(count * width, 'start');
      const way = normals(count * width, 'direction');
      for (let step = 0; step < 60; step++) {
        for (let k = 0; k < p.length; k++) p[k] += 10 ** (-step % 5) * way[k];
        expect(warm.place(p, count)).toBe(true);
        const fresh = compiled(x, sizes);
        fresh.place(p, count);
        const [a, b] = [warm, fresh].map((sums) => {
          const overPoints = new Float64Array(rows);
          const overRows = new Float64Array(count * width);
          sums.overPointsInto(overPoints, weights);
          sums.overRowsInto(overRows, weights);
          return [...overPoints, ...overRows];
        });
        expect(a).toEqual(b);
      }
    });
  }

  test('pairs at the kink are not active', () => {
    const sums = compiled(Float64Array.of(1, 0, 0, 0, -1, 0), { rows: 3, count: 1, width: 2 });
    for (const point of [
      [0, 1],
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, 0],
    ]) {
      sums.place(Float64Array.from(point), 1);
      const out = new Float64Array(2);
      sums.overRowsInto(out, Float64Array.of(1, 1, 1));
      expect([...out]).toEqual([Math.sign(point[0]), 0]);
    }
  });

  test('points that are not finite are refused, and the next ones that are finite are summed anew', () => {
    const sizes = { rows: 20, count: 10, width: 3 };
    const x = normals(60, 'rows');
    const p = normals(30, 'points');
    const weights = normals(20, 'weights');
    const sums = compiled(x, sizes);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e200]) {
      const broken = p.slice();
      broken[7] = bad;
      expect(sums.place(broken, 10)).toBe(false);
      expect(sums.place(p, 10)).toBe(true);
      const out = new Float64Array(20);
      sums.overPointsInto(out, weights);
      const expected = direct(sizes, x, p, weights);
      expect(farthest(out, expected.points)).toBeLessThanOrEqual(expected.bounds.points);
    }
  });

  test('another number of points begins anew', () => {
    const x = normals(60, 'rows');
    const sums = compiled(x, { rows: 20, count: 10, width: 3 });
    for (const count of [10, 17, 4]) {
      const sizes = { rows: 20, count, width: 3 };
      const p = normals(3 * count, `points ${count}`);
      const weights = normals(20, 'weights');
      expect(sums.place(p, count)).toBe(true);
      const out = new Float64Array(20);
      sums.overPointsInto(out, weights);
      const expected = direct(sizes, x, p, weights);
      expect(farthest(out, expected.points)).toBeLessThanOrEqual(expected.bounds.points);
    }
  });

  test('rows that are not finite, or have more than 32 coordinates, are left to others', () => {
    expect(compileHingeSums({ coordinates: Float64Array.of(1, Number.NaN), count: 1, width: 2 })).toBeNull();
    expect(compileHingeSums({ coordinates: new Float64Array(33), count: 1, width: 33 })).toBeNull();
  });
});
