import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { timeDiscretisationStudy } from './timeDiscretisation.js';

// The orders are deterministic. A noise level of 300 runs spreads by at most sqrt(2/300) = 8 %: the slope over a factor
// of 8 in dt by 0.05, the ratio of two levels by 12 %, that to theory by 8 %; the bands are four, more than two and nearly
// three deviations. Seed 1 is fixed.
test('steppers have their orders, and the noise of minibatches is of order dt and falls with the batch as it must', {
  timeout: 120_000,
}, async () => {
  const { claims, tables } = await runStudy(timeDiscretisationStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(1 + 5 + 2 + 2 + 1);
  expect(tables[0].rows.map(([name]) => name)).toEqual([
    'euler',
    'heun',
    'rk4',
    'lie(euler, euler)',
    'strang(heun, heun)',
  ]);
});

test('a run is that of its seed', async () => {
  const short = { steps: [2, 4], noiseSteps: [2, 4], repeats: 2, width: 3 };
  const series = async (seed: number) => (await runStudy(timeDiscretisationStudy, short, { seed })).tables;
  const [first, again, other] = [await series(1), await series(1), await series(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
