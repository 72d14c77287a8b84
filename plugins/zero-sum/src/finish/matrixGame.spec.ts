import { randomKey, randomStream } from '@muflow/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MatrixSolution, solveMatrixGame } from './matrixGame.js';

const solveRows = (rows: readonly (readonly number[])[]): MatrixSolution =>
  solveMatrixGame(Float64Array.from(rows.flat()), rows.length, rows[0].length);

/** The same game with the players exchanged, for tables that are written for a maximizing row player. */
const transposed = (rows: readonly (readonly number[])[]): number[][] =>
  rows[0].map((_, j) => rows.map((row) => row[j]));

const randomMatrix = (seed: number, rows: number, columns: number): Float64Array => {
  const random = randomStream(randomKey(seed));
  return Float64Array.from({ length: rows * columns }, () => random.normal());
};

test('rock, paper, scissors is played with thirds and is not degenerate', () => {
  const { x, y, lower, upper, degenerate } = solveRows([
    [0, 1, -1],
    [-1, 0, 1],
    [1, -1, 0],
  ]);
  for (const mass of [...x, ...y]) expect(mass).toBeCloseTo(1 / 3, 14);
  expect(lower).toBeLessThanOrEqual(0);
  expect(upper).toBeGreaterThanOrEqual(0);
  expect(upper - lower).toBeLessThan(1e-14);
  expect(degenerate).toBe(false);
});

test('two by two games without saddle follow the closed form', () => {
  const entry = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(entry, entry, entry, entry, (a, b, c, d) => {
      const saddle = Math.max(Math.min(a, c), Math.min(b, d)) === Math.min(Math.max(a, b), Math.max(c, d));
      fc.pre(!saddle && Math.abs(a - b - c + d) > 1e-3);
      const { value, lower, upper } = solveRows([
        [a, b],
        [c, d],
      ]);
      const expected = (a * d - b * c) / (a - b - c + d);
      expect(Math.abs(value - expected)).toBeLessThan(1e-12);
      expect(upper - lower).toBeLessThan(1e-14);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('random games of every shape are bracketed to 1e-13', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (seed, rows, columns) => {
      const solution = solveMatrixGame(randomMatrix(seed, rows, columns), rows, columns);
      expect(solution.upper - solution.lower).toBeLessThan(1e-13);
      expect(solution.upper).toBeGreaterThanOrEqual(solution.lower);
      expect(Math.min(...solution.x, ...solution.y)).toBeGreaterThanOrEqual(0);
      // Payoffs from a density: almost surely a unique solution.
      expect(solution.degenerate).toBe(false);
      // A unique solution has equally many used actions on both sides.
      const used = (masses: Float64Array): number => masses.filter((mass) => mass > 0).length;
      expect(used(solution.x)).toBe(used(solution.y));
    }),
    { seed: 5, numRuns: 200 },
  );
});

test('small integer games, full of ties, do not cycle and keep the bracket', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }).chain((columns) =>
        fc.array(fc.array(fc.integer({ min: -1, max: 1 }), { minLength: columns, maxLength: columns }), {
          minLength: 1,
          maxLength: 12,
        }),
      ),
      (rows) => {
        const { lower, upper } = solveRows(rows);
        expect(upper - lower).toBeLessThan(1e-13);
      },
    ),
    { seed: 8, numRuns: 400 },
  );
});

test('a large game is bracketed', () => {
  const { lower, upper, degenerate } = solveMatrixGame(randomMatrix(3, 200, 150), 200, 150);
  expect(upper - lower).toBeLessThan(1e-13);
  expect(degenerate).toBe(false);
});

test('the bracket holds in exact arithmetic', () => {
  // Entries are multiples of 2^-20 and masses are doubles, so BigInt arithmetic decides without rounding.
  const random = randomStream(randomKey(21));
  for (let round = 0; round < 20; round++) {
    const rows = 2 + Math.floor(random.uniform() * 6);
    const columns = 2 + Math.floor(random.uniform() * 6);
    const payoff = Float64Array.from({ length: rows * columns }, () => Math.round(random.normal() * 2 ** 20) / 2 ** 20);
    const { x, y, lower, upper } = solveMatrixGame(payoff, rows, columns);
    const [p, q] = [x, y].map((masses) => Array.from(masses, (mass) => BigInt(Math.round(mass * 2 ** 200))));
    const scale = (bound: number): bigint => BigInt(Math.round(bound * 2 ** 200));
    const entry = (i: number, j: number): bigint => BigInt(payoff[i * columns + j] * 2 ** 20);
    const total = (masses: readonly bigint[]): bigint => masses.reduce((sum, mass) => sum + mass, 0n);
    for (let i = 0; i < rows; i++) {
      const paid = q.reduce((sum, mass, j) => sum + mass * entry(i, j), 0n);
      expect(paid * 2n ** 200n >= scale(lower) * total(q) * 2n ** 20n).toBe(true);
    }
    for (let j = 0; j < columns; j++) {
      const earned = p.reduce((sum, mass, i) => sum + mass * entry(i, j), 0n);
      expect(earned * 2n ** 200n <= scale(upper) * total(p) * 2n ** 20n).toBe(true);
    }
  }
});

test('one row, one column, one entry', () => {
  expect(solveRows([[3, 1, 2]])).toMatchObject({
    x: Float64Array.of(1),
    y: Float64Array.of(1, 0, 0),
    degenerate: false,
  });
  expect(solveRows([[3], [1], [2]])).toMatchObject({ x: Float64Array.of(0, 1, 0), y: Float64Array.of(1) });
  const { lower, upper } = solveRows([[7]]);
  expect([lower <= 7, upper >= 7, upper - lower < 1e-13]).toEqual([true, true, true]);
});

test('equal payoffs and repeated actions have several solutions and say so', () => {
  expect(
    solveRows([
      [2, 2],
      [2, 2],
    ]),
  ).toMatchObject({ degenerate: true });
  const doubled = solveRows([
    [0, 1],
    [1, 0],
    [1, 0],
  ]);
  expect(doubled.degenerate).toBe(true);
  expect(doubled.value).toBeCloseTo(0.5, 14);
  expect(
    solveRows([
      [0, 1, 1],
      [1, 0, 0],
    ]).degenerate,
  ).toBe(true);
});

test('scale and offset do not matter, up to the ends of the doubles', () => {
  const base = [
    [0, 1, -1],
    [-1, 0, 1],
    [1, -1, 0],
  ];
  for (const scale of [1e300, 1e-300, 2 ** -1030]) {
    const { x, lower, upper } = solveRows(base.map((row) => row.map((entry) => entry * scale)));
    for (const mass of x) expect(mass).toBeCloseTo(1 / 3, 12);
    expect(lower).toBeLessThanOrEqual(0);
    expect(upper).toBeGreaterThanOrEqual(0);
    expect(upper - lower).toBeLessThan(1e-14 * scale + 1e-320);
  }
  const shifted = solveRows(base.map((row) => row.map((entry) => 1e9 + 3 * entry)));
  for (const mass of shifted.x) expect(mass).toBeCloseTo(1 / 3, 6);
  expect(shifted.upper - shifted.lower).toBeLessThan(1e-5);
  const mixed = solveRows([
    [1e300, 1e-300],
    [1e-300, 1e300],
  ]);
  expect(mixed.value / 1e300).toBeCloseTo(0.5, 12);
  const widest = solveRows([
    [Number.MAX_VALUE, -Number.MAX_VALUE],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
  ]);
  expect(widest.x[0]).toBeCloseTo(0.5, 12);
});

// Degenerate games that broke support enumeration elsewhere; in these tables the row player maximizes.
const brokeOthers = [
  {
    maximizing: [
      [0, -1, 1, 1],
      [1, 0, -1, -1],
      [-1, 1, 0, -1],
      [-1, 1, 1, 0],
    ],
    row: [1 / 3, 1 / 3, 0, 1 / 3],
    value: 0,
  },
  {
    maximizing: [
      [0, 1, 0, -1],
      [-1, 0, 1, 1],
      [0, -1, 0, 1],
      [1, -1, -1, 0],
    ],
    row: null,
    value: 0,
  },
  {
    maximizing: [
      [0, -1, -1, -1, 1, -1],
      [1, 0, 1, -1, -1, -1],
      [1, -1, 0, -1, -1, 1],
      [1, 1, 1, 0, -1, -1],
      [-1, 1, 1, 1, 0, -1],
      [1, 1, -1, 1, 1, 0],
    ],
    row: [0, 0, 1 / 3, 0, 1 / 3, 1 / 3],
    value: 0,
  },
  {
    maximizing: [
      [-100, 0, 0, -100],
      [0, 0, 0, -100],
      [-100, 0, 0, 0],
      [0, 0, 0, -50],
    ],
    row: [0, 0, 1 / 3, 2 / 3],
    value: -100 / 3,
  },
];

test.each(brokeOthers)('a game that broke other solvers is solved (value $value)', ({ maximizing, row, value }) => {
  const solution = solveRows(transposed(maximizing));
  expect(Math.abs(solution.value - value)).toBeLessThan(1e-12);
  expect(solution.upper - solution.lower).toBeLessThan(1e-12);
  for (const [j, mass] of (row ?? []).entries()) expect(solution.y[j]).toBeCloseTo(mass, 12);
  expect(solution.ties).toBe(true);
});

test('of those games the one with several equilibria is labelled, the others are solved uniquely', () => {
  expect(brokeOthers.map(({ maximizing }) => solveRows(transposed(maximizing)).degenerate)).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

test('a matrix of the wrong size or with NaN is refused', () => {
  expect(() => solveMatrixGame(new Float64Array(5), 2, 3)).toThrow(/\[solveMatrixGame\].*5 entries for 2 x 3/);
  expect(() => solveMatrixGame(Float64Array.of(1, Number.NaN), 1, 2)).toThrow(/entry \(0, 1\) is not finite/);
});
