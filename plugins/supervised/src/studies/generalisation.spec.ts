import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { generalisationStudy } from './generalisation.js';

test('the gap stays below its bound and falls with rows and penalty, not with width', {
  timeout: 240_000,
}, async () => {
  const { claims, tables } = await runStudy(generalisationStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(2 + 3 + 4 + 1);
  for (const [, , approximation, statistical, optimization, sum] of tables[2].rows.map((row) => row.map(Number))) {
    expect(approximation + statistical + optimization).toBeCloseTo(sum, 14);
    expect(approximation).toBeGreaterThan(0);
    expect(statistical).toBeGreaterThan(0);
  }
});

test('a run is that of its seed', async () => {
  const short = { rows: [8, 12], lambdas: [0.01, 0.1], widths: [4, 8], repeats: 2, steps: 20 };
  const series = async (seed: number) => (await runStudy(generalisationStudy, short, { seed })).tables;
  const [first, again, other] = [await series(1), await series(1), await series(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
