import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { tangentSpectrumStudy } from './tangentSpectrum.js';

test('the kernel stays in the lazy regime, and turns to the targets outside it', async () => {
  const { claims, tables, figures } = await runStudy(tangentSpectrumStudy, { width: 48, rows: 48 }, { seed: 5 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(6);
  expect(figures).toHaveLength(2);
  // Alignment is a cosine, and shares are shares.
  for (const row of tables[0].rows) {
    expect(Number(row[2])).toBeGreaterThan(0);
    expect(Number(row[2])).toBeLessThan(1);
    expect(Number(row[3])).toBeGreaterThanOrEqual(1);
    expect(Number(row[4])).toBeLessThanOrEqual(1 + 1e-12);
  }
});

test('a run is that of its seed', async () => {
  const small = { inputs: 2, rows: 8, testRows: 4, width: 4, scales: [1, 10, 30, 90], horizon: 2, modes: 2 };
  const rows = async (seed: number) => (await runStudy(tangentSpectrumStudy, small, { seed })).tables[0].rows;
  const [first, again, other] = [await rows(1), await rows(1), await rows(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
