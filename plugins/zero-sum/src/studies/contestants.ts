import type { Frame, Game, Profile, StudyContext } from '@muflow/core';
import { nikaidoIsoda } from '../certificate/nikaidoIsoda.js';
import { dynamics } from '../dynamics/dynamics.js';
import { type PlayIterate, play } from '../dynamics/play.js';
import { profileAverage } from '../dynamics/profileAverage.js';
import { stepSizes } from '../dynamics/stepSizes.js';
import { solveGame } from '../solve/solveGame.js';
import { gridStart } from '../starts.js';

/** Ways to look for an equilibrium that are compared on random games. */
export const contestantNames = [
  'hybrid',
  'mirror-prox, finished',
  'double oracle',
  'mirror-prox',
  'wfr',
  'wfr, average',
  'optimistic',
  'extragradient',
  'mass-mirror-prox',
] as const;
export type ContestantName = (typeof contestantNames)[number];

export interface Budget {
  /** Certified Nikaido-Isoda error that counts as a success. */
  readonly error: number;
  /** Steps of the dynamics. */
  readonly steps: number;
  /** Atoms of x at the start of the dynamics; y has one more. */
  readonly atoms: number;
  /** Rounds of the double oracle. */
  readonly rounds: number;
}

/** How one contestant did on one game. */
export interface Attempt {
  /** Upper end of the certified Nikaido-Isoda error at the end; infinite where nothing is proven. */
  readonly error: number;
  /** Steps or rounds until the success, or all. */
  readonly steps: number;
  /** Payoffs of pairs of atoms evaluated until then, gradients included in the pair. */
  readonly payoffs: number;
}

/** Lets one contestant try one game. */
export async function attempt(
  name: ContestantName,
  game: Game,
  budget: Budget,
  context: StudyContext,
): Promise<Attempt> {
  const counter = counting(game);
  if (name === 'hybrid' || name === 'mirror-prox, finished') {
    const forced = name === 'hybrid' ? {} : ({ dynamics: 'mirror-prox' } as const);
    const { nikaidoIsoda: ni, certified, iterations } = solveGame(counter.game, { tolerance: budget.error, ...forced });
    return { error: certified ? ni.upper : Number.POSITIVE_INFINITY, steps: iterations, payoffs: counter.payoffs() };
  }
  if (name === 'double oracle') return oracleAttempt(game, counter, budget);
  const { flow, stepper } = dynamics(counter.game, name === 'wfr, average' ? 'wfr' : name, stepSizes(game));
  const initial = game.spaces.map((space, k) => gridStart(space, budget.atoms + k));
  const record = { every: Math.max(1, Math.ceil(budget.steps / recorded)) };
  const plan = { stepper, dt: 1, maxSteps: budget.steps, seed: context.seed, record };
  const { frames } = await context.simulate(`${name} on ${game.name}`, { flow, initial }, plan);
  return flowAttempt(game, frames, { average: name === 'wfr, average', error: budget.error, all: counter.payoffs() });
}

/** The double oracle ends at the first gap that its own search puts at the error. */
function oracleAttempt(game: Game, counter: Counter, { error, rounds }: Budget): Attempt {
  let last: PlayIterate | undefined;
  // Replies are searched to rounding of their place, so the gap must be a little below what is to be proven.
  for (const round of play(counter.game, 'double-oracle', { tolerance: 0.9 * error, maxSteps: rounds })) last = round;
  return {
    error: last === undefined ? Number.POSITIVE_INFINITY : certifiedError(game, last.profile),
    steps: last?.step ?? 0,
    payoffs: counter.payoffs(),
  };
}

const recorded = 160;
/** One certificate per this many recorded profiles. */
const certifyEvery = 20;

/** The certified error along a run, until it is small enough. */
function flowAttempt(
  game: Game,
  frames: readonly Frame[],
  { average, error, all }: { readonly average: boolean; readonly error: number; readonly all: number },
): Attempt {
  const mean = profileAverage(Math.max(2, frames.length));
  const end = frames[frames.length - 1];
  let last = Number.POSITIVE_INFINITY;
  for (const [k, { step, profile }] of frames.entries()) {
    mean.add(profile);
    if (k === 0 || (k % certifyEvery !== 0 && step !== end.step)) continue;
    last = certifiedError(game, average ? (mean.profile() ?? profile) : profile);
    if (last <= error) return { error: last, steps: step, payoffs: (all * step) / end.step };
  }
  return { error: last, steps: end.step, payoffs: all };
}

function certifiedError(game: Game, profile: Profile): number {
  const { certified, upper } = nikaidoIsoda(game, profile);
  return certified ? upper : Number.POSITIVE_INFINITY;
}

interface Counter {
  readonly game: Game;
  /** Pairs of atoms whose payoff the fields and potentials have asked for. */
  payoffs(): number;
}

function counting(game: Game): Counter {
  let pairs = 0;
  const counted: Game = {
    ...game,
    evaluateInto(out, profile, context) {
      pairs += profile[0].count * profile[1].count;
      game.evaluateInto(out, profile, context);
    },
    potentialAt(player, out, points, count, profile) {
      pairs += count * profile[1 - player].count;
      game.potentialAt(player, out, points, count, profile);
    },
  };
  return { game: counted, payoffs: () => pairs };
}
