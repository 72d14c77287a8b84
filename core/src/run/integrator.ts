import { fail, show } from '../errors.js';
import type { Profile } from '../measure/measure.js';
import { snapshot } from '../measure/working.js';
import { checkProblem } from './checkProblem.js';
import type { Checkpoint } from './checkpoint.js';
import { advance, begin, end, type Loop, makeLoop, type OpenOptions } from './loop.js';
import type { Plan, Problem, RunResult, RunStatus, RunView } from './problem.js';

/** A run in pull form: whoever holds it decides when it moves. Every other way to run is written on top of it. */
export interface Integrator {
  readonly status: RunStatus | 'running';
  /** Steps taken, time and the present profile, in buffers that the next step overwrites. */
  readonly view: RunView;
  /** Takes one step; before the first one the start is recorded and the stopping rule asked. */
  step(): RunStatus | 'running';
  /** Takes whole steps until the time is at least `time` or the run ends: the path is that of a run without pause. */
  runTo(time: number): RunStatus | 'running';
  /** Ends the run as `aborted`, with the present profile as its last. */
  abort(reason: string): void;
  /** What it takes to go on later, bit for bit. */
  checkpoint(): Checkpoint;
  /** The outcome. @throws `invalid-argument` while the run is not over. */
  result(): RunResult;
}

/**
 * Opens a run of `problem` by `plan` without taking a step. Step k draws its random numbers under the key
 * `(seed, 'step', k)`, so rejecting, pausing and resuming leave the path as it is.
 *
 * Cost of a step: that of the stepper, a scan of n*d numbers, and a copy of the profile per recorded frame.
 * @throws `shape-mismatch`, `unsupported`, `not-finite` or `invalid-argument`, before anything is computed.
 *
 * @example
 * const run = open({ flow, initial }, { stepper: heun(), dt: 0.01, maxTime: 1 });
 * run.runTo(0.5);
 * const saved = checkpointToBytes(run.checkpoint());
 */
export function open(problem: Problem, plan: Plan, options: OpenOptions = {}): Integrator {
  const initial = checkProblem(problem, plan);
  if (options.from) checkFits(problem, plan, initial, options.from);
  const loop = makeLoop(problem, plan, initial, options);
  const status = (): RunStatus | 'running' => loop.ending?.status ?? 'running';
  const step = (): RunStatus | 'running' => {
    begin(loop);
    if (loop.ending === null && plan.signal?.aborted)
      end(loop, { status: 'aborted', reason: `aborted at ${whereOf(loop)}` });
    if (loop.ending === null) advance(loop);
    return status();
  };
  return {
    get status() {
      return status();
    },
    view: loop.view,
    step,
    runTo(time) {
      begin(loop);
      while (loop.ending === null && loop.view.time < time) step();
      return status();
    },
    abort(reason) {
      begin(loop);
      if (loop.ending === null) end(loop, { status: 'aborted', reason });
    },
    checkpoint: () => checkpointOf(loop),
    result: () => resultOf(loop),
  };
}

function whereOf({ view }: Loop): string {
  return `step ${view.step}, time ${view.time}`;
}

function resultOf(loop: Loop): RunResult {
  const { ending, view, counts, frames } = loop;
  if (ending === null) {
    return fail({
      code: 'invalid-argument',
      where: 'Integrator.result',
      problem: 'the run is not over',
      got: whereOf(loop),
      expected: 'a run that has ended',
      fix: 'call step() until it no longer says running, or abort()',
    });
  }
  const profile = view.profile.map(snapshot);
  const { evaluations, rejected } = counts;
  const seconds = (loop.endedAt - loop.startedAt) / 1000;
  const best = loop.journal.best(view);
  const kept = best === undefined ? {} : { best };
  return { ...ending, step: view.step, time: view.time, profile, ...kept, frames, evaluations, rejected, seconds };
}

function checkpointOf({ problem, plan, view, clock, journal, counts, stepperState }: Loop): Checkpoint {
  const { stepper } = plan;
  return {
    version: 1,
    seed: plan.seed ?? 0,
    flow: problem.flow.name,
    stepper: stepper.name,
    step: view.step,
    time: view.time,
    dt: plan.dt,
    taken: view.dt,
    clock: clock.state(),
    profile: view.profile.map(snapshot),
    initialMasses: view.initialMasses,
    stepperMemory: stepper.memory?.(stepperState) ?? null,
    recorderMemories: journal.recorderMemories(),
    stopMemory: journal.stopMemory(),
    values: view.values,
    counts: { ...counts },
  };
}

function checkFits({ flow }: Problem, { stepper, seed = 0 }: Plan, initial: Profile, from: Checkpoint): void {
  const shape = (profile: Profile): string => profile.map(({ space, kind }) => `${kind} on ${space.name}`).join(', ');
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['seed', from.seed, seed],
    ['flow', from.flow, flow.name],
    ['stepper', from.stepper, stepper.name],
    ['profile', shape(from.profile), shape(initial)],
  ];
  const wrong = pairs.find(([, saved, given]) => saved !== given);
  if (wrong === undefined) return;
  fail({
    code: 'invalid-argument',
    where: 'resume',
    problem: `the checkpoint was taken from another run: its ${wrong[0]} differs`,
    got: show(wrong[1]),
    expected: show(wrong[2]),
    fix: 'resume with the problem, stepper and seed that the checkpoint was taken with',
  });
}
