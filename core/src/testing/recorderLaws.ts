import { interactionEnergy } from '../energy/interactionEnergy.js';
import { zeroSumGame } from '../energy/zeroSumGame.js';
import { isMuflowError } from '../errors.js';
import { gameFlow } from '../flow/fieldFlow.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { wassersteinFisherRao } from '../metric/wassersteinFisherRao.js';
import type { Plan, Problem, Recorder, RunResult } from '../run/problem.js';
import { simulate } from '../run/simulate.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { heun } from '../stepper/rungeKutta.js';
import type { Law, LawOptions, LawOutcome } from './law.js';
import { randomMeasure, sameBytes } from './measures.js';
import { type CaseReport, overCases } from './samples.js';

/** Laws of every recorder: it changes no run, fills its columns, and says the same again. */
export const recorderLaws: readonly Law<Recorder>[] = [
  {
    id: 'changes-nothing',
    title: 'a run with the recorder equals the run without it, bit for bit',
    check: (recorder, options) =>
      inRuns(recorder, options, 'changes-nothing', ({ problem, plan, recorded }) => {
        const bare = simulate(problem, { ...plan, record: { every: 1 } });
        const same =
          bare.frames.length === recorded.frames.length &&
          bare.frames.every(({ profile }, k) => sameBytes(profile, recorded.frames[k].profile));
        return { error: same ? 0 : 1, tolerance: 0.5, detail: problem.flow.name };
      }),
  },
  {
    id: 'fills-its-columns',
    title: 'every recorded frame has one number for each of its columns',
    check: (recorder, options) =>
      inRuns(recorder, options, 'fills-its-columns', ({ problem, recorded }) => {
        const missing = recorded.frames.flatMap(({ values, step }) =>
          recorder.columns
            .filter((column) => typeof values[column] !== 'number')
            .map((column) => `${column} at step ${step}`),
        );
        return {
          error: missing.length,
          tolerance: 0.5,
          detail: `${missing.slice(0, 3).join(', ')} of ${problem.flow.name}`,
        };
      }),
  },
  {
    id: 'says-the-same-again',
    title: 'a second run records the same numbers: nothing is left over from the first',
    check: (recorder, options) =>
      inRuns(recorder, options, 'says-the-same-again', ({ problem, plan, recorded }) => {
        const again = simulate(problem, plan);
        const wrong = again.frames.flatMap(({ values }, k) =>
          recorder.columns.filter((column) => !Object.is(values[column], recorded.frames[k].values[column])),
        );
        return {
          error: wrong.length,
          tolerance: 0.5,
          detail: `${wrong.slice(0, 3).join(', ')} of ${problem.flow.name}`,
        };
      }),
  },
];

interface RecordedRun {
  readonly problem: Problem;
  readonly plan: Plan;
  readonly recorded: RunResult;
}

/** Runs of an energy and of a game; a recorder may refuse one of them, but not both. */
function inRuns(
  recorder: Recorder,
  options: LawOptions,
  law: string,
  check: (run: RecordedRun) => CaseReport,
): LawOutcome {
  const line = euclidean(1);
  const square = box([[-1, 1]]);
  const metric = wassersteinFisherRao();
  const oneFlow = gradientFlow(interactionEnergy({ kernel: 'exp(-norm2(x - y))', dim: 1 }), metric);
  const twoFlow = gameFlow(zeroSumGame({ payoff: '(x - y)^2 + x*y', spaces: [square, square] }), metric);
  let accepted = 0;
  const found = overCases(options, law, (random, k) => {
    const problem: Problem =
      k % 2 === 0
        ? { flow: oneFlow, initial: randomMeasure(line, 5, 'probability', random) }
        : {
            flow: twoFlow,
            initial: [randomMeasure(square, 4, 'probability', random), randomMeasure(square, 3, 'probability', random)],
          };
    const plan: Plan = { stepper: heun(), dt: 0.05, maxSteps: 4, seed: k, record: { every: 1, recorders: [recorder] } };
    try {
      const recorded = simulate(problem, plan);
      accepted++;
      return check({ problem, plan, recorded });
    } catch (error) {
      if (isMuflowError(error)) return { error: 0, tolerance: 1, detail: error.message };
      throw error;
    }
  });
  if (accepted > 0) return found;
  return {
    holds: false,
    measurement: 'no run to record',
    counterexample: `${recorder.name} refuses every run of the tests`,
  };
}
