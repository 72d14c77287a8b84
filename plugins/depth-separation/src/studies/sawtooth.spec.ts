import { runStudy } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { splineFit, squaredDistance, tentSpline } from '../sawtooth/splineFit.js';
import { sawtoothStudy } from './sawtooth.js';
import { constructedError } from './sawtoothReport.js';

const small = { folds: 4, widths: [2, 5], restarts: 2, steps: 10, networks: 10, points: 50 };

describe('the sawtooth study', () => {
  test('every claim holds at its defaults, and the floor of half a width is one half', async () => {
    const { claims, tables, notes } = await runStudy(sawtoothStudy, {}, { seed: 1 });
    expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(claims).toHaveLength(5);
    expect(tables[0].rows.find(([units]) => units === 16)?.[1]).toBe(0.5);
    expect(notes?.[0]).toContain('Proved: the relative squared error is at least');
  });

  test('is that of its seed', async () => {
    const run = async (seed: number) => (await runStudy(sawtoothStudy, small, { seed })).tables[0];
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('the construction has the error it is said to have', () => {
    const target = tentSpline(4);
    for (let units = 1; units < 15; units++) {
      const inner = Float64Array.from({ length: units }, (_, j) => (j + (j === units - 1 ? 0.5 : 1)) / 16);
      const knots = Float64Array.of(0, ...inner, 1);
      const values = knots.map((_, j) => (j <= units - 1 ? j % 2 : 0.5));
      expect(12 * squaredDistance({ knots, values }, target)).toBeCloseTo(constructedError(4, units), 12);
      expect(squaredDistance(splineFit(inner, target), target)).toBeLessThan(constructedError(4, units) / 12 + 1e-12);
    }
  });
});
