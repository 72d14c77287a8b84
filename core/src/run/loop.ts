import { isMuflowError } from '../errors.js';
import type { StepContext } from '../flow/flow.js';
import { deriveKey, type RandomKey, randomKey } from '../math/random.js';
import type { Profile } from '../measure/measure.js';
import { totalMass } from '../measure/profile.js';
import { checkTaken } from '../stepper/advance.js';
import type { StepResult } from '../stepper/stepper.js';
import type { Checkpoint, RunCounts } from './checkpoint.js';
import { type Clock, stepClock } from './clock.js';
import { type Fault, findFault, findLostMass, traceFault } from './finiteness.js';
import { frameOf, type Journal, startJournal } from './journal.js';
import type { Frame, NonFinite, Plan, Problem, RunOutcome, RunView } from './problem.js';

/** How frames leave the run, and where it starts. */
export interface OpenOptions {
  /** Called with every frame as it is recorded. */
  readonly onFrame?: (frame: Frame) => void;
  /** Whether the result keeps the frames; default true. */
  readonly keepFrames?: boolean;
  /** A checkpoint to go on from. */
  readonly from?: Checkpoint;
}

/** How a run ended. */
export interface Ending extends RunOutcome {
  readonly nonFinite?: NonFinite;
}

/** The state of one run; written by the functions of this file only. */
export interface Loop {
  readonly problem: Problem;
  readonly plan: Plan;
  readonly options: OpenOptions;
  readonly stepRoot: RandomKey;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly frames: Frame[];
  readonly counts: { -readonly [K in keyof RunCounts]: RunCounts[K] };
  readonly view: { -readonly [K in keyof RunView]: RunView[K] };
  stepperState: unknown;
  ending: Ending | null;
  /** Wall-clock of the first and of the last moment, in milliseconds; for information. */
  startedAt: number;
  endedAt: number;
}

/** The state before the first step. */
export function makeLoop(problem: Problem, plan: Plan, initial: Profile, options: OpenOptions): Loop {
  const { from } = options;
  const stepRoot = deriveKey(randomKey(plan.seed ?? 0), 'step');
  const counts = { ...(from?.counts ?? { evaluations: 0, rejected: 0, births: 0, deaths: 0, recordedStep: -1 }) };
  const clock = stepClock({
    start: from?.time ?? problem.time ?? 0,
    dt: plan.dt,
    maxTime: plan.maxTime,
    ...(from && from.dt === plan.dt && { from: from.clock }),
  });
  const profile = from?.profile ?? initial;
  const step = from?.step ?? 0;
  const view = {
    flow: problem.flow,
    profile,
    step,
    time: clock.time,
    dt: from?.taken ?? 0,
    values: from?.values ?? {},
    errorEstimate: undefined,
    births: counts.births,
    deaths: counts.deaths,
    key: deriveKey(stepRoot, step),
    initialMasses: from?.initialMasses ?? initial.map(totalMass),
  };
  const journal = startJournal(plan, from);
  const stepperState = stepperStateAt(problem, plan, profile, from?.stepperMemory ?? null);
  const startedAt = Number.NaN;
  const state = { stepperState, ending: null, startedAt, endedAt: startedAt };
  return { problem, plan, options, stepRoot, clock, journal, frames: [], counts, view, ...state };
}

/** Records the start and asks rule and bounds; does nothing where that has been done. */
export function begin(loop: Loop): void {
  if (!Number.isNaN(loop.startedAt)) return;
  loop.startedAt = performance.now();
  if (loop.counts.recordedStep < 0) settle(loop);
  else endWhere(loop, boundReached(loop));
}

/**
 * One step: the stepper, a scan for numbers that are not finite, the jumps, then frame, rule and bounds.
 * The profile before the step stays valid in the stepper's buffers, so it is the last good one if the step fails.
 */
export function advance(loop: Loop): void {
  try {
    takeStep(loop);
  } catch (error) {
    // What overflows on the way is an outcome of the run: at the start everything has been evaluated.
    if (!isMuflowError(error) || error.code !== 'not-finite') throw error;
    endUnrecorded(loop, overflowed(loop, error.message));
  }
}

function takeStep(loop: Loop): void {
  const { view, counts, clock, plan } = loop;
  const before = view.profile;
  const context: StepContext = { step: view.step, time: view.time, key: view.key, dt: clock.ask() };
  const taken = plan.stepper.step(view.flow, before, context, loop.stepperState);
  counts.evaluations += taken.evaluations;
  counts.rejected += taken.rejected;
  const fault = taken.status === 'stepTooSmall' ? null : findFault(taken.next);
  if (taken.status === 'stepTooSmall') end(loop, stepTooSmall(loop, taken.dt));
  else if (fault !== null) end(loop, diverged(loop, traceFault(fault, view.flow, before, context)));
  else acceptAndSettle(loop, taken, context);
}

function acceptAndSettle(loop: Loop, taken: StepResult<unknown>, context: StepContext): void {
  const ending = accept(loop, taken, context);
  if (ending === null) settle(loop);
  else end(loop, ending);
}

/** Ends the run; the present profile is recorded as its last frame unless it has been recorded. */
export function end(loop: Loop, ending: Ending): void {
  const { view, counts, frames, journal } = loop;
  const outcome: RunOutcome = { status: ending.status, reason: ending.reason };
  const last = frames.at(-1);
  if (counts.recordedStep !== view.step) {
    view.values = { ...journal.record(view), ...journal.ruleValues() };
    emit(loop, outcome);
  } else if (last?.step === view.step) {
    frames[frames.length - 1] = { ...last, last: true, outcome };
  }
  loop.ending = ending;
  loop.endedAt = performance.now();
}

/** Ends the run where the present profile cannot be recorded: the last frame is the last recorded one. */
function endUnrecorded(loop: Loop, ending: Ending): void {
  const { frames } = loop;
  const last = frames.at(-1);
  if (last !== undefined) {
    frames[frames.length - 1] = { ...last, last: true, outcome: { status: ending.status, reason: ending.reason } };
  }
  loop.ending = ending;
  loop.endedAt = performance.now();
}

function endWhere(loop: Loop, outcome: RunOutcome | null): void {
  if (outcome !== null) end(loop, outcome);
}

function emit(loop: Loop, outcome?: RunOutcome): void {
  const { view, options, frames, counts } = loop;
  const frame = frameOf(view, view.values, outcome);
  counts.recordedStep = view.step;
  if (options.keepFrames ?? true) frames.push(frame);
  options.onFrame?.(frame);
}

/** The recorders go first, so that the rule sees fresh values; the rule goes before the frame, so that it knows if it is the last. */
function settle(loop: Loop): void {
  const { view, journal, counts } = loop;
  const due = view.step % journal.every === 0 && counts.recordedStep !== view.step;
  if (due) view.values = journal.record(view);
  const asked = journal.ask(view);
  if (due) view.values = { ...view.values, ...journal.ruleValues() };
  const outcome = massLost(loop) ?? asked ?? boundReached(loop);
  if (due) emit(loop, outcome ?? undefined);
  endWhere(loop, outcome);
}

/** Moves the run to the end of the step and makes its jumps; an ending where a jump breaks the profile. */
function accept(loop: Loop, taken: StepResult<unknown>, context: StepContext): Ending | null {
  const { view, counts, clock, problem, plan } = loop;
  const { stepper } = plan;
  checkTaken(stepper, context.dt, taken);
  let jumped: Profile;
  try {
    jumped = jump(loop, taken, context);
  } catch (error) {
    // What a jump cannot do at this profile is an outcome of the run: at the start it has been asked.
    if (!isMuflowError(error) || error.code !== 'unsupported') throw error;
    return { status: 'diverged', reason: error.message };
  }
  const fault = jumped === taken.next ? null : findFault(jumped);
  if (fault !== null) return diverged(loop, fault);
  clock.advance(context.dt, taken.dt);
  view.profile = jumped;
  view.step++;
  view.time = clock.time;
  view.dt = taken.dt;
  view.errorEstimate = taken.errorEstimate;
  view.births = counts.births;
  view.deaths = counts.deaths;
  view.key = deriveKey(loop.stepRoot, view.step);
  loop.stepperState = taken.state;
  const moved = jumped !== taken.next;
  if (taken.changedSupport || (moved && !(stepper.buffersOnly && sameSizes(jumped, taken.next)))) {
    loop.stepperState = stepperStateAt(problem, plan, jumped, stepper.memory?.(taken.state) ?? null);
  }
  return null;
}

/** Whether two profiles fit the same buffers. */
function sameSizes(a: Profile, b: Profile): boolean {
  return a.every(({ count, space, kind }, k) => count === b[k].count && space === b[k].space && kind === b[k].kind);
}

function jump({ view, counts }: Loop, { next, dt }: StepResult<unknown>, context: StepContext): Profile {
  let profile = next;
  for (const change of view.flow.jumps) {
    const outcome = change.apply(profile, view.flow, { ...context, dt });
    profile = outcome.profile;
    counts.births += outcome.births;
    counts.deaths += outcome.deaths;
  }
  return profile;
}

function stepperStateAt(
  { flow }: Problem,
  { stepper }: Plan,
  profile: Profile,
  memory: readonly number[] | null,
): unknown {
  return memory !== null && stepper.recall ? stepper.recall(flow, profile, memory) : stepper.init(flow, profile);
}

function boundReached({ clock, view, plan }: Loop): RunOutcome | null {
  if (clock.finished) return { status: 'maxTime', reason: `time ${view.time} was reached after ${view.step} steps` };
  if (view.step >= (plan.maxSteps ?? Number.POSITIVE_INFINITY)) {
    return { status: 'maxSteps', reason: `${view.step} steps were taken, to time ${view.time}` };
  }
  return null;
}

function massLost({ view }: Loop): RunOutcome | null {
  const player = findLostMass(view.profile);
  return player < 0
    ? null
    : { status: 'massLost', reason: `the mass of player ${player} underflowed to 0 at step ${view.step}` };
}

function diverged({ view }: Loop, fault: Fault): Ending {
  const { quantity, player, atom } = fault;
  const step = view.step + 1;
  const reason = `the ${quantity} of player ${player}, atom ${atom} is not finite at step ${step}, after time ${view.time}`;
  return { status: 'diverged', reason, nonFinite: { quantity, player, atom, step } };
}

function overflowed({ view }: Loop, message: string): Ending {
  const reason = `step ${view.step + 1}, after time ${view.time}, cannot be evaluated (a smaller step size may help): ${message}`;
  return { status: 'diverged', reason };
}

function stepTooSmall({ view }: Loop, dt: number): Ending {
  return {
    status: 'diverged',
    reason: `the step size fell to ${dt} at step ${view.step + 1}, time ${view.time}: the tolerance cannot be met`,
  };
}
