import { Observable } from 'rxjs';
import { fail, isMuflowError, MuflowError } from '../errors.js';
import { type Integrator, open } from './integrator.js';
import type { Frame, Plan, Problem } from './problem.js';
import { runInSlices } from './schedule.js';

/** The run that a frame came from, for operators that need more than the frame. */
const runs = new WeakMap<Frame, Integrator>();

/**
 * A run as a cold stream of its recorded frames. Every subscription is a run of its own with the same bytes; it
 * starts after the subscriber has returned, goes on in slices of about 10 ms, and stops where one unsubscribes.
 * The last frame says how the run ended.
 *
 * @throws misuse as {@link simulate} does, when called. A run that diverges, or whose flow throws, is an error of
 * the stream; its `details.lastFrame` is the last good frame.
 *
 * @example
 * stream({ flow, initial }, { stepper: heun(), dt: 0.01, maxTime: 1, record: { every: 10 } })
 *   .pipe(untilStationary({ tolerance: 1e-6, key: 'speed' }))
 *   .subscribe(({ time, values }) => console.log(time, values.energy));
 */
export function stream(problem: Problem, plan: Plan): Observable<Frame> {
  open(problem, plan);
  return new Observable<Frame>((subscriber) => {
    let last: Frame | undefined;
    const onFrame = (frame: Frame): void => {
      last = frame;
      runs.set(frame, run);
      subscriber.next(frame);
    };
    const run = open(problem, plan, { keepFrames: false, onFrame });
    return runInSlices({
      advance: () => !subscriber.closed && run.step() === 'running',
      onDone: () => {
        if (run.status === 'diverged') subscriber.error(divergence(run, last));
        else if (run.status !== 'running') subscriber.complete();
      },
      onError: (error) => subscriber.error(withLastFrame(error, last)),
    });
  });
}

/** Gives a frame that an operator has made the run of the frame it was made from. */
export function inherit(frame: Frame, from: Frame): Frame {
  runs.set(frame, runOf(from, 'inherit'));
  return frame;
}

/** The run of a frame. @throws `invalid-argument` for a frame that no stream has emitted. */
export function runOf(frame: Frame, where: string): Integrator {
  const run = runs.get(frame);
  if (run !== undefined) return run;
  return fail({
    code: 'invalid-argument',
    where,
    problem: 'the frame does not come from a stream',
    got: `a frame of step ${frame.step}`,
    expected: 'a frame emitted by stream(problem, plan)',
    fix: 'put the operator before those that make new frames',
  });
}

function divergence(run: Integrator, lastFrame: Frame | undefined): MuflowError {
  const { reason, nonFinite } = run.result();
  return new MuflowError({
    code: 'not-finite',
    where: 'stream',
    problem: 'the run diverged',
    got: reason,
    expected: 'finite positions and masses',
    fix: 'take a smaller dt, or an adaptive stepper',
    details: { lastFrame, nonFinite },
  });
}

function withLastFrame(error: unknown, lastFrame: Frame | undefined): MuflowError {
  if (isMuflowError(error)) return new MuflowError({ ...error.failure, details: { ...error.details, lastFrame } });
  return new MuflowError({
    code: 'internal',
    where: 'stream',
    problem: 'the flow, a recorder or a rule threw',
    got: error instanceof Error ? error.message : String(error),
    expected: 'a numerical outcome',
    fix: 'see the cause',
    details: { lastFrame },
    cause: error,
  });
}
