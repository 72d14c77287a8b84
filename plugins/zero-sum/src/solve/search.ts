import { type Game, grid, type Profile } from '@muflow/core';
import { type NikaidoIsodaInterval, nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import type { DynamicsName } from '../dynamics/dynamics.js';
import { profileOfAtoms } from '../finish/atoms.js';
import { type Candidate, certify, type Finished, finish, polished } from '../finish/finish.js';
import { hasTies } from '../finish/matrixGame.js';
import { payoffMatrix } from '../payoffMatrix.js';
import { gridStart } from '../starts.js';
import { type Bracket, estimated, narrowed, unknownBracket, widthOf } from './bracket.js';
import { firstSupport, guardedStrategy, isTractable, refinedSupport } from './displaced.js';
import { dynamicsRun } from './forcedDynamics.js';
import { oracleRound, startPool, withAtoms } from './oracle.js';

/** How far a solver is. */
export interface SolveProgress {
  readonly iterations: number;
  /** What it has just done: `matrix`, `oracle`, `polish`, or the name of a dynamics. */
  readonly phase: string;
  /** The best bracket so far: proven where `proven`, else as a search sees it. */
  readonly lower: number;
  readonly upper: number;
  readonly proven: boolean;
}

export interface SearchSettings {
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly seed: number;
  /** True once the time is up. */
  readonly late: () => boolean;
  /** Seconds that are left; Infinity without a limit. */
  readonly left: () => number;
}

/** A profile with its certificate. */
export interface Judged {
  readonly profile: Profile;
  readonly ni: NikaidoIsodaInterval;
}

/** What a search ends with. */
export interface Outcome {
  readonly bracket: Bracket;
  readonly best: Judged;
  /** The finisher's report on `best`, null where the best profile is not its. */
  readonly finished: Finished | null;
  readonly iterations: number;
  readonly method: string;
  /** Of a matrix game: whether some pure action has several best replies. */
  readonly ties?: boolean;
}

/** Everything that has been proven and found so far; certificates only ever add to it. */
interface Judge {
  readonly game: Game;
  readonly settings: SearchSettings;
  bracket: Bracket;
  best: Judged | null;
  finished: Finished | null;
  /** Seconds per cell of the last certificate, null before the first. */
  secondsPerCell: number | null;
  /** Whether certificates need no search, so that each of them is worth its cost. */
  readonly exact: boolean;
}

const startJudging = (game: Game, settings: SearchSettings, start: Profile): Judge => ({
  game,
  settings,
  bracket: unknownBracket,
  best: null,
  finished: null,
  secondsPerCell: null,
  exact: isExact(game, start),
});

/** True where both potentials have minima in closed form; one cell tells. */
function isExact(game: Game, profile: Profile): boolean {
  if (game.formula === undefined) return false;
  const { x, y } = nikaidoIsoda(game, profile, { maxCells: 1 });
  return [x, y].every(({ method }) => method === 'quadratic' || method === 'finite');
}

const dimension = (game: Game): number => Math.max(...game.spaces.map(({ intrinsicDim }) => intrinsicDim));

/** Most cells of one certificate; within a time limit, what a third of the rest is enough for. */
function cellBudget({ game, settings, secondsPerCell }: Judge, most: number): number {
  const usual = dimension(game) <= 1 ? 100_000 : most;
  const left = settings.left();
  if (secondsPerCell === null || !Number.isFinite(left)) return usual;
  // Cells of a polynomial take microseconds: there is time for many more than usual.
  return Math.max(500, Math.min(50 * usual, Math.floor((0.3 * Math.max(0, left)) / secondsPerCell)));
}

/** Within a time limit, tries a few cells first where nothing is known of their cost. */
function calibrate(judge: Judge, profile: Profile, tolerance: number): void {
  if (judge.secondsPerCell !== null || dimension(judge.game) <= 1 || !Number.isFinite(judge.settings.left())) return;
  timed(judge, () => nikaidoIsoda(judge.game, profile, { tolerance, maxCells: 100 }));
}

/** Certifies a profile with what the judge's clock says about cost. */
function timed(judge: Judge, certificate: () => NikaidoIsodaInterval): NikaidoIsodaInterval {
  const before = judge.settings.left();
  const ni = certificate();
  const seconds = before - judge.settings.left();
  const cells = ni.x.cells + ni.y.cells;
  if (Number.isFinite(seconds) && cells > 0) judge.secondsPerCell = Math.max(seconds, 1e-3) / cells;
  judge.bracket = narrowed(judge.bracket, ni);
  return ni;
}

const consider = (judge: Judge, judged: Judged): void => {
  if (judge.best === null || judged.ni.upper < judge.best.ni.upper) judge.best = judged;
};

/** The certificate of a profile as it stands. */
function judgeProfile(judge: Judge, profile: Profile, options: { tolerance: number; most: number }): Judged {
  const { tolerance, most } = options;
  calibrate(judge, profile, tolerance);
  const ni = timed(judge, () => nikaidoIsoda(judge.game, profile, { tolerance, maxCells: cellBudget(judge, most) }));
  const judged = { profile, ni };
  consider(judge, judged);
  return judged;
}

/** The certificate of a candidate of the finisher, if its error is worth one. */
function judgeCandidate(judge: Judge, candidate: Candidate): Judged | null {
  const { tolerance } = judge.settings;
  if (candidate.error > tolerance / 2) return null;
  // On lines a certificate costs little, so it may be better than what was asked for.
  const sharp = dimension(judge.game) <= 1 ? tolerance / 1000 : tolerance / 4;
  calibrate(judge, profileOfAtoms(candidate.atoms), tolerance);
  let done: Finished | null = null;
  timed(judge, () => {
    done = certify(judge.game, candidate, { tolerance: sharp, maxCells: cellBudget(judge, 60_000) });
    return done.ni;
  });
  const finished = done as Finished | null;
  if (finished === null) return null;
  if (judge.finished === null || finished.ni.upper < judge.finished.ni.upper) judge.finished = finished;
  consider(judge, finished);
  return finished;
}

/** Whether the bracket is as narrow as was asked for, or the time is up. */
const over = ({ bracket, settings }: Judge): boolean => widthOf(bracket) <= settings.tolerance || settings.late();

export function progressOf(iterations: number, phase: string, bracket: Bracket): SolveProgress {
  const proven = Number.isFinite(widthOf(bracket));
  const { lower, upper } = proven ? bracket : bracket.estimate;
  return { iterations, phase, lower, upper, proven };
}

function outcomeOf(judge: Judge, last: Judged, iterations: number, method: string): Outcome {
  const { bracket, best, finished } = judge;
  const final = best ?? last;
  const own = finished !== null && finished.profile === final.profile ? finished : null;
  return { bracket, best: final, finished: own, iterations, method: own === null ? method : `${method} + newton` };
}

/** A finite game: its equilibrium on all actions. */
export function* solveFinite(game: Game, { tolerance }: SearchSettings): Generator<SolveProgress, Outcome> {
  const { profile } = oracleRound(game, startPool(game, Number.POSITIVE_INFINITY, 0), { births: 1, patience: 0 });
  const finished = finish(game, profile, { tolerance: tolerance / 2 });
  const bracket = narrowed(unknownBracket, finished.ni);
  yield progressOf(1, 'matrix', bracket);
  const [rows, columns] = game.spaces.map((space) => grid(space, space.volume));
  const ties = hasTies(payoffMatrix(game, rows, columns), rows.count, columns.count);
  return { bracket, best: finished, finished, iterations: 1, method: 'matrix', ties };
}

/** Atoms per player that the oracle begins with: a jump is only seen by atoms beside it. */
const startCount = (game: Game): number => (game.smooth ? (dimension(game) <= 1 ? 24 : 40) : 160);

/**
 * The double oracle with the finisher, on any game. The finisher tries whenever the gap has halved since it last
 * did; its atoms, and the replies that certificates find, are born into the pool.
 */
export function* solveByOracle(game: Game, settings: SearchSettings): Generator<SolveProgress, Outcome> {
  const { tolerance, maxSteps, seed } = settings;
  const plane = dimension(game) > 1;
  let pool = startPool(game, startCount(game), seed);
  let profile: Profile = pool.atoms.map((atoms) => profileOfAtoms([atoms, atoms])[0]);
  const judge = startJudging(game, settings, profile);
  let polishedAt = Number.POSITIVE_INFINITY;
  let judgedAt = Number.POSITIVE_INFINITY;
  let leastGap = Number.POSITIVE_INFINITY;
  let nearest = profile;
  let iterations = 0;
  while (iterations < maxSteps) {
    iterations++;
    const round = oracleRound(game, pool, { births: plane ? 6 : 4, patience: 8, level: iterations % 30 });
    ({ pool, profile } = round);
    const gap = Math.max(0, round.upper - round.lower);
    judge.bracket = estimated(judge.bracket, round.lower, round.upper);
    if (gap < leastGap) [leastGap, nearest] = [gap, profile];
    let phase = 'oracle';
    // In higher dimensions a polish costs as much as many rounds, and fails from afar.
    const near = game.smooth && (!plane || gap <= 0.3 * round.range);
    if (near && (gap < 0.5 * polishedAt || gap < tolerance || iterations % 4 === 0)) {
      phase = 'polish';
      polishedAt = Math.min(polishedAt, gap);
      const candidate = polished(game, profile);
      pool = withAtoms(pool, positionsOf(profileOfAtoms(candidate.atoms)));
      const judged = judgeCandidate(judge, candidate);
      if (judged !== null) pool = withAtoms(pool, [judged.ni.x.at, judged.ni.y.at]);
    }
    const worth = dimension(game) <= 2 || gap <= 10 * tolerance;
    if (!over(judge) && (judge.exact || gap <= tolerance / 2 || (worth && gap <= judgedAt / 8))) {
      judgedAt = gap;
      const judged = judgeProfile(judge, profile, { tolerance: Math.max(tolerance / 4, gap / 20), most: 4000 });
      pool = withAtoms(pool, [judged.ni.x.at, judged.ni.y.at]);
    }
    yield progressOf(iterations, phase, judge.bracket);
    if (over(judge)) break;
  }
  const last = judge.best ?? judgeProfile(judge, nearest, { tolerance: tolerance / 4, most: 20_000 });
  return outcomeOf(judge, last, iterations, 'oracle');
}

/** Whether both potentials jump at hyperplanes that the certificate knows. */
export function jumpsAreKnown(game: Game): boolean {
  if (game.formula === undefined || game.smooth || game.dims[0] !== game.dims[1]) return false;
  const middle = game.spaces.map((space) => gridStart(space, 4));
  const { x, y } = nikaidoIsoda(game, middle, { maxCells: 1 });
  return x.method === 'pieces' && y.method === 'pieces';
}

/** Payoffs that jump: guarded strategies on supports that are refined where mass is, each of them certified. */
export function* solveByPieces(game: Game, settings: SearchSettings): Generator<SolveProgress, Outcome> {
  const { tolerance, maxSteps } = settings;
  let supports = game.spaces.map(firstSupport);
  const judge = startJudging(
    game,
    settings,
    game.spaces.map((space) => gridStart(space, 4)),
  );
  let last: Judged | null = null;
  let iterations = 0;
  while (iterations < maxSteps && game.spaces.every((space, k) => isTractable(space, supports[k]))) {
    iterations++;
    const guarded = ([0, 1] as const).map((player) => guardedStrategy(game, player, supports[player]));
    const profile = guarded.map(({ strategy }) => strategy);
    // Between jumps little is left to search.
    last = judgeProfile(judge, profile, { tolerance: tolerance / 1000, most: 200_000 });
    yield progressOf(iterations, 'pieces', judge.bracket);
    if (over(judge)) break;
    supports = supports.map((support, k) => refinedSupport(game.spaces[k], support, guarded[k].masses));
  }
  return outcomeOf(judge, last as Judged, iterations, 'pieces');
}

const stretch = 100;

/** One dynamics in stretches of 100 steps; the finisher tries the end of each. */
export function* solveByDynamics(
  game: Game,
  name: DynamicsName,
  settings: SearchSettings,
): Generator<SolveProgress, Outcome> {
  const run = dynamicsRun(game, name, settings.seed);
  const judge = startJudging(game, settings, run.start);
  let nearest: Candidate | null = null;
  let iterations = 0;
  while (iterations < settings.maxSteps) {
    iterations++;
    const reached = run.advance(stretch);
    if (reached === null) break;
    const candidate = polished(game, reached);
    if (nearest === null || candidate.error < nearest.error) nearest = candidate;
    if (judgeCandidate(judge, candidate) === null && isPowerOfTwo(iterations))
      judgeProfile(judge, profileOfAtoms(candidate.atoms), { tolerance: candidate.error / 20, most: 4000 });
    yield progressOf(iterations, name, judge.bracket);
    if (over(judge)) break;
  }
  const guess = nearest === null ? run.start : profileOfAtoms(nearest.atoms);
  const last = judge.best ?? judgeProfile(judge, guess, { tolerance: settings.tolerance, most: 20_000 });
  return outcomeOf(judge, last, iterations, name);
}

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

const positionsOf = ([x, y]: Profile): [Float64Array, Float64Array] => [x.positions, y.positions];
