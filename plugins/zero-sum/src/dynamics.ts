import {
  euler,
  extragradient,
  type Flow,
  fail,
  fisherRao,
  type Game,
  gameFlow,
  type Stepper,
  wassersteinFisherRao,
} from '@muflow/core';

/** The dynamics that a game can be played by. */
export const dynamicsNames = ['wfr', 'replicator', 'mirror-prox'] as const;
export type DynamicsName = (typeof dynamicsNames)[number];

export interface StepSizes {
  /** Step of the log-masses, `eta_w`. */
  readonly mass: number;
  /** Step of the positions, `eta_x`. */
  readonly position: number;
}

/** A flow with the stepper that makes it one of the named schemes, at step size 1. */
export interface Dynamics {
  readonly flow: Flow;
  readonly stepper: Stepper;
}

/**
 * One of the schemes, with the step sizes as the rates of the metric so that a step of the run is a step
 * of the scheme:
 * - `wfr`: descent-ascent `m_i <- m_i exp(-eta_w V_i)/Z`, `x_i <- R(x_i - eta_x grad V_i)` [DomingoEnrichEtAl2020];
 * - `replicator`: masses only; explicit steps in log-masses, which is Hedge [FreundSchapire1999];
 * - `mirror-prox`: the conic particle scheme with a ghost step and its position ratio [WangChizat2022],
 *   or Nemirovski's mirror-prox where atoms cannot move [Nemirovski2004].
 */
export function dynamics(game: Game, name: DynamicsName, steps: StepSizes): Dynamics {
  const moves = game.spaces.some((space) => space.intrinsicDim > 0);
  if (name !== 'replicator' && moves && !game.smooth) {
    fail({
      code: 'unsupported',
      where: `zero-sum ${name}`,
      problem: 'the payoff jumps, so its atoms have no gradient to follow',
      got: game.name,
      expected: 'a continuous payoff with gradients',
      fix: 'use the replicator dynamics, which move masses only',
    });
  }
  const weightsOnly = name === 'replicator' || !moves;
  const metric = weightsOnly
    ? fisherRao({ alpha: steps.mass })
    : wassersteinFisherRao({ alpha: steps.mass, gamma: steps.position });
  return {
    flow: gameFlow(game, metric),
    stepper: name === 'mirror-prox' ? extragradient({ ratio: !weightsOnly }) : euler(),
  };
}
