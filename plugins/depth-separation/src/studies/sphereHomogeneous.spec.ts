import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { sphereHomogeneousStudy } from './sphereHomogeneous.js';

test('every claim of the study of homogeneous networks holds at its defaults', async () => {
  const { claims, tables } = await runStudy(sphereHomogeneousStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(1 + 3 + 2 + 3);
  expect(tables[0].rows).toHaveLength(6);
});

test('is that of its seed', async () => {
  const small = { dims: [3, 4], drawnDims: [3], units: 16, points: 200, pairs: 20, foldLayers: 1 };
  const run = async (seed: number) => (await runStudy(sphereHomogeneousStudy, small, { seed })).tables;
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  expect(again).toEqual(first);
  expect(other[1]).not.toEqual(first[1]);
});
