import { runStudy } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { rateAgainstDimensionStudy } from './rateAgainstDimension.js';

const small = {
  dims: [4, 8],
  far: [],
  boundDims: [2, 16],
  fitDims: [2],
  rows: 256,
  steps: 5,
  restarts: 2,
  points: 500,
};

describe('the study of rate against dimension', () => {
  test('every claim holds at its defaults, and one-degree budgets are those of the card', async () => {
    const { claims, tables, notes, figures } = await runStudy(rateAgainstDimensionStudy, {}, { seed: 1 });
    expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(claims).toHaveLength(8);
    const card = new Map([
      [4, [3.7, 2.9]],
      [6, [null, 13.4]],
      [8, [16.8, 67]],
      [10, [null, 342]],
      [12, [null, 1705]],
      [16, [40.8, 4.5e4]],
      [20, [null, 1.3e6]],
    ]);
    for (const [dim, expected] of card) {
      const row = tables[0].rows.find(([d]) => d === dim) ?? [];
      [Number(row[1]), Number(row[4])].forEach((value, k) => {
        // The card prints two to four digits: within half a unit of its last, and .05 at 16.85.
        const told = expected[k];
        if (told !== null) expect(Math.abs(value / told - 1)).toBeLessThan(0.02);
      });
    }
    expect(notes?.[0]).toContain('Proved: the relative squared error is at least');
    expect(figures.map(({ id }) => id)).toEqual(['budgets', 'errors']);
  });

  test('is that of its seed', async () => {
    const run = async (seed: number) => (await runStudy(rateAgainstDimensionStudy, small, { seed })).tables[2];
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.rows).toHaveLength(8);
  });

  test('a claim fails where the rate that is said to stay is not small', async () => {
    const { claims } = await runStudy(rateAgainstDimensionStudy, { ...small, length: 3 }, { seed: 1 });
    expect(claims.some(({ statement, verdict }) => verdict === 'fails' && statement.startsWith('|omega| = 3'))).toBe(
      true,
    );
  });

  test('a claim fails where the growing rate is too slow', async () => {
    const { claims } = await runStudy(rateAgainstDimensionStudy, { ...small, growth: 0.5 }, { seed: 1 });
    expect(claims.find(({ statement }) => statement.startsWith('Rate 0.5 d'))?.verdict).toBe('fails');
  });
});
