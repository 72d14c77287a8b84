import type { Flow, StepContext } from '../flow/flow.js';
import type { Profile } from '../measure/measure.js';

/** What a stepper can follow; checked when the problem is built, never during a run. */
export interface StepperAccepts {
  /** Flows with Langevin noise. */
  readonly noise: boolean;
  /** Tangents that move atoms, and tangents that change masses. */
  readonly transport: boolean;
  readonly reaction: boolean;
}

/** The outcome of one step. `next` lives in buffers of the stepper and is valid until the step after next. */
export interface StepResult<State> {
  readonly next: Profile;
  /** The step actually taken (an adaptive stepper may take less than asked). */
  readonly dt: number;
  readonly state: State;
  /** Local error in units of the tolerance (accepted where <= 1), from steppers that estimate it. */
  readonly errorEstimate?: number;
  /** Tangent evaluations spent, rejected attempts included. */
  readonly evaluations: number;
  readonly rejected: number;
  readonly changedSupport: boolean;
  readonly status: 'ok' | 'stepTooSmall';
}

/** An integrator of flows: a value with explicit state. Vary one by wrapping it, never by subclassing. */
export interface Stepper<State = unknown> {
  readonly name: string;
  /** Order of the global error in dt on smooth flows without noise (weak order for Euler-Maruyama). */
  readonly order: number;
  readonly accepts: StepperAccepts;
  /** Conserves total mass to rounding where the flow does. */
  readonly conservesMass: boolean;
  /** Fresh state and buffers; called again whenever the support has changed. */
  init(flow: Flow, profile: Profile): State;
  /** One step over `[context.time, context.time + context.dt]`. */
  step(flow: Flow, profile: Profile, context: StepContext, state: State): StepResult<State>;
}
