import { measure, type Profile, randomKey, randomStream, torus, uniformOn, zeroSumGame } from '@muflow/core';
import { expect, test } from 'vitest';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { equilibriumProfile, type KnownGame } from '../games/knownGame.js';
import {
  absoluteGame,
  bellGame,
  doubleWellGame,
  guessingGame,
  parriloGame,
  torusCounterexample,
} from '../games/knownGames.js';
import { portableTrigonometricGame, randomTrigonometricGame } from '../games/trigonometricGames.js';
import { atomsOf } from './atoms.js';
import { finish } from './finish.js';
import { newton } from './newton.js';
import { payoffJet } from './payoffJet.js';

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

test('two atoms that run into each other with masses of opposite signs are not taken for a solution', () => {
  const game = portableTrigonometricGame(20240);
  const x = measure({
    space: game.spaces[0],
    positions: [0.1284670118, 0.4148674825 - 0.01, 0.4148674825 + 0.01],
    masses: [0.39, 0.3, 0.31],
  });
  const y = measure({
    space: game.spaces[1],
    positions: [0.0944883862, 0.4390451661, 0.8497094086],
    masses: [0.42, 0.54, 0.04],
  });
  // Newton's method alone ends in a signed measure that satisfies every equation.
  const alone = newton(payoffJet(game), { x: atomsOf(x), y: atomsOf(y), value: 0.2333 });
  expect(alone.residual).toBeLessThan(1e-12);
  expect(Math.min(...alone.guess.x.masses)).toBeLessThan(-1);
  const done = finish(game, [x, y], { mergeRadii: [1e-12] });
  expect(done.profile.every(({ masses }) => masses.every((mass) => mass > 0))).toBe(true);
  expect(done.support).toEqual({ x: 2, y: 3 });
  expect(done.ni.upper).toBeLessThan(4e-9);
});

test('a stationary profile that is no equilibrium keeps its error, whatever its residual', () => {
  const { game } = doubleWellGame();
  // At 0 the slope of either potential vanishes, but both are at a maximum there.
  const middle = measure({ space: game.spaces[0], positions: [0], masses: [1] });
  const stationary = newton(payoffJet(game), { x: atomsOf(middle), y: atomsOf(middle), value: 0 });
  expect(stationary.residual).toBe(0);
  const done = finish(game, [middle, middle]);
  expect(done.ni.lower).toBeGreaterThan(0.49);
  expect(done.degenerate).toBe(true);
});

test('merging says how far mass has moved, and the rest is strict and well conditioned', () => {
  const known = doubleWellGame();
  const done = finish(known.game, disturbed(known, 0.02, 7));
  expect(done.moved.x).toBeGreaterThan(0);
  expect(done.moved.x).toBeLessThan(0.02);
  expect(done.degenerate).toBe(false);
  expect(done.conditioning).toBeLessThan(100);
  // V_x'' = 3 x^2 - 1 = 2 at the atoms, over a ball of 0.02 diameters: 2 * 0.08^2 / 2; the slack at its edge is less.
  expect(done.margins?.curvature).toBeCloseTo(0.0064, 9);
  expect(done.margin).toBeGreaterThan(0.005);
  expect(done.margin).toBeLessThanOrEqual(0.0064 + 1e-9);
});

test('the proven error is never above that of the profile that was given', () => {
  for (let seed = 0; seed < 12; seed++) {
    const game = randomTrigonometricGame({ seed, degree: 2 });
    const given = game.spaces.map((space, k) => uniformOn(space, 1 + ((seed + k) % 4), `given ${seed} ${k}`));
    const [before, done] = [nikaidoIsoda(game, given), finish(game, given)];
    expect(done.ni.upper).toBeLessThanOrEqual(before.upper + 1e-8);
  }
  // A dip so narrow that no search on 512 points sees it.
  const dip = zeroSumGame({
    payoff: '0.1*cos(2*pi*(x - y)) - 3*exp(-1e9*(x - 0.12345)^2)',
    spaces: [torus(1), torus(1)],
  });
  const good = dip.spaces.map((space) => measure({ space, positions: [0.12345], masses: [1] }));
  expect(finish(dip, good).ni.upper).toBeLessThanOrEqual(nikaidoIsoda(dip, good).upper + 1e-8);
});

test('a value that several strategies reach is degenerate', () => {
  const { game } = absoluteGame();
  const done = finish(game, [
    measure({ space: game.spaces[0], positions: [0.5], masses: [1] }),
    measure({ space: game.spaces[1], positions: [0, 1], masses: [0.5, 0.5] }),
  ]);
  expect(done.ni.upper).toBeLessThan(1e-8);
  expect(done.degenerate).toBe(true);
});
