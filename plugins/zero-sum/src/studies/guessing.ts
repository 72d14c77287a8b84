import { claimAtMost, type Study } from '@muflow/core';
import { z } from 'zod';
import { guessingGame } from '../games/knownGames.js';
import { nikaidoIsodaOnGrid } from '../nikaidoIsoda.js';
import { conicResult, equilibriumClaims, runConic } from './conicStudy.js';

const params = z.strictObject({
  steps: z.int().min(300).max(100_000).default(1000),
  massStep: z.number().positive().default(0.1).describe('eta_w'),
  positionStep: z.number().positive().default(0.01).describe('eta_x'),
});

type Params = z.output<typeof params>;

/** Guess a number: one player hides at the ends of an interval, the other answers with the middle. */
export const guessingStudy: Study<Params> = {
  id: 'zero-sum/guessing',
  title: 'Guess a number: hiding at the ends, searching in the middle',
  reference: 'Parrilo2006',
  params,
  async run(values, context) {
    const known = guessingGame();
    const shared = { game: known.game, atoms: [11, 11] as const, ...values, every: 10 };
    const result = await runConic({ ...shared, label: 'mirror-prox', dynamics: 'mirror-prox' }, context);
    return conicResult(
      known,
      [{ label: 'mirror-prox', result }],
      [
        claimAtMost({
          statement: 'Nikaido-Isoda error of mirror-prox at the end (estimated)',
          bound: values.steps >= 1000 ? 1e-14 : 1e-2,
          measured: Math.abs(nikaidoIsodaOnGrid(known.game, result.profile).error),
        }),
        ...equilibriumClaims(known, result.profile, values.steps >= 1000 ? 1e-7 : 1e-2),
      ],
      [
        'Payoff (x - y)^2 on [-1, 1]^2: x guesses and minimizes, y hides and maximizes. x guesses 0, y hides at -1 or 1 with equal chance, and the value is 1.',
      ],
    );
  },
};
