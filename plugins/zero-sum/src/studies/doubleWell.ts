import { type Claim, claimAtMost, type RunResult, type Study } from '@muflow/core';
import { z } from 'zod';
import { doubleWellGame } from '../games/knownGames.js';
import { conicResult, equilibriumClaims, runConic } from './conicStudy.js';
import { valueAt } from './series.js';

const params = z.strictObject({
  steps: z.int().min(300).max(100_000).default(1500),
  massStep: z.number().positive().default(0.1).describe('eta_w'),
  positionStep: z.number().positive().default(0.01).describe('eta_x'),
});

type Params = z.output<typeof params>;

/** Errors that an independent implementation measured at these steps. */
const reference: readonly (readonly [number, number])[] = [
  [300, 5e-5],
  [600, 1e-8],
  [900, 6e-12],
  [1200, 3e-15],
];

/** Each error at most three times the measured one, plus the rounding of an estimate by golden sections. */
function errorClaims(run: RunResult): Claim[] {
  return reference
    .filter(([step]) => step <= run.step)
    .map(([step, error]) =>
      claimAtMost({
        statement: `Nikaido-Isoda error of mirror-prox at step ${step} (measured elsewhere: ${error})`,
        bound: 3 * error + 1e-14,
        measured: valueAt(run, 'nikaidoIsoda', step),
      }),
    );
}

/** The double well: a smooth game on an interval with a mixed equilibrium only. */
export const doubleWellStudy: Study<Params> = {
  id: 'zero-sum/double-well',
  title: 'The double well: atoms find a mixed equilibrium to rounding',
  reference: 'WangChizat2022, section 5; HsiehLiuCevher2019',
  params,
  async run(values, context) {
    const known = doubleWellGame();
    const shared = { game: known.game, atoms: [15, 16] as const, ...values, every: 10 };
    const mirrorProx = await runConic({ ...shared, label: 'mirror-prox', dynamics: 'mirror-prox' }, context);
    const descent = await runConic({ ...shared, label: 'WFR descent-ascent', dynamics: 'wfr' }, context);
    return conicResult(
      known,
      [
        { label: 'mirror-prox', result: mirrorProx },
        { label: 'WFR descent-ascent', result: descent },
      ],
      [...errorClaims(mirrorProx), ...equilibriumClaims(known, mirrorProx.profile, values.steps >= 1200 ? 1e-7 : 1e-2)],
      [
        'Payoff x y + p(x) - p(y) with p(z) = z^4/4 - z^2/2 on [-2, 2]: both players mix -1 and 1 in equal parts, and no pure equilibrium exists.',
        'Both players start from a grid of atoms of equal mass; masses follow the Fisher-Rao part and positions the Wasserstein part of one flow.',
      ],
    );
  },
};
