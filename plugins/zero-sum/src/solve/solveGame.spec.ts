import { box, euclidean, matrixGame, torus, zeroSumGame } from '@muflow/core';
import { expect, test } from 'vitest';
import { blottoGame, noisyDuel, silentDuel } from '../games/jumpingGames.js';
import type { KnownGame } from '../games/knownGame.js';
import {
  absoluteGame,
  bellGame,
  doubleWellGame,
  guessingGame,
  parriloGame,
  penaltyKick,
  torusCounterexample,
} from '../games/knownGames.js';
import { sphereGame } from '../games/sphereGame.js';
import { randomTrigonometricGame } from '../games/trigonometricGames.js';
import { type Solution, solveGame } from './solveGame.js';

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

test('a constant added to the payoff shifts the value, a factor scales it, and exchanged players negate it', () => {
  const space = torus(1);
  const payoff = 'sin(2*pi*x) + cos(2*pi*(x - y)) + 0.4*sin(4*pi*y)';
  const valueFor = (text: string): number => solveGame(zeroSumGame({ payoff: text, spaces: [space, space] })).value;
  const value = valueFor(payoff);
  expect(Math.abs(valueFor(`${payoff} + 3`) - (value + 3))).toBeLessThan(1e-8);
  expect(Math.abs(valueFor(`7*(${payoff})`) - 7 * value)).toBeLessThan(1e-8);
  const exchanged = '-(sin(2*pi*y) + cos(2*pi*(y - x)) + 0.4*sin(4*pi*x))';
  expect(Math.abs(valueFor(exchanged) + value)).toBeLessThan(1e-8);
});

test('two dynamics and the oracle bracket the same value', () => {
  for (const seed of [1, 2]) {
    const game = randomTrigonometricGame({ seed, degree: 2 });
    const brackets = [
      solveGame(game),
      solveGame(game, { dynamics: 'mirror-prox', maxSteps: 3 }),
      solveGame(game, { dynamics: 'hedge', maxSteps: 3 }),
    ];
    expect(brackets.every(({ certified }) => certified)).toBe(true);
    expect(Math.max(...brackets.map(({ lower }) => lower))).toBeLessThanOrEqual(
      Math.min(...brackets.map(({ upper }) => upper)),
    );
  }
});

test('games with many equilibria are solved and labelled', () => {
  const space = torus(1);
  // The equilibria of a group game are the laws that share the moments 1 and 2 with the uniform one.
  const group = solveGame(zeroSumGame({ payoff: 'cos(2*pi*(x - y)) + 0.5*cos(4*pi*(x - y))', spaces: [space, space] }));
  expect(group).toMatchObject({ status: 'certified', degenerate: true });
  expect(Math.abs(group.value)).toBeLessThan(1e-6);
  expect(solveGame(absoluteGame().game)).toMatchObject({ status: 'certified', degenerate: true });
});

test.each([
  ['noisy duel', noisyDuel(), 1e-12, 1],
  ['silent duel', silentDuel(), 1 / 40, 4],
  ['blotto', blottoGame(), 0.2, 2],
])('%s: the value 0 is in a proven bracket, narrow for so few atoms', (_, { game }, width, maxSteps) => {
  const { lower, upper, certified, gap, x } = solveGame(game, { maxSteps });
  expect(certified).toBe(true);
  expect(lower).toBeLessThanOrEqual(0);
  expect(upper).toBeGreaterThanOrEqual(0);
  expect(gap).toBeLessThanOrEqual(width);
  // Beside an atom of mass m a reply gains of order m, so the width is of the order of 1 / atoms.
  if (width > 0.01) expect(gap * x.length).toBeGreaterThan(0.1);
});

test.each([2, 3, 5, 10])('sphere games are certified in dimension %i', (d) => {
  const { status, gap } = solveGame(sphereGame({ d, seed: 1 }), { maxSteps: 30 });
  expect(status).toBe('certified');
  expect(gap).toBeLessThanOrEqual(1e-6);
});

test('functions without a formula are searched, and the status says so', () => {
  const space = box([[-1, 1]]);
  const game = zeroSumGame({
    payoff: {
      value: (x, i, y, j) => (x[i] - y[j]) ** 2,
      gradientXInto: (out, o, x, i, y, j) => {
        out[o] = 2 * (x[i] - y[j]);
      },
      gradientYInto: (out, o, x, i, y, j) => {
        out[o] = -2 * (x[i] - y[j]);
      },
    },
    spaces: [space, space],
  });
  const { status, certified, value } = solveGame(game, { maxSteps: 5 });
  expect([status, certified]).toEqual(['estimated', false]);
  expect(Math.abs(value - 1)).toBeLessThan(1e-6);
});

test('the bracket only ever shrinks while it is proven', () => {
  const widths: number[] = [];
  const game = randomTrigonometricGame({ seed: 4 });
  solveGame(game, {
    tolerance: 1e-7,
    onProgress: ({ lower, upper, proven }) => {
      if (proven) widths.push(upper - lower);
    },
  });
  expect(widths.length).toBeGreaterThan(0);
  for (let k = 1; k < widths.length; k++) expect(widths[k]).toBeLessThanOrEqual(widths[k - 1]);
});

test('the same seed gives the same solution', () => {
  const once = (): Omit<Solution, 'seconds'> => {
    const { seconds, ...rest } = solveGame(randomTrigonometricGame({ seed: 5 }), { seed: 3 });
    expect(seconds).toBeGreaterThanOrEqual(0);
    return rest;
  };
  expect(once()).toEqual(once());
});

test('bad options and unbounded spaces are refused', () => {
  const { game } = guessingGame();
  expect(() => solveGame(game, { tolerance: 0 })).toThrow(/\[solveGame\] tolerance is out of range, got 0/);
  expect(() => solveGame(game, { maxSteps: 0 })).toThrow(/maxSteps is out of range/);
  const line = euclidean(1);
  expect(() => solveGame(zeroSumGame({ payoff: 'x*y', spaces: [line, line] }))).toThrow(/the space of x has no bounds/);
});

test('a matrix with tied best replies says so, also where its equilibrium is unique and strict', () => {
  const plain = [
    [0, 1, -1],
    [-1, 0, 1],
    [1, -1, 0],
  ];
  expect(solveGame(matrixGame(plain))).toMatchObject({ status: 'certified', ties: false, degenerate: false });
  const tied = [
    [0, 1, -1, -1],
    [-1, 0, 1, 1],
    [1, -1, 0, 1],
    [1, -1, -1, 0],
  ];
  expect(solveGame(matrixGame(tied))).toMatchObject({ status: 'certified', ties: true, degenerate: false });
  expect(solveGame(guessingGame().game).ties).toBeUndefined();
});
