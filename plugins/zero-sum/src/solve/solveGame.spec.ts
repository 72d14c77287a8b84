import { expect, test } from 'vitest';
import type { KnownGame } from '../games/knownGame.js';
import {
  bellGame,
  doubleWellGame,
  guessingGame,
  parriloGame,
  penaltyKick,
  torusCounterexample,
} from '../games/knownGames.js';
import { solveGame } from './solveGame.js';

const knownGames: readonly (readonly [string, KnownGame])[] = [
  ['guessing', guessingGame()],
  ['double well', doubleWellGame()],
  ['torus counterexample', torusCounterexample()],
  ['parrilo', parriloGame()],
  ['bell 1', bellGame(1) as KnownGame],
  ['penalty kick', penaltyKick()],
];

test.each(knownGames)('%s: the bracket holds the known value', (_, known) => {
  const done = solveGame(known.game);
  const { value } = known.equilibrium;
  expect(done.status).toBe('certified');
  expect(done.gap).toBeLessThanOrEqual(1e-6);
  // The value of a closed form has been rounded, and so has the bracket's other side of it.
  expect(done.lower).toBeLessThanOrEqual(value + 1e-15);
  expect(done.upper).toBeGreaterThanOrEqual(value - 1e-15);
});
