import {
  type CertifiedMinimum,
  type CertifyOptions,
  certifiedMinimum,
  fail,
  type Game,
  hasChart,
  type Profile,
} from '@muflow/core';
import { functionMinimum } from './functionMinimum.js';

/** A proven enclosure of the Nikaido-Isoda error of a profile, and of the value of its game. */
export interface NikaidoIsodaInterval {
  /** `NI` lies in [lower, upper] if `certified`; `lower` is never negative. */
  readonly lower: number;
  readonly upper: number;
  /** Both extrema are proven. */
  readonly certified: boolean;
  /** The weaker of both: `certified` to the tolerance, proven but wider (`budget`), or `estimated`. */
  readonly status: 'certified' | 'budget' | 'estimated';
  /** The value of the game lies between the proven `min_x V_x` and the proven `max_y int l dmu_x`. */
  readonly value: { readonly lower: number; readonly upper: number };
  /** Minimum of V_x. */
  readonly x: CertifiedMinimum;
  /** Minimum of `V_y = -int l dmu_x`. */
  readonly y: CertifiedMinimum;
}

/**
 * Encloses the Nikaido-Isoda error `NI = max_y int l(x, y) dmu_x - min_x int l(x, y) dmu_y >= 0` of a two-player
 * zero-sum game at a profile, zero iff it is a mixed Nash equilibrium. Strategies are normalized: `m_i / sum m`.
 * Payoff formulas are bounded by branch and bound, matrices entry by entry; payoffs that are plain functions on
 * continua are searched, and the status is `estimated`.
 * Cost: two certified minima; see `certifiedMinimum`. Source: [NikaidoIsoda1955].
 *
 * @param options - tolerance is the width of each of the two extrema, default 1e-9.
 * @throws `invalid-argument` for another game or number of measures, `not-finite` for NaN, `unsupported` for an
 * unbounded space.
 * @example
 * const known = guessingGame();
 * nikaidoIsoda(known.game, equilibriumProfile(known)).upper; // below 1e-8
 */
export function nikaidoIsoda(game: Game, profile: Profile, options: CertifyOptions = {}): NikaidoIsodaInterval {
  checkGame(game, profile);
  const x = playerMinimum(game, 0, profile, options);
  const y = playerMinimum(game, 1, profile, options);
  const statuses = [x.status, y.status];
  const status = statuses.includes('estimated') ? 'estimated' : statuses.includes('budget') ? 'budget' : 'certified';
  return {
    lower: Math.max(0, below(-x.upper - y.upper)),
    upper: Math.max(0, above(-x.lower - y.lower)),
    certified: status !== 'estimated',
    status,
    value: { lower: x.lower, upper: -y.lower },
    x,
    y,
  };
}

/** The certified best response of one player: the minimum of its potential over its space. */
export function playerMinimum(
  game: Game,
  player: 0 | 1,
  profile: Profile,
  options: CertifyOptions = {},
): CertifiedMinimum {
  const { formula, spaces } = game;
  if (formula === undefined || !hasChart(spaces[player])) return functionMinimum(game, player, profile, options);
  const names = ['x', 'y'].map((name, k) => [{ name, size: spaces[k].dim }]);
  const other = profile[1 - player];
  return certifiedMinimum(
    {
      formula,
      space: spaces[player],
      variables: names[player],
      against: { variables: names[1 - player], over: other },
      sign: player === 0 ? 1 : -1,
    },
    { startingPoints: profile[player].positions, ...options },
  );
}

/** A number below the exact sum of which `v` is the nearest double, and one above it. */
const below = (v: number): number => v - (Math.abs(v) * 2 ** -52 + 2 ** -1022);
const above = (v: number): number => v + (Math.abs(v) * 2 ** -52 + 2 ** -1022);

function checkGame(game: Game, profile: Profile): void {
  const dims = profile.map((mu) => mu.dim);
  const fits = profile.length === 2 && game.dims.every((dim, k) => dims[k] === dim);
  if (game.zeroSum && game.spaces.length === 2 && fits) return;
  fail({
    code: game.zeroSum && game.spaces.length === 2 ? 'shape-mismatch' : 'invalid-argument',
    where: 'nikaidoIsoda',
    problem:
      fits || dims.length !== 2 ? 'the game and the profile are not of two players' : 'the atoms do not fit the game',
    got: `${game.spaces.length} players, zero-sum ${game.zeroSum}, measures of ${dims.join(' and ')} coordinates`,
    expected: `a two-player zero-sum game and measures of ${game.dims.join(' and ')} coordinates`,
    fix: 'pass one measure for each of the two players',
  });
}
