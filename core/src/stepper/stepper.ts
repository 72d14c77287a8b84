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
  /**
   * Numbers besides the profile that decide the coming steps, such as an adaptive step size. They go into
   * checkpoints and survive a change of support. Absent where there are none.
   */
  memory?(state: State): readonly number[];
  /** `init` with the numbers that `memory` gave. Required with `memory`. */
  recall?(flow: Flow, profile: Profile, memory: readonly number[]): State;
  /** The state is buffers of the size of the support and nothing else: it serves on after a jump that keeps the sizes. */
  readonly buffersOnly?: true;
  /** One step over `[context.time, context.time + context.dt]`. */
  step(flow: Flow, profile: Profile, context: StepContext, state: State): StepResult<State>;
}

/** Relative and absolute tolerance of the local error. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** A stepper that estimates its local error, which is `O(dt^(errorOrder + 1))`. */
export interface EstimatingStepper<State = unknown> extends Stepper<State> {
  readonly errorOrder: number;
  /** The same stepper with errors in units of another tolerance. */
  withTolerance(tolerance: Tolerance): EstimatingStepper<State>;
}
