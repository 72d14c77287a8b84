import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { radialStudy } from './radial.js';

test('every claim of the radial study holds at its defaults', async () => {
  const { claims, tables } = await runStudy(radialStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(1 + 4 + 2 + 2 + 1 + 3);
  expect(tables[1].rows).toHaveLength(8);
});

test('is that of its seed, and names the hypothesis that an even dimension fails', async () => {
  const small = {
    deepDims: [3],
    fitDims: [3],
    width: 16,
    restarts: 1,
    points: 300,
    reach: 4,
    normDims: [3, 4, 5],
    ballDims: [2],
  };
  const run = async (seed: number) => (await runStudy(radialStudy, small, { seed })).tables;
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  expect(again).toEqual(first);
  expect(other[1]).not.toEqual(first[1]);
  await expect(runStudy(radialStudy, { deepDims: [4] })).rejects.toThrow(/d is odd/);
});
