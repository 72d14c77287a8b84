import {
  box,
  euclidean,
  finite,
  type Game,
  isMuflowError,
  type Measure,
  matrixGame,
  measure,
  measureFromParts,
  type Profile,
  product,
  randomKey,
  randomStream,
  type Space,
  simplex,
  sphere,
  torus,
  zeroSumGame,
} from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blottoGame, noisyDuel, silentDuel } from '../games/jumpingGames.js';
import { equilibriumProfile, type NamedGame } from '../games/knownGame.js';
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
import { type NikaidoIsodaInterval, nikaidoIsoda } from './nikaidoIsoda.js';

/** Atoms drawn uniformly, with masses within a factor 10. */
function randomMeasure(space: Space, count: number, seed: string): Measure {
  const random = randomStream(randomKey(seed));
  const positions = new Float64Array(count * space.dim);
  space.sampleInto(positions, count, random);
  const raw = Array.from({ length: count }, () => 0.1 + 0.9 * random.uniform());
  const total = raw.reduce((sum, m) => sum + m, 0);
  return measure({ space, positions, masses: raw.map((m) => m / total) });
}

const randomProfile = (game: Game, count: number, seed: string): Profile =>
  game.spaces.map((space, k) => randomMeasure(space, count + k, `${seed} ${k}`));

/** The least potential of a player over many random replies. */
function leastOverReplies(game: Game, player: number, profile: Profile, replies: number): number {
  const space = game.spaces[player];
  const points = new Float64Array(replies * space.dim);
  space.sampleInto(points, replies, randomStream(randomKey(`replies ${player}`)));
  const values = new Float64Array(replies);
  game.potentialAt(player, values, points, replies, profile);
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

const intersect = (a: NikaidoIsodaInterval['value'], b: NikaidoIsodaInterval['value']): boolean =>
  a.lower <= b.upper && b.lower <= a.upper;

test.each<[string, () => NamedGame]>([
  ['guessing', guessingGame],
  ['absolute', absoluteGame],
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
  // Known atoms and values are rounded to doubles.
  expect(found.value.lower).toBeLessThanOrEqual(value + 1e-14);
  expect(found.value.upper).toBeGreaterThanOrEqual(value - 1e-14);
});

describe('the certified error', () => {
  test.each<[string, () => Game]>([
    ['a random trigonometric game', () => randomTrigonometricGame({ seed: 5 })],
    ['a trigonometric game on torus(2)', () => randomTrigonometricGame({ seed: 6, dims: [2, 2], degree: 2 })],
    ['a bell', () => zeroSumGame({ payoff: 'exp(-9*(x - y)^2) + x*y^3', spaces: [box([[-1, 1]]), box([[0, 2]])] })],
    ['spheres', () => zeroSumGame({ payoff: 'dot(x, y) + x[0]*x[1]*y[2] - y[0]^2', spaces: [sphere(3), sphere(3)] })],
    [
      'a circle and a simplex',
      () => zeroSumGame({ payoff: 'x[0]*y[0] + x[1]*y[1]^2 - y[2]*y[0]', spaces: [sphere(2), simplex(3)] }),
    ],
    [
      'a product and a finite space',
      () =>
        zeroSumGame({
          payoff: 'x[0]*sin(2*pi*x[1] + y) - (y - 2)^2*x[0]^2',
          spaces: [product([box([[-1, 1]]), torus(1)]), finite(5)],
        }),
    ],
    ['a sphere game in ten dimensions', () => sphereGame({ d: 10, seed: 3 })],
    ['a noisy duel', () => noisyDuel().game],
    ['a silent duel', () => silentDuel().game],
    ['Blotto', () => blottoGame().game],
  ])('is never below what 1e5 random replies gain: %s', (name, make) => {
    const game = make();
    const profile = randomProfile(game, 6, name);
    const found = nikaidoIsoda(game, profile, { tolerance: 1e-6, maxCells: 3000 });
    const [x, y] = [0, 1].map((player) => leastOverReplies(game, player, profile, 100_000));
    const room = 1e-13 * (1 + Math.abs(x) + Math.abs(y));
    expect(found.certified).toBe(true);
    expect(x).toBeGreaterThanOrEqual(found.x.lower - room);
    expect(y).toBeGreaterThanOrEqual(found.y.lower - room);
    expect(found.upper).toBeGreaterThanOrEqual(-x - y - room);
    expect(found.lower).toBeLessThanOrEqual(found.upper);
    // What is found by the search is at least as good as by chance, up to its tolerance.
    if (found.status === 'certified') expect(Math.max(found.x.upper - x, found.y.upper - y)).toBeLessThan(2e-6);
  });

  test('of matrices is that of exact enumeration', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 3 }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 5 }),
        (payoff, counts) => {
          const game = matrixGame(payoff);
          const weights = (n: number, shift: number): number[] =>
            Array.from({ length: n }, (_, i) => counts[(i + shift) % 5] + 1);
          const [p, q] = [weights(payoff.length, 0), weights(3, 2)];
          const [sp, sq] = [p, q].map((all) => all.reduce((a, b) => a + b, 0));
          const profile = [p, q].map((all, k) =>
            measure({ space: game.spaces[k], kind: 'positive', positions: all.map((_, i) => i), masses: all }),
          );
          const least = Math.min(...payoff.map((row) => row.reduce((sum, v, j) => sum + v * q[j], 0))) / sq;
          const most = Math.max(...q.map((_, j) => payoff.reduce((sum, row, i) => sum + row[j] * p[i], 0))) / sp;
          const { value, status, lower, upper, x } = nikaidoIsoda(game, profile);
          expect([status, x.method]).toEqual(['certified', 'finite']);
          expect(Math.abs(value.lower - least)).toBeLessThan(1e-12);
          expect(Math.abs(value.upper - most)).toBeLessThan(1e-12);
          expect(lower).toBeLessThanOrEqual(most - least + 1e-14);
          expect(upper).toBeGreaterThanOrEqual(most - least - 1e-14);
        },
      ),
      { seed: 3, numRuns: 50 },
    );
  });

  test('brackets of one game from any two profiles intersect', () => {
    for (let seed = 0; seed < 10; seed++) {
      const game = randomTrigonometricGame({ seed });
      const [a, b] = ['a', 'b'].map((name) => nikaidoIsoda(game, randomProfile(game, 5, `${name} ${seed}`)));
      expect(intersect(a.value, b.value)).toBe(true);
    }
  });
});

describe('laws', () => {
  const payoff = 'exp(-4*(x - y)^2) + 0.3*x*y - 0.2*sin(3*y)';
  const spaces = [box([[-1, 1]]), box([[0, 2]])] as const;
  const gameOf = (text: string): Game => zeroSumGame({ payoff: text, spaces });
  const game = gameOf(payoff);
  const profile = randomProfile(game, 4, 'laws');
  const found = nikaidoIsoda(game, profile);

  test('a constant added to the payoff shifts the bracket and leaves the error', () => {
    const shifted = nikaidoIsoda(gameOf(`${payoff} + 7`), profile);
    expect(Math.abs(shifted.value.lower - found.value.lower - 7)).toBeLessThan(2e-9);
    expect(shifted.lower).toBeLessThanOrEqual(found.upper);
    expect(found.lower).toBeLessThanOrEqual(shifted.upper);
  });

  test('a factor on the payoff is one on the error', () => {
    const scaled = nikaidoIsoda(gameOf(`3*(${payoff})`), profile);
    expect(scaled.lower).toBeLessThanOrEqual(3 * found.upper + 1e-15);
    expect(3 * found.lower).toBeLessThanOrEqual(scaled.upper + 1e-15);
  });

  test('players who change places change signs', () => {
    const swapped = zeroSumGame({
      payoff: '-(exp(-4*(y - x)^2) + 0.3*y*x - 0.2*sin(3*x))',
      spaces: [spaces[1], spaces[0]],
    });
    const back = nikaidoIsoda(swapped, [profile[1], profile[0]]);
    expect(Math.abs(back.value.lower + found.value.upper)).toBeLessThan(2e-9);
    expect(Math.abs(back.value.upper + found.value.lower)).toBeLessThan(2e-9);
  });

  test('a split atom, an atom of no mass and the total mass change nothing', () => {
    const [mu, nu] = profile;
    const split = measure({
      space: mu.space,
      kind: 'positive',
      positions: [...mu.positions, mu.positions[0], 0.5],
      masses: [...mu.masses.map((m, i) => 40 * (i === 0 ? m / 2 : m)), 20 * mu.masses[0], 0],
    });
    const same = nikaidoIsoda(game, [split, nu]);
    expect(Math.abs(same.value.upper - found.value.upper)).toBeLessThan(2e-9);
    expect(same.value.lower).toBe(found.value.lower);
  });

  test('log-masses far below underflow stand for their proportions', () => {
    const [mu, nu] = profile;
    const logMasses = mu.logMasses.map((l) => l - 2000);
    const faint = measureFromParts({ ...mu, kind: 'positive', logMasses });
    const same = nikaidoIsoda(game, [faint, nu]);
    expect(Math.abs(same.value.upper - found.value.upper)).toBeLessThan(2e-9);
  });

  test('the same call gives the same bytes', () => {
    expect(nikaidoIsoda(game, profile)).toEqual(found);
    expect(nikaidoIsoda(gameOf(payoff), profile)).toEqual(found);
  });
});

describe('what cannot be proven is said', () => {
  test('a payoff in plain functions is searched: estimated', () => {
    const spaces = [box([[-1, 1]]), box([[-1, 1]])] as const;
    const plain = zeroSumGame({ payoff: { value: (x, i, y, j) => (x[i] - y[j]) ** 2 }, spaces });
    const { status, certified, x } = nikaidoIsoda(plain, randomProfile(plain, 3, 'plain'));
    expect([status, certified, x.method]).toEqual(['estimated', false, 'search']);
  });

  test('declared Lipschitz constants make it a proof under the declaration, where the search proves nothing', () => {
    const spaces = [box([[-1, 1]]), sphere(3)] as const;
    const value = (x: Float64Array, i: number, y: Float64Array, j: number): number =>
      Math.abs(x[i] - y[j]) + x[i] * y[j + 1];
    const plain = zeroSumGame({ payoff: { value }, spaces, lipschitz: [2, 3] });
    const same = zeroSumGame({ payoff: 'abs(x - y[0]) + x*y[1]', spaces });
    const profile = randomProfile(plain, 3, 'declared');
    const declared = nikaidoIsoda(plain, profile, { tolerance: 0.02 });
    const proven = nikaidoIsoda(same, profile);
    expect([declared.status, declared.x.method, declared.y.method]).toEqual(['certified', 'declared', 'declared']);
    expect(declared.lower).toBeLessThanOrEqual(proven.upper);
    expect(declared.upper).toBeGreaterThanOrEqual(proven.lower);
    expect(declared.upper - declared.lower).toBeLessThan(0.0401);
  });

  test('declared curvatures do so to a millionth, by gradients', () => {
    const spaces = [box([[-1, 1]]), sphere(2)] as const;
    const payoff = {
      value: (x: Float64Array, i: number, y: Float64Array, j: number) =>
        Math.sin(3 * x[i]) * y[j] + x[i] ** 2 * y[j + 1],
      gradientXInto: (out: Float64Array, o: number, x: Float64Array, i: number, y: Float64Array, j: number) => {
        out[o] = 3 * Math.cos(3 * x[i]) * y[j] + 2 * x[i] * y[j + 1];
      },
      gradientYInto: (out: Float64Array, o: number, x: Float64Array, i: number) => {
        out[o] = Math.sin(3 * x[i]);
        out[o + 1] = x[i] ** 2;
      },
    };
    const plain = zeroSumGame({ payoff, spaces, curvature: [9.3, 1.5] });
    const same = zeroSumGame({ payoff: 'sin(3*x)*y[0] + x^2*y[1]', spaces });
    const profile = randomProfile(plain, 5, 'bent');
    const declared = nikaidoIsoda(plain, profile, { tolerance: 1e-6 });
    const proven = nikaidoIsoda(same, profile);
    expect([declared.status, declared.x.method, declared.y.method]).toEqual(['certified', 'declared', 'declared']);
    expect(declared.lower).toBeLessThanOrEqual(proven.upper);
    expect(declared.upper).toBeGreaterThanOrEqual(proven.lower);
    expect(declared.x.cells + declared.y.cells).toBeLessThan(2000);
  });

  test('a budget that runs out leaves a proven bracket', () => {
    const game = randomTrigonometricGame({ seed: 2, dims: [2, 2], degree: 2 });
    const { status, certified, upper, lower } = nikaidoIsoda(game, randomProfile(game, 4, 'budget'), { maxCells: 20 });
    expect([status, certified, upper > lower]).toEqual(['budget', true, true]);
  });

  const line = box([[-1, 1]]);
  const game = zeroSumGame({ payoff: '(x - y)^2', spaces: [line, line] });
  const good = measure({ space: line, positions: [0] });
  const parts = { ids: Uint32Array.of(0), nextId: 1, kind: 'probability', space: line } as const;
  test.each<[string, () => unknown, string]>([
    ['one measure', () => nikaidoIsoda(game, [good]), 'shape-mismatch'],
    [
      'NaN coordinates',
      () =>
        nikaidoIsoda(game, [
          good,
          measureFromParts({ ...parts, positions: Float64Array.of(Number.NaN), logMasses: Float64Array.of(0) }),
        ]),
      'not-finite',
    ],
    [
      'no mass',
      () =>
        nikaidoIsoda(game, [
          good,
          measureFromParts({ ...parts, positions: Float64Array.of(0), logMasses: Float64Array.of(-Infinity) }),
        ]),
      'invalid-argument',
    ],
    [
      'an unbounded space',
      () => {
        const spaces = [euclidean(1), euclidean(1)] as const;
        const open = zeroSumGame({ payoff: '(x - y)^2', spaces });
        const atom = measure({ space: spaces[0], positions: [0] });
        return nikaidoIsoda(open, [atom, atom]);
      },
      'unsupported',
    ],
  ])('%s is refused', (_, attempt, code) => {
    let caught: unknown;
    try {
      attempt();
    } catch (error) {
      caught = error;
    }
    expect(isMuflowError(caught) && caught.code).toBe(code);
  });

  test('an atom outside its space by rounding is taken as it is', () => {
    const outside = measureFromParts({
      ...parts,
      positions: Float64Array.of(1 + 1e-12),
      logMasses: Float64Array.of(0),
    });
    expect(nikaidoIsoda(game, [outside, good]).status).toBe('certified');
  });
});
