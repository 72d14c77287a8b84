import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import {
  basisInto,
  cellOf,
  chebyshevAxis,
  type GridPoints,
  gatherFrom,
  noAxis,
  type Plane,
  spreadInto,
} from './chebyshevGrid.js';

import { inPlane } from './chebyshevPanels.js';
import { referenceBackend } from './reference.js';

const random = randomStream(randomKey('chebyshev grid'));
const uniforms = (count: number, low: number, high: number): Float64Array =>
  Float64Array.from({ length: count }, () => low + (high - low) * random.uniform());

describe('the Lagrange basis of a cell', () => {
  test.each([
    [1, 3],
    [4, 7],
    [3, 16],
    [2, 40],
  ])('on %i cells of %i nodes reproduces polynomials of lower degree', (cells, order) => {
    const axis = chebyshevAxis([-1.5, 2.5], cells, order);
    const basis = new Float64Array(order);
    for (const y of [...uniforms(50, -1.5, 2.5), -1.5, 2.5, axis.nodes[1]]) {
      const cell = cellOf(axis, y);
      basisInto(basis, 0, axis, y);
      for (const degree of [0, 1, order - 1]) {
        // Scaled to the cell, where powers stay below 1.
        const center = axis.low + (cell + 0.5) * axis.cellWidth;
        const power = (at: number): number => ((2 * (at - center)) / axis.cellWidth) ** degree;
        const found = basis.reduce((sum, value, q) => sum + value * power(axis.nodes[cell * order + q]), 0);
        expect(Math.abs(found - power(y))).toBeLessThan(1e-13);
      }
    }
  });

  test('is 1 at its node and 0 at the others, exactly', () => {
    const axis = chebyshevAxis([0, 3], 2, 9);
    const basis = new Float64Array(9);
    for (let q = 0; q < 9; q++) {
      basisInto(basis, 0, axis, axis.nodes[9 + q]);
      expect([...basis].map((value, k) => (k === q ? Math.round(value * 1e13) / 1e13 : value + 0))).toEqual(
        Array.from({ length: 9 }, (_, k) => (k === q ? 1 : 0)),
      );
    }
  });
});

describe.each<[string, Plane, number]>([
  ['a line', [chebyshevAxis([0, 1], 5, 6), noAxis], 1],
  ['a plane', [chebyshevAxis([0, 1], 3, 5), chebyshevAxis([0, 1], 2, 5)], 2],
])('on %s', (_, plane, size) => {
  const count = 500;
  const data = uniforms(size * count, 0, 1);
  const points: GridPoints = { count, data: [data, size === 2 ? data : null], stride: [size, size], offset: [0, 1] };
  const weights = uniforms(count, -1, 1);

  test('spreading keeps the total weight and the moments of polynomials', () => {
    const nodes = new Float64Array(plane[0].nodes.length * plane[1].nodes.length);
    spreadInto(nodes, plane, points, weights);
    const width = plane[1].nodes.length;
    const test = (u: number, v: number): number => 1 + u ** 3 - 2 * u * v ** 2;
    const atNodes = nodes.reduce(
      (sum, w, i) => sum + w * test(plane[0].nodes[Math.floor(i / width)], plane[1].nodes[i % width]),
      0,
    );
    const atPoints = weights.reduce(
      (sum, w, j) => sum + w * test(data[j * size], size === 2 ? data[j * size + 1] : 0),
      0,
    );
    expect(Math.abs(atNodes - atPoints)).toBeLessThan(1e-12);
  });

  test('blocks of points give the same as point by point', () => {
    const panels = inPlane(referenceBackend());
    const total = plane[0].nodes.length * plane[1].nodes.length;
    const [one, all] = [new Float64Array(total), new Float64Array(total)];
    for (const given of [weights, null]) {
      spreadInto(one, plane, points, given);
      panels.spread(all, plane, points, given);
      one.forEach((value, k) => {
        expect(Math.abs(value - all[k])).toBeLessThan(1e-12);
      });
    }
    const tables = [one, all.map((value) => 1 - value)];
    const [slow, fast] = [0, 1].map(() => new Float64Array(2 * count));
    gatherFrom(
      tables.map((values, offset) => ({ values, out: slow, stride: 2, offset })),
      plane,
      points,
    );
    panels.gather(
      tables.map((values, offset) => ({ values, out: fast, stride: 2, offset })),
      plane,
      points,
    );
    slow.forEach((value, k) => {
      expect(Math.abs(value - fast[k])).toBeLessThan(1e-11);
    });
  });

  test('gathering is the transpose of spreading', () => {
    const total = plane[0].nodes.length * plane[1].nodes.length;
    const values = uniforms(total, -1, 1);
    const spread = new Float64Array(total);
    const out = new Float64Array(count);
    spreadInto(spread, plane, points, weights);
    gatherFrom([{ values, out, stride: 1, offset: 0 }], plane, points);
    const left = spread.reduce((sum, value, i) => sum + value * values[i], 0);
    const right = out.reduce((sum, value, i) => sum + value * weights[i], 0);
    expect(Math.abs(left - right)).toBeLessThan(1e-12);
  });
});
