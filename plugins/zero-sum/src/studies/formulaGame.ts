import {
  type Claim,
  claimAtMost,
  claimWithin,
  linearFit,
  parseSpace,
  type RunResult,
  type Study,
  zeroSumGame,
} from '@muflow/core';
import { z } from 'zod';
import { dynamicsNames } from '../dynamics/dynamics.js';
import type { KnownGame } from '../games/knownGame.js';
import { torusCounterexample } from '../games/knownGames.js';
import { nikaidoIsodaOnGrid } from '../nikaidoIsoda.js';
import { conicResult, equilibriumClaims, runConic } from './conicStudy.js';
import { column, steps } from './series.js';

const counterexample = 'sin(4*pi*x) + sin(4*pi*y) + 2*cos(2*pi*(x + y))';

const params = z.strictObject({
  payoff: z.string().default(counterexample).describe('payoff in x (minimizes) and y (maximizes)'),
  x: z.string().default('torus(1)').describe('space of x, such as [-1,1] or torus(1)'),
  y: z.string().default('torus(1)').describe('space of y'),
  dynamics: z.enum(dynamicsNames).default('mirror-prox'),
  atoms: z.int().min(2).max(2000).default(15).describe('atoms of each player at the start'),
  steps: z.int().min(10).max(1_000_000).default(2000),
  massStep: z.number().positive().max(10).default(0.08).describe('eta_w'),
  positionStep: z.number().positive().max(10).default(0.002).describe('eta_x'),
});

type Params = z.output<typeof params>;

/**
 * The error of mirror-prox on the counterexample contracts by `(1/2) log((1 - s^2)^2 + s^2)` a step, with
 * s = 2 eta_w, since the linearized flow has the eigenvalues +-2i. The slope is fitted where the error
 * lies between 1e-2 and 1e-11, away from the start and from rounding.
 */
function contractionClaim(run: RunResult, massStep: number): Claim {
  const errors = column(run, 'nikaidoIsoda');
  const inside = steps(run).flatMap((step, k) =>
    errors[k] < 1e-2 && errors[k] > 1e-11 ? [[step, Math.log(errors[k])]] : [],
  );
  const s = 2 * massStep;
  const predicted = 0.5 * Math.log((1 - s * s) ** 2 + s * s);
  const slope =
    inside.length > 20
      ? linearFit(
          inside.map(([k]) => k),
          inside.map(([, e]) => e),
        ).slope
      : Number.NaN;
  return claimWithin({
    statement: 'Mirror-prox contracts at the rate of its linearization: slope of the log error per step',
    predicted,
    measured: slope,
    tolerance: 0.05 * Math.abs(predicted),
  });
}

/** Any game given by a formula; by default the torus game on which plain descent-ascent cycles. */
export const formulaGameStudy: Study<Params> = {
  id: 'zero-sum/formula-game',
  title: 'A game by its formula: mixed strategies by measure dynamics',
  reference: 'WangChizat2022, section 5.2; DomingoEnrichEtAl2020',
  params,
  async run(values, context) {
    const spaces = [parseSpace(values.x), parseSpace(values.y)] as const;
    const game = zeroSumGame({ payoff: values.payoff, spaces: [spaces[0], spaces[1]], backend: context.backend });
    const isCounterexample = values.payoff === counterexample && values.x === 'torus(1)' && values.y === 'torus(1)';
    const known: KnownGame = isCounterexample
      ? { ...torusCounterexample(), game }
      : { game, equilibrium: { value: Number.NaN, x: null, y: null } };
    const result = await runConic(
      {
        label: values.dynamics,
        game,
        dynamics: values.dynamics,
        atoms: [values.atoms, values.atoms],
        massStep: values.massStep,
        positionStep: values.positionStep,
        steps: values.steps,
        every: Math.max(1, Math.floor(values.steps / 500)),
      },
      context,
    );
    const { error, lower, upper, status } = nikaidoIsodaOnGrid(game, result.profile);
    const claims: Claim[] = [
      claimAtMost({
        statement: `The Nikaido-Isoda error is below that of the start (${status})`,
        bound: column(result, 'nikaidoIsoda')[0],
        measured: error,
      }),
    ];
    if (isCounterexample && values.dynamics === 'mirror-prox' && values.steps >= 1500) {
      claims.push(contractionClaim(result, values.massStep), ...equilibriumClaims(known, result.profile, 1e-3));
    }
    return conicResult(known, [{ label: values.dynamics, result }], claims, [
      `Payoff ${values.payoff} with x in ${values.x} (minimizes) and y in ${values.y} (maximizes), by ${values.dynamics}.`,
      `The value lies near [${lower.toPrecision(8)}, ${upper.toPrecision(8)}]; the bracket is ${status}, so it is ${status === 'exact' ? 'proven up to rounding' : 'found by search and not a proof'}.`,
    ]);
  },
};
