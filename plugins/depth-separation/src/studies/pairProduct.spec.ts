import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { pairProductStudy } from './pairProduct.js';

test('every claim of the pair-product study holds at its defaults, the printed budgets among them', async () => {
  const { claims, tables } = await runStudy(pairProductStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims.filter(({ statement }) => statement.startsWith('Norm budget'))).toHaveLength(10);
  expect(claims).toHaveLength(10 + 2 + 3 + 3);
  expect(tables[0].rows).toHaveLength(18);
});

test('is that of its seed', async () => {
  const small = { dims: [4, 5], deepDims: [4], points: 300, width: 30, restarts: 1, knots: 12 };
  const run = async (seed: number) => (await runStudy(pairProductStudy, small, { seed })).tables;
  const [first, again, other] = [await run(1), await run(1), await run(2)];
  expect(again).toEqual(first);
  expect(other[2]).not.toEqual(first[2]);
});
