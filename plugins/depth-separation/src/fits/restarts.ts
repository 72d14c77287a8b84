import { deriveKey, fail, type RandomKey, show } from '@muflow/core';
import type { Ceiling } from '../probe/index.js';
import { type FittedNetwork, meanSquaredError, networkCeiling } from './fittedNetwork.js';
import { drawSamples, type FitProblem } from './problem.js';

/** Options of {@link fitWithRestarts}. */
export interface RestartOptions {
  readonly restarts: number;
  readonly key: RandomKey;
  /** Points on which the best restart is chosen, default 4096. */
  readonly validation?: number;
  /** Points of the reported errors, drawn apart, default 10^4. */
  readonly points?: number;
}

/** What several runs of one method came to. */
export interface Restarts {
  /** One a restart, all on the same points, which nothing was fitted or chosen on. */
  readonly ceilings: readonly Ceiling[];
  /** Index of the restart of least error on the validation points. */
  readonly best: number;
  readonly fit: FittedNetwork;
  readonly ceiling: Ceiling;
}

/**
 * Runs a method several times, each with a key of its own, chooses by validation and measures every result on points
 * that neither fitting nor choosing has seen, so that the ceiling of the best needs no correction. A pure function of the
 * key: the same restarts come out bit for bit.
 *
 * @param method - makes a fit from a key.
 * @throws `invalid-argument` for restarts that are no whole number from 1.
 */
export async function fitWithRestarts(
  problem: FitProblem,
  method: (key: RandomKey, restart: number) => FittedNetwork | Promise<FittedNetwork>,
  options: RestartOptions,
): Promise<Restarts> {
  const { restarts, key, validation = 4096, points = 10_000 } = options;
  if (!(Number.isInteger(restarts) && restarts >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'fitWithRestarts',
      problem: 'the number of restarts is not usable',
      got: show(restarts),
      expected: 'a whole number from 1',
      fix: 'pass for instance { restarts: 3 }',
    });
  }
  const held = drawSamples(problem, validation, deriveKey(key, 'validation'));
  const fits: FittedNetwork[] = [];
  for (let restart = 0; restart < restarts; restart++) {
    fits.push(await method(deriveKey(key, 'restart', restart), restart));
  }
  const errors = fits.map((fit) => meanSquaredError(fit, held));
  const best = errors.indexOf(Math.min(...errors));
  const ceilings = fits.map((fit) => networkCeiling(problem, fit, { points, key: deriveKey(key, 'test') }));
  return { ceilings, best, fit: fits[best], ceiling: ceilings[best] };
}
