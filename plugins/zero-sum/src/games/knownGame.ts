import { fail, type Game, type Measure, measure, type Profile, type RandomStream, type Space } from '@muflow/core';

/** A mixed strategy with finitely many atoms. */
export interface FiniteStrategy {
  readonly at: readonly (readonly number[])[];
  readonly mass: readonly number[];
}

/** A mixed strategy that spreads over a continuum, known by the law of each of its coordinates. */
export interface SpreadStrategy {
  /** What the law is, in a sentence. */
  readonly statement: string;
  /** Smallest interval that every coordinate lies in. */
  readonly range: readonly [number, number];
  /** Density and distribution function of every coordinate, the same for all. */
  density(t: number): number;
  distribution(t: number): number;
  /** Independent draws, `count` points one after the other. */
  sampleInto(out: Float64Array, count: number, random: RandomStream): void;
}

/** What is known of a game's equilibrium. */
export interface KnownEquilibrium {
  readonly value: number;
  /** The strategies, where they are unique and have finitely many atoms; null otherwise. */
  readonly x: FiniteStrategy | null;
  readonly y: FiniteStrategy | null;
  /** Some equilibrium strategy where it is not the only one. */
  readonly someX?: FiniteStrategy;
  readonly someY?: FiniteStrategy;
  /** An equilibrium strategy that spreads over a continuum. */
  readonly spreadX?: SpreadStrategy;
  readonly spreadY?: SpreadStrategy;
}

/** A game with what is known of its equilibrium, null where nothing is. */
export interface NamedGame<G extends Game = Game> {
  readonly game: G;
  readonly equilibrium: KnownEquilibrium | null;
}

/** A game with its equilibrium, known in closed form. */
export interface KnownGame<G extends Game = Game> extends NamedGame<G> {
  readonly equilibrium: KnownEquilibrium;
}

/** All mass at one point. */
export const dirac = (...at: readonly number[]): FiniteStrategy => ({ at: [at], mass: [1] });

/** Half the mass at either of two points of a line. */
export const halves = (a: number, b: number): FiniteStrategy => ({ at: [[a], [b]], mass: [0.5, 0.5] });

/** The strategy as a probability measure. */
export function strategyMeasure(space: Space, { at, mass }: FiniteStrategy): Measure {
  return measure({ space, positions: at.flat(), masses: mass });
}

/**
 * The known equilibrium as a profile, for evaluations.
 * @throws `unsupported` where a player has no known strategy with finitely many atoms.
 */
export function equilibriumProfile({ game, equilibrium }: NamedGame): Profile {
  const x = equilibrium?.x ?? equilibrium?.someX;
  const y = equilibrium?.y ?? equilibrium?.someY;
  if (x === undefined || y === undefined) {
    return fail({
      code: 'unsupported',
      where: 'equilibriumProfile',
      problem: 'no equilibrium with finitely many atoms is known',
      got: game.name,
      expected: 'a game with a finite strategy of either player',
      fix: 'solve the game, or use the laws spreadX and spreadY where they are given',
    });
  }
  return [strategyMeasure(game.spaces[0], x), strategyMeasure(game.spaces[1], y)];
}
