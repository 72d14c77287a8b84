import { box, type Game, matrixGame, parseSpace, simplex, sphere, torus } from '@muflow/core';
import { groupGame } from '../games/groupGames.js';
import { blottoGame, noisyDuel, silentDuel } from '../games/jumpingGames.js';
import type { KnownEquilibrium } from '../games/knownGame.js';
import {
  absoluteGame,
  bellGame,
  doubleWellGame,
  grossGame,
  guessingGame,
  parriloGame,
  parriloMixedGame,
  penaltyKick,
  torusCounterexample,
} from '../games/knownGames.js';
import { momentMatchingGame } from '../games/momentMatching.js';
import { plantedGame } from '../games/plantedGame.js';

/** A game with its answer, and how well it can be solved in a few seconds. */
export interface GameWithAnswer {
  /** Null equilibria are of named games outside the range in which they are known; none is listed here. */
  readonly make: () => { readonly game: Game; readonly equilibrium: KnownEquilibrium | null };
  /** Width of the bracket that is asked for; default 1e-6. */
  readonly width?: number;
  /** Most rounds of the solver; default its own. */
  readonly rounds?: number;
  /** `several`: the equilibrium is not the only one, or not strict; `strict`: it is both; default unknown. */
  readonly kind?: 'several' | 'strict';
  /** Largest certified error of mirror-prox after the default steps; null where the payoff jumps. */
  readonly mirrorProx: number | null;
}

const planted = (space: string, atoms: number, seed: number, mirrorProx: number): GameWithAnswer => ({
  make: () => plantedGame({ space: parseSpace(space), atomsX: atoms, atomsY: atoms, value: 0.3, seed }),
  kind: 'strict',
  mirrorProx,
});

/** Rows pay what columns earn; there are several equilibria. */
const severalMatrix = [
  [0, -1, 0, 1],
  [1, 0, -1, -1],
  [0, 1, 0, -1],
  [-1, 1, 1, 0],
];

/** All games whose value is known in closed form. */
export const gamesWithAnswers = {
  guessing: { make: guessingGame, kind: 'strict', mirrorProx: 1e-8 },
  'double-well': { make: doubleWellGame, kind: 'strict', mirrorProx: 1e-8 },
  'torus-counterexample': { make: torusCounterexample, kind: 'strict', mirrorProx: 1e-6 },
  'parrilo-1': { make: parriloGame, kind: 'strict', mirrorProx: 1e-8 },
  'parrilo-2': { make: parriloMixedGame, kind: 'strict', mirrorProx: 1e-8 },
  absolute: { make: absoluteGame, kind: 'several', mirrorProx: 1e-6 },
  'bell-1': { make: () => bellGame(1), kind: 'strict', mirrorProx: 1e-6 },
  'bell-sqrt-2': { make: () => bellGame(Math.SQRT2), kind: 'several', mirrorProx: 1e-5 },
  gross: { make: grossGame, kind: 'several', mirrorProx: 1e-2 },
  'group-torus': {
    make: () => groupGame({ space: torus(1), h: 'exp(cos(2*pi*t))' }),
    kind: 'several',
    mirrorProx: 1e-6,
  },
  'group-sphere': {
    make: () => groupGame({ space: sphere(3), h: 't^2 + t/2' }),
    width: 1e-3,
    kind: 'several',
    mirrorProx: 1e-2,
  },
  'noisy-duel': { make: noisyDuel, width: 1e-9, rounds: 2, mirrorProx: null },
  'silent-duel': { make: silentDuel, width: 5e-3, rounds: 4, kind: 'several', mirrorProx: null },
  blotto: { make: blottoGame, width: 0.2, rounds: 2, kind: 'several', mirrorProx: null },
  'penalty-kick': { make: penaltyKick, kind: 'strict', mirrorProx: 1e-6 },
  'matrix-several': {
    make: () => ({ game: matrixGame(severalMatrix, 'matrix'), equilibrium: { value: 0, x: null, y: null } }),
    kind: 'several',
    mirrorProx: 1e-3,
  },
  'moments-line': {
    make: () => momentMatchingGame({ space: box([[-1, 1]]), data: { at: [[-0.6], [0.5]], mass: [0.5, 0.5] } }),
    kind: 'several',
    mirrorProx: 1e-6,
  },
  'moments-torus': {
    make: () => momentMatchingGame({ space: torus(1), data: { at: [[0.2], [0.5]], mass: [0.5, 0.5] } }),
    kind: 'several',
    mirrorProx: 1e-3,
  },
  'planted-torus': planted('torus(1)', 3, 0, 1e-6),
  'planted-box': planted('[-1,1]', 2, 1, 1e-4),
  'planted-circle': planted('sphere(2)', 2, 0, 1e-3),
  'planted-torus-2': { ...planted('torus(2)', 2, 0, 1e-3), width: 1e-3 },
  'planted-sphere': { ...planted('sphere(3)', 2, 0, 1e-3), width: 1e-3 },
  'planted-simplex': {
    ...planted('[0,1]', 2, 0, 1e-2),
    make: () => plantedGame({ space: simplex(3), atomsX: 2, atomsY: 2, value: 0.3 }),
    width: 1e-3,
  },
} as const satisfies Readonly<Record<string, GameWithAnswer>>;

export type AnsweredGame = keyof typeof gamesWithAnswers;
