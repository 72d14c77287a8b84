import { type Game, matrixGame, measure, type Profile, type RandomStream } from '@muflow/core';

export type Matrix = readonly (readonly number[])[];

/** An n by m matrix of independent standard normals. */
export const randomMatrix = (n: number, m: number, random: RandomStream): Matrix =>
  Array.from({ length: n }, () => Array.from({ length: m }, () => random.normal()));

/** Shares of a probability with every action, none below a twelfth of the largest. */
export function positiveShares(count: number, random: RandomStream): number[] {
  const raw = Array.from({ length: count }, () => 0.1 + random.uniform());
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((value) => value / total);
}

/** A profile of a matrix game from the masses of its players. */
export const mixedProfile = (game: Game, masses: readonly ArrayLike<number>[]): Profile =>
  masses.map((m, k) => measure({ space: game.spaces[k], positions: Array.from(m, (_, i) => i), masses: m }));

/**
 * A matrix game whose equilibrium is (p, q), of full support, with the given value: a random matrix B from which
 * `(B q)_i` and `(p B)_j` are taken, so that every row and every column is a best reply.
 */
export function plantedMatrixGame(
  p: readonly number[],
  q: readonly number[],
  value: number,
  random: RandomStream,
): Game {
  const b = randomMatrix(p.length, q.length, random);
  const rows = b.map((row) => row.reduce((sum, entry, j) => sum + entry * q[j], 0));
  const columns = q.map((_, j) => b.reduce((sum, row, i) => sum + row[j] * p[i], 0));
  const mean = rows.reduce((sum, entry, i) => sum + entry * p[i], 0);
  return matrixGame(b.map((row, i) => row.map((entry, j) => entry - rows[i] - columns[j] + mean + value)));
}

/** `KL(p | mu)` for a strategy p of a finite game. */
export const divergenceTo = (p: readonly number[], logMasses: Float64Array): number =>
  p.reduce((sum, share, i) => sum + (share > 0 ? share * (Math.log(share) - logMasses[i]) : 0), 0);
