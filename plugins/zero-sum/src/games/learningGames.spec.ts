import { type Game, measure, type Profile, parseSpace, randomKey, randomStream } from '@muflow/core';
import { assertLaws, gameLaws } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { equilibriumProfile } from './knownGame.js';
import { momentMatchingGame } from './momentMatching.js';
import { maxMarginGame, robustNetworkGame, separablePoints } from './networkGames.js';

/** `int l dmu_{other}` at given points of a player, as the payoff to y. */
function paid(game: Game, player: number, at: Float64Array, profile: Profile): Float64Array {
  const out = new Float64Array(at.length / game.dims[player]);
  game.potentialAt(player, out, at, out.length, profile);
  return player === 0 ? out : out.map((v) => -v);
}

describe.each([
  ['[-1,3]', [[0], [2.5]], 3, 3],
  [
    '[-1,1],[0,1]',
    [
      [0.5, 0.2],
      [-0.5, 0.9],
    ],
    2,
    5,
  ],
  ['torus(1)', [[0.1], [0.4]], 2, 4],
  [
    'torus(2,3)',
    [
      [0.1, 2],
      [2.4, 1],
    ],
    1,
    8,
  ],
] as const)('moment matching on %s', (text, at, degree, moments) => {
  const space = parseSpace(text);
  const data = { at, mass: [0.3, 0.7] };
  const known = momentMatchingGame({ space, data, degree });

  test('compares the stated number of moments', () => {
    expect(known.game.dims[1]).toBe(moments);
  });

  test('no discriminator tells the data from themselves', () => {
    const profile = equilibriumProfile(known);
    const replies = new Float64Array(200 * moments);
    known.game.spaces[1].sampleInto(replies, 200, randomStream(randomKey(1)));
    for (const v of paid(known.game, 1, replies, profile)) expect(Math.abs(v)).toBeLessThan(1e-13);
    const points = new Float64Array(200 * space.dim);
    space.sampleInto(points, 200, randomStream(randomKey(2)));
    for (const v of paid(known.game, 0, points, profile)) expect(Math.abs(v)).toBeLessThan(1e-13);
  });

  test('against another law the best discriminator earns the distance of moments', () => {
    const points = new Float64Array(3 * space.dim);
    space.sampleInto(points, 3, randomStream(randomKey(4)));
    const mu = measure({ space, positions: points });
    const profile = [mu, equilibriumProfile(known)[1]];
    // The earnings of the unit vectors are the gaps of the moments; along the gap their norm is earned.
    const axes = Float64Array.from({ length: moments * moments }, (_, i) => (i % (moments + 1) === 0 ? 1 : 0));
    const gap = paid(known.game, 1, axes, profile);
    const distance = Math.hypot(...gap);
    expect(distance).toBeGreaterThan(0.01);
    expect(
      paid(
        known.game,
        1,
        gap.map((g) => g / distance),
        profile,
      )[0],
    ).toBeCloseTo(distance, 12);
    const replies = new Float64Array(500 * moments);
    known.game.spaces[1].sampleInto(replies, 500, randomStream(randomKey(1)));
    for (const v of paid(known.game, 1, replies, profile)) expect(v).toBeLessThanOrEqual(distance + 1e-12);
  });

  test('holds the laws of games', () => assertLaws(known.game, gameLaws, { seed: 5, runs: 6 }));
});

test('moments need a torus or a box, and two of them', () => {
  const data = { at: [[1, 0]], mass: [1] };
  expect(() => momentMatchingGame({ space: parseSpace('sphere(2)'), data })).toThrow(/no moments for this space/);
  expect(() => momentMatchingGame({ space: parseSpace('[0,1]'), data: { at: [[0]], mass: [1] }, degree: 1 })).toThrow(
    /the number of moments is not usable, got 1 moments/,
  );
});

test('more moments than can be counted are refused at once', () => {
  const at = Array.from({ length: 9 }, () => 0);
  expect(() =>
    momentMatchingGame({ space: parseSpace('torus(9)'), data: { at: [at], mass: [1] }, degree: 12 }),
  ).toThrow(/the number of moments is not usable, got far too many moments of degree 12 on torus\(9\)/);
});

const data = separablePoints(5, 2, 3);

describe('networks', () => {
  test('points by seed are separable with the stated margin', () => {
    expect(data.points).toHaveLength(5);
    expect(separablePoints(5, 2, 3)).toEqual(data);
    expect(separablePoints(60, 2, 4).labels.reduce((sum, label) => sum + Math.abs(label), 0)).toBe(60);
  });

  test('the payoff is the margin of one neuron at one point, perturbed or not', () => {
    const random = randomStream(randomKey(6));
    const plain = maxMarginGame({ data });
    const robust = robustNetworkGame({ data, radius: 0.3 });
    for (let trial = 0; trial < 20; trial++) {
      const theta = new Float64Array(3);
      parseSpace('sphere(3)').sampleInto(theta, 1, random);
      const [i, a] = [random.integer(5), random.integer(2)];
      const delta = [0.3 * (2 * random.uniform() - 1), 0.3 * (2 * random.uniform() - 1)];
      const margin = ([dx, dy]: readonly number[]): number => {
        const [u, v] = data.points[i];
        const inner = theta[0] * (u + dx) + theta[1] * (v + dy) + theta[2];
        return data.labels[i] * (2 * a - 1) * Math.max(0, inner) ** 3;
      };
      const neuron = measure({ space: plain.spaces[1], positions: [a, ...theta] });
      const point = measure({ space: plain.spaces[0], positions: [i] });
      expect(paid(plain, 0, Float64Array.of(i), [point, neuron])[0]).toBeCloseTo(margin([0, 0]), 13);
      const moved = measure({ space: robust.spaces[0], positions: [i, ...delta] });
      expect(paid(robust, 0, Float64Array.of(i, ...delta), [moved, neuron])[0]).toBeCloseTo(margin(delta), 13);
    }
  });

  test('the margin of one point z is |(z, 1)|^3, and |(z - r, 1)|^3 where it can be moved by r', () => {
    const one = { points: [[0.8]], labels: [1] };
    const best = (z: number): number[] => [1, z / Math.hypot(z, 1), 1 / Math.hypot(z, 1)];
    const sphereReplies = new Float64Array(500 * 2);
    parseSpace('sphere(2)').sampleInto(sphereReplies, 500, randomStream(randomKey(9)));
    const neurons = Float64Array.from({ length: 1500 }, (_, k) =>
      k % 3 === 0 ? Math.floor(k / 3) % 2 : sphereReplies[2 * Math.floor(k / 3) + (k % 3) - 1],
    );
    const check = (game: Game, x: number[], z: number, replies: Float64Array): void => {
      const value = Math.hypot(z, 1) ** 3;
      const profile = [
        measure({ space: game.spaces[0], positions: x }),
        measure({ space: game.spaces[1], positions: best(z) }),
      ];
      expect(Math.min(...paid(game, 0, replies, profile))).toBeCloseTo(value, 12);
      expect(Math.max(...paid(game, 1, neurons, profile))).toBeLessThanOrEqual(value + 1e-12);
      expect(paid(game, 1, Float64Array.from(best(z)), profile)[0]).toBeCloseTo(value, 12);
    };
    check(maxMarginGame({ data: one }), [0], 0.8, Float64Array.of(0));
    const moves = Float64Array.from({ length: 82 }, (_, k) => (k % 2 === 0 ? 0 : -0.3 + (0.6 * (k - 1)) / 80));
    check(robustNetworkGame({ data: one, radius: 0.3 }), [0, -0.3], 0.5, moves);
  });

  test.each([
    ['margin', maxMarginGame({ data })],
    ['robust', robustNetworkGame({ data, radius: 0.1 })],
  ])('the %s game holds the laws of games', (_, game) => assertLaws(game, gameLaws, { seed: 2, runs: 6 }));

  test.each([
    [{ points: [], labels: [] }],
    [{ points: [[1], [1, 2]], labels: [1, 1] }],
    [{ points: [[1]], labels: [0] }],
    [{ points: [[Number.NaN]], labels: [1] }],
  ])('data %j are refused', (wrong) => {
    expect(() => maxMarginGame({ data: wrong })).toThrow(/\[maxMarginGame\] the data are not usable/);
    expect(() => robustNetworkGame({ data: wrong })).toThrow(/\[robustNetworkGame\] the data are not usable/);
  });
});
