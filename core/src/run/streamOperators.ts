import { defer, filter, type MonoTypeOperatorFunction, map, takeWhile, tap } from 'rxjs';
import { fail, show } from '../errors.js';
import type { Checkpoint } from './checkpoint.js';
import { valuesOf } from './journal.js';
import type { Frame, Recorder, RunView } from './problem.js';
import { inherit, runOf } from './stream.js';

/** Lets through the frames of every n-th step, and the last one. */
export function every(n: number): MonoTypeOperatorFunction<Frame> {
  if (!(Number.isSafeInteger(n) && n >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'every',
      problem: 'the spacing is not usable',
      got: show(n),
      expected: 'an integer >= 1',
      fix: 'pass for instance 10',
    });
  }
  return filter(({ step, last }) => last || step % n === 0);
}

/** Completes, and cancels the run, with the first frame for which the predicate holds. */
export function until(predicate: (frame: Frame) => boolean): MonoTypeOperatorFunction<Frame> {
  return takeWhile((frame) => !predicate(frame), true);
}

/** Completes, and cancels the run, with the first frame whose column `key` (default `speed`) is at most `tolerance` in size. */
export function untilStationary(options: {
  readonly tolerance: number;
  readonly key?: string;
}): MonoTypeOperatorFunction<Frame> {
  const { tolerance, key = 'speed' } = options;
  return until(({ values }) => {
    if (key in values) return Math.abs(values[key]) <= tolerance;
    return fail({
      code: 'unknown-id',
      where: 'untilStationary',
      problem: 'nothing records this column',
      got: show(key),
      expected: `one of ${Object.keys(values).join(', ') || '(none recorded)'}`,
      fix: 'add the recorder that fills it, such as speedRecorder()',
    });
  });
}

/** Adds the columns of recorders to the frames that pass; the run does not change, and frames before it keep theirs. */
export function withRecorders(...recorders: readonly Recorder[]): MonoTypeOperatorFunction<Frame> {
  return (frames) =>
    defer(() => {
      const started = recorders.map((recorder) => ({ recorder, recording: recorder.start() }));
      return frames.pipe(
        map((frame) => {
          const { view } = runOf(frame, 'withRecorders');
          const seen: RunView = { ...view, profile: frame.profile, values: frame.values };
          const added = started.map(({ recorder, recording }) => valuesOf(recorder, recording, seen));
          return inherit({ ...frame, values: Object.assign({}, frame.values, ...added) }, frame);
        }),
      );
    });
}

/** Hands a checkpoint of the run to `sink` at every frame that passes; put `every(n)` before it to save less often. */
export function checkpointTo(sink: (checkpoint: Checkpoint) => void): MonoTypeOperatorFunction<Frame> {
  return tap((frame) => sink(runOf(frame, 'checkpointTo').checkpoint()));
}
