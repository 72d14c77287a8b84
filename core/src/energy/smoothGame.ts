import { fail } from '../errors.js';
import type { Game } from './energy.js';

/** A game whose atoms can follow gradients. */
export type SmoothGame = Game & { readonly smooth: true };

/** A game whose payoff jumps or gives no gradients: only masses can move. */
export type JumpingGame = Game & { readonly smooth: false };

/**
 * What dynamics that move atoms accept: every game but one known to the compiler to jump, whose type becomes
 * `never`. Where the compiler cannot know (a formula read at run time), {@link asSmooth} decides.
 * @example
 * function descent<G extends Game>(game: Movable<G>): void {}
 * descent(zeroSumGame({ payoff: 'x*y', spaces }));
 * // descent(zeroSumGame({ payoff: 'sign(x - y)', spaces })) does not compile
 */
export type Movable<G extends Game> = G extends { readonly smooth: false } ? never : G;

/** `smooth` of the game of a payoff formula, read off the text where the compiler knows it. */
export type SmoothnessOf<Payoff> = Payoff extends string
  ? string extends Payoff
    ? boolean
    : Payoff extends `${string}${'sign' | 'step'}${string}`
      ? false
      : true
  : boolean;

/** True if atoms of the game can follow gradients. */
export function isSmooth(game: Game): game is SmoothGame {
  return game.smooth;
}

/**
 * The game itself, as a smooth one.
 * @param where the public name that asks, for the error.
 * @throws `unsupported` if the payoff jumps or has no gradients.
 */
export function asSmooth(where: string, game: Game): SmoothGame {
  if (isSmooth(game)) return game;
  return fail({
    code: 'unsupported',
    where,
    problem: 'the payoff jumps, so its atoms have no gradient to follow',
    got: game.name,
    expected: 'a continuous payoff with gradients',
    fix: 'use dynamics that move masses only, such as replicator or double oracle',
  });
}
