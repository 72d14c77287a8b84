import { parseSpace } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { noisyDuel } from './jumpingGames.js';
import { equilibriumProfile, type NamedGame } from './knownGame.js';
import {
  absoluteGame,
  bellGame,
  doubleWellGame,
  guessingGame,
  parriloGame,
  parriloMixedGame,
  penaltyKick,
  torusCounterexample,
} from './knownGames.js';
import { momentMatchingGame } from './momentMatching.js';
import { plantedGame } from './plantedGame.js';

const data = { at: [[0.2], [0.5]], mass: [0.5, 0.5] };

/** Every game whose equilibrium has finitely many atoms. */
const games: readonly NamedGame[] = [
  guessingGame(),
  doubleWellGame(),
  torusCounterexample(),
  parriloGame(),
  parriloMixedGame(),
  absoluteGame(),
  bellGame(1),
  bellGame(Math.SQRT2),
  noisyDuel(),
  penaltyKick(),
  momentMatchingGame({ space: parseSpace('[-1,1]'), data }),
  ...['torus(1)', 'torus(2)', 'sphere(2)', '[-1,1]', '[-1,1],[0,2]', 'simplex(3)'].flatMap((space) =>
    [0, 1].map((seed) => plantedGame({ space: parseSpace(space), atomsX: 3, atomsY: 2 + seed, value: 0.3, seed })),
  ),
];

describe.each(games.map((known) => [known.game.name, known] as const))('%s', (_, known) => {
  test('a proof confirms the stated equilibrium and value', () => {
    const { certified, upper, value } = nikaidoIsoda(known.game, equilibriumProfile(known));
    expect(certified).toBe(true);
    expect(upper).toBeLessThan(1e-7);
    // The statement is rounded to doubles, and so are the constants of planted games.
    const stated = known.equilibrium?.value ?? Number.NaN;
    expect(value.lower).toBeLessThanOrEqual(stated + 1e-14);
    expect(value.upper).toBeGreaterThanOrEqual(stated - 1e-14);
  });
});
