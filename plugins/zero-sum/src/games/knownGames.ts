import { box, type Game, matrixGame, type Space, torus, zeroSumGame } from '@muflow/core';

/** A mixed strategy with finitely many atoms. */
export interface FiniteStrategy {
  readonly at: readonly (readonly number[])[];
  readonly mass: readonly number[];
}

/** What is known of a game's equilibrium; a strategy is null where it is not unique. */
export interface KnownEquilibrium {
  readonly value: number;
  readonly x: FiniteStrategy | null;
  readonly y: FiniteStrategy | null;
}

/** A game with its equilibrium, known in closed form. */
export interface KnownGame {
  readonly game: Game;
  readonly equilibrium: KnownEquilibrium;
}

const dirac = (x: number): FiniteStrategy => ({ at: [[x]], mass: [1] });
const halves = (a: number, b: number): FiniteStrategy => ({ at: [[a], [b]], mass: [0.5, 0.5] });

function known(
  name: string,
  payoff: string,
  spaces: readonly [Space, Space],
  equilibrium: KnownEquilibrium,
): KnownGame {
  return { game: zeroSumGame({ name, payoff, spaces }), equilibrium };
}

/** Guess a number: `(x - y)^2` on [-1, 1]^2; the maximizer hides at both ends. */
export const guessingGame = (): KnownGame =>
  known('guessing', '(x - y)^2', [box([[-1, 1]]), box([[-1, 1]])], { value: 1, x: dirac(0), y: halves(-1, 1) });

/** `x y + p(x) - p(y)` with the double well `p(z) = z^4/4 - z^2/2` on [-2, 2]^2: no pure equilibrium. */
export const doubleWellGame = (): KnownGame =>
  known('double well', 'x*y + x^4/4 - x^2/2 - y^4/4 + y^2/2', [box([[-2, 2]]), box([[-2, 2]])], {
    value: 0,
    x: halves(-1, 1),
    y: halves(-1, 1),
  });

/** `sin(4 pi x) + sin(4 pi y) + 2 cos(2 pi (x + y))` on the torus, where descent-ascent cycles [WangChizat2022]. */
export const torusCounterexample = (): KnownGame =>
  known('torus counterexample', 'sin(4*pi*x) + sin(4*pi*y) + 2*cos(2*pi*(x + y))', [torus(1), torus(1)], {
    value: 0,
    x: halves(3 / 8, 7 / 8),
    y: halves(1 / 8, 5 / 8),
  });

/** `2 y x^2 - y^2 - x` on [-1, 1]^2, with a pure equilibrium [Parrilo2006, example 3.1]. */
export const parriloGame = (): KnownGame =>
  known('parrilo 1', '2*y*x^2 - y^2 - x', [box([[-1, 1]]), box([[-1, 1]])], {
    value: 4 ** (-4 / 3) - 4 ** (-1 / 3),
    x: dirac(4 ** (-1 / 3)),
    y: dirac(4 ** (-2 / 3)),
  });

/** `exp(-lambda^2 (x - y)^2)` on [0, 1]^2; the equilibrium holds for lambda^2 <= 2. */
export const bellGame = (lambda: number): KnownGame =>
  known(`bell ${lambda}`, `exp(-${lambda * lambda} * (x - y)^2)`, [box([[0, 1]]), box([[0, 1]])], {
    value: Math.exp((-lambda * lambda) / 4),
    x: halves(0, 1),
    y: dirac(0.5),
  });

/**
 * The penalty kick: the goalkeeper (x, left or right) minimizes and the kicker (y, left or right)
 * maximizes the probability of a goal, measured over professional penalties [PalaciosHuerta2003, table 1].
 */
export const penaltyKick = (): KnownGame => {
  const scoring = [
    [0.583, 0.9291],
    [0.9497, 0.6992],
  ];
  const [[a, b], [c, d]] = scoring;
  const kickerLeft = (b - d) / (b - d + c - a);
  const goalkeeperLeft = (c - d) / (c - d + b - a);
  return {
    game: matrixGame(scoring, 'penalty kick'),
    equilibrium: {
      value: kickerLeft * a + (1 - kickerLeft) * b,
      x: { at: [[0], [1]], mass: [goalkeeperLeft, 1 - goalkeeperLeft] },
      y: { at: [[0], [1]], mass: [kickerLeft, 1 - kickerLeft] },
    },
  };
};
