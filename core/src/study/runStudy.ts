import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { fail } from '../errors.js';
import type { Plan, Problem, RunResult, RunView } from '../run/problem.js';
import { fractionDone, runAsync } from '../run/runAsync.js';
import { afterOtherWork, sliceLength } from '../run/schedule.js';
import { checkResult } from './checkResult.js';
import { parseParameters } from './parameters.js';
import type { RunPart, Study, StudyContext, StudyProgress, StudyResult } from './study.js';

export interface RunStudyOptions {
  readonly seed?: number | string;
  readonly backend?: Backend;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StudyProgress) => void;
}

/**
 * Validates the parameters, runs a study and checks what it returns. Each of its problems runs in short
 * slices, so a terminal stays alive and the signal is honored.
 *
 * @throws `invalid-config` for wrong parameters, `aborted` when the signal fires.
 */
export async function runStudy<P>(
  study: Study<P>,
  params: unknown,
  options: RunStudyOptions = {},
): Promise<StudyResult> {
  const parsed = parseParameters(study.id, study.params, params);
  return checkResult(study.id, await study.run(parsed, studyContext(study.id, options)));
}

function studyContext(id: string, options: RunStudyOptions): StudyContext {
  const { seed = 0, backend = defaultBackend(), signal, onProgress = () => undefined } = options;
  let turned = performance.now();
  return {
    seed,
    backend,
    ...(signal ? { signal } : {}),
    progress: onProgress,
    async simulate(label: string, problem: Problem, plan: Plan, part?: RunPart): Promise<RunResult> {
      const result = await runAsync(problem, plan, {
        ...(signal ? { signal } : {}),
        onProgress: (view) => onProgress(inWhole(progressOf(label, view, problem, plan), part)),
      });
      if (result.status === 'aborted') refuseAborted(id, label, result.step, { result });
      return result;
    },
    async pause(progress): Promise<void> {
      onProgress(progress);
      if (signal?.aborted) refuseAborted(id, progress.label, progress.step);
      if (performance.now() - turned < sliceLength) return;
      await new Promise<void>((resolve) => afterOtherWork(resolve));
      turned = performance.now();
    },
  };
}

function refuseAborted(
  id: string,
  label: string,
  step: number,
  details: Readonly<Record<string, unknown>> = {},
): never {
  return fail({
    code: 'aborted',
    where: id,
    problem: `the run ${JSON.stringify(label)} was stopped`,
    got: `${step} steps`,
    expected: 'to run to its end',
    fix: 'start it again',
    details,
  });
}

function inWhole(progress: StudyProgress, part: RunPart | undefined): StudyProgress {
  if (part === undefined) return progress;
  const step = part.stepsBefore + progress.step;
  return { ...progress, step, fraction: step / part.stepsInAll };
}

/** What a run tells a terminal. */
export function progressOf(label: string, view: RunView, problem: Problem, plan: Plan): StudyProgress {
  const fraction = fractionDone(view, plan, problem.time ?? 0);
  return {
    label,
    step: view.step,
    time: view.time,
    values: view.values,
    ...(fraction === undefined ? {} : { fraction }),
  };
}
