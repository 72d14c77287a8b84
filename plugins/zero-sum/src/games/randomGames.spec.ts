import { type Expression, evaluateFormula, type Game, measure, normalAt, randomKey, randomStream } from '@muflow/core';
import { assertLaws, gameLaws } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { equilibriumProfile, type FiniteStrategy } from './knownGame.js';
import { sphereGame } from './sphereGame.js';
import { portableTrigonometricGame, randomTrigonometricGame, trigonometricGame } from './trigonometricGames.js';

const payoffAt = (game: Game, x: readonly number[], y: readonly number[]): number =>
  evaluateFormula(game.formula as Expression, { x: Float64Array.from(x), y: Float64Array.from(y) })[0];

describe.each([
  [1, [1, 1]],
  [3, [1, 1]],
  [1, [2, 1]],
  [2, [1, 2]],
  [1, [2, 2]],
] as const)('trigonometric games of degree %i on tori of dimension %j', (degree, dims) => {
  test('are the complex sum as it is written', () => {
    const side = 2 * degree + 1;
    const [rows, columns] = dims.map((d) => side ** d);
    const key = randomKey(degree);
    const real = Float64Array.from({ length: rows * columns }, (_, i) => normalAt(key, i, 0));
    const imaginary = Float64Array.from({ length: rows * columns }, (_, i) => normalAt(key, i, 1));
    const game = trigonometricGame({ degree, dims, real, imaginary });
    const digits = (i: number, d: number): number[] =>
      i
        .toString(side)
        .padStart(d, '0')
        .split('')
        .map((c) => Number.parseInt(c, side) - degree);
    const random = randomStream(randomKey(9));
    for (let trial = 0; trial < 10; trial++) {
      const x = Array.from({ length: dims[0] }, () => random.uniform());
      const y = Array.from({ length: dims[1] }, () => random.uniform());
      let sum = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const k = digits(i, dims[0]).reduce((s, f, axis) => s + f * x[axis], 0);
          const l = digits(j, dims[1]).reduce((s, f, axis) => s + f * y[axis], 0);
          const angle = 2 * Math.PI * (k + l);
          sum += real[i * columns + j] * Math.cos(angle) - imaginary[i * columns + j] * Math.sin(angle);
        }
      }
      expect(payoffAt(game, x, y)).toBeCloseTo(sum, 10);
    }
  });
});

test('random trigonometric games differ by seed, hold the laws, and have the variance of their coefficients', () => {
  const values = Array.from({ length: 100 }, (_, seed) =>
    payoffAt(randomTrigonometricGame({ degree: 1, seed }), [0.3], [0.6]),
  );
  // Re of a sum of 9 complex normals of variance 1: variance 9/2; the ratio of 100 draws deviates by sqrt(2/100) = 0.14.
  const variance = values.reduce((sum, v) => sum + v * v, 0) / values.length;
  expect(Math.abs(variance / 4.5 - 1)).toBeLessThan(0.6);
  return assertLaws(randomTrigonometricGame({ degree: 2, seed: 3 }), gameLaws, { seed: 1, runs: 8 });
});

/** seed, l(0.1, 0.2), value, strategies of x and y as atoms and masses. */
const portable: readonly (readonly [number, number, number, readonly number[][], readonly number[][]])[] = [
  [
    20240,
    0.899113122078,
    0.233324332829,
    [
      [0.1284670118, 0.4148674825],
      [0.3890909503, 0.6109090497],
    ],
    [
      [0.0944883862, 0.4390451661, 0.8497094086],
      [0.420300376, 0.5397445762, 0.0399550478],
    ],
  ],
  [
    31415,
    -1.968390717494,
    -0.698986910215,
    [
      [0.3759441889, 0.852486348],
      [0.2970931646, 0.7029068354],
    ],
    [
      [0.6042239636, 0.8828271206],
      [0.0908137584, 0.9091862416],
    ],
  ],
  [
    271828,
    -4.189594462507,
    -0.220819461243,
    [
      [0.3339074435, 0.6570199679, 0.8565076574],
      [0.5629810933, 0.3678475274, 0.0691713793],
    ],
    [
      [0.4987950991, 0.7338632459, 0.9814374611],
      [0.2684060754, 0.2799000665, 0.4516938581],
    ],
  ],
];

describe.each(portable)('portable game %i', (seed, sample, value, x, y) => {
  const game = portableTrigonometricGame(seed);
  const strategy = ([at, mass]: readonly number[][]): FiniteStrategy => ({ at: at.map((t) => [t]), mass });

  test('has the payoff of any other implementation', () => {
    expect(payoffAt(game, [0.1], [0.2])).toBeCloseTo(sample, 11);
  });

  test('has the tabled equilibrium: neither player gains by any of 10^4 replies', () => {
    const profile = equilibriumProfile({ game, equilibrium: { value, x: strategy(x), y: strategy(y) } });
    const costs = new Float64Array(2);
    game.costsInto(costs, profile);
    expect(costs[0]).toBeCloseTo(value, 10);
    const replies = Float64Array.from({ length: 10_000 }, (_, i) => i / 10_000);
    const out = new Float64Array(replies.length);
    for (const player of [0, 1]) {
      game.potentialAt(player, out, replies, replies.length, profile);
      // The table has ten digits, and the payoff a range of about 10.
      expect(Math.min(...out) - costs[player]).toBeGreaterThan(-1e-8);
    }
  });
});

test.each([[0], [2147483647], [1.5]])('portable seed %d is refused', (seed) => {
  expect(() => portableTrigonometricGame(seed)).toThrow(/the seed is not usable/);
});

test('coefficients that do not fit are refused', () => {
  const make = () => trigonometricGame({ degree: 1, real: [1, 2], imaginary: [1, 2] });
  expect(make).toThrow(/the coefficients do not fit, got degree 1, dimensions 1 and 1, 2 real and 2 imaginary parts/);
  expect(() => randomTrigonometricGame({ degree: 3, dims: [3, 3] })).toThrow(/the coefficients do not fit/);
});

describe('sphere games', () => {
  test.each([2, 3, 5])('in dimension %i are the stated polynomial with entries of variance 1/d', (d) => {
    const seed = 4;
    const game = sphereGame({ d, seed });
    const at = (matrix: number, i: number, j: number) => normalAt(randomKey(seed), matrix, i * d + j) / Math.sqrt(d);
    const x = new Float64Array(d);
    const y = new Float64Array(d);
    const random = randomStream(randomKey(2));
    for (let trial = 0; trial < 5; trial++) {
      game.spaces[0].sampleInto(x, 1, random);
      game.spaces[1].sampleInto(y, 1, random);
      let expected = 0;
      for (let i = 0; i < d; i++) {
        expected += at(4, 0, i) * x[i] + at(5, 0, i) * y[i];
        for (let j = 0; j < d; j++) {
          expected += x[i] * at(0, i, j) * x[j] + x[i] * at(1, i, j) * y[j] + y[i] * at(2, i, j) * y[j];
          expected += y[i] * at(3, i, j) * x[j] ** 2;
        }
      }
      expect(payoffAt(game, [...x], [...y])).toBeCloseTo(expected, 12);
    }
  });

  test('hold the laws of games, and the moved potentials agree with pairs', async () => {
    const game = sphereGame({ d: 4, seed: 1 });
    await assertLaws(game, gameLaws, { seed: 1, runs: 8 });
    const profile = game.spaces.map((space) =>
      measure({ space, positions: [1, 0, 0, 0, 0, 0.6, 0.8, 0], masses: [0.25, 0.75] }),
    );
    const out = new Float64Array(2);
    game.potentialAt(0, out, profile[0].positions, 2, profile);
    const pairs = [0, 4].map((i) => {
      const row = Array.from(profile[0].positions.slice(i, i + 4));
      return 0.25 * payoffAt(game, row, [1, 0, 0, 0]) + 0.75 * payoffAt(game, row, [0, 0.6, 0.8, 0]);
    });
    expect(out[0]).toBeCloseTo(pairs[0], 13);
    expect(out[1]).toBeCloseTo(pairs[1], 13);
  });

  test('dimension 1 is refused', () => {
    expect(() => sphereGame({ d: 1 })).toThrow(/the dimension is not usable, got 1, expected an integer from 2 to 50/);
  });
});
