import { fail, show } from '../errors.js';
import type { Flow, StepContext } from '../flow/flow.js';
import type { Profile } from '../measure/measure.js';
import type { Stepper, StepResult } from './stepper.js';

/** What a composed stepper spends. */
export interface Spent {
  evaluations: number;
  rejected: number;
  status: StepResult<unknown>['status'];
}

/**
 * Follows a flow over the whole interval with a stepper that may take less than asked at once (an adaptive one).
 *
 * @returns the last `next`, in buffers of the stepper.
 * @throws `internal` where a step covers no time, or more than asked for.
 */
export function advance(
  { stepper, flow, state }: { readonly stepper: Stepper; readonly flow: Flow; readonly state: unknown },
  profile: Profile,
  context: StepContext,
  spent: Spent,
): Profile {
  const end = context.time + context.dt;
  let left = context.dt;
  let current = profile;
  while (left !== 0) {
    const result = stepper.step(flow, current, { ...context, time: end - left, dt: left }, state);
    spent.evaluations += result.evaluations;
    spent.rejected += result.rejected;
    current = result.next;
    if (result.status !== 'ok') {
      spent.status = result.status;
      return current;
    }
    checkTaken(stepper, left, result);
    left = result.dt === left ? 0 : left - result.dt;
  }
  return current;
}

/**
 * Refuses a step that covers no time, or more than it was asked for: a loop that goes on from it might never end.
 *
 * @throws `internal`, naming the stepper.
 */
export function checkTaken({ name }: Stepper, asked: number, { dt }: StepResult<unknown>): void {
  if (dt > 0 && dt <= asked) return;
  fail({
    code: 'internal',
    where: name,
    problem: 'a step breaks the contract of steppers',
    got: `a step over ${show(dt)}, asked for ${show(asked)}`,
    expected: 'a positive time, at most the one asked for',
    fix: 'correct the stepper; the stepper laws of @muflow/core/testing show where',
  });
}
