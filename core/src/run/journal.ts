import { fail } from '../errors.js';
import { snapshot } from '../measure/working.js';
import type { BestState, Frame, Plan, Recorder, Recording, RunOutcome, RunView, StopReason } from './problem.js';

/** Runs the recorders and the stopping rule of a plan and makes the frames. */
export interface Journal {
  readonly every: number;
  /** Evaluates every recorder. */
  record(view: RunView): Readonly<Record<string, number>>;
  /** Asks the stopping rule. */
  ask(view: RunView): StopReason | null;
  /** Values of the rule's own columns, as of the latest `ask`. */
  ruleValues(): Readonly<Record<string, number>>;
  recorderMemories(): Readonly<Record<string, readonly number[]>>;
  stopMemory(): readonly number[] | null;
  /** What the stopping rule keeps as the state to use. */
  best(view: RunView): BestState | undefined;
}

/** What a resumed journal starts from. */
export interface JournalMemory {
  readonly recorderMemories: Readonly<Record<string, readonly number[]>>;
  readonly stopMemory: readonly number[] | null;
}

/** Starts the recorders and the rule of one run. */
export function startJournal({ record, stop }: Plan, memory?: JournalMemory): Journal {
  const recorders = (record?.recorders ?? []).map((recorder) => ({
    recorder,
    recording: recorder.start(memory?.recorderMemories[memoryKey(recorder)]),
  }));
  const watch = stop?.start(memory?.stopMemory ?? undefined);
  return {
    every: record?.every ?? 1,
    record: (view) =>
      Object.assign({}, ...recorders.map(({ recorder, recording }) => valuesOf(recorder, recording, view))),
    ask: (view) => watch?.(view) ?? null,
    ruleValues: () => zip(stop?.columns ?? [], watch?.values?.() ?? []),
    recorderMemories: () =>
      Object.fromEntries(
        recorders.flatMap(({ recorder, recording }) =>
          recording.memory ? [[memoryKey(recorder), recording.memory()]] : [],
        ),
      ),
    stopMemory: () => watch?.memory?.() ?? null,
    best: (view) => watch?.best?.(view),
  };
}

/** The named values of one recorder at one view. */
export function valuesOf(recorder: Recorder, recording: Recording, view: RunView): Record<string, number> {
  const values = recording(view);
  if (values.length !== recorder.columns.length) {
    fail({
      code: 'shape-mismatch',
      where: `recorder ${recorder.name}`,
      problem: 'it does not fill its columns',
      got: `${values.length} values`,
      expected: `${recorder.columns.length} for ${recorder.columns.join(', ')}`,
      fix: 'return one number per column',
    });
  }
  return zip(recorder.columns, values);
}

/** A frame of the view: the profile is copied. */
export function frameOf(view: RunView, values: Readonly<Record<string, number>>, outcome?: RunOutcome): Frame {
  const { step, time, dt } = view;
  const profile = view.profile.map(snapshot);
  return { step, time, dt, profile, values, last: outcome !== undefined, ...(outcome && { outcome }) };
}

/** Columns are distinct within a plan, so they name a recorder. */
function memoryKey(recorder: Recorder): string {
  return recorder.columns.join(',');
}

function zip(columns: readonly string[], values: readonly number[]): Record<string, number> {
  return Object.fromEntries(columns.map((column, k) => [column, values[k]]));
}
