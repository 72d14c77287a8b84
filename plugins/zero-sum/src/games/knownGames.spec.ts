import { euler, fisherRao, gameFlow, matrixGame, measure, polymatrixGame, simulate } from '@muflow/core';
import { assertLaws, gameLaws } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { nikaidoIsodaOnGrid, nikaidoIsodaRecorder } from '../nikaidoIsoda.js';
import { equilibriumProfile, type NamedGame } from './knownGame.js';
import {
  bellEquilibrium,
  bellGame,
  doubleWellGame,
  guessingGame,
  parriloGame,
  parriloMixedGame,
  penaltyKick,
  torusCounterexample,
} from './knownGames.js';

/** Values as the literature states them, in numbers of their own. */
const table: readonly (readonly [string, NamedGame, number])[] = [
  ['guessing', guessingGame(), 1],
  ['double well', doubleWellGame(), 0],
  ['torus counterexample', torusCounterexample(), 0],
  ['parrilo 1', parriloGame(), -0.472470393711],
  ['parrilo 2', parriloMixedGame(), -0.48],
  ['bell 1', bellGame(1), 0.778800783071],
  ['bell sqrt 2', bellGame(Math.SQRT2), 0.606530659713],
  ['penalty kick', penaltyKick(), (0.583 * 0.6992 - 0.9291 * 0.9497) / (0.583 + 0.6992 - 0.9291 - 0.9497)],
];

describe.each(table)('%s', (name, known, value) => {
  test('holds the laws of games', () => assertLaws(known.game, gameLaws, { seed: 7, runs: 20 }));

  test('its equilibrium has no Nikaido-Isoda error, and both ends of the bracket are its value', () => {
    const { error, lower, upper, status } = nikaidoIsodaOnGrid(known.game, equilibriumProfile(known));
    expect(status).toBe(name === 'penalty kick' ? 'exact' : 'estimated');
    expect(Math.abs(error)).toBeLessThan(1e-12);
    expect(lower).toBeCloseTo(value, 11);
    expect(upper).toBeCloseTo(value, 11);
    expect(known.equilibrium?.value).toBeCloseTo(value, 11);
  });

  test.each([0, 1])('player %i cannot leave it: a moved or tilted strategy has an error', (player) => {
    const profile = equilibriumProfile(known);
    const mu = profile[player];
    const { space } = mu;
    const moved = mu.count > 1 ? tilted(mu.masses) : undefined;
    const positions = mu.count > 1 ? mu.positions : mu.positions.map((at) => at - 0.05);
    const other = measure({ space, positions, ...(moved && { masses: moved }) });
    const away = profile.map((measureOf, k) => (k === player ? other : measureOf));
    expect(nikaidoIsodaOnGrid(known.game, away).error).toBeGreaterThan(1e-4);
  });
});

const tilted = (masses: Float64Array): number[] =>
  Array.from(masses, (mass, i) => mass + (i === 0 ? 0.05 : i === 1 ? -0.05 : 0));

test('a bell too narrow for the stated equilibrium has an error there', () => {
  const { game, equilibrium } = bellGame(2);
  expect(equilibrium).toBeNull();
  expect(() => equilibriumProfile(bellGame(2))).toThrow(/no equilibrium with finitely many atoms is known, got bell 2/);
  const stated = { game, equilibrium: bellEquilibrium(2) };
  expect(nikaidoIsodaOnGrid(game, equilibriumProfile(stated)).error).toBeGreaterThan(1e-2);
});

test('of a matrix game the error is max A q - min p A, exactly, and never below 0', () => {
  const payoff = [
    [3, -1, 0.5],
    [-2, 4, 1],
  ];
  const game = matrixGame(payoff);
  for (const p of [0, 0.25, 0.9]) {
    const [rows, columns] = [
      [p, 1 - p],
      [0.2, 0.3, 0.5],
    ];
    const profile = [rows, columns].map((masses, k) =>
      measure({ space: game.spaces[k], positions: masses.map((_, i) => i), masses }),
    );
    const low = Math.min(...payoff.map((row) => row.reduce((sum, entry, j) => sum + entry * columns[j], 0)));
    const high = Math.max(...columns.map((_, j) => payoff.reduce((sum, row, i) => sum + rows[i] * row[j], 0)));
    const found = nikaidoIsodaOnGrid(game, profile);
    expect(found.error).toBeCloseTo(high - low, 14);
    expect([found.lower, found.upper]).toEqual([expect.closeTo(low, 14), expect.closeTo(high, 14)]);
    expect(found.error).toBeGreaterThan(0);
  }
});

test('its recorder writes error and bracket of every recorded step', () => {
  const { game } = penaltyKick();
  const initial = game.spaces.map((space) => measure({ space, positions: [0, 1] }));
  const { frames } = simulate(
    { flow: gameFlow(game, fisherRao()), initial },
    { stepper: euler(), dt: 0.5, maxSteps: 4, record: { every: 2, recorders: [nikaidoIsodaRecorder(game)] } },
  );
  expect(frames).toHaveLength(3);
  for (const { profile, values } of frames) {
    const { error, lower, upper } = nikaidoIsodaOnGrid(game, profile);
    expect([values.nikaidoIsoda, values.valueLower, values.valueUpper]).toEqual([error, lower, upper]);
  }
});

test('a game that is not two-player zero-sum is refused', () => {
  const { spaces } = guessingGame().game;
  const game = polymatrixGame({ spaces, costs: [{ player: 0, opponent: 1, cost: 'x*y' }] });
  const profile = spaces.map((space) => measure({ space, positions: [0] }));
  expect(() => nikaidoIsodaOnGrid(game, profile)).toThrow('the game is not two-player zero-sum, got 2 players');
});
