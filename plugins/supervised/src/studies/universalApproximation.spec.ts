import { fillNormal, leastSquares, randomKey, runStudy } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { monomials, residualsAlong, universalApproximationStudy } from './universalApproximation.js';

const run = (params: object, seed = 1) => runStudy(universalApproximationStudy, params, { seed });

describe('units and what they span', () => {
  test('every claim holds: polynomials stop at their floor, the others go below it and on', async () => {
    const { claims, tables } = await run({});
    expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(claims).toHaveLength(4 * 2 + 5 * 2 + 2);
    expect(tables[0].rows.map((row) => row[1]).slice(0, 4)).toEqual([3, 6, 10, 15]);
  });

  test('a target inside the span is fitted by polynomial units as well: the floor is 0', async () => {
    const small = { inputs: 1, frequency: 0.5, degrees: [6], activations: ['relu'], widths: [4, 16], steps: 0 };
    const { tables } = await run(small);
    expect(Number(tables[0].rows[0][2])).toBeLessThan(1e-12);
  });

  test('is that of its seed', async () => {
    const small = { widths: [4, 8], degrees: [2], activations: ['tanh'], steps: 20, draws: 2 };
    const [first, again, other] = [await run(small), await run(small), await run(small, 2)];
    expect(again.tables).toEqual(first.tables);
    expect(other.tables).not.toEqual(first.tables);
  });
});

describe('residuals along columns', () => {
  test('are those of least squares on the first columns, dependent ones left out', () => {
    const [rows, count] = [30, 6];
    const [columns, targets] = [new Float64Array(count * rows), new Float64Array(rows)];
    fillNormal(columns, randomKey('columns'));
    fillNormal(targets, randomKey('targets'));
    for (let l = 0; l < rows; l++) columns[3 * rows + l] = columns[l] - 2 * columns[rows + l];
    const along = residualsAlong(columns.slice(), rows, targets);
    const square = targets.reduce((sum, y) => sum + y * y, 0);
    for (let m = 1; m <= count; m++) {
      const matrix = Float64Array.from({ length: rows * m }, (_, at) => columns[(at % m) * rows + Math.floor(at / m)]);
      const weights = leastSquares(matrix, targets, rows, m);
      let left = 0;
      for (let l = 0; l < rows; l++) {
        let rest = targets[l];
        for (let k = 0; k < m; k++) rest -= weights[k] * matrix[l * m + k];
        left += rest * rest;
      }
      expect(along[m - 1]).toBeCloseTo(left / square, 12);
    }
    expect(along[3]).toBe(along[2]);
  });

  test('monomials of degree at most k in d variables are C(d + k, k)', () => {
    expect(monomials(Float64Array.of(2, 3), 2, 2)).toEqual(Float64Array.of(1, 3, 9, 2, 6, 4));
    expect(monomials(new Float64Array(3), 3, 4)).toHaveLength(35);
  });
});
