import { fail, type Game, type Measure, show } from '@muflow/core';
import type { DynamicsName } from '../dynamics/dynamics.js';
import { widthOf } from './bracket.js';
import {
  jumpsAreKnown,
  type Outcome,
  type SearchSettings,
  type SolveProgress,
  solveByDynamics,
  solveByOracle,
  solveByPieces,
  solveFinite,
} from './search.js';

export interface SolveOptions {
  /** Width of the bracket of the value that is asked for; default 1e-6. */
  readonly tolerance?: number;
  /** Most rounds (a round of the oracle, or a stretch of a dynamics); default 80, or no limit where `seconds` is one. */
  readonly maxSteps?: number;
  /** Stops at the end of the round under way after this many seconds; with it, results depend on the machine. */
  readonly seconds?: number;
  readonly seed?: number;
  /** Forces these dynamics to find the supports; the finisher and the certificate stay. Default: the double oracle. */
  readonly dynamics?: DynamicsName;
  /** Ends the solver after the round under way, with the best it has. */
  readonly signal?: { readonly aborted: boolean };
  /** Milliseconds of a clock; default the system's. */
  readonly clock?: () => number;
  /** Told after every round. */
  readonly onProgress?: (progress: SolveProgress) => void;
}

/** An atom of a strategy. */
export interface StrategyAtom {
  readonly at: readonly number[];
  readonly mass: number;
}

/** A game solved as far as it was possible. */
export interface Solution {
  /** The best guess inside the bracket: its middle, or what a search says where the bracket is wide. */
  readonly value: number;
  /** The value of the game lies in [lower, upper]; proven if `certified`. */
  readonly lower: number;
  readonly upper: number;
  /** `upper - lower`. */
  readonly gap: number;
  readonly certified: boolean;
  /**
   * `certified`: proven and as narrow as asked. `budget`: proven, but wider than asked. `estimated`: at least one
   * end is not proven.
   */
  readonly status: 'certified' | 'budget' | 'estimated';
  /** Strategies, heaviest atoms first. */
  readonly x: readonly StrategyAtom[];
  readonly y: readonly StrategyAtom[];
  /** The Nikaido-Isoda error of these strategies. */
  readonly nikaidoIsoda: { readonly lower: number; readonly upper: number };
  readonly iterations: number;
  readonly seconds: number;
  /** How the strategies were found, such as `matrix` or `oracle + newton`. */
  readonly method: string;
  /** Strictness of the equilibrium, in units of the payoff; 0 where none is known. */
  readonly margin: number;
  readonly conditioning: number;
  /** True where the margin is below the width of the certificate: there may be other equilibria. */
  readonly degenerate: boolean;
  /**
   * Of a matrix game: true where some pure action has several best replies, so that the matrix is degenerate for methods
   * that enumerate supports, though its equilibrium may be unique. Absent for other games.
   */
  readonly ties?: boolean;
}

/**
 * Solves a two-player zero-sum game: x minimizes and y maximizes the payoff in mixed strategies. A finite game is a
 * linear programme. Otherwise a double oracle grows the supports from a coarse grid by best replies, the finisher
 * merges and polishes its strategies, and the certificate encloses the value; replies that the certificate finds
 * are born as atoms. Payoffs that jump at common coordinates are solved on grids, against replies beside the grid
 * points, that are refined where mass is. All proven brackets are intersected. The result says what is proven: see `status`.
 *
 * @throws `invalid-argument` for a game that is not two-player zero-sum or options that are out of range,
 * `unsupported` for a space without bounds, `not-finite` for a payoff that is not finite.
 * @example
 * const { value, certified } = solveGame(guessingGame().game); // 1, true
 */
export function solveGame(game: Game, options: SolveOptions = {}): Solution {
  const run = solving(game, options);
  for (;;) {
    const { value, done } = run.next();
    if (done) return value;
    options.onProgress?.(value);
  }
}

/** The solver as a generator: one progress per round, the solution at the end. */
export function* solving(game: Game, options: SolveOptions = {}): Generator<SolveProgress, Solution> {
  checkSolvable(game, options);
  const { tolerance = 1e-6, seed = 0, clock = Date.now } = options;
  const maxSteps = options.maxSteps ?? (options.seconds === undefined ? 80 : Number.POSITIVE_INFINITY);
  const started = clock();
  const left = (): number =>
    options.seconds === undefined ? Number.POSITIVE_INFINITY : options.seconds - (clock() - started) / 1000;
  const late = (): boolean => options.signal?.aborted === true || left() <= 0;
  const settings: SearchSettings = { tolerance, maxSteps, seed, late, left };
  const outcome = yield* methodOf(game, options.dynamics, settings);
  return conclude(outcome, { tolerance, seconds: (clock() - started) / 1000 });
}

function methodOf(
  game: Game,
  name: DynamicsName | undefined,
  settings: SearchSettings,
): Generator<SolveProgress, Outcome> {
  if (name !== undefined) return solveByDynamics(game, name, settings);
  const finite = game.spaces.every((space) => space.kind === 'finite');
  if (finite) return solveFinite(game, settings);
  return jumpsAreKnown(game) ? solveByPieces(game, settings) : solveByOracle(game, settings);
}

function conclude(
  { bracket, best, finished, iterations, method, ties }: Outcome,
  { tolerance, seconds }: { readonly tolerance: number; readonly seconds: number },
): Solution {
  const certified = Number.isFinite(widthOf(bracket));
  const ends = certified ? bracket : bracket.estimate;
  const gap = widthOf(ends);
  return {
    value: gap <= tolerance ? ends.lower + gap / 2 : guessOf(ends, bracket.estimate),
    lower: ends.lower,
    upper: ends.upper,
    gap,
    certified,
    status: certified ? (gap <= tolerance ? 'certified' : 'budget') : 'estimated',
    x: strategyOf(best.profile[0]),
    y: strategyOf(best.profile[1]),
    nikaidoIsoda: { lower: best.ni.lower, upper: best.ni.upper },
    iterations,
    seconds,
    method,
    margin: finished?.margin ?? 0,
    conditioning: finished?.conditioning ?? Number.POSITIVE_INFINITY,
    degenerate: finished?.degenerate ?? true,
    ...(ties === undefined ? {} : { ties }),
  };
}

/** The middle of the searched bracket, moved into the proven one. */
function guessOf(proven: Ends, searched: Ends): number {
  return Math.min(proven.upper, Math.max(proven.lower, searched.lower + (searched.upper - searched.lower) / 2));
}

interface Ends {
  readonly lower: number;
  readonly upper: number;
}

/** Masses that agree to rounding are put in the order of their places, so that lists do not depend on last digits. */
function heavierFirst(a: StrategyAtom, b: StrategyAtom): number {
  const heavier = Math.round(1e9 * b.mass) - Math.round(1e9 * a.mass);
  if (heavier !== 0) return heavier;
  const k = a.at.findIndex((coordinate, axis) => coordinate !== b.at[axis]);
  return k < 0 ? 0 : a.at[k] - b.at[k];
}

function strategyOf({ count, dim, positions, masses }: Measure): readonly StrategyAtom[] {
  return Array.from({ length: count }, (_, i) => ({
    at: Array.from(positions.subarray(i * dim, (i + 1) * dim)),
    mass: masses[i],
  })).sort(heavierFirst);
}

function checkSolvable(game: Game, { tolerance, maxSteps, seconds }: SolveOptions): void {
  const refuse = (problem: string, got: string, expected: string, fix: string): never =>
    fail({ code: 'invalid-argument', where: 'solveGame', problem, got, expected, fix });
  if (!game.zeroSum || game.spaces.length !== 2)
    refuse(
      'the game is not two-player zero-sum',
      `${game.spaces.length} players, zero-sum ${game.zeroSum}`,
      'a two-player zero-sum game',
      'pass a game made by zeroSumGame or matrixGame',
    );
  for (const [name, option, least] of [
    ['tolerance', tolerance, 0],
    ['maxSteps', maxSteps, 1],
    ['seconds', seconds, 0],
  ] as const) {
    if (option !== undefined && !(option >= least && (option > 0 || name === 'seconds') && Number.isFinite(option)))
      refuse(`${name} is out of range`, show(option), `a number above ${least}`, `pass ${name} as a positive number`);
  }
  game.spaces.forEach((space, player) => {
    if (Number.isFinite(space.volume) && Number.isFinite(space.diameter)) return;
    fail({
      code: 'unsupported',
      where: 'solveGame',
      problem: `the space of ${'xy'[player]} has no bounds, so a best reply may not exist`,
      got: space.name,
      expected: 'a bounded space: intervals, torus, sphere, simplex, finite or products of these',
      fix: `bound it, for example ${'xy'[player]} in [-10,10]`,
    });
  });
}
