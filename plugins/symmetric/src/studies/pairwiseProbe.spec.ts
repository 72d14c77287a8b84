import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { pairwiseProbeStudy } from './pairwiseProbe.js';

test('every claim holds, and the features needed are those of the spectrum', async () => {
  const { claims, tables } = await runStudy(pairwiseProbeStudy, { fitSets: 800, fitFeatures: [2, 8] });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(7);
  const twelve = tables[0].rows.find(([dim]) => dim === 12);
  expect(twelve?.slice(0, 5)).toEqual([12, 12, 22_048, 49, 152]);
});

test('small dimensions alone claim nothing about growth', async () => {
  const { claims } = await runStudy(pairwiseProbeStudy, { dims: [2, 3], fitSets: 200, fitFeatures: [2] });
  expect(claims).toHaveLength(3);
});
