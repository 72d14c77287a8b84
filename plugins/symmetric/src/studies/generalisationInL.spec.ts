import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { generalisationInLStudy } from './generalisationInL.js';

const claimsOf = async (params: object, seed: number) =>
  (await runStudy(generalisationInLStudy, params, { seed })).claims.map(({ verdict }) => verdict);

test('at a norm that binds, gaps fall with the number of sets below the bound', async () => {
  // The exponents have deviations of some 0.05 (neurons drawn) and 0.15 (trained): at three each, two alarms in a hundred.
  const small = { rows: [16, 32, 64, 128], repeats: 6, steps: 80 };
  expect(await claimsOf(small, 1)).toEqual(['holds', 'holds', 'holds', 'holds', 'holds', 'holds']);
});

test('a norm that does not bind is told', async () => {
  const wide = { rows: [16, 32], repeats: 2, steps: 5, searches: 2, norm: 100, rate: 1e-4 };
  expect((await claimsOf(wide, 1))[0]).toBe('fails');
});
