import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { f1AgainstF2Study } from './f1AgainstF2.js';

test('the figures known before come out, and every claim holds', async () => {
  const { claims, tables } = await runStudy(f1AgainstF2Study, {});
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims.filter(({ statement }) => /d = (10|14|24|32)$/.test(statement))).toHaveLength(8);
  const ten = tables[0].rows.find(([dim]) => dim === 10);
  expect(Number(ten?.[1])).toBeCloseTo(9.2234, 3);
});

test('too few degrees are told by the sum rule', async () => {
  const { claims } = await runStudy(f1AgainstF2Study, { dims: [4, 24], degree: 40 });
  expect(claims[0]).toMatchObject({ verdict: 'fails' });
});

test('squared relu is measured without figures that belong to relu', async () => {
  const { claims, tables } = await runStudy(f1AgainstF2Study, { dims: [10, 24], power: 2 });
  expect(claims.map(({ verdict }) => verdict)).toEqual(['holds', 'holds']);
  expect(tables[0].rows.map((row) => row[4])).toEqual([null, null]);
});
