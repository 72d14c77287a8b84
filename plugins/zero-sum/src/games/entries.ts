import { type Entry, type Game, matrixGame, parseSpace, zeroSumGame } from '@muflow/core';
import { z } from 'zod';
import {
  bellGame,
  doubleWellGame,
  guessingGame,
  type KnownGame,
  parriloGame,
  penaltyKick,
  torusCounterexample,
} from './knownGames.js';

const none = z.strictObject({});

/** An entry for a game without parameters. */
function named(id: string, title: string, reference: string, make: () => KnownGame): Entry<Game> {
  return { id, title, reference, params: none, create: () => make().game };
}

/** The games that the plugin registers. */
export const games: readonly Entry<Game>[] = [
  {
    id: 'zero-sum/matrix',
    title: 'Matrix game: the row player minimizes, the column player maximizes',
    reference: 'FreundSchapire1999',
    params: z.strictObject({
      payoff: z.array(z.array(z.number())).default([
        [0, 1, -1],
        [-1, 0, 1],
        [1, -1, 0],
      ]),
    }),
    create: (params) => matrixGame((params as { payoff: number[][] }).payoff),
  } satisfies Entry<Game>,
  {
    id: 'zero-sum/formula',
    title: 'Game with a payoff formula in x (minimizes) and y (maximizes)',
    reference: 'DomingoEnrichEtAl2020, section 2',
    params: z.strictObject({
      payoff: z.string().default('(x - y)^2'),
      x: z.string().default('[-1,1]').describe('space of x, such as [-1,1], torus(1) or sphere(3)'),
      y: z.string().default('[-1,1]').describe('space of y'),
    }),
    create: (params, { backend }) => {
      const { payoff, x, y } = params as { payoff: string; x: string; y: string };
      return zeroSumGame({ payoff, spaces: [parseSpace(x), parseSpace(y)], backend });
    },
    examples: [{ payoff: 'cos(2*pi*(x - y)) + 0.3*sin(2*pi*x)', x: 'torus(1)', y: 'torus(1)' }],
  },
  named('zero-sum/guessing', 'Guessing game (x - y)^2 on an interval', 'Parrilo2006', guessingGame),
  named('zero-sum/double-well', 'Double well with a mixed equilibrium only', 'WangChizat2022', doubleWellGame),
  named(
    'zero-sum/torus-counterexample',
    'Torus game on which descent-ascent cycles',
    'WangChizat2022',
    torusCounterexample,
  ),
  named('zero-sum/parrilo-1', 'Polynomial game with a pure equilibrium', 'Parrilo2006, example 3.1', parriloGame),
  {
    id: 'zero-sum/bell',
    title: 'Bell-shaped kernel on the unit interval',
    reference: 'Parrilo2006',
    params: z.strictObject({ lambda: z.number().positive().max(20).default(1) }),
    create: (params) => bellGame((params as { lambda: number }).lambda).game,
  },
  named('zero-sum/penalty-kick', 'Penalty kick of professional football', 'PalaciosHuerta2003, table 1', penaltyKick),
];
