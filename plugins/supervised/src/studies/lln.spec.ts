import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { llnStudy } from './lln.js';

// Slopes of three widths spread by about 0.07 (distances by 10 % at 16 runs or more), so the band is two deviations.
test('widths 32 to 128: the distance to the population flow falls like 1/n at every time', {
  timeout: 240_000,
}, async () => {
  const { claims, tables } = await runStudy(llnStudy, { widths: [32, 64, 128] }, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(3 + 5 + 1);
  const [{ rows }, exchange] = tables;
  expect(rows.map(([step]) => step)).toEqual([0, 50, 100, 150, 200]);
  // The constant of the law falls too, and the limit learns.
  expect(Number(rows[4][3])).toBeLessThan(0.5 * Number(rows[0][3]));
  expect(Number(rows[4][6])).toBeLessThan(0.1 * Number(rows[0][6]));
  // Wider networks come closer to the energy of the limit at the end.
  const last = exchange.rows[4].slice(1).map(Number);
  expect(last[0]).toBeGreaterThan(last[2]);
  expect(last[2]).toBeGreaterThan(last[3]);
});

test('a run is that of its seed', async () => {
  const short = { widths: [4, 8], repeats: 2, steps: 4, nodes: 8 };
  const series = async (seed: number) => (await runStudy(llnStudy, short, { seed })).metrics;
  const [first, again, other] = [await series(1), await series(1), await series(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
