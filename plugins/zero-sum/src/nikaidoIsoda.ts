import type { Game, Profile, Recorder } from '@muflow/core';
import { fail } from '@muflow/core';
import { type BestResponseOptions, bestResponse } from './bestResponse.js';

/** The Nikaido-Isoda error with the value bracket that the same best responses give. */
export interface NikaidoIsoda {
  /** `sum_k (cost_k - inf V_k)`; an estimate from below on continua, exact on finite games. */
  readonly error: number;
  /** `min_x V_x` and `max_y -V_y`: the value of the game lies between them, up to the search error. */
  readonly lower: number;
  readonly upper: number;
  readonly status: 'exact' | 'estimated';
}

/**
 * Nikaido-Isoda error of a profile of a two-player zero-sum game (x minimizes, y maximizes):
 * `NI = max_y int l dmu_x - min_x int l dmu_y >= 0`, zero iff the pair is a mixed Nash equilibrium.
 * On continua the extrema come from a search, so the error is labelled `estimated`.
 * Source: [NikaidoIsoda1955].
 *
 * @throws `invalid-argument` for games that are not two-player zero-sum.
 */
export function nikaidoIsodaOnGrid(game: Game, profile: Profile, options: BestResponseOptions = {}): NikaidoIsoda {
  if (!game.zeroSum || game.spaces.length !== 2) {
    fail({
      code: 'invalid-argument',
      where: 'nikaidoIsodaOnGrid',
      problem: 'the game is not two-player zero-sum',
      got: `${game.spaces.length} players, zero-sum ${game.zeroSum}`,
      expected: 'a two-player zero-sum game',
      fix: "sum the players' regrets by hand for other games",
    });
  }
  const x = bestResponse(game, 0, profile, options);
  const y = bestResponse(game, 1, profile, options);
  return {
    error: -y.value - x.value,
    lower: x.value,
    upper: -y.value,
    status: x.status === 'exact' && y.status === 'exact' ? 'exact' : 'estimated',
  };
}

/** Records `nikaidoIsoda`, `valueLower` and `valueUpper` of a game flow. */
export function nikaidoIsodaRecorder(game: Game, options: BestResponseOptions = {}): Recorder {
  return {
    name: 'nikaidoIsoda',
    columns: ['nikaidoIsoda', 'valueLower', 'valueUpper'],
    start: () => (view) => {
      const { error, lower, upper } = nikaidoIsodaOnGrid(game, view.profile, options);
      return [error, lower, upper];
    },
  };
}
