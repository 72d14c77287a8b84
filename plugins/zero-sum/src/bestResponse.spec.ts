import {
  box,
  finite,
  matrixGame,
  measure,
  type Profile,
  randomKey,
  randomStream,
  sphere,
  torus,
  zeroSumGame,
} from '@muflow/core';
import { expect, test } from 'vitest';
import { bestResponse, searchGrid } from './bestResponse.js';
import { gridStart } from './starts.js';

const interval = box([[-1, 1]]);

const dirac = (space: Profile[number]['space'], ...at: number[]) => measure({ space, positions: at });

test('of a finite game: the smallest entry of the row that the others play, exactly', () => {
  const random = randomStream(randomKey('best response'));
  for (let trial = 0; trial < 20; trial++) {
    const [n, m] = [1 + random.integer(6), 1 + random.integer(6)];
    const payoff = Array.from({ length: n }, () => Array.from({ length: m }, () => random.normal()));
    const game = matrixGame(payoff);
    const raw = Float64Array.from({ length: m }, () => random.uniform() + 0.01);
    const q = raw.map((value) => value / raw.reduce((a, b) => a + b, 0));
    const profile = [
      gridStart(game.spaces[0], n),
      measure({ space: game.spaces[1], positions: q.map((_, j) => j), masses: q }),
    ];
    const paid = payoff.map((row) => row.reduce((sum, entry, j) => sum + entry * q[j], 0));
    const reply = bestResponse(game, 0, profile);
    expect(reply.status).toBe('exact');
    expect(reply.value).toBeCloseTo(Math.min(...paid), 14);
    expect(reply.at[0]).toBe(paid.indexOf(Math.min(...paid)));
    // The column player pays minus the payoff, against rows in equal parts.
    const won = q.map((_, j) => payoff.reduce((sum, row) => sum + row[j] / n, 0));
    expect(bestResponse(game, 1, profile).value).toBeCloseTo(-Math.max(...won), 14);
  }
});

test('to (x - y)^2 against any y: the mean of y, and its variance is left', () => {
  const game = zeroSumGame({ payoff: '(x - y)^2', spaces: [interval, interval] });
  const y = measure({ space: interval, positions: [-0.9, 0.13, 0.77], masses: [0.2, 0.5, 0.3] });
  const mean = -0.9 * 0.2 + 0.13 * 0.5 + 0.77 * 0.3;
  const square = 0.81 * 0.2 + 0.13 ** 2 * 0.5 + 0.77 ** 2 * 0.3;
  const reply = bestResponse(game, 0, [dirac(interval, 0), y]);
  expect(reply.status).toBe('estimated');
  expect(reply.value).toBeCloseTo(square - mean * mean, 14);
  // The place of a minimum is known to the square root of the rounding of its value.
  expect(reply.at[0]).toBeCloseTo(mean, 7);
});

test('at the end of an interval: found there, where the slope does not vanish', () => {
  const game = zeroSumGame({ payoff: '(x - y)^2', spaces: [interval, interval] });
  const reply = bestResponse(game, 1, [dirac(interval, 0.2), dirac(interval, 0)]);
  expect(reply.value).toBeCloseTo(-1.44, 14);
  expect(reply.at[0]).toBe(-1);
});

test('of a trigonometric payoff on the torus: amplitude and phase, also across the cut', () => {
  const circle = torus(1);
  const game = zeroSumGame({ payoff: 'cos(2*pi*(x - y))', spaces: [circle, circle] });
  for (const y of [0.5003, 0.25, 0.4997, 0.9]) {
    const reply = bestResponse(game, 0, [dirac(circle, 0), dirac(circle, y)]);
    expect(reply.value).toBeCloseTo(-1, 14);
    const off = Math.abs(reply.at[0] - ((y + 0.5) % 1));
    expect(Math.min(off, 1 - off)).toBeLessThan(1e-7);
  }
});

test('of a linear payoff on the sphere and of a quadratic one in a square: the closed form', () => {
  const ball = sphere(3);
  const linear = zeroSumGame({ payoff: 'x[0]*y[0] + x[1]*y[1] + x[2]*y[2]', spaces: [ball, ball] });
  const y = measure({ space: ball, positions: [0.6, 0, 0.8, 0, 1, 0], masses: [0.5, 0.5] });
  const reply = bestResponse(linear, 0, [dirac(ball, 0, 0, 1), y]);
  expect(reply.value).toBeCloseTo(-Math.hypot(0.3, 0.5, 0.4), 9);
  const square = box([
    [-1, 1],
    [-1, 1],
  ]);
  const bowl = zeroSumGame({
    payoff: '(x[0] - y[0])^2 + 3*(x[1] - y[1])^2 + (x[0] - y[0])*(x[1] - y[1])',
    spaces: [square, square],
  });
  const there = bestResponse(bowl, 0, [dirac(square, 0, 0), dirac(square, 0.31, -0.42)]);
  expect(there.value).toBeLessThan(1e-10);
  expect(there.value).toBeGreaterThanOrEqual(0);
});

test('a finer grid finds what a coarse one misses: a narrow well beside a wide one', () => {
  const wells = '-0.5*exp(-4*(x + 0.5)^2) - exp(-1e5*(x - 0.4517)^2) + 0*y';
  const game = zeroSumGame({ payoff: wells, spaces: [interval, interval] });
  const profile = [dirac(interval, 0), dirac(interval, 0)];
  expect(bestResponse(game, 0, profile, { resolution: 11, candidates: 1 }).value).toBeCloseTo(-0.5, 12);
  const both = -1 - 0.5 * Math.exp(-4 * 0.9517 ** 2);
  expect(bestResponse(game, 0, profile, { resolution: 2001 }).value).toBeCloseTo(both, 6);
});

test('the grid has the ends of a box, the points of a finite space, and covers a sphere', () => {
  expect(Array.from(searchGrid(interval, 5))).toEqual([-1, -0.5, 0, 0.5, 1]);
  expect(Array.from(searchGrid(finite(3)))).toEqual([0, 1, 2]);
  const ball = sphere(3);
  const centers = searchGrid(ball, 8);
  for (let i = 0; i < centers.length; i += 3) expect(Math.hypot(...centers.slice(i, i + 3))).toBeCloseTo(1, 12);
});

test('starts have full support and equal masses', () => {
  expect(Array.from(gridStart(finite(4), 99).positions)).toEqual([0, 1, 2, 3]);
  expect(Array.from(gridStart(interval, 3).positions)).toEqual([-1, 0, 1]);
  expect(Array.from(gridStart(torus(1), 2).positions)).toEqual([0.25, 0.75]);
  expect(
    gridStart(
      box([
        [0, 1],
        [0, 1],
      ]),
      9,
    ).count,
  ).toBe(9);
  for (const space of [finite(3), interval, torus(1), sphere(3)]) {
    const mu = gridStart(space, 16);
    for (const mass of mu.masses) expect(mass).toBeCloseTo(1 / mu.count, 15);
  }
});
