import { fail, nearest, type RandomKey, show } from '@muflow/core';
import { singleNeuron, smoothNeuron, type Teacher } from './neurons.js';
import { distinctPairPotential, pairPotential } from './pairs.js';
import { scores } from './score.js';
import type { SetFunction } from './setFunction.js';
import { gaussianEntropy, kernelEntropy, setVariance } from './spread.js';
import { scoreLogMeanExp, scoreMaximum, scoreMean, scoreMedian, secondLargest } from './statistics.js';

/** What a target is made for. */
export interface SetTargetOptions {
  readonly dim: number;
  /** Draws the neurons. */
  readonly key: RandomKey;
  /** Size of the points, for {@link smoothNeuron}; default 1. */
  readonly radius?: number;
  /** What mean, median and their like are taken of; default `norm`. */
  readonly score?: keyof typeof scores;
  /** Units of the neurons; defaults `squared-relu` and `relu`. */
  readonly inner?: string;
  readonly outer?: string;
}

const makers = {
  'single-neuron': singleNeuron,
  'smooth-neuron': smoothNeuron,
  mean: ({ score = 'norm' }) => scoreMean(scores[score]),
  median: ({ score = 'norm' }) => scoreMedian(scores[score]),
  max: ({ score = 'norm' }) => scoreMaximum(scores[score]),
  'log-mean-exp': ({ score = 'norm' }) => scoreLogMeanExp(scores[score]),
  'second-largest': ({ score = 'norm' }) => secondLargest(scores[score]),
  'pair-potential': () => pairPotential(),
  'distinct-pair-potential': () => distinctPairPotential(),
  variance: () => setVariance(),
  'gaussian-entropy': () => gaussianEntropy(),
  'kernel-entropy': () => kernelEntropy(),
} as const satisfies Readonly<Record<string, (options: SetTargetOptions) => SetFunction>>;

export type SetTargetId = keyof typeof makers;

/** The names of the targets, for parameters of studies. */
export const setTargetIds = Object.keys(makers) as [SetTargetId, ...SetTargetId[]];

/**
 * A target by its name, with the defaults of each.
 *
 * @throws `unknown-id` naming the nearest.
 * @example
 * ```ts
 * import { randomKey } from '@muflow/core';
 * import { setBatch, setTarget } from '@muflow/symmetric';
 * const variance = setTarget('variance', { dim: 1, key: randomKey(1) });
 * console.log(variance.values(setBatch([{ points: [[0], [2]] }]))[0]); // => 1
 * ```
 */
export function setTarget(id: SetTargetId, options: SetTargetOptions): SetFunction | Teacher {
  if (Object.hasOwn(makers, id)) return makers[id](options);
  const near = nearest(id, setTargetIds);
  return fail({
    code: 'unknown-id',
    where: 'setTarget',
    problem: 'there is no such function of sets',
    got: show(id),
    expected: `one of ${setTargetIds.join(', ')}`,
    fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'choose one of these',
  });
}
