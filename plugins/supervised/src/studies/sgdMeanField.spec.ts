import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { sgdMeanFieldStudy } from './sgdMeanField.js';

const run = (params: object, seed: number) => runStudy(sgdMeanFieldStudy, params, { seed });

test('the step size enters with power 1, and both parts add up', async () => {
  const sizes = { widths: [8, 16, 32, 64], draws: 24, horizon: 16 };
  const { claims, tables, figures } = await run(sizes, 4);
  // Powers of the width need more draws than a spec has time for: see the golden run.
  const read = claims.filter(({ statement }) => /Exponent of the step size|add up/.test(statement));
  expect(read.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(read).toHaveLength(2);
  expect(claims).toHaveLength(4);
  expect(tables[0].rows).toHaveLength(16);
  expect(figures).toHaveLength(2);
});

test('a run is that of its seed, and larger batches are nearer to the flow', async () => {
  const small = { inputs: 4, widths: [4, 8, 16], stepSizes: [0.8, 0.4, 0.2], draws: 4, horizon: 8 };
  const rows = async (given: object, seed: number) => (await run(given, seed)).tables[0].rows;
  const [first, again, other] = [await rows(small, 1), await rows(small, 1), await rows(small, 2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  const many = await rows({ ...small, batch: 64 }, 1);
  for (let k = 0; k < first.length; k++) expect(Number(many[k][2])).toBeLessThan(Number(first[k][2]) / 4);
});

test('widths and step sizes come in pairs', async () => {
  await expect(run({ widths: [4, 8, 16, 32, 64] }, 1)).rejects.toThrow(/as many step sizes as widths/);
});
