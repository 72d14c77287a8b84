import { expect, test } from 'vitest';
import { equilibriumProfile, type NamedGame } from '../games/knownGame.js';
import {
  bellGame,
  doubleWellGame,
  guessingGame,
  parriloGame,
  penaltyKick,
  torusCounterexample,
} from '../games/knownGames.js';
import { nikaidoIsoda } from './nikaidoIsoda.js';

test.each<[string, () => NamedGame]>([
  ['guessing', guessingGame],
  ['double well', doubleWellGame],
  ['torus counterexample', torusCounterexample],
  ['Parrilo', parriloGame],
  ['bell', () => bellGame(1)],
  ['penalty kick', penaltyKick],
])('the error of the equilibrium of %s is enclosed with the value', (_, make) => {
  const known = make();
  const value = known.equilibrium?.value ?? Number.NaN;
  const found = nikaidoIsoda(known.game, equilibriumProfile(known));
  expect(found.status).toBe('certified');
  expect(found.lower).toBeLessThan(1e-8);
  expect(found.upper).toBeLessThan(1e-8);
  expect(found.value.lower).toBeLessThanOrEqual(value + 1e-14);
  expect(found.value.upper).toBeGreaterThanOrEqual(value - 1e-14);
});
