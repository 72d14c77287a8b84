import {
  addTangentInto,
  allocateTangents,
  type Flow,
  fail,
  type Profile,
  pushInto,
  type Stepper,
  show,
  type Tangent,
  type WorkingMeasure,
  workingProfile,
} from '@muflow/core';

export interface BacktrackingOptions {
  /** Largest change of the field over a step, relative to the field, in (0, 1); default 0.9. */
  readonly change?: number;
  /** A second judge: a step is also halved where this grows by more than the factor `explosion`. */
  readonly merit?: (profile: Profile) => number;
  /** Default 10. */
  readonly explosion?: number;
}

/** The inner state, the length to try next (0 before the first step), and buffers of the judge. */
export interface BacktrackingState {
  readonly inner: unknown;
  readonly here: readonly Tangent[];
  readonly there: readonly Tangent[];
  readonly ahead: readonly WorkingMeasure[];
  dt: number;
  /** Largest length of the field so far: changes of a trillionth of it are rounding. */
  largest: number;
}

/** After 40 halvings a step is taken as it is. */
const mostHalvings = 40;

/**
 * The same scheme with steps that are halved until the field does not change by more than its own size: with
 * `w = push(z, T(z), dt)`, a step is taken where `|T(w) - T(z)| <= change |T(z)|` in the norm of the metrics, in which
 * atoms count by their mass. That is `dt Lip(T) <= change` along the step, the condition under which extragradient
 * contracts [Khobotov1987]; where it fails, steps overshoot and the Nikaido-Isoda error explodes or stalls. Accepted
 * lengths grow by a fifth where less than a third of the allowance was used, up to the step asked for.
 *
 * With `merit`, such as an estimate of NI, a step after which it is more than `explosion` times what it was is halved
 * as well. Cost: one evaluation more than the scheme per step and one per halving, and two merits.
 *
 * @throws `invalid-argument` for options out of range; `unsupported`, when a run begins, for a flow without metrics.
 * @example
 * const { flow, stepper } = dynamics(game, 'mirror-prox', { mass: 0.08, position: 0.002 });
 * simulate({ flow, initial }, { stepper: backtracking(stepper), dt: 1, maxSteps: 4000 });
 */
export function backtracking(stepper: Stepper, options: BacktrackingOptions = {}): Stepper<BacktrackingState> {
  const { change = 0.9, explosion = 10, merit } = options;
  checkOptions(change, explosion);
  const init = (flow: Flow, profile: Profile, inner: unknown): BacktrackingState => ({
    inner,
    dt: 0,
    largest: 0,
    here: allocateTangents(flow, profile),
    there: allocateTangents(flow, profile),
    ahead: workingProfile(profile),
  });
  return {
    name: `backtracking ${stepper.name}`,
    order: stepper.order,
    accepts: { ...stepper.accepts, noise: false },
    conservesMass: stepper.conservesMass,
    init: (flow, profile) => init(flow, profile, stepper.init(flow, profile)),
    memory: ({ dt, largest, inner }) => [dt, largest, ...(stepper.memory?.(inner) ?? [])],
    recall: (flow, profile, [dt, largest, ...memory]) => ({
      ...init(flow, profile, stepper.recall?.(flow, profile, memory) ?? stepper.init(flow, profile)),
      dt,
      largest,
    }),
    step: (flow, profile, context, state) => {
      const remembered = state.dt > 0 ? state.dt : Number.POSITIVE_INFINITY;
      let dt = Math.min(context.dt, remembered);
      flow.tangentInto(state.here, profile, context);
      const size = lengthOf(flow, profile, state.here);
      state.largest = Math.max(state.largest, size);
      const allowed = change * size + 1e-12 * state.largest;
      let evaluations = 1;
      for (let rejected = 0; ; rejected++) {
        const used = allowed > 0 ? changeOver(flow, profile, { ...context, dt }, state) / allowed : 0;
        evaluations++;
        if (used > 1 && rejected < mostHalvings) {
          dt /= 2;
          continue;
        }
        const result = stepper.step(flow, profile, { ...context, dt }, state.inner);
        evaluations += result.evaluations;
        if (merit !== undefined && rejected < mostHalvings && !(merit(result.next) <= explosion * merit(profile))) {
          dt /= 2;
          continue;
        }
        const cut = rejected === 0 && dt < remembered && Number.isFinite(remembered);
        // A step cut short by the caller says nothing about long ones: what was known about them is kept.
        state.dt = cut ? remembered : used < 1 / 3 && rejected === 0 ? 1.2 * dt : dt;
        return { ...result, state, evaluations, rejected };
      }
    },
  };
}

/** `|T(push(z, T(z), dt)) - T(z)|`. */
function changeOver(
  flow: Flow,
  profile: Profile,
  context: Parameters<Stepper['step']>[2],
  { here, there, ahead }: BacktrackingState,
): number {
  for (let k = 0; k < profile.length; k++) pushInto(ahead[k], profile[k], here[k], context.dt);
  flow.tangentInto(there, ahead, context);
  for (let k = 0; k < profile.length; k++) addTangentInto(there[k], here[k], -1);
  return lengthOf(flow, profile, there);
}

function lengthOf({ metrics, name }: Flow, profile: Profile, tangents: readonly Tangent[]): number {
  if (metrics === undefined) {
    return fail({
      code: 'unsupported',
      where: 'backtracking',
      problem: 'the flow has no metric to measure its field by',
      got: name,
      expected: 'a flow of one game or energy',
      fix: 'make it with gameFlow or gradientFlow',
    });
  }
  let squared = 0;
  for (let k = 0; k < profile.length; k++) squared += metrics[k].norm2(profile[k], tangents[k]);
  return Math.sqrt(squared);
}

function checkOptions(change: number, explosion: number): void {
  if (change > 0 && change < 1 && explosion > 1) return;
  fail({
    code: 'invalid-argument',
    where: 'backtracking',
    problem: 'the allowance is not usable',
    got: `change ${show(change)}, explosion ${show(explosion)}`,
    expected: 'change in (0, 1) and explosion above 1',
    fix: 'leave both at their defaults',
  });
}
