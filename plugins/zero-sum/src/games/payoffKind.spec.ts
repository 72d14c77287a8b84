import { matrixGame, parseSpace, polymatrixGame, zeroSumGame } from '@muflow/core';
import { expect, test } from 'vitest';
import { groupGame } from './groupGames.js';
import { blottoGame, silentDuel } from './jumpingGames.js';
import { absoluteGame, bellGame, doubleWellGame, grossGame, torusCounterexample } from './knownGames.js';
import { type PayoffKind, payoffKind } from './payoffKind.js';
import { plantedGame } from './plantedGame.js';
import { sphereGame } from './sphereGame.js';
import { randomTrigonometricGame } from './trigonometricGames.js';

const planted = (space: string) => plantedGame({ space: parseSpace(space), atomsX: 3, atomsY: 2, seed: 2 }).game;

test.each([
  ['matrix', matrixGame([[1, 2]])],
  ['polynomial', doubleWellGame().game],
  ['trigonometric', torusCounterexample().game],
  ['continuous', absoluteGame().game],
  ['smooth', bellGame(1).game],
  ['smooth', grossGame().game],
  ['discontinuous', silentDuel().game],
  ['discontinuous', blottoGame().game],
  ['trigonometric', groupGame({ space: parseSpace('torus(2)'), h: 'cos(2*pi*t[0])*sin(4*pi*t[1] + 1)' }).game],
  ['polynomial', groupGame({ space: parseSpace('sphere(3)'), h: 't^4 - t' }).game],
  ['trigonometric', planted('torus(1)')],
  ['trigonometric', planted('torus(2,3)')],
  ['polynomial', planted('sphere(3)')],
  ['polynomial', planted('[-1,1],[0,2]')],
  ['polynomial', planted('simplex(3)')],
  ['polynomial', sphereGame({ d: 3 })],
  ['trigonometric', randomTrigonometricGame({ degree: 2, dims: [2, 1] })],
] as const)('%s: %#', (kind, game) => {
  expect(payoffKind(game)).toBe(kind);
});

test.each<[PayoffKind, string, string]>([
  ['polynomial', '(x - y)^3*x/7 + 2^3', '[-1,1]'],
  ['smooth', '1/(2 + x*y)', '[-1,1]'],
  ['separable', 'cos(x - y) + exp(x)*y^2', '[-1,1]'],
  ['separable', 'cos(2*pi*x)*cos(2*pi*y)', '[0,1]'],
  ['continuous', 'sqrt(1 + x*y)', '[0,1]'],
  ['continuous', 'relu(x - y)*y', '[0,1]'],
  ['continuous', 'x^1.5*y', '[0,1]'],
  ['continuous', 'max(x, y)', '[0,1]'],
  ['trigonometric', '(cos(2*pi*x) + sin(4*pi*(x - 3*y) + 0.3))^2/5', 'torus(1)'],
  ['separable', 'cos(2*pi*x)*cos(3*pi*y)', 'torus(1)'],
  ['polynomial', 'x*y', 'torus(1)'],
  ['smooth', 'exp(cos(2*pi*(x - y)))', 'torus(1)'],
  ['trigonometric', 'cos(pi*x)*sin(2*pi*y)', 'torus(1,2)'],
  ['trigonometric', 'sum(cos(2*pi*x))*sin(dot([2*pi, 4*pi], y))', 'torus(2)'],
  ['separable', 'cos(dot([2*pi, 3*pi], x))*cos(2*pi*y[0])', 'torus(2)'],
  ['trigonometric', 'cos(2*pi*sum(x - y))', 'torus(2)'],
  ['smooth', 'cos(2*pi*dot(x, y))', 'torus(2)'],
])('%s: %s on %s', (kind, payoff, space) => {
  expect(payoffKind(zeroSumGame({ payoff, spaces: [parseSpace(space), parseSpace(space)] }))).toBe(kind);
});

test('plain functions are functions, whatever they compute', () => {
  const spaces = [parseSpace('[0,1]'), parseSpace('[0,1]')] as const;
  expect(payoffKind(zeroSumGame({ payoff: { value: () => 0 }, spaces }))).toBe('function');
  expect(payoffKind(polymatrixGame({ spaces, costs: [{ player: 0, opponent: 1, cost: 'x*y' }] }))).toBe('function');
});
