import { runStudy } from '@muflow/core';
import { expect, test } from 'vitest';
import { birthDeathMixtureStudy } from './birthDeathMixture.js';

// 8 starts of 3000 steps and one of 10000, by three methods: the whole experiment, about 25 s on one core.
test('the whole experiment at its defaults: birth-death is ahead, only re-injection escapes, all claims hold', {
  timeout: 240_000,
}, async () => {
  const { claims, tables } = await runStudy(birthDeathMixtureStudy, {}, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(13);
  const [medians, ends] = tables;
  expect(medians.rows.map(([step]) => step)).toEqual([0, 500, 1000, 2000, 2999]);
  // Equal starts: at step 0 the three methods have one energy.
  expect(new Set(medians.rows[0].slice(1)).size).toBe(1);
  expect(ends.rows.map(([method]) => method)).toEqual([
    'gradient flow',
    'birth-death',
    'birth-death with re-injection',
  ]);
});

const short = { seeds: 2, steps: 101, badSteps: 100, atoms: 20 };

test('a run is that of its seed: the same again, another for another seed', async () => {
  const metrics = async (seed: number) => (await runStudy(birthDeathMixtureStudy, short, { seed })).metrics;
  const [first, again, other] = [await metrics(1), await metrics(1), await metrics(2)];
  expect(again).toEqual(first);
  expect(other?.gradientFlow).not.toEqual(first?.gradientFlow);
});

test('a short run claims what it can show: the gradient flow lowers the energy', async () => {
  const { claims } = await runStudy(birthDeathMixtureStudy, short, { seed: 1 });
  expect(claims.map(({ statement, verdict }) => [statement, verdict])).toEqual([
    ['The gradient flow lowers the energy', 'holds'],
  ]);
});

test('birth-death keeps the number of atoms and the total mass', async () => {
  const { profiles = {} } = await runStudy(birthDeathMixtureStudy, short, { seed: 1 });
  expect(Object.keys(profiles)).toHaveLength(3);
  for (const [mu] of Object.values(profiles)) {
    expect(mu.count).toBe(20);
    expect(mu.masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 12);
  }
});
