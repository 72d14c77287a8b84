import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillNormal, fillUniform, randomKey } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure, Profile } from '../measure/measure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import type { Space } from '../space/space.js';
import { torus } from '../space/torus.js';
import { allocateFirstVariation } from './checks.js';
import type { FirstVariation, Game } from './energy.js';
import { gameField } from './gradientField.js';
import { polymatrixGame } from './polymatrixGame.js';
import { matrixGame, zeroSumGame } from './zeroSumGame.js';

const context = { time: 0, step: 0, key: randomKey(0) };
const interval = box([[-1, 1]]);

function sample(space: Space, count: number, seed: number): Measure {
  const positions = new Float64Array(count * space.dim);
  fillNormal(positions, randomKey(seed));
  space.projectInto(positions, positions, count);
  const masses = new Float64Array(count);
  fillUniform(masses, randomKey(seed + 500));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return measure({ space, positions, masses: masses.map((mass) => mass / total) });
}

const profileOf = (game: Game, seed: number): Profile =>
  game.spaces.map((space, k) => sample(space, 4 + k, seed + 31 * k));

function evaluate(game: Game, profile: Profile): readonly FirstVariation[] {
  const out = profile.map(({ count, dim }) => allocateFirstVariation(count, dim));
  game.evaluateInto(out, profile, context);
  return out;
}

function costs(game: Game, profile: Profile): Float64Array {
  const out = new Float64Array(profile.length);
  game.costsInto(out, profile);
  return out;
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 13): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], digits);
}

const plane = euclidean(2);
const games: readonly { readonly title: string; readonly game: Game }[] = [
  {
    title: 'quadratic on an interval',
    game: zeroSumGame({ payoff: '(x - y)^2 + x*y^2', spaces: [interval, interval] }),
  },
  {
    title: 'different dimensions',
    game: zeroSumGame({ payoff: 'exp(x[0]*y)*cos(x[1]) - y*x[1]', spaces: [plane, euclidean(1)] }),
  },
  {
    title: 'functions',
    game: zeroSumGame({
      payoff: {
        value: (x, i, y, j) => Math.sin(x[i] + 2 * y[j]),
        gradientXInto: (out, o, x, i, y, j) => {
          out[o] = Math.cos(x[i] + 2 * y[j]);
        },
        gradientYInto: (out, o, x, i, y, j) => {
          out[o] = 2 * Math.cos(x[i] + 2 * y[j]);
        },
      },
      spaces: [euclidean(1), euclidean(1)],
    }),
  },
  {
    title: 'three players',
    game: polymatrixGame({
      spaces: [torus(1), plane, torus(1)],
      costs: [
        { player: 0, opponent: 1, cost: 'cos(2*pi*x)*y[0] + y[1]' },
        { player: 0, opponent: 2, cost: 'sin(2*pi*(x - y))' },
        { player: 1, opponent: 0, cost: 'norm2(x)*sin(2*pi*y)' },
        { player: 2, opponent: 1, cost: 'sin(2*pi*x)*exp(-norm2(y))' },
      ],
    }),
  },
];

describe.each(games)('$title', ({ game }) => {
  test("every player's gradient is the slope of its own potential", () => {
    for (let seed = 0; seed < 5; seed++) {
      const profile = profileOf(game, seed);
      const out = evaluate(game, profile);
      profile.forEach((mu, k) => {
        const h = 1e-5;
        for (let c = 0; c < mu.dim; c++) {
          const [up, down] = [h, -h].map((by) => {
            const at = new Float64Array(mu.count);
            game.potentialAt(
              k,
              at,
              mu.positions.map((x, j) => (j % mu.dim === c ? x + by : x)),
              mu.count,
              profile,
            );
            return at;
          });
          for (let i = 0; i < mu.count; i++)
            expect((up[i] - down[i]) / (2 * h)).toBeCloseTo(out[k].gradient[i * mu.dim + c], 6);
        }
      });
    }
  });

  test('potentials at the atoms agree with potentials off the support, and costs are their means', () => {
    const profile = profileOf(game, 9);
    const out = evaluate(game, profile);
    const paid = costs(game, profile);
    profile.forEach((mu, k) => {
      const at = new Float64Array(mu.count);
      game.potentialAt(k, at, mu.positions, mu.count, profile);
      close(at, out[k].potential);
      expect(paid[k]).toBeCloseTo(
        mu.masses.reduce((sum, m, i) => sum + m * at[i], 0),
        13,
      );
    });
    if (game.zeroSum) expect(paid[0] + paid[1]).toBe(0);
  });

  test('splitting an atom of a player changes nothing for anyone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (seed, share) => {
          const profile = profileOf(game, seed);
          const k = seed % profile.length;
          const { space, positions, masses, count, dim } = profile[k];
          const split = measure({
            space,
            positions: [...positions, ...positions.slice((count - 1) * dim)],
            masses: [...masses.slice(0, -1), share * masses[count - 1], (1 - share) * masses[count - 1]],
          });
          const [before, after] = [profile, profile.map((mu, j) => (j === k ? split : mu))].map((p) => ({
            out: evaluate(game, p),
            paid: costs(game, p),
          }));
          close(after.paid, before.paid, 12);
          before.out.forEach(({ potential }, j) => {
            close(after.out[j].potential.slice(0, potential.length), potential, 12);
          });
        },
      ),
      { numRuns: 20, seed: 3 },
    );
  });

  test('the field of the game is what the game evaluates', () => {
    const profile = profileOf(game, 4);
    const out = profile.map(({ count, dim }) => allocateFirstVariation(count, dim));
    gameField(game).evaluateInto(out, profile, context);
    expect(out).toEqual(evaluate(game, profile));
  });

  test('a profile of the wrong size is refused', () => {
    const profile = profileOf(game, 1);
    expect(() => costs(game, profile.slice(1))).toThrow(/players/);
    expect(() => evaluate(game, [...profile, profile[0]])).toThrow(/players/);
    const line = sample(euclidean(3), 2, 1);
    expect(() =>
      evaluate(
        game,
        profile.map(() => line),
      ),
    ).toThrow(/another dimension/);
  });
});

describe('zeroSumGame', () => {
  test('guessing: at delta_0 against 1/2 at -1 and 1, nobody gains and the value is 1', () => {
    const game = zeroSumGame({ payoff: '(x - y)^2', spaces: [interval, interval] });
    const profile = [measure({ space: interval, positions: [0] }), measure({ space: interval, positions: [-1, 1] })];
    expect([...costs(game, profile)]).toEqual([1, -1]);
    const [x, y] = evaluate(game, profile);
    expect([x.potential[0], x.gradient[0], ...y.potential, ...y.gradient]).toEqual([1, 0, -1, -1, 2, -2]);
    expect(game.formula).toBeDefined();
  });

  test('functions and formula give the same game', () => {
    const spaces = [euclidean(1), euclidean(1)] as const;
    const byFormula = zeroSumGame({ payoff: 'sin(x + 2*y)', spaces });
    const profile = profileOf(byFormula, 2);
    const [a, b] = [byFormula, games[2].game].map((game) => evaluate(game, profile));
    a.forEach(({ potential, gradient }, k) => {
      close(b[k].potential, potential);
      close(b[k].gradient, gradient);
    });
  });

  test('payoffs that jump, or come without gradients, say that they are not smooth', () => {
    expect(zeroSumGame({ payoff: 'sign(x - y)', spaces: [interval, interval] }).smooth).toBe(false);
    expect(
      zeroSumGame({ payoff: { value: (x, i, y, j) => Math.sign(x[i] - y[j]) }, spaces: [interval, interval] }).smooth,
    ).toBe(false);
    expect(zeroSumGame({ payoff: 'abs(x - y)', spaces: [interval, interval] }).smooth).toBe(true);
    expect(() => zeroSumGame({ payoff: 'x*z', spaces: [interval, interval] })).toThrow(/z/);
  });

  test('a polymatrix game with costs l and -l is the zero-sum game of l', () => {
    const spaces = [interval, interval] as const;
    const zeroSum = zeroSumGame({ payoff: 'x^3*y + cos(x - 2*y)', spaces });
    const pair = polymatrixGame({
      spaces,
      costs: [
        { player: 0, opponent: 1, cost: 'x^3*y + cos(x - 2*y)' },
        { player: 1, opponent: 0, cost: '-(y^3*x + cos(y - 2*x))' },
      ],
      zeroSum: true,
    });
    const profile = profileOf(zeroSum, 8);
    const [a, b] = [evaluate(zeroSum, profile), evaluate(pair, profile)];
    a.forEach(({ potential, gradient }, k) => {
      close(b[k].potential, potential);
      close(b[k].gradient, gradient);
    });
    expect(pair.zeroSum).toBe(true);
  });
});

describe('matrixGame', () => {
  test('potentials are the products of matrix and masses', () => {
    const game = matrixGame([
      [1, -2, 3],
      [0, 4, -1],
    ]);
    const profile = [
      measure({ space: finite(2), positions: [0, 1], masses: [0.25, 0.75] }),
      measure({ space: finite(3), positions: [2, 0, 1], masses: [0.5, 0.2, 0.3] }),
    ];
    const [x, y] = evaluate(game, profile);
    close(x.potential, [0.2 - 0.6 + 1.5, 1.2 - 0.5]);
    close(y.potential, [-(0.75 - 0.75), -0.25, -(-0.5 + 3)]);
    close(costs(game, profile), [0.25 * 1.1 + 0.75 * 0.7, -(0.25 * 1.1 + 0.75 * 0.7)]);
    expect([...x.gradient, ...y.gradient].every((g) => g === 0)).toBe(true);
  });

  test('ragged, empty and infinite matrices are refused', () => {
    expect(() => matrixGame([])).toThrow(/empty/);
    expect(() => matrixGame([[1, 2], [3]])).toThrow(/row 1 has another length/);
    expect(() => matrixGame([[1, Number.NaN]])).toThrow(/not finite/);
  });
});

test('a polymatrix entry must name two players that are there', () => {
  const bad = (player: number, opponent: number) => () =>
    polymatrixGame({ spaces: [interval, interval], costs: [{ player, opponent, cost: 'x*y' }] });
  expect(bad(0, 0)).toThrow(/player 0 against 0/);
  expect(bad(0, 2)).toThrow(/from 0 to 1/);
});
