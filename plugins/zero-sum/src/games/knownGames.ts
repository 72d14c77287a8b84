import {
  asSmooth,
  box,
  type Game,
  matrixGame,
  type SmoothGame,
  type SmoothnessOf,
  type Space,
  torus,
  zeroSumGame,
} from '@muflow/core';
import { dirac, halves, type KnownEquilibrium, type KnownGame, type NamedGame } from './knownGame.js';

/** A game whose type says, from the text of the payoff, whether atoms can follow gradients. */
export type FormulaGame<Payoff extends string> = Game & { readonly smooth: SmoothnessOf<Payoff> };

/** A game with its equilibrium. */
export function knownGame<const Payoff extends string>(
  name: string,
  payoff: Payoff,
  spaces: readonly [Space, Space],
  equilibrium: KnownEquilibrium,
): KnownGame<FormulaGame<Payoff>> {
  return { game: zeroSumGame({ name, payoff, spaces }), equilibrium };
}

const interval = (low: number, high: number): readonly [Space, Space] => [box([[low, high]]), box([[low, high]])];

/** Guess a number: `(x - y)^2` on [-1, 1]^2; the maximizer hides at both ends. */
export const guessingGame = () =>
  knownGame('guessing', '(x - y)^2', interval(-1, 1), { value: 1, x: dirac(0), y: halves(-1, 1) });

/** `x y + p(x) - p(y)` with the double well `p(z) = z^4/4 - z^2/2` on [-2, 2]^2: no pure equilibrium. */
export const doubleWellGame = () =>
  knownGame('double well', 'x*y + x^4/4 - x^2/2 - y^4/4 + y^2/2', interval(-2, 2), {
    value: 0,
    x: halves(-1, 1),
    y: halves(-1, 1),
  });

/** `sin(4 pi x) + sin(4 pi y) + 2 cos(2 pi (x + y))` on the torus, where descent-ascent cycles [WangChizat2022]. */
export const torusCounterexample = () =>
  knownGame('torus counterexample', 'sin(4*pi*x) + sin(4*pi*y) + 2*cos(2*pi*(x + y))', [torus(1), torus(1)], {
    value: 0,
    x: halves(3 / 8, 7 / 8),
    y: halves(1 / 8, 5 / 8),
  });

/** `2 y x^2 - y^2 - x` on [-1, 1]^2, with a pure equilibrium [Parrilo2006, example 3.1, players exchanged]. */
export const parriloGame = () =>
  knownGame('parrilo 1', '2*y*x^2 - y^2 - x', interval(-1, 1), {
    value: 4 ** (-4 / 3) - 4 ** (-1 / 3),
    x: dirac(4 ** (-1 / 3)),
    y: dirac(4 ** (-2 / 3)),
  });

/**
 * `5 x y - 2 y^2 - 2 y x^2 - x` on [-1, 1]^2 [Parrilo2006, example 3.2, players exchanged]: x mixes its ends with
 * 0.78 at 1, y stays at 0.2, the value is -0.48.
 */
export const parriloMixedGame = () =>
  knownGame('parrilo 2', '5*x*y - 2*y^2 - 2*y*x^2 - x', interval(-1, 1), {
    value: -0.48,
    x: { at: [[-1], [1]], mass: [0.22, 0.78] },
    y: dirac(0.2),
  });

/** `|x - y|` on [0, 1]^2, with a kink: y hides at both ends, x plays any law of mean 1/2. The value is 1/2. */
export const absoluteGame = () =>
  knownGame('absolute', 'abs(x - y)', interval(0, 1), { value: 0.5, x: null, someX: dirac(0.5), y: halves(0, 1) });

/**
 * The bell-shaped kernel `exp(-lambda^2 (x - y)^2)` on [0, 1]^2 [Karlin1959]. For lambda^2 <= 2, x mixes the ends
 * and y stays in the middle, with value `exp(-lambda^2/4)`; beyond, y leaves the middle and the equilibrium,
 * which has finitely many atoms, is known in no closed form: `equilibrium` is null.
 */
export const bellGame = (lambda: number): NamedGame<SmoothGame> => {
  const payoff = `exp(-${lambda * lambda} * (x - y)^2)`;
  const game = asSmooth('bellGame', zeroSumGame({ name: `bell ${lambda}`, payoff, spaces: interval(0, 1) }));
  return { game, equilibrium: 2 - lambda * lambda < -1e-15 ? null : bellEquilibrium(lambda) };
};

/** The pair of strategies of the bell game; an equilibrium for lambda^2 <= 2 only. */
export const bellEquilibrium = (lambda: number): KnownEquilibrium => ({
  value: Math.exp((-lambda * lambda) / 4),
  x: halves(0, 1),
  y: dirac(0.5),
});

/**
 * Gross's rational game `(1 + x)(1 + y)(1 - x y)/(1 + x y)^2` on [0, 1]^2 [Gross1957]: an equilibrium spreads
 * over the whole interval, with distribution `(4/pi) arctan sqrt(t)` for both, and the value is 4/pi.
 */
export const grossGame = () => {
  const law = {
    statement: 'distribution (4/pi) arctan sqrt(t) on [0, 1]',
    range: [0, 1] as const,
    density: (t: number) => (t > 0 && t <= 1 ? 2 / (Math.PI * Math.sqrt(t) * (1 + t)) : 0),
    distribution: (t: number) => (4 / Math.PI) * Math.atan(Math.sqrt(Math.min(1, Math.max(0, t)))),
    sampleInto: (out: Float64Array, count: number, random: { uniform(): number }) => {
      for (let i = 0; i < count; i++) out[i] = Math.tan((Math.PI / 4) * random.uniform()) ** 2;
    },
  };
  return knownGame('gross', '(1 + x)*(1 + y)*(1 - x*y)/(1 + x*y)^2', interval(0, 1), {
    value: 4 / Math.PI,
    x: null,
    y: null,
    spreadX: law,
    spreadY: law,
  });
};

/**
 * The penalty kick: the goalkeeper (x, left or right) minimizes and the kicker (y, left or right)
 * maximizes the probability of a goal, measured over professional penalties [PalaciosHuerta2003, table 1].
 */
export const penaltyKick = (): KnownGame<SmoothGame> => {
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
