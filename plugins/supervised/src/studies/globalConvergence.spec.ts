import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { globalConvergenceStudy } from './globalConvergence.js';

test('only starts that separate reach the global minimum; the conic flow keeps its 1/t bound', {
  timeout: 120_000,
}, async () => {
  const { claims, tables } = await runStudy(globalConvergenceStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  // On the circle three starts separate always; the places of seed 1 do as well.
  expect(tables[0].rows.map(([, , separates]) => separates)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
});

test('more atoms on the arc do not help', { timeout: 60_000 }, async () => {
  const { tables } = await runStudy(globalConvergenceStudy, { atoms: 80, steps: 600 }, { seed: 1 });
  const ends = tables[0].rows.filter(([, label]) => String(label).includes('a = 0 over an arc'));
  expect(Number(ends[0][4])).toBeCloseTo(0.18, 3);
});
