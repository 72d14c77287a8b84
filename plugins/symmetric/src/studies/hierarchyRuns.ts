import { deriveKey, randomKey, type StudyContext } from '@muflow/core';
import { fitOuterLayer } from '../fit/fitOuterLayer.js';
import { type TrainedSets, type TrainSetOptions, trainSetSteps } from '../fit/trainSetNetwork.js';
import { type SetClass, setClasses } from '../network/setNetwork.js';
import type { SetTargetId } from '../targets/catalog.js';
import type { HierarchyParams } from './hierarchyParams.js';
import { drawSetProblem, errorShares, type SetProblem, startOf } from './setProblem.js';

/** One network that was fitted to one draw of teacher and sets. */
export interface HierarchyRun {
  readonly target: SetTargetId;
  readonly dim: number;
  readonly sets: number;
  readonly seed: number;
  readonly class: SetClass;
  /** Error over the variance of the target, one a test size. */
  readonly shares: readonly number[];
  /** Mean squared error on the sets to learn from, over the variance of the target. */
  readonly trainShare: number;
  /** Penalty: chosen for S3, given for the others. */
  readonly lambda: number;
}

/** All fits; the classes of one seed see the same teacher and the same sets. */
export async function hierarchyRuns(params: HierarchyParams, context: StudyContext): Promise<HierarchyRun[]> {
  const runs: HierarchyRun[] = [];
  for (const dim of params.dims) {
    for (const sets of params.trainSets) {
      for (const target of params.targets) {
        for (let seed = 0; seed < params.seeds; seed++) {
          const key = deriveKey(randomKey(context.seed), target, dim, sets, seed);
          const problem = drawSetProblem({ ...params, target, dim, sets, key });
          for (const kind of setClasses) {
            const place = { target, dim, sets, seed, class: kind };
            const label = `${kind} on ${target}, d = ${dim}, ${sets} sets, seed ${seed}`;
            const fit = await fitClass({ kind, problem, dim, key, label }, params, context);
            runs.push({ ...place, ...fit });
          }
        }
      }
    }
  }
  return runs;
}

interface FitTask {
  readonly kind: SetClass;
  readonly problem: SetProblem;
  readonly dim: number;
  readonly key: ReturnType<typeof randomKey>;
  readonly label: string;
}

async function fitClass(
  { kind, problem, dim, key, label }: FitTask,
  params: HierarchyParams,
  context: StudyContext,
): Promise<Pick<HierarchyRun, 'shares' | 'trainShare' | 'lambda'>> {
  const { width, frozenWidth, inner, outer, rate, steps, lambda } = params;
  const { network, start } = startOf({
    class: kind,
    dim,
    innerWidth: kind === 'S1' ? width : frozenWidth,
    outerWidth: kind === 'S3' ? frozenWidth : width,
    inner,
    outer,
    backend: context.backend,
    target: problem.target,
    key: deriveKey(key, 'start', kind),
  });
  const { train, tests } = problem;
  if (kind === 'S3') {
    await context.pause({ label, step: 0 });
    const { parameters, ridge } = fitOuterLayer({ network, parameters: start, ...train });
    return {
      shares: errorShares(network, parameters, tests),
      trainShare: ridge.trainError / train.variance,
      lambda: ridge.lambda,
    };
  }
  const rule = { kind: 'adam', rate } as const;
  const options = { network, ...train, start, steps, rule, lambda };
  const { parameters, curve } = await trained(options, label, context);
  const { risk } = curve[curve.length - 1];
  return { shares: errorShares(network, parameters, tests), trainShare: (2 * risk) / train.variance, lambda };
}

/** Trains with reports to the host and turns for it. */
export async function trained(options: TrainSetOptions, label: string, context: StudyContext): Promise<TrainedSets> {
  const training = trainSetSteps(options);
  for (;;) {
    const next = training.next();
    if (next.done) return next.value;
    await context.pause({ label, step: next.value, fraction: next.value / options.steps });
  }
}
