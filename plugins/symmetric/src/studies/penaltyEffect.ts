import { deriveKey, randomKey, type StudyContext } from '@muflow/core';
import type { TrainedSets } from '../fit/trainSetNetwork.js';
import { setClasses } from '../network/setNetwork.js';
import type { HierarchyParams } from './hierarchyParams.js';
import { trained } from './hierarchyRuns.js';
import { drawSetProblem, startOf } from './setProblem.js';

/** What penalties do to one training of each class, all else being equal. */
export interface PenaltyEffect {
  /** The least over classes of the largest difference of a weight between penalties 0 and 1e-2. */
  readonly moved: number;
  /** The largest over classes of the norm at a penalty that weighs as much as the risk at the start, over that at 0. */
  readonly normRatio: number;
}

const short = 100;

/** Trains every class on the first target three times: without a penalty, with one of 1e-2, and with a large one. */
export async function penaltyEffect(params: HierarchyParams, context: StudyContext): Promise<PenaltyEffect> {
  const { targets, dims, trainSets, width, inner, outer, rate, steps } = params;
  const key = deriveKey(randomKey(context.seed), 'penalty');
  const [target, dim, sets] = [targets[0], dims[0], trainSets[0]];
  const problem = drawSetProblem({ ...params, target, dim, sets, testSizes: [], key });
  let [moved, normRatio] = [Infinity, 0];
  for (const kind of setClasses) {
    const shape = { class: kind, dim, innerWidth: width, outerWidth: width, inner, outer, backend: context.backend };
    const { network, start } = startOf({ ...shape, target: problem.target, key: deriveKey(key, kind) });
    const rule = { kind: 'adam', rate } as const;
    const options = { network, ...problem.train, start, steps: Math.min(steps, short), rule };
    const free = await trained(options, `${kind} without a penalty`, context);
    const small = await trained({ ...options, lambda: 1e-2 }, `${kind} with a penalty of 1e-2`, context);
    const lambda = free.curve[0].risk / free.curve[0].norm;
    const large = await trained({ ...options, lambda }, `${kind} with a large penalty`, context);
    const most = free.parameters.reduce((top, value, k) => Math.max(top, Math.abs(value - small.parameters[k])), 0);
    moved = Math.min(moved, most);
    normRatio = Math.max(normRatio, endNorm(large) / endNorm(free));
  }
  return { moved, normRatio };
}

const endNorm = ({ curve }: TrainedSets): number => curve[curve.length - 1].norm;
