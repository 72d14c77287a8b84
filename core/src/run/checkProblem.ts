import { fail, show } from '../errors.js';
import { firstNonFinite } from '../math/vectors.js';
import type { Profile } from '../measure/measure.js';
import { profileOf } from '../measure/profile.js';
import { checkStepper } from '../stepper/checkStepper.js';
import { findFault, findLostMass } from './finiteness.js';
import type { Plan, Problem } from './problem.js';

/**
 * Checks a problem and a plan before the first step: sizes, spaces, what the stepper accepts, step size and bounds.
 *
 * @returns the initial profile.
 * @throws `shape-mismatch`, `unsupported`, `invalid-argument` or `not-finite`.
 */
export function checkProblem(problem: Problem, plan: Plan): Profile {
  const profile = profileOf(problem.initial);
  checkStepper(plan.stepper, problem.flow, profile);
  checkFinite(profile);
  checkBounds(plan, problem.time ?? 0);
  checkRecords(plan);
  return profile;
}

function refuse(problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where: 'simulate', problem, got, expected, fix });
}

/** Refuses an initial profile with a number that is not finite, or without mass. */
export function checkFinite(profile: Profile): void {
  const fault = findFault(profile);
  if (fault !== null) {
    const { positions, logMasses } = profile[fault.player];
    const values = fault.quantity === 'position' ? positions : logMasses;
    fail({
      code: 'not-finite',
      where: 'simulate',
      problem: `the initial ${fault.quantity} of player ${fault.player}, atom ${fault.atom} is not finite`,
      got: show(values[Math.max(0, firstNonFinite(values))]),
      expected: 'finite numbers',
      fix: 'look for the computation that made the initial measure',
    });
  }
  const empty = findLostMass(profile);
  if (empty >= 0)
    refuse(
      `the initial measure of player ${empty} has no mass`,
      '0',
      'a positive total mass',
      'start from atoms with mass',
    );
}

/** Refuses a step size, start time or bound that is not usable. */
export function checkBounds({ dt, maxSteps, maxTime, stop }: Plan, start: number): void {
  if (!(dt > 0 && Number.isFinite(dt)))
    refuse('the step size is not usable', `dt = ${show(dt)}`, 'a finite number > 0', 'pass for instance dt: 0.01');
  if (!Number.isFinite(start))
    refuse('the start time is not finite', show(start), 'a finite number', 'leave time out to start at 0');
  if (maxSteps === undefined && maxTime === undefined && stop === undefined) {
    refuse(
      'nothing bounds the run',
      'no maxSteps, maxTime or stop',
      'at least one of them',
      'pass maxTime or maxSteps',
    );
  }
  if (maxSteps !== undefined && !(Number.isSafeInteger(maxSteps) && maxSteps >= 1)) {
    refuse(
      'the number of steps is not usable',
      `maxSteps = ${show(maxSteps)}`,
      'an integer >= 1',
      'pass for instance maxSteps: 1000',
    );
  }
  if (maxTime !== undefined && !(Number.isFinite(maxTime) && maxTime > start)) {
    refuse(
      'the final time is not usable',
      `maxTime = ${show(maxTime)}`,
      `a finite number after the start at ${start}`,
      'pass a later maxTime',
    );
  }
  if (maxTime !== undefined && start + dt === start) {
    refuse(
      'the step is lost in rounding',
      `dt = ${dt} at time ${start}`,
      'a step that changes the time',
      'start at time 0 or take a larger dt',
    );
  }
}

/** Refuses a spacing of frames that is no integer >= 1, and two recorders of one column. */
export function checkRecords({ record, stop }: Plan): void {
  const every = record?.every ?? 1;
  if (!(Number.isSafeInteger(every) && every >= 1))
    refuse(
      'the spacing of frames is not usable',
      `every = ${show(every)}`,
      'an integer >= 1',
      'pass every: 1 to record each step',
    );
  const columns = [...(record?.recorders ?? []).flatMap((recorder) => recorder.columns), ...(stop?.columns ?? [])];
  const repeated = columns.find((column, k) => columns.indexOf(column) !== k);
  if (repeated !== undefined)
    refuse('two recorders fill one column', show(repeated), 'distinct columns', 'leave one of the recorders out');
}
