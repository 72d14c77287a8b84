import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { scalingTableStudy } from './scalingTable.js';

test('every exponent of the table is measured at other sizes', async () => {
  const sizes = { inputs: 3, rows: 16, widths: [32, 64, 128], draws: 6, horizon: 5 };
  const { claims, tables, figures } = await runStudy(scalingTableStudy, sizes, { seed: 3 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(15);
  expect(tables[1].rows).toHaveLength(9);
  expect(figures).toHaveLength(3);
});

test('a run is that of its seed', async () => {
  const small = { inputs: 2, rows: 4, widths: [2, 4, 8], draws: 1, startDraws: 2, horizon: 2 };
  const rows = async (seed: number) => (await runStudy(scalingTableStudy, small, { seed })).tables[1].rows;
  const [first, again, other] = [await rows(1), await rows(1), await rows(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
