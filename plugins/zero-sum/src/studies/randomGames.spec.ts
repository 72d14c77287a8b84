import { createWorkbench, definePlugin } from '@muflow/core';
import { expect, test } from 'vitest';
import { randomGamesStudy } from './randomGames.js';

const workbench = createWorkbench({
  plugins: [definePlugin({ id: 'zero-sum', version: '0.1.0', requires: {}, studies: [randomGamesStudy] })],
});

test('the hybrid certifies what neither the double oracle nor mirror-prox do within their budgets', async () => {
  const params = { games: 2, first: 6, contestants: ['hybrid', 'double oracle', 'mirror-prox'] };
  const { claims, tables, metrics } = await workbench.runStudy('zero-sum/random-games', params, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(claims).toHaveLength(6);
  expect(tables[0].rows.map(([name]) => name)).toEqual(params.contestants);
  // Errors are upper ends of proven intervals, so none can be 0.
  for (const errors of Object.values(metrics ?? {})) expect(Math.min(...errors)).toBeGreaterThan(0);
});

test('a run of a dynamics costs its evaluations, up to where it succeeds', async () => {
  const costs = async (error: number): Promise<{ steps: number; payoffs: number }> => {
    const params = { games: 1, first: 3, contestants: ['mirror-prox'], steps: 1600, error };
    const [{ rows }] = (await workbench.runStudy('zero-sum/random-games', params, { seed: 1 })).tables;
    const [[, solved, , , steps, payoffs]] = rows;
    expect(solved).toBe(1);
    return { steps: Number(steps), payoffs: Number(payoffs) };
  };
  const easy = await costs(1);
  const hard = await costs(0.05);
  expect(hard.steps).toBeGreaterThan(easy.steps);
  // Two evaluations of 15 x 16 pairs per step.
  for (const { steps, payoffs } of [easy, hard]) expect(payoffs).toBe(steps * 2 * 15 * 16);
});
