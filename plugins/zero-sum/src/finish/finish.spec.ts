import { measure, type Profile, randomKey, randomStream } from '@muflow/core';
import { expect, test } from 'vitest';
import { equilibriumProfile, type KnownGame } from '../games/knownGame.js';
import { bellGame, doubleWellGame, guessingGame, parriloGame, torusCounterexample } from '../games/knownGames.js';
import { finish } from './finish.js';

/** The known equilibrium with every atom split in two and pushed by up to `noise`, masses likewise. */
function disturbed(known: KnownGame, noise: number, seed: number): Profile {
  const random = randomStream(randomKey(seed));
  return equilibriumProfile(known).map((mu) => {
    const positions: number[] = [];
    const masses: number[] = [];
    for (let i = 0; i < mu.count; i++) {
      for (let copy = 0; copy < 2; copy++) {
        for (let k = 0; k < mu.dim; k++)
          positions.push(mu.positions[i * mu.dim + k] + noise * (random.uniform() - 0.5));
        masses.push(mu.masses[i] * (0.5 + random.uniform()));
      }
    }
    const points = Float64Array.from(positions);
    mu.space.projectInto(points, points, masses.length);
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    return measure({ space: mu.space, positions: points, masses: masses.map((mass) => mass / total) });
  });
}

const knownGames: readonly (readonly [string, KnownGame])[] = [
  ['guessing', guessingGame()],
  ['double well', doubleWellGame()],
  ['torus counterexample', torusCounterexample()],
  ['parrilo', parriloGame()],
  ['bell 1', bellGame(1) as KnownGame],
];

test.each(knownGames)('%s: a disturbed equilibrium is found again', (_, known) => {
  const done = finish(known.game, disturbed(known, 0.02, 7));
  expect(done.ni.upper).toBeLessThan(2e-9);
});
