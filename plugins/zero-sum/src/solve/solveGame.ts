import { fail, type Game, type Measure, type Profile, show } from '@muflow/core';
import { type NikaidoIsodaInterval, nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { profileOfAtoms } from '../finish/atoms.js';
import { certify, type Finished, finish, polished } from '../finish/finish.js';
import { type Bracket, estimated, narrowed, unknownBracket, widthOf } from './bracket.js';
import { oracleRound, type Pool, startPool, withAtoms } from './oracle.js';

export interface SolveOptions {
  /** Width of the bracket of the value that is asked for; default 1e-6. */
  readonly tolerance?: number;
  /** Most rounds (a round of the oracle, or a stretch of a dynamics); default 80. */
  readonly maxSteps?: number;
  /** Stops at the end of the round under way after this many seconds; with it, results depend on the machine. */
  readonly seconds?: number;
  readonly seed?: number;
  /** Milliseconds of a clock; default the system's. */
  readonly clock?: () => number;
  /** Told after every round. */
  readonly onProgress?: (progress: SolveProgress) => void;
}

/** How far a solver is. */
export interface SolveProgress {
  readonly iterations: number;
  /** What it is doing. */
  readonly phase: string;
  /** The best bracket so far: proven where `proven`, else as a search sees it. */
  readonly lower: number;
  readonly upper: number;
  readonly proven: boolean;
}

/** An atom of a strategy. */
export interface StrategyAtom {
  readonly at: readonly number[];
  readonly mass: number;
}

/** A game solved as far as it was possible. */
export interface Solution {
  /** Middle of the bracket. */
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
}

/**
 * Solves a two-player zero-sum game: x minimizes and y maximizes the payoff in mixed strategies. A finite game is a
 * linear programme. Otherwise a double oracle grows the supports from a coarse grid by best replies, the finisher
 * merges and polishes its strategies, and the certificate encloses the value; replies that the certificate finds
 * are born as atoms. All proven brackets are intersected. The result says what is proven: see `status`.
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
  const { tolerance = 1e-6, maxSteps = 80, seed = 0, clock = Date.now } = options;
  const started = clock();
  const late = (): boolean => options.seconds !== undefined && clock() - started > 1000 * options.seconds;
  const settings: Settings = { tolerance, maxSteps, seed, late };
  const outcome = yield* game.spaces.every((space) => space.kind === 'finite')
    ? solveFinite(game, settings)
    : solveByOracle(game, settings);
  return conclude(outcome, { tolerance, seconds: (clock() - started) / 1000 });
}

interface Settings {
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly seed: number;
  readonly late: () => boolean;
}

/** What a method ends with. */
interface Outcome {
  readonly bracket: Bracket;
  readonly best: Judged;
  readonly finished: Finished | null;
  readonly iterations: number;
  readonly method: string;
}

/** A profile with its certificate. */
interface Judged {
  readonly profile: Profile;
  readonly ni: NikaidoIsodaInterval;
}

const progressOf = (iterations: number, phase: string, bracket: Bracket): SolveProgress => {
  const proven = Number.isFinite(widthOf(bracket));
  return { iterations, phase, proven, ...(proven ? { lower: bracket.lower, upper: bracket.upper } : bracket.estimate) };
};

/** A finite game: its equilibrium on all actions. */
function* solveFinite(game: Game, { tolerance }: Settings): Generator<SolveProgress, Outcome> {
  const pool = startPool(game, Number.POSITIVE_INFINITY, 0);
  const { profile } = oracleRound(game, pool, 1, 0);
  const finished = finish(game, profile, { tolerance: tolerance / 2 });
  const bracket = narrowed(unknownBracket, finished.ni);
  yield progressOf(1, 'matrix', bracket);
  return { bracket, best: finished, finished, iterations: 1, method: 'matrix' };
}

/** Atoms per player that the oracle begins with. */
function startCount(game: Game): number {
  const dim = Math.max(...game.spaces.map((space) => space.intrinsicDim));
  return game.smooth ? (dim <= 1 ? 24 : 40) : 160;
}

/** The double oracle with the finisher, on any game. */
function* solveByOracle(game: Game, settings: Settings): Generator<SolveProgress, Outcome> {
  const { tolerance, maxSteps, seed, late } = settings;
  let pool = startPool(game, startCount(game), seed);
  let bracket = unknownBracket;
  let best: Judged | null = null;
  let finished: Finished | null = null;
  let polishedAt = Number.POSITIVE_INFINITY;
  let judgedAt = Number.POSITIVE_INFINITY;
  let iterations = 0;
  // On lines a certificate costs little, so it may be better than what was asked for.
  const sharp = game.spaces.every(({ intrinsicDim }) => intrinsicDim <= 1) ? tolerance / 1000 : tolerance / 4;
  while (iterations < maxSteps) {
    iterations++;
    const round = oracleRound(game, pool, 4, 8);
    pool = round.pool;
    const gap = Math.max(0, round.upper - round.lower);
    bracket = estimated(bracket, round.lower, round.upper);
    let phase = 'oracle';
    if (game.smooth && (gap < 0.5 * polishedAt || gap < tolerance || iterations % 4 === 0)) {
      phase = 'polish';
      polishedAt = Math.min(polishedAt, gap);
      const candidate = polished(game, round.profile);
      pool = withAtoms(pool, positionsOf(profileOfAtoms(candidate.atoms)));
      if (candidate.error <= tolerance / 2) {
        const done = certify(game, candidate, { tolerance: sharp });
        bracket = narrowed(bracket, done.ni);
        pool = withAtoms(pool, [done.ni.x.at, done.ni.y.at]);
        if (finished === null || done.ni.upper < finished.ni.upper) finished = done;
        best = betterOf(best, done);
      }
    }
    if (gap <= Math.max(tolerance / 2, judgedAt / 8) || late()) {
      judgedAt = gap;
      const ni = nikaidoIsoda(game, round.profile, { tolerance: Math.max(tolerance / 4, gap / 20) });
      bracket = narrowed(bracket, ni);
      pool = withAtoms(pool, [ni.x.at, ni.y.at]);
      best = betterOf(best, { profile: round.profile, ni });
    }
    yield progressOf(iterations, phase, bracket);
    if (widthOf(bracket) <= tolerance || late()) break;
  }
  const last: Judged = best ?? judgedNow(game, pool, tolerance);
  return {
    bracket: narrowed(bracket, last.ni),
    best: last,
    finished: finished !== null && finished.profile === last.profile ? finished : null,
    iterations,
    method: finished?.profile === last.profile ? 'oracle + newton' : 'oracle',
  };
}

/** The equilibrium of a pool with its certificate, where no round has come so far. */
function judgedNow(game: Game, pool: Pool, tolerance: number): Judged {
  const { profile } = oracleRound(game, pool, 1, 0);
  return { profile, ni: nikaidoIsoda(game, profile, { tolerance: tolerance / 4 }) };
}

const betterOf = (a: Judged | null, b: Judged): Judged => (a === null || b.ni.upper < a.ni.upper ? b : a);

const positionsOf = ([x, y]: Profile): [Float64Array, Float64Array] => [x.positions, y.positions];

function conclude(
  { bracket, best, finished, iterations, method }: Outcome,
  { tolerance, seconds }: { readonly tolerance: number; readonly seconds: number },
): Solution {
  const certified = Number.isFinite(widthOf(bracket));
  const ends = certified ? bracket : bracket.estimate;
  const gap = widthOf(ends);
  return {
    value: ends.lower + gap / 2,
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
  };
}

function strategyOf({ count, dim, positions, masses }: Measure): readonly StrategyAtom[] {
  return Array.from({ length: count }, (_, i) => ({
    at: Array.from(positions.subarray(i * dim, (i + 1) * dim)),
    mass: masses[i],
  })).sort((a, b) => b.mass - a.mass);
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
