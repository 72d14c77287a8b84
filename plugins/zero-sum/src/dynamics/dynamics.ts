import {
  alternating,
  euler,
  eulerMaruyama,
  extragradient,
  type Flow,
  fail,
  fisherRao,
  type Game,
  gameFlow,
  type Metric,
  type Movable,
  optimistic,
  type Profile,
  rescale,
  rk4,
  type Stepper,
  show,
  wasserstein,
  wassersteinFisherRao,
} from '@muflow/core';

/** The dynamics that a game can be played by. */
export const dynamicsNames = [
  'gradient',
  'optimistic',
  'extragradient',
  'langevin',
  'replicator',
  'hedge',
  'mass-mirror-prox',
  'wfr',
  'wfr-unnormalized',
  'mirror-prox',
] as const;
export type DynamicsName = (typeof dynamicsNames)[number];

/** Those that move masses only, so that any payoff will do. */
export type MassDynamicsName = 'replicator' | 'hedge' | 'mass-mirror-prox';

export interface StepSizes {
  /** Step of the log-masses, `eta_w`. */
  readonly mass: number;
  /** Step of the positions, `eta_x`; 0 holds the atoms of dynamics that also change masses. */
  readonly position: number;
}

export interface DynamicsOptions extends StepSizes {
  /** Temperature 1/beta of `langevin`, default 0.01; the others take none. */
  readonly temperature?: number;
  /** How often `extragradient` and the mirror-prox schemes look ahead, default 1. */
  readonly ghostSteps?: number;
  /** `alternating`: y answers the new x. For explicit schemes; default `simultaneous`. */
  readonly order?: 'simultaneous' | 'alternating';
}

/** A flow with the stepper that makes it one of the named schemes, at step size 1. */
export interface Dynamics {
  readonly flow: Flow;
  readonly stepper: Stepper;
  /** The profile that a run begins with: positive measures where masses are not normalized, else the same. */
  start(profile: Profile): Profile;
}

interface Scheme {
  readonly transports: boolean;
  readonly reacts: boolean;
  /** One evaluation per step, from the present profile alone: players can take turns. */
  readonly explicit: boolean;
  readonly looksAhead: boolean;
  readonly stepper: (ghostSteps: number, moving: boolean) => Stepper;
}

const scheme = (
  moved: 'positions' | 'masses' | 'both',
  kind: 'explicit' | 'lookahead' | 'other',
  stepper: Scheme['stepper'],
): Scheme => ({
  transports: moved !== 'masses',
  reacts: moved !== 'positions',
  explicit: kind === 'explicit',
  looksAhead: kind === 'lookahead',
  stepper,
});

const schemes: Readonly<Record<DynamicsName, Scheme>> = {
  gradient: scheme('positions', 'explicit', euler),
  optimistic: scheme('positions', 'other', optimistic),
  extragradient: scheme('positions', 'lookahead', (ghostSteps) => extragradient({ ghostSteps })),
  langevin: scheme('positions', 'explicit', eulerMaruyama),
  replicator: scheme('masses', 'other', rk4),
  hedge: scheme('masses', 'explicit', euler),
  'mass-mirror-prox': scheme('masses', 'lookahead', (ghostSteps) => extragradient({ ghostSteps })),
  wfr: scheme('both', 'explicit', euler),
  'wfr-unnormalized': scheme('both', 'explicit', euler),
  'mirror-prox': scheme('both', 'lookahead', (ghostSteps, ratio) => extragradient({ ratio, ghostSteps })),
};

/**
 * One of the schemes, with the step sizes as the rates of the metric, so that a step of size 1 of the run is a step of
 * the scheme. Both players use what they see before the step, unless `order` is `alternating`.
 *
 * Positions only, `x_i <- R(x_i - eta_x grad V_i)`:
 * - `gradient`: descent-ascent, the Wasserstein flow by Euler steps;
 * - `optimistic`: past extragradient [Popov1980];
 * - `extragradient`: looks ahead by a step [Korpelevich1976];
 * - `langevin`: descent-ascent with `sqrt(2 eta_x T) xi` [DomingoEnrichEtAl2020].
 *
 * Masses only, on atoms that stay:
 * - `replicator`: the Fisher-Rao flow, by Runge-Kutta steps of order 4 [HofbauerSigmund1998];
 * - `hedge`: `m_i <- m_i exp(-eta_w V_i) / Z` [FreundSchapire1999];
 * - `mass-mirror-prox`: the same looking ahead by a step [Nemirovski2004].
 *
 * Both:
 * - `wfr`: descent-ascent of masses and positions [DomingoEnrichEtAl2020];
 * - `wfr-unnormalized`: without the division by Z, on positive measures; the flow conserves m_x + m_y;
 * - `mirror-prox`: the conic particle scheme with a ghost step and its position ratio [WangChizat2022]; more
 *   `ghostSteps` go towards the implicit scheme; Nemirovski's mirror-prox where atoms cannot move.
 *
 * A game that the compiler knows to jump is taken with {@link MassDynamicsName} only.
 * @throws `unsupported` for a scheme that moves atoms on a payoff that jumps, or only moves them on finite spaces, or
 * an order the scheme does not have; `invalid-argument` for step sizes that are negative or not finite.
 *
 * @example
 * const { flow, stepper } = dynamics(guessingGame().game, 'mirror-prox', { mass: 0.1, position: 0.01 });
 * simulate({ flow, initial }, { stepper, dt: 1, maxSteps: 1000 });
 */
export function dynamics(game: Game, name: MassDynamicsName, options: DynamicsOptions): Dynamics;
export function dynamics<G extends Game>(game: Movable<G>, name: DynamicsName, options: DynamicsOptions): Dynamics;
export function dynamics(game: Game, name: DynamicsName, options: DynamicsOptions): Dynamics {
  checkOptions(name, options);
  const chosen = schemes[name];
  const moving = chosen.transports && game.spaces.some((space) => space.intrinsicDim > 0);
  checkGame(game, name, chosen, moving);
  const { ghostSteps = 1, temperature = 0.01, order = 'simultaneous' } = options;
  const stepper = chosen.stepper(ghostSteps, moving);
  const noise = name === 'langevin' ? options.position * temperature : 0;
  return {
    flow: gameFlow(game, metricOf(chosen, moving, options), { noise }),
    stepper: order === 'alternating' ? alternating(stepper) : stepper,
    start: (profile) => (name === 'wfr-unnormalized' ? profile.map((mu) => rescale(mu, 1)) : profile),
  };
}

function metricOf({ reacts }: Scheme, moving: boolean, { mass, position }: StepSizes): Metric {
  if (!moving) return fisherRao({ alpha: mass });
  return reacts ? wassersteinFisherRao({ alpha: mass, gamma: position }) : wasserstein({ rate: position });
}

function checkGame(game: Game, name: DynamicsName, { transports, reacts }: Scheme, moving: boolean): void {
  if (moving && !game.smooth) {
    fail({
      code: 'unsupported',
      where: `zero-sum ${name}`,
      problem: 'the payoff jumps, so its atoms have no gradient to follow',
      got: game.name,
      expected: 'a continuous payoff with gradients',
      fix: 'use the replicator dynamics, which move masses only',
    });
  }
  if (transports && !moving && !reacts) {
    fail({
      code: 'unsupported',
      where: `zero-sum ${name}`,
      problem: 'these dynamics move atoms only, and the actions of the game cannot move',
      got: game.spaces.map((space) => space.name).join(' and '),
      expected: 'a space of dimension >= 1',
      fix: 'use mirror-prox, hedge or replicator',
    });
  }
}

function checkOptions(name: DynamicsName, options: DynamicsOptions): void {
  const chosen = schemes[name];
  if (chosen === undefined) {
    fail({
      code: 'unknown-id',
      where: 'dynamics',
      problem: 'there are no such dynamics',
      got: show(name),
      expected: dynamicsNames.join(', '),
      fix: 'take one of these names',
    });
  }
  const { mass, position, temperature, ghostSteps = 1, order = 'simultaneous' } = options;
  const sizes = [mass, position, temperature ?? 0];
  const usable = sizes.every((size) => size >= 0 && Number.isFinite(size));
  if (!usable) {
    fail({
      code: 'invalid-argument',
      where: `zero-sum ${name}`,
      problem: 'a step size or temperature is not usable',
      got: `mass ${show(mass)}, position ${show(position)}, temperature ${show(temperature ?? 0)}`,
      expected: 'finite numbers >= 0',
      fix: 'take what stepSizes(game) proposes',
    });
  }
  if ((order === 'alternating' && !chosen.explicit) || (ghostSteps !== 1 && !chosen.looksAhead)) {
    fail({
      code: 'unsupported',
      where: `zero-sum ${name}`,
      problem: 'the scheme has no such variant',
      got: order === 'alternating' && !chosen.explicit ? 'order alternating' : `${ghostSteps} ghost steps`,
      expected: 'turns for explicit schemes, ghost steps for those that look ahead',
      fix: 'leave order and ghostSteps out, or take turns with wfr, hedge, gradient or langevin',
    });
  }
}
