import { describe, expect, test } from 'vitest';
import { fillNormal, randomKey } from '../../math/random.js';
import type { HingeVariation } from '../hinge.js';
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

const ones = (count: number): Float64Array => new Float64Array(count).fill(1);

const variation = (count: number, width: number): HingeVariation => ({
  values: new Float64Array(count),
  gradients: new Float64Array(count * width),
});

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
    { rows: 300, count: 261, width: 3 },
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
      const overRows = variation(count, width);
      for (const step of [0, 1e-4, 1e-3, 1e-3, 0.1, -0.1, 3, -3, 1e-9, 0]) {
        for (let k = 0; k < p.length; k++) p[k] += step * way[k];
        expect(sums.place(p, count)).toBe(true);
        sums.overPointsInto(overPoints, weights);
        sums.overRowsInto(overRows, weights, ones(count));
        const expected = direct(sizes, x, p, weights);
        expect(farthest(overPoints, expected.points)).toBeLessThanOrEqual(expected.bounds.points);
        expect(farthest(overRows.gradients, expected.sums)).toBeLessThanOrEqual(expected.bounds.sums);
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
          const overRows = variation(count, width);
          sums.overPointsInto(overPoints, weights);
          sums.overRowsInto(overRows, weights, weights);
          return [...overPoints, ...overRows.values, ...overRows.gradients];
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
      const out = variation(1, 2);
      sums.overRowsInto(out, Float64Array.of(1, 1, 1), ones(1));
      expect([...out.gradients]).toEqual([Math.sign(point[0]), 0]);
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

  test('signs are those of 53 bits where 24 do not tell them, and of rows of any length', () => {
    const [rows, width] = [40, 5];
    const x = normals(rows * width, 'rows');
    x.fill(0, 3 * width, 4 * width);
    for (let k = 0; k < width; k++) x[7 * width + k] *= 1e-130;
    for (let k = 0; k < width; k++) x[8 * width + k] *= 1e120;
    const p = normals(rows * width, 'points');
    const sums = compiled(x, { rows, count: rows, width });
    const out = variation(rows, width);
    const product = (l: number, i: number): number => {
      let z = 0;
      for (let k = 0; k < width; k++) z += x[l * width + k] * p[i * width + k];
      return z;
    };
    for (const near of [1e-3, 0, 1e-16, -1e-16, 1e-14, 1e-9, -1e-9, 1e-7, -1e-7, 1e-5, -1e-5]) {
      // Point i goes to a distance of `near` from the hyperplane of row i, where it has one.
      for (let i = 0; i < rows; i++) {
        const norm = Math.hypot(...x.subarray(i * width, (i + 1) * width));
        const way = norm === 0 ? 0 : near - product(i, i) / norm;
        for (let k = 0; k < width && norm > 0; k++) p[i * width + k] += way * (x[i * width + k] / norm);
      }
      expect(sums.place(p, rows)).toBe(true);
      for (let l = 0; l < rows; l++) {
        const weights = new Float64Array(rows);
        weights[l] = 1;
        sums.overRowsInto(out, weights, ones(rows));
        const active = Array.from({ length: rows }, (_, i) => out.gradients[i * width] !== 0);
        expect(active).toEqual(Array.from({ length: rows }, (_, i) => product(l, i) > 0));
      }
    }
  });

  test('points lie anywhere in their atoms, and values are sums of the products', () => {
    const [rows, count, width] = [50, 30, 3];
    const x = normals(rows * width, 'rows');
    const p = normals(count * width, 'points');
    const weights = normals(rows, 'weights');
    const scales = normals(count, 'scales');
    const expected = variation(count, width);
    const plain = compiled(x, { rows, count, width });
    plain.place(p, count);
    plain.overRowsInto(expected, weights, scales);
    const atom = { dim: 6, offsets: [4, 1, 2] };
    const sums = compileHingeSums({ coordinates: x, count: rows, width, atom });
    const atoms = normals(6 * count, 'atoms');
    for (let i = 0; i < count; i++) for (let k = 0; k < width; k++) atoms[6 * i + atom.offsets[k]] = p[i * width + k];
    const out = variation(count, 6);
    expect(sums?.place(atoms, count)).toBe(true);
    sums?.overRowsInto(out, weights, scales);
    expect(out.values).toEqual(expected.values);
    for (let i = 0; i < count; i++) {
      let value = 0;
      for (let l = 0; l < rows; l++) {
        let z = 0;
        for (let k = 0; k < width; k++) z += x[l * width + k] * p[i * width + k];
        value += weights[l] * Math.max(z, 0);
      }
      expect(out.values[i]).toBeCloseTo(value, 11);
      for (let k = 0; k < width; k++)
        expect(out.gradients[6 * i + atom.offsets[k]]).toBe(expected.gradients[i * width + k]);
    }
  });

  test('rows that are not finite, huge or tiny, or have more than 32 coordinates, are left to others', () => {
    expect(compileHingeSums({ coordinates: Float64Array.of(1, Number.NaN), count: 1, width: 2 })).toBeNull();
    expect(compileHingeSums({ coordinates: Float64Array.of(1, 1e-200), count: 1, width: 2 })).toBeNull();
    expect(compileHingeSums({ coordinates: new Float64Array(33), count: 1, width: 33 })).toBeNull();
  });
});
