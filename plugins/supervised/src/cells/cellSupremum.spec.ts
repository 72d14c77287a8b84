import { certifiedMinimum, parseFormula, randomKey, randomStream, sphere } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { activationCells } from './activationCells.js';
import { cellSupremum, correlationAt } from './cellSupremum.js';
import { projectOnCone } from './coneProjection.js';

const normals = (label: string, count: number): Float64Array => {
  const random = randomStream(randomKey(label));
  return Float64Array.from({ length: count }, () => random.normal());
};

describe('the projection on a cone', () => {
  test('satisfies the conditions of the nearest point: inside, orthogonal rest, multipliers at least 0', () => {
    for (let seed = 0; seed < 300; seed++) {
      const dim = 2 + (seed % 2);
      const rows = normals(`rows ${seed}`, 7 * dim);
      const cells = activationCells(rows, dim);
      const g = normals(`g ${seed}`, dim);
      for (let c = 0; c < cells.count; c += 5) {
        const { point, face, multipliers } = projectOnCone(g, { dim, rows, active: cells.active, start: 7 * c });
        const size = Math.hypot(...g);
        let inner = 0;
        for (let k = 0; k < dim; k++) inner += point[k] * (g[k] - point[k]);
        expect(Math.abs(inner)).toBeLessThan(1e-12 * size ** 2);
        for (let l = 0; l < 7; l++) {
          let value = 0;
          for (let k = 0; k < dim; k++) value += point[k] * rows[l * dim + k];
          expect(cells.active[7 * c + l] === 1 ? value : -value).toBeGreaterThan(-1e-12 * size);
        }
        expect(face.length).toBeLessThanOrEqual(dim);
        expect(multipliers.every((y) => y > 0)).toBe(true);
      }
    }
  });
});

describe('the supremum by cells', () => {
  test.each([2, 3])('agrees with branch and bound, which knows no cells: dimension %i', (dim) => {
    const terms = Array.from({ length: dim }, (_, k) => `theta[${k}]*x[${k}]`).join(' + ');
    const names = { theta: { role: 'row', size: dim }, x: { role: 'column', size: dim } } as const;
    const formula = parseFormula(`relu(${terms})`, { variables: names });
    for (let seed = 0; seed < (dim === 2 ? 10 : 2); seed++) {
      const rows = normals(`rows ${dim} ${seed}`, 6 * dim);
      const r = normals(`r ${dim} ${seed}`, 6);
      const { lower, upper, at } = cellSupremum(activationCells(rows, dim), r);
      const over = { count: 6, positions: rows, weights: r };
      const against = { variables: [{ name: 'x', size: dim }], over };
      const variables = [{ name: 'theta', size: dim }];
      const other = certifiedMinimum(
        { formula, space: sphere(dim), variables, against, sign: -1 },
        { tolerance: dim === 2 ? 1e-6 : 1e-2, maxCells: 20_000 },
      );
      // Both enclose the same number, or 0 where that is negative.
      expect(upper).toBeGreaterThanOrEqual(Math.max(0, -other.upper));
      expect(lower).toBeLessThanOrEqual(Math.max(0, -other.lower));
      expect(upper - lower).toBeLessThanOrEqual(1e-13 * (1 + upper));
      if (at !== null) expect(Math.hypot(...at)).toBeCloseTo(1, 14);
    }
  });

  test('is above every direction of 100 arrangements, and reached up to rounding', () => {
    for (let seed = 0; seed < 100; seed++) {
      const dim = 2 + (seed % 2);
      const rows = normals(`many ${seed}`, 15 * dim);
      const cells = activationCells(rows, dim);
      const r = normals(`signs ${seed}`, 15);
      const { lower, upper } = cellSupremum(cells, r);
      const directions = normals(`directions ${seed}`, 200 * dim);
      sphere(dim).projectInto(directions, directions, 200);
      for (let i = 0; i < 200; i++) {
        const value = correlationAt(cells, r, directions.slice(i * dim, (i + 1) * dim));
        expect(value).toBeLessThanOrEqual(upper);
      }
      expect(upper - lower).toBeLessThanOrEqual(1e-13 * (1 + upper));
    }
  });

  test('of one row is its length, of a negative residual zero, of equal rows that of their sum', () => {
    const rows = Float64Array.of(3, 4, 0);
    expect(cellSupremum(activationCells(rows, 3), Float64Array.of(2)).lower).toBeCloseTo(10, 13);
    const none = cellSupremum(activationCells(rows, 3), Float64Array.of(-2));
    expect(none.upper).toBeLessThan(1e-12);
    expect(none.at).toBeNull();
    const doubled = Float64Array.of(3, 4, 0, 3, 4, 0);
    expect(cellSupremum(activationCells(doubled, 3), Float64Array.of(3, -1)).lower).toBeCloseTo(10, 13);
  });
});
