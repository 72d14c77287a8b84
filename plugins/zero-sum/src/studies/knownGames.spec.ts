import { createWorkbench, definePlugin } from '@muflow/core';
import { expect, test } from 'vitest';
import { type GameWithAnswer, gamesWithAnswers } from './gamesWithAnswers.js';
import { knownGamesStudy } from './knownGames.js';

const workbench = createWorkbench({
  plugins: [definePlugin({ id: 'zero-sum', version: '0.1.0', requires: {}, studies: [knownGamesStudy] })],
});

/** Left to the default run: their certificates take seconds. */
const slow = ['group-torus', 'moments-torus', 'group-sphere', 'gross', 'planted-torus-2', 'planted-sphere'];

test('proven brackets hold the known values, and strategies are the known ones where these are unique', async () => {
  const games = Object.keys(gamesWithAnswers).filter((id) => !slow.includes(id));
  const { claims, tables, figures } = await workbench.runStudy('zero-sum/known-games', { games }, { seed: 1 });
  expect(claims.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  expect(tables[0].rows).toHaveLength(games.length);
  expect(figures.map(({ id }) => id)).toEqual(
    ['parrilo-2', 'planted-torus'].flatMap((id) => ['x-stems', 'y-stems', 'bracket'].map((what) => `${id}-${what}`)),
  );
});

test('too few steps are seen: a short run of mirror-prox fails its claim and no other', async () => {
  const params = { games: ['double-well'], steps: 20 };
  const { claims } = await workbench.runStudy('zero-sum/known-games', params, { seed: 1 });
  expect(claims.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'fails', 'holds']);
});

test('each listed game has a value, and those that are called strict have both strategies', () => {
  for (const { make, kind } of Object.values<GameWithAnswer>(gamesWithAnswers)) {
    const { equilibrium } = make();
    expect(Number.isFinite(equilibrium?.value)).toBe(true);
    if (kind === 'strict') expect([equilibrium?.x, equilibrium?.y]).not.toContain(null);
  }
});
