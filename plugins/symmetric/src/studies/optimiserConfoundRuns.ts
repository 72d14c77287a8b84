import { deriveKey, featureRidgePath, type RandomKey, randomKey, type StudyContext } from '@muflow/core';
import { fitOuterLayer, neuronsOf, withOuterLayer } from '../fit/fitOuterLayer.js';
import { setNetwork } from '../network/setNetwork.js';
import { trained } from './hierarchyRuns.js';
import type { ConfoundParams } from './optimiserConfoundParams.js';
import { drawSetProblem, errorShares, type SetProblem, startOf } from './setProblem.js';

/** One draw of teacher and sets: errors over the variance of the target at sets of the size learned. */
export interface ConfoundRun {
  readonly closed: number;
  readonly degrees: number;
  /** Steps of Adam at which the others were read, from 0. */
  readonly steps: readonly number[];
  /** S3 by Adam after these steps from a drawn last layer, on fresh sets and on those learned. */
  readonly adam: readonly number[];
  readonly adamTrain: readonly number[];
  /** The same from a last layer of 0. */
  readonly zero: readonly number[];
  /** S1 by Adam after the number of steps that is compared. */
  readonly first: number;
}

/** S3 at one frozen width: without a penalty, and with the one chosen. */
export interface TrapRun {
  readonly width: number;
  readonly free: number;
  readonly chosen: number;
  readonly degrees: number;
}

export async function confoundRun(params: ConfoundParams, seed: number, context: StudyContext): Promise<ConfoundRun> {
  const key = deriveKey(randomKey(context.seed), 'confound', seed);
  const problem = problemOf(params, key);
  const { network, start } = shaped(params, problem, key, params.frozenWidth);
  const { train, tests } = problem;
  const fit = fitOuterLayer({ network, parameters: start, ...train });
  const rule = { kind: 'adam', rate: params.rate } as const;
  const follow = async (from: Float64Array, label: string) => {
    const shares: number[] = [];
    const { curve } = await trained(
      {
        network,
        ...train,
        start: from,
        rule,
        steps: params.steps * params.longer,
        recordEvery: Math.max(1, Math.floor(params.steps / 4)),
        onRecord: (_, parameters) => shares.push(errorShares(network, parameters, tests)[0]),
      },
      `S3 by Adam from ${label}, seed ${seed}`,
      context,
    );
    return { shares, curve };
  };
  const drawn = await follow(start, 'a drawn layer');
  const none = await follow(start.slice().fill(0, network.trainedFrom), 'a layer of 0');
  const all = startOf({ ...shapeOf(params), target: problem.target, class: 'S1', key: deriveKey(key, 'S1') });
  const free = await trained(
    { network: all.network, ...train, start: all.start, rule, steps: params.steps },
    `S1 by Adam, seed ${seed}`,
    context,
  );
  return {
    closed: errorShares(network, fit.parameters, tests)[0],
    degrees: fit.ridge.degrees,
    steps: drawn.curve.map(({ step }) => step),
    adam: drawn.shares,
    adamTrain: drawn.curve.map(({ risk }) => (2 * risk) / train.variance),
    zero: none.shares,
    first: errorShares(all.network, free.parameters, tests)[0],
  };
}

/** Both fits at every width, on one draw. */
export async function trapRuns(params: ConfoundParams, seed: number, context: StudyContext): Promise<TrapRun[]> {
  const key = deriveKey(randomKey(context.seed), 'trap', seed);
  const problem = problemOf(params, key);
  const { train, tests } = problem;
  const runs: TrapRun[] = [];
  for (const share of params.shares) {
    const width = Math.max(1, Math.round(share * params.sets));
    await context.pause({ label: `${width} frozen neurons, seed ${seed}`, step: runs.length });
    const { network, start } = shaped(params, problem, deriveKey(key, width), width);
    const { parameters, ridge } = fitOuterLayer({ network, parameters: start, ...train });
    const features = neuronsOf({ network, parameters: start }, train.batch);
    const free = featureRidgePath({ features, width, targets: train.targets }).at(0);
    runs.push({
      width,
      free: errorShares(network, withOuterLayer({ network, parameters: start }, free.weights), tests)[0],
      chosen: errorShares(network, parameters, tests)[0],
      degrees: ridge.degrees,
    });
  }
  return runs;
}

function problemOf(params: ConfoundParams, key: RandomKey): SetProblem {
  return drawSetProblem({ ...params, testSizes: [params.setSize], key });
}

/** S3 with as many frozen neurons as frozen test features. */
function shaped(params: ConfoundParams, { target }: SetProblem, key: RandomKey, width: number) {
  const shape = { ...shapeOf(params), innerWidth: width, outerWidth: width };
  return startOf({ ...shape, class: 'S3', target, key: deriveKey(key, 'S3') });
}

function shapeOf({ dim, inner, outer, width }: ConfoundParams) {
  const { backend } = setNetwork({ dim, innerWidth: 1, outerWidth: 1 });
  return { dim, inner, outer, innerWidth: width, outerWidth: width, backend };
}
