import type { Checkpoint } from './checkpoint.js';
import { open } from './integrator.js';
import type { OpenOptions } from './loop.js';
import type { Plan, Problem, RunResult, RunView } from './problem.js';
import { runInSlices } from './schedule.js';

/** How a sliced run reports and is stopped. */
export interface RunAsyncOptions extends OpenOptions {
  /** Called about every 10 ms with the state of the run, valid during the call, and a way to save it. */
  readonly onProgress?: (view: RunView, checkpoint: () => Checkpoint) => void;
  /** Ends the run as `aborted`; the plan's own signal does too. */
  readonly signal?: AbortSignal;
}

/**
 * {@link simulate} in slices of about 10 ms, so that timers, events and rendering go on. Same bytes.
 *
 * @returns the result; an abort is an outcome, not a rejection.
 * @throws misuse at once, before a promise is made.
 */
export function runAsync(problem: Problem, plan: Plan, options: RunAsyncOptions = {}): Promise<RunResult> {
  const { signal, onProgress } = options;
  const run = open(problem, plan, options);
  const advance = (): boolean => {
    if (signal?.aborted) run.abort(`aborted at step ${run.view.step}, time ${run.view.time}`);
    return run.step() === 'running';
  };
  return new Promise((resolve, reject) => {
    runInSlices({
      advance,
      onSlice: () => onProgress?.(run.view, run.checkpoint),
      onDone: () => resolve(run.result()),
      onError: reject,
    });
  });
}

/** How far a run is, in [0, 1], by whichever bound is nearer; undefined where nothing but a rule bounds it. */
export function fractionDone(view: Pick<RunView, 'step' | 'time'>, plan: Plan, start = 0): number | undefined {
  const parts = [
    ...(plan.maxSteps === undefined ? [] : [view.step / plan.maxSteps]),
    ...(plan.maxTime === undefined ? [] : [(view.time - start) / (plan.maxTime - start)]),
  ];
  return parts.length === 0 ? undefined : Math.min(1, Math.max(...parts));
}
