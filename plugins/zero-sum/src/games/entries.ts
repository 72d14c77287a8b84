import { type Entry, type Game, matrixGame, parseSpace, zeroSumGame } from '@muflow/core';
import { z } from 'zod';
import { generatedGames } from './generatedEntries.js';
import { groupGame } from './groupGames.js';
import { blottoGame, noisyDuel, silentDuel } from './jumpingGames.js';
import type { NamedGame } from './knownGame.js';
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
} from './knownGames.js';
import { learningGames } from './learningEntries.js';

const none = z.strictObject({});

/** An entry for a game without parameters. */
function named(id: string, title: string, reference: string, make: () => NamedGame): Entry<Game> {
  return { id: `zero-sum/${id}`, title, reference, params: none, create: () => make().game };
}

const matrixEntry: Entry<Game> = {
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
};

const formulaEntry: Entry<Game> = {
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
};

const bellEntry: Entry<Game> = {
  id: 'zero-sum/bell',
  title: 'Bell-shaped kernel on the unit interval',
  reference: 'Karlin1959 (section unchecked)',
  params: z.strictObject({ lambda: z.number().positive().max(20).default(1) }),
  create: (params) => bellGame((params as { lambda: number }).lambda).game,
  examples: [{ lambda: 4 }],
};

const groupEntry: Entry<Game> = {
  id: 'zero-sum/group',
  title: 'Game kept by the isometries of a torus or sphere: uniform strategies are an equilibrium',
  reference: 'DomingoEnrichEtAl2020 (own construction)',
  params: z.strictObject({
    space: z.string().default('torus(1)').describe('a torus or a sphere, for both players'),
    h: z.string().default('exp(cos(2*pi*t))').describe('h(t), t = x - y on a torus, <x, y>/r^2 on a sphere'),
  }),
  create: (params) => {
    const { space, h } = params as { space: string; h: string };
    return groupGame({ space: parseSpace(space), h }).game;
  },
  examples: [
    { space: 'sphere(3)', h: 't^2 + t/2' },
    { space: 'torus(2)', h: 'cos(2*pi*t[0]) + cos(2*pi*(t[0] + t[1]))' },
  ],
};

/** The games that the plugin registers. */
export const games: readonly Entry<Game>[] = [
  matrixEntry,
  formulaEntry,
  named('guessing', 'Guessing game (x - y)^2 on an interval', 'Parrilo2006', guessingGame),
  named('double-well', 'Double well with a mixed equilibrium only', 'WangChizat2022', doubleWellGame),
  named('torus-counterexample', 'Torus game on which descent-ascent cycles', 'WangChizat2022', torusCounterexample),
  named('parrilo-1', 'Polynomial game with a pure equilibrium', 'Parrilo2006, example 3.1', parriloGame),
  named('parrilo-2', 'Polynomial game where one player mixes', 'Parrilo2006, example 3.2', parriloMixedGame),
  named('absolute', 'Distance |x - y| on the unit interval', 'Karlin1959 (section unchecked)', absoluteGame),
  named('gross', 'Rational game with an equilibrium that fills the interval', 'Gross1957', grossGame),
  named('noisy-duel', 'Noisy duel, both with accuracy t', 'Karlin1959 (section unchecked)', noisyDuel),
  named('silent-duel', 'Silent duel, both with accuracy t', 'Karlin1959 (section unchecked)', silentDuel),
  named('blotto', 'Colonel Blotto on three fields with equal budgets', 'GrossWagner1950', blottoGame),
  bellEntry,
  groupEntry,
  ...generatedGames,
  ...learningGames,
  named('penalty-kick', 'Penalty kick of professional football', 'PalaciosHuerta2003, table 1', penaltyKick),
];
