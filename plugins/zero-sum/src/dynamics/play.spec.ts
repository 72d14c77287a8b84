import {
  box,
  type Game,
  matrixGame,
  measure,
  type Profile,
  randomKey,
  randomStream,
  torus,
  zeroSumGame,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { solveMatrixGame } from '../finish/matrixGame.js';
import { guessingGame, torusCounterexample } from '../games/knownGames.js';
import { nikaidoIsodaOnGrid } from '../nikaidoIsoda.js';
import { gridStart } from '../starts.js';
import { entropicError, entropicPath } from './entropic.js';
import { type PlayIterate, type PlayName, play } from './play.js';

const last = (iterates: Iterable<PlayIterate>): PlayIterate => Array.from(iterates).at(-1) as PlayIterate;

const randomGames = (count: number): { readonly payoff: number[][]; readonly game: Game }[] => {
  const random = randomStream(randomKey('play'));
  return Array.from({ length: count }, () => {
    const [n, m] = [2 + random.integer(4), 2 + random.integer(4)];
    const payoff = Array.from({ length: n }, () => Array.from({ length: m }, () => random.normal()));
    return { payoff, game: matrixGame(payoff) };
  });
};

const matrixValue = (payoff: readonly (readonly number[])[]): number =>
  solveMatrixGame(Float64Array.from(payoff.flat()), payoff.length, payoff[0].length).value;

describe('double oracle', () => {
  test('returns its best round, not its last', () => {
    let worse = 0;
    const random = randomStream(randomKey('best round'));
    for (let k = 0; k < 40; k++) {
      const game = matrixGame(Array.from({ length: 12 }, () => Array.from({ length: 12 }, () => random.normal())));
      const rounds = play(game, 'double-oracle', { maxSteps: 1 + (k % 5) });
      const errors: number[] = [];
      for (;;) {
        const { value, done } = rounds.next();
        if (done) {
          expect(value.upper - value.lower).toBe(Math.min(...errors));
          break;
        }
        errors.push(value.upper - value.lower);
      }
      if ((errors.at(-1) as number) > Math.min(...errors)) worse++;
    }
    expect(worse).toBeGreaterThan(0);
  });

  test('solves 30 random matrices: it ends with a bracket that is tight', () => {
    for (const { payoff, game } of randomGames(30)) {
      const { lower, upper, status } = last(play(game, 'double-oracle', { tolerance: 1e-12 }));
      expect(status).toBe('exact');
      expect(upper - lower).toBeLessThan(1e-12);
      expect((lower + upper) / 2).toBeCloseTo(matrixValue(payoff), 12);
    }
  });

  test('finds the guessing game and the torus counterexample, which gradient dynamics circle around', () => {
    for (const { game, equilibrium } of [guessingGame(), torusCounterexample()]) {
      const { lower, upper, step } = last(play(game, 'double-oracle', { tolerance: 1e-9 }));
      expect(upper - lower).toBeLessThan(1e-9);
      expect((lower + upper) / 2).toBeCloseTo(equilibrium.value, 8);
      expect(step).toBeLessThan(40);
    }
  });

  test('plays payoffs that jump', () => {
    const ahead = zeroSumGame({ payoff: 'sign(y - x)', spaces: [box([[0, 1]]), box([[0, 1]])] });
    const { lower, upper } = last(play(ahead, 'double-oracle', { resolution: 17, candidates: 0 }));
    expect([lower, upper]).toEqual([0, 0]);
  });
});

describe('fictitious play', () => {
  test('on rock, paper, scissors its average tends to the equilibrium, no faster than 1/t from step to step', () => {
    const game = matrixGame([
      [0, 1, -1],
      [-1, 0, 1],
      [1, -1, 0],
    ]);
    const errors = Array.from(play(game, 'fictitious-play', { maxSteps: 3000 }), ({ lower, upper }) => upper - lower);
    expect(errors[3000]).toBeLessThan(0.05);
    // Every step changes each potential by at most 2 / (t + 2).
    for (let t = 1; t < errors.length; t++)
      expect(Math.abs(errors[t] - errors[t - 1])).toBeLessThanOrEqual(4 / (t + 1) + 1e-12);
  });

  test('averages every play with the same weight: after t rounds masses are multiples of 1/(t + 1)', () => {
    const { profile } = last(play(guessingGame().game, 'fictitious-play', { maxSteps: 49 }));
    for (const { masses } of profile) {
      for (const mass of masses) expect(50 * mass).toBeCloseTo(Math.round(50 * mass), 10);
      expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 13);
    }
  });
});

describe('the entropic equilibrium', () => {
  const circle = torus(1);
  const waves = zeroSumGame({
    payoff: 'cos(2*pi*(x - y)) + 0.5*sin(4*pi*x)*cos(2*pi*y) - 0.3*sin(2*pi*y)',
    spaces: [circle, circle],
  });

  test('is the quantal response to itself at every beta, by Newton to rounding', () => {
    const reference = [gridStart(circle, 32), gridStart(circle, 24)];
    for (const { beta, profile, error } of entropicPath(waves, reference, [1, 5, 25, 125, 1000])) {
      expect(Math.abs(error)).toBeLessThan(1e-13);
      profile.forEach((mu, k) => {
        const potential = new Float64Array(mu.count);
        waves.potentialAt(k, potential, mu.positions, mu.count, profile);
        const logs = potential.map((v, i) => mu.logMasses[i] + beta * v);
        for (const log of logs) expect(log).toBeCloseTo(logs[0], 6);
      });
    }
  });

  test('in matrices its error is at most (log n + log m) / beta, and its value tends to that of the game', () => {
    for (const { payoff, game } of randomGames(30)) {
      const reference = game.spaces.map((space) => gridStart(space, 1));
      for (const { beta, profile } of entropicPath(game, reference, [1, 8, 64, 512, 4096])) {
        const { error, lower, upper } = nikaidoIsodaOnGrid(game, profile);
        const bound = (Math.log(payoff.length) + Math.log(payoff[0].length)) / beta;
        expect(error).toBeLessThanOrEqual(bound + 1e-12);
        expect(lower).toBeLessThanOrEqual(matrixValue(payoff) + 1e-12);
        expect(upper).toBeGreaterThanOrEqual(matrixValue(payoff) - 1e-12);
      }
    }
  });

  test('NI_beta is the gain of both best replies in the regularized game: divergences and free energies agree', () => {
    const random = randomStream(randomKey('entropic'));
    for (let round = 0; round < 20; round++) {
      const beta = 10 ** (2 * random.uniform() - 0.5);
      const masses = (count: number): number[] => {
        const raw = Array.from({ length: count }, () => 0.05 + random.uniform());
        return raw.map((mass) => mass / raw.reduce((a, b) => a + b, 0));
      };
      const reference: Profile = [7, 5]
        .map((count) => ({ ...gridStart(circle, count) }))
        .map((mu) => measure({ space: circle, positions: mu.positions, masses: masses(mu.count) }));
      const profile = reference.map((mu) =>
        measure({ space: circle, positions: mu.positions, masses: masses(mu.count) }),
      );
      // beta^-1 [KL(mu | rho) + KL(nu | rho) + log int e^(-beta V_y) drho + log int e^(-beta V_x) drho].
      let total = 0;
      profile.forEach((mu, k) => {
        const potential = new Float64Array(mu.count);
        waves.potentialAt(k, potential, mu.positions, mu.count, profile);
        let partition = 0;
        mu.masses.forEach((mass, i) => {
          const rho = reference[k].masses[i];
          total += mass * Math.log(mass / rho);
          partition += rho * Math.exp(-beta * potential[i]);
        });
        total += Math.log(partition);
      });
      const found = entropicError(waves, profile, reference, beta);
      expect(found).toBeCloseTo(total / beta, 12);
      expect(found).toBeGreaterThan(0);
    }
  });

  test('along its path the bracket closes on the value of the double oracle', () => {
    const iterates = Array.from(play(waves, 'entropic', { start: [gridStart(circle, 64), gridStart(circle, 64)] }));
    const widths = iterates.map(({ lower, upper }) => upper - lower);
    expect(widths[widths.length - 1]).toBeLessThan(widths[0] / 20);
    const oracle = last(play(waves, 'double-oracle', { tolerance: 1e-8 }));
    for (const { lower, upper } of iterates) {
      expect(lower).toBeLessThan(oracle.upper);
      expect(upper).toBeGreaterThan(oracle.lower);
    }
  });
});

test('unknown plays, other games and unbounded spaces are refused', () => {
  const { game } = guessingGame();
  expect(() => play(game, 'best' as PlayName)).toThrow('[play] there is no such play, got "best"');
  expect(() =>
    Array.from(
      entropicPath(
        game,
        game.spaces.map((space) => gridStart(space, 3)),
        [0],
      ),
    ),
  ).toThrow('[entropic] beta is no inverse temperature, got 0');
});
