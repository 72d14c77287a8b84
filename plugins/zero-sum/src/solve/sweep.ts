import { box, type Game, sphere, torus } from '@muflow/core';
import { plantedGame } from '../games/plantedGame.js';
import { randomTrigonometricGame } from '../games/trigonometricGames.js';
import { type SolveOptions, solveGame } from './solveGame.js';

/** The families of random games that the solver is measured on. */
export const sweepFamilies = ['trigonometric', 'planted-torus', 'planted-sphere', 'planted-box'] as const;
export type SweepFamily = (typeof sweepFamilies)[number];

export interface SweepOptions {
  readonly family: SweepFamily;
  /** Dimension of the spaces (of the sphere, as a manifold); default 1. */
  readonly dim?: number;
  /** Games with seeds `first`, `first + 1`, …; default 100 from 0. */
  readonly games?: number;
  readonly first?: number;
  readonly solve?: SolveOptions;
}

/** How one game of a sweep went. */
export interface SweepRow {
  readonly seed: number;
  readonly status: 'certified' | 'budget' | 'estimated';
  readonly gap: number;
  readonly seconds: number;
  readonly iterations: number;
  readonly method: string;
  readonly degenerate: boolean;
  /** Whether the bracket holds the planted value, to the rounding of the game's coefficients; null where it is not known. */
  readonly holdsValue: boolean | null;
}

/**
 * Game `seed` of a family: trigonometric of degree 3 on tori, or planted with 1 to 4 atoms for each player and a
 * planted value between -1 and 1.
 */
export function sweepGame(family: SweepFamily, seed: number, dim = 1): { game: Game; value: number | null } {
  if (family === 'trigonometric') {
    return { game: randomTrigonometricGame({ dims: [dim, dim], degree: dim === 1 ? 3 : 1, seed }), value: null };
  }
  const spaces = {
    'planted-torus': () => torus(dim),
    'planted-sphere': () => sphere(dim + 1),
    'planted-box': () => box(Array.from({ length: dim }, () => [-1, 1] as const)),
  };
  const value = ((seed * 7919) % 2001) / 1000 - 1;
  const { game } = plantedGame({
    space: spaces[family](),
    atomsX: 1 + (seed % 4),
    atomsY: 1 + (Math.floor(seed / 4) % 4),
    value,
    seed,
  });
  return { game, value };
}

/** Solves many games, one row each, as they come. */
export function* sweep({ family, dim = 1, games = 100, first = 0, solve = {} }: SweepOptions): Generator<SweepRow> {
  for (let seed = first; seed < first + games; seed++) {
    const { game, value } = sweepGame(family, seed, dim);
    const { status, gap, lower, upper, seconds, iterations, method, degenerate } = solveGame(game, { seed, ...solve });
    // The stored coefficients are rounded, so the planted value is that of the game to about 1e-14.
    const holdsValue = value === null ? null : lower <= value + 1e-13 && value - 1e-13 <= upper;
    yield { seed, status, gap, seconds, iterations, method, degenerate, holdsValue };
  }
}
