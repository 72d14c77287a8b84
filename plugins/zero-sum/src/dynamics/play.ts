import { fail, type Game, type Measure, measure, type Profile, type Space, show } from '@muflow/core';
import { type BestResponse, type BestResponseOptions, bestResponse, searchGrid } from '../bestResponse.js';
import { solveMatrixGame } from '../finish/matrixGame.js';
import { payoffMatrix } from '../payoffMatrix.js';
import { gridStart } from '../starts.js';
import { entropicPath } from './entropic.js';

/** Ways to play that are no flows: they reply, solve matrices, or follow a path. */
export const playNames = ['fictitious-play', 'double-oracle', 'entropic'] as const;
export type PlayName = (typeof playNames)[number];

/** One round. */
export interface PlayIterate {
  /** From 0: round 0 judges the start. */
  readonly step: number;
  readonly profile: Profile;
  /** `min_x V_x` and `max_y int l dmu_x`: the value lies between them, up to the search error where `estimated`. */
  readonly lower: number;
  readonly upper: number;
  readonly status: 'exact' | 'estimated';
  /** Inverse temperature of the round; `entropic` only. */
  readonly beta?: number;
  /** `NI_beta` of the round; `entropic` only. */
  readonly entropicError?: number;
}

export interface PlayOptions extends BestResponseOptions {
  /** Most rounds after the start, default 100; `entropic` plays one per beta. */
  readonly maxSteps?: number;
  /** Ends where upper - lower is at most this; default 0. */
  readonly tolerance?: number;
  /**
   * Where play begins: a profile of probabilities; default a point in the middle of each space. For `entropic` the
   * atoms and reference masses, default a grid of 64 points for each player.
   */
  readonly start?: Profile;
  /** Inverse temperatures of `entropic`, increasing; default 1, 2, 4, ... 1024 divided by the range of the payoff. */
  readonly betas?: readonly number[];
}

/**
 * Plays a two-player zero-sum game by replies, one round for every iterate that is asked for:
 * - `fictitious-play`: both reply to the average of all that has been played [Robinson1951]; the profile is the average;
 * - `double-oracle`: both mix optimally over the replies so far, a matrix game, and reply to that [McMahanGordonBlum2003];
 * - `entropic`: the quantal-response equilibrium on fixed atoms through increasing beta [McKelveyPalfrey1995].
 *
 * The generator returns the round of the least error, which need not be the last: errors of the double oracle go up
 * and down. Payoffs may jump. Replies on continua are searched, so brackets are `estimated` there; the certificate
 * (`nikaidoIsoda`) proves one for any profile.
 *
 * @throws `unknown-id` for another name; `unsupported` for a space without bounds.
 * @example
 * for (const { profile, lower, upper } of play(game, 'double-oracle', { tolerance: 1e-6 })) console.log(lower, upper);
 */
export function play(game: Game, name: PlayName, options: PlayOptions = {}): Generator<PlayIterate, PlayIterate> {
  checkPlay(game, name);
  if (name === 'fictitious-play') return best(fictitiousPlay(game, options));
  return best(name === 'double-oracle' ? doubleOracle(game, options) : entropic(game, options));
}

/** The same rounds; the generator returns the one of least error. */
function* best(rounds: Generator<PlayIterate, void>): Generator<PlayIterate, PlayIterate> {
  let least: PlayIterate | undefined;
  for (const round of rounds) {
    if (least === undefined || round.upper - round.lower < least.upper - least.lower) least = round;
    yield round;
  }
  return least as PlayIterate;
}

/** Atoms and the masses of one player as they grow. */
interface Pool {
  readonly space: Space;
  readonly positions: number[];
  readonly masses: number[];
}

function* fictitiousPlay(game: Game, options: PlayOptions): Generator<PlayIterate, void> {
  const pools = poolsOf(game, options);
  for (let step = 0; ; step++) {
    const profile = pools.map(measureOf);
    const { iterate, replies } = judge(game, step, profile, options);
    yield iterate;
    if (ends(iterate, step, options)) return;
    // Averages of step + 1 plays become those of step + 2.
    replies.forEach(({ at }, k) => {
      const { masses } = pools[k];
      for (let i = 0; i < masses.length; i++) masses[i] *= (step + 1) / (step + 2);
      masses[include(pools[k], at)] += 1 / (step + 2);
    });
  }
}

function* doubleOracle(game: Game, options: PlayOptions): Generator<PlayIterate, void> {
  const pools = poolsOf(game, options);
  for (let step = 0; ; step++) {
    const [x, y] = pools.map(measureOf);
    const solution = solveMatrixGame(payoffMatrix(game, x, y), x.count, y.count);
    const profile = [supported(x, solution.x), supported(y, solution.y)];
    const { iterate, replies } = judge(game, step, profile, options);
    yield iterate;
    const before = pools.map(({ masses }) => masses.length);
    replies.forEach(({ at }, k) => {
      include(pools[k], at);
    });
    const grown = pools.some(({ masses }, k) => masses.length > before[k]);
    if (!grown || ends(iterate, step, options)) return;
    for (const { masses } of pools) masses.fill(1 / masses.length);
  }
}

function* entropic(game: Game, options: PlayOptions): Generator<PlayIterate, void> {
  const reference = options.start ?? game.spaces.map((space) => gridStart(space, 64));
  const betas = options.betas ?? defaultBetas(payoffMatrix(game, reference[0], reference[1]));
  let step = 0;
  for (const { beta, profile, error } of entropicPath(game, reference, betas)) {
    const { iterate } = judge(game, step, profile, options);
    yield { ...iterate, beta, entropicError: error };
    if (ends(iterate, step, options)) return;
    step++;
  }
}

/** Inverse temperatures from the size of the payoffs to a thousandth of it. */
function defaultBetas(payoff: Float64Array): readonly number[] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const entry of payoff) {
    low = Math.min(low, entry);
    high = Math.max(high, entry);
  }
  const range = high > low ? high - low : 1;
  return Array.from({ length: 11 }, (_, k) => 2 ** k / range);
}

function judge(
  game: Game,
  step: number,
  profile: Profile,
  options: PlayOptions,
): { readonly iterate: PlayIterate; readonly replies: readonly BestResponse[] } {
  const replies = [0, 1].map((player) => bestResponse(game, player, profile, options));
  const status = replies.every((reply) => reply.status === 'exact') ? 'exact' : 'estimated';
  return { iterate: { step, profile, lower: replies[0].value, upper: -replies[1].value, status }, replies };
}

const ends = ({ lower, upper }: PlayIterate, step: number, { tolerance = 0, maxSteps = 100 }: PlayOptions): boolean =>
  step >= maxSteps || upper - lower <= tolerance;

function poolsOf(game: Game, { start }: PlayOptions): readonly Pool[] {
  return game.spaces.map((space, k) => {
    if (start !== undefined) {
      const { positions, masses } = start[k];
      return { space, positions: Array.from(positions), masses: Array.from(masses) };
    }
    const points = searchGrid(space);
    const middle = Math.floor(points.length / space.dim / 2);
    return { space, positions: Array.from(points.slice(middle * space.dim, (middle + 1) * space.dim)), masses: [1] };
  });
}

/** The index of a point of the pool, which is added without mass where it is new. */
function include({ space, positions, masses }: Pool, at: Float64Array): number {
  const all = Float64Array.from(positions);
  const same = 1e-9 * Math.max(1, space.diameter);
  for (let i = 0; i < masses.length; i++) if (space.distance(all, i * space.dim, at, 0) <= same) return i;
  positions.push(...at);
  masses.push(0);
  return masses.length - 1;
}

/** Masses that have been scaled many times are divided by their sum. */
function measureOf({ space, positions, masses }: Pool): Measure {
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return measure({ space, positions, masses: masses.map((mass) => mass / total) });
}

/** The atoms that have mass. */
function supported(mu: Measure, masses: Float64Array): Measure {
  const used = Array.from(masses.keys()).filter((i) => masses[i] > 0);
  return measure({
    space: mu.space,
    positions: used.flatMap((i) => Array.from(mu.positions.slice(i * mu.dim, (i + 1) * mu.dim))),
    masses: used.map((i) => masses[i]),
  });
}

function checkPlay(game: Game, name: PlayName): void {
  if (!playNames.includes(name)) {
    fail({
      code: 'unknown-id',
      where: 'play',
      problem: 'there is no such play',
      got: show(name),
      expected: playNames.join(', '),
      fix: 'take one of these names, or dynamics(game, name, options) for flows',
    });
  }
  if (!game.zeroSum || game.spaces.length !== 2) {
    fail({
      code: 'invalid-argument',
      where: `zero-sum ${name}`,
      problem: 'the game is not two-player zero-sum',
      got: `${game.spaces.length} players, zero-sum ${game.zeroSum}`,
      expected: 'a two-player zero-sum game',
      fix: 'use dynamics for other games',
    });
  }
  const unbounded = game.spaces.find(({ diameter }) => !Number.isFinite(diameter));
  if (unbounded !== undefined) {
    fail({
      code: 'unsupported',
      where: `zero-sum ${name}`,
      problem: 'a best reply cannot be searched without bounds',
      got: unbounded.name,
      expected: 'a space of finite diameter',
      fix: 'bound it by a box',
    });
  }
}
