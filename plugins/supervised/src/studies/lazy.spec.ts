import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { lazyStudy } from './lazy.js';

test('a large start follows the tangent model and predicts worse than a small one', { timeout: 240_000 }, async () => {
  const sizes = { inputs: 24, rows: 120, steps: 600, largestStep: 4 };
  const { claims, tables, figures } = await runStudy(lazyStudy, sizes, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(4);
  expect(figures).toHaveLength(2);
  const column = (k: number): number[] => tables[0].rows.slice(0, 4).map((row) => Number(row[k]));
  // Displacement falls like tau^-2, as the distance to the tangent model does for smooth units; for relu somewhat slower.
  const moved = column(4);
  expect(moved[2] / moved[3]).toBeGreaterThan(0.9 * (10 / 3) ** 2);
  expect(moved[2] / moved[3]).toBeLessThan(1.1 * (10 / 3) ** 2);
  const apart = column(5);
  for (let s = 1; s < 4; s++) expect(apart[s]).toBeLessThan(apart[s - 1]);
});

test('a run is that of its seed', async () => {
  const small = { inputs: 4, rows: 16, pairs: 3, steps: 20, largestStep: 0.5 };
  const rows = async (seed: number) => (await runStudy(lazyStudy, small, { seed })).tables[0].rows;
  const [first, again, other] = [await rows(1), await rows(1), await rows(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('says which run has diverged, and what to do', async () => {
  const wild = { inputs: 4, rows: 16, pairs: 3, steps: 200, largestStep: 100 };
  await expect(runStudy(lazyStudy, wild, { seed: 1 })).rejects.toThrow(
    /trial 1 of 5, scale 0\.1 has diverged, got step size [0-9.]+, .* Fix: set largestStep/,
  );
});

test('scales that the claims read cannot be left out', async () => {
  await expect(runStudy(lazyStudy, { scales: [1, 2] }, { seed: 1 })).rejects.toThrow(/0\.1, 1, 3 and 10 among them/);
});
