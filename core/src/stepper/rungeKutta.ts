import type { Flow, StepContext } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import type { Profile, Tangent } from '../measure/measure.js';
import { combineInto } from '../measure/tangent.js';
import { pushInto, type WorkingMeasure, workingProfile } from '../measure/working.js';
import { type ResultBuffers, resultBuffers, type StageTangents, stageTangents } from './buffers.js';
import type { EstimatingStepper, Stepper, StepResult, Tolerance } from './stepper.js';
import { dopri5Tableau, eulerTableau, heunTableau, rk4Tableau, type Tableau } from './tableaus.js';
import { checkTolerance, defaultTolerance, tangentError } from './tolerance.js';

/** Buffers of a Runge-Kutta method, sized for one support. */
export interface RungeKuttaState {
  readonly stages: StageTangents;
  readonly combined: readonly Tangent[];
  readonly point: readonly WorkingMeasure[];
  readonly results: ResultBuffers;
}

/**
 * The explicit Runge-Kutta method of a tableau on profiles. Stage s is the push of the start along
 * `dt sum_j a_sj T_j`, the result along `dt sum_j b_j T_j`: velocities are combined as vectors of the space around,
 * log-masses are integrated and a probability is normalized by each push. On embedded spaces, where the retraction is
 * the nearest-point projection, this is the method applied to `x' = v(P(x))`, whose solutions stay in the space: it
 * keeps its order, and so it does for the masses, whose overall scale is a gauge. A push that clamps at a border does
 * not.
 *
 * Cost per step: one tangent per stage and O(s^2 n d); no allocation. Source: [HairerNorsettWanner1993], section II.1.
 */
export function explicitRungeKutta(tableau: Tableau): Stepper<RungeKuttaState> {
  return {
    name: tableau.name,
    order: tableau.order,
    accepts: { noise: false, transport: true, reaction: true },
    conservesMass: true,
    buffersOnly: true,
    init: (flow, profile) => ({
      stages: stageTangents(flow, profile, tableau.stages.length),
      combined: allocateTangents(flow, profile),
      point: workingProfile(profile),
      results: resultBuffers(profile),
    }),
    step: (flow, profile, context, state) => {
      evaluateStages(tableau, flow, profile, context, state);
      const next = state.results.target(profile);
      pushCombination(next, profile, tableau.weights, context.dt, state);
      return outcome(next, context.dt, state, tableau.stages.length);
    },
  };
}

/** Forward Euler, `push(mu, T(mu), dt)`: order 1, one evaluation. */
export function euler(): Stepper<RungeKuttaState> {
  return explicitRungeKutta(eulerTableau);
}

/** Heun's method: order 2, two evaluations. */
export function heun(): Stepper<RungeKuttaState> {
  return explicitRungeKutta(heunTableau);
}

/** The classical Runge-Kutta method: order 4, four evaluations. */
export function rk4(): Stepper<RungeKuttaState> {
  return explicitRungeKutta(rk4Tableau);
}

/**
 * The method of Dormand and Prince: order 5, seven evaluations, with an error estimate of order 4 in units of the
 * tolerance. It takes the steps it is given; `adaptive(dopri5(), { rtol, atol })` chooses them.
 * Source: [DormandPrince1980], table 2.
 *
 * @example
 * ```ts
 * import { adaptive, dopri5 } from '@muflow/core';
 * const stepper = adaptive(dopri5(), { rtol: 1e-9, atol: 1e-12 });
 * console.log(stepper.order); // => 5
 * ```
 */
export function dopri5(tolerance: Tolerance = defaultTolerance): EstimatingStepper<RungeKuttaState> {
  checkTolerance('dopri5', tolerance);
  return embedded(dopri5Tableau, dopri5Tableau.embedded, tolerance);
}

function embedded(
  tableau: Tableau,
  second: Tableau['embedded'],
  tolerance: Tolerance,
): EstimatingStepper<RungeKuttaState> {
  const method = explicitRungeKutta(tableau);
  const { order = 0, weights = [] } = second ?? {};
  const differences = tableau.weights.map((weight, s) => weight - (weights[s] ?? 0));
  return {
    ...method,
    errorOrder: order,
    step: (flow, profile, context, state) => {
      const result = method.step(flow, profile, context, state);
      for (let k = 0; k < profile.length; k++) combineInto(state.combined[k], differences, state.stages.byPlayer[k]);
      return { ...result, errorEstimate: tangentError(state.combined, context.dt, profile, result.next, tolerance) };
    },
    withTolerance: (other) => {
      checkTolerance(tableau.name, other);
      return embedded(tableau, second, other);
    },
  };
}

function evaluateStages(
  tableau: Tableau,
  flow: Flow,
  profile: Profile,
  context: StepContext,
  state: RungeKuttaState,
): void {
  const { time, dt, step, key } = context;
  flow.tangentInto(state.stages.byStage[0], profile, { time, step, key });
  for (let s = 1; s < tableau.stages.length; s++) {
    const row = tableau.stages[s];
    pushCombination(state.point, profile, row, dt, state);
    // The time of a stage is the sum of its row: every method here is consistent in that sense.
    let fraction = 0;
    for (const coefficient of row) fraction += coefficient;
    flow.tangentInto(state.stages.byStage[s], state.point, { time: time + fraction * dt, step, key });
  }
}

/** `target = push(profile, sum_s c_s T_s, dt)`. */
function pushCombination(
  target: readonly WorkingMeasure[],
  profile: Profile,
  coefficients: readonly number[],
  dt: number,
  { combined, stages }: RungeKuttaState,
): void {
  if (coefficients.length === 1 && coefficients[0] === 1) {
    for (let k = 0; k < profile.length; k++) pushInto(target[k], profile[k], stages.byPlayer[k][0], dt);
    return;
  }
  for (let k = 0; k < profile.length; k++) {
    combineInto(combined[k], coefficients, stages.byPlayer[k]);
    pushInto(target[k], profile[k], combined[k], dt);
  }
}

function outcome(next: Profile, dt: number, state: RungeKuttaState, evaluations: number): StepResult<RungeKuttaState> {
  return { next, dt, state, evaluations, rejected: 0, changedSupport: false, status: 'ok' };
}
