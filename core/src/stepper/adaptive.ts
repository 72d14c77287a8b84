import { fail, show } from '../errors.js';
import type { Flow, StepContext } from '../flow/flow.js';
import type { Profile } from '../measure/measure.js';
import type { EstimatingStepper, Stepper, StepResult, Tolerance } from './stepper.js';
import { defaultTolerance } from './tolerance.js';

export interface AdaptiveOptions extends Partial<Tolerance> {
  /** Exponent beta of the previous error in the PI controller, in [0, 0.1] times `5 / (errorOrder + 1)`; default 0.04. */
  readonly integralDamping?: number;
  /** Share of the predicted step that is dared, in (0, 1); default 0.9. */
  readonly safety?: number;
}

/** The inner state, the step to try next (0 before the first) and the last accepted error. */
export interface AdaptiveState {
  readonly inner: unknown;
  dt: number;
  previousError: number;
}

interface Controller {
  readonly safety: number;
  readonly proportional: number;
  readonly integral: number;
}

const mostAttempts = 60;

/**
 * A stepper that chooses its steps so that the estimated local error stays below the tolerance, with the PI controller
 * `dt <- dt * safety * err^-(1/q - 0.75 beta) * previous^beta`, `q = errorOrder + 1`, changes limited to [0.2, 10] and to 1
 * after a rejection. It never takes more than the step asked for, so `dt` of a plan is the first and largest step.
 * Source: [HairerNorsettWanner1993], section II.4.
 *
 * A step that is rejected is repeated with the same key and step number: random batches stay the same.
 *
 * @param stepper - with an error estimate: `dopri5()` or `doubling(any)`.
 * @returns status `stepTooSmall`, with the profile unmoved, where no step is accepted.
 * @throws `invalid-argument` for tolerances, safety or damping out of range.
 */
export function adaptive(stepper: EstimatingStepper, options: AdaptiveOptions = {}): Stepper<AdaptiveState> {
  const { rtol = defaultTolerance.rtol, atol = defaultTolerance.atol, safety = 0.9, integralDamping = 0.04 } = options;
  if (!(safety > 0 && safety < 1 && integralDamping >= 0 && integralDamping <= 0.1)) {
    fail({
      code: 'invalid-argument',
      where: 'adaptive',
      problem: 'the controller is not usable',
      got: `safety ${show(safety)}, integralDamping ${show(integralDamping)}`,
      expected: 'safety in (0, 1) and integralDamping in [0, 0.1]',
      fix: 'leave both at their defaults',
    });
  }
  const inner = stepper.withTolerance({ rtol, atol });
  const exponent = 1 / (inner.errorOrder + 1);
  const integral = 5 * exponent * integralDamping;
  const controller = { safety, integral, proportional: exponent - 0.75 * integral };
  return {
    name: `adaptive ${inner.name}`,
    order: inner.order,
    accepts: inner.accepts,
    conservesMass: inner.conservesMass,
    init: (flow, profile) => ({ inner: inner.init(flow, profile), dt: 0, previousError: 1e-4 }),
    step: (flow, profile, context, state) => adaptiveStep(inner, controller, { flow, profile, context, state }),
    memory: ({ dt, previousError }) => [dt, previousError],
    recall: (flow, profile, [dt, previousError]) => ({ inner: inner.init(flow, profile), dt, previousError }),
  };
}

interface Attempt {
  readonly flow: Flow;
  readonly profile: Profile;
  readonly context: StepContext;
  readonly state: AdaptiveState;
}

function adaptiveStep(
  inner: EstimatingStepper,
  controller: Controller,
  { flow, profile, context, state }: Attempt,
): StepResult<AdaptiveState> {
  const remembered = state.dt > 0 ? state.dt : Number.POSITIVE_INFINITY;
  let dt = Math.min(context.dt, remembered);
  let evaluations = 0;
  for (let rejected = 0; rejected < mostAttempts; rejected++) {
    const result = inner.step(flow, profile, { ...context, dt }, state.inner);
    evaluations += result.evaluations;
    const error = result.errorEstimate ?? 0;
    if (error <= 1) {
      const factor = Math.min(rejected > 0 ? 1 : 10, stepFactor(controller, error, state.previousError));
      // A step cut short by the caller says little about long ones: what was known about them is kept.
      const cut = rejected === 0 && dt < remembered && Number.isFinite(remembered);
      state.dt = cut ? Math.max(remembered, dt * factor) : dt * factor;
      state.previousError = Math.max(error, 1e-4);
      return { ...result, state, evaluations, rejected, errorEstimate: error };
    }
    dt *= Number.isFinite(error) ? Math.min(0.9, stepFactor(controller, error, 1)) : 0.2;
    if (context.time + dt === context.time) break;
  }
  return {
    next: profile,
    dt: 0,
    state,
    evaluations,
    rejected: mostAttempts,
    changedSupport: false,
    status: 'stepTooSmall',
  };
}

function stepFactor({ safety, proportional, integral }: Controller, error: number, previous: number): number {
  const factor = safety * Math.max(error, 1e-10) ** -proportional * previous ** integral;
  return Math.min(10, Math.max(0.2, factor));
}
