import { chooseRidge, crossEntropyLoss, deriveKey, type RandomKey, type StudyContext } from '@muflow/core';
import { trainSetSteps } from '../fit/trainSetNetwork.js';
import { largestOutputs, type ScaledColumn, setsForNetwork } from '../model/setModel.js';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type SetClass, type SetNetwork, setNetwork } from '../network/setNetwork.js';
import { allocateSetPass, evaluateSets, forwardSets } from '../network/setPass.js';
import { setNorm } from '../norms/setNorm.js';
import { normalizeSets, selectSets } from '../sets/batches.js';
import type { SetBatch } from '../sets/setBatch.js';
import type { CloudData, PointCloudsParams } from './pointCloudsParams.js';

/** The ways to fit that are compared: classes by Adam on the cross-entropy, and S3 as ridge regression on the classes. */
export const learners = ['S1', 'S2', 'S3', 'S3 ridge'] as const;

export type Learner = (typeof learners)[number];

/** One fit on clouds of one size. */
export interface CloudFit {
  readonly learner: Learner;
  readonly size: number;
  /** From 0. */
  readonly repetition: number;
  readonly network: SetNetwork;
  readonly parameters: Float64Array;
  readonly coordinates: readonly ScaledColumn[];
  readonly normalized: boolean;
  /** Shares of wrong classes. */
  readonly trainError: number;
  readonly testError: number;
  /** Mean cross-entropy of the training clouds, along the steps; none for ridge regression. */
  readonly risks: readonly { readonly step: number; readonly risk: number }[];
  /** The norm of the class at the end. */
  readonly norm: number;
}

interface FitTask {
  readonly learner: Learner;
  readonly data: CloudData;
  /** Which of the sizes. */
  readonly at: number;
  readonly repetition: number;
  readonly key: RandomKey;
}

/** Fits one learner on the training clouds of one size. */
export async function fitClouds(task: FitTask, params: PointCloudsParams, context: StudyContext): Promise<CloudFit> {
  const { learner, data, at, repetition, key } = task;
  const [training, held] = [data.train, data.test].map((part) => selectSets(data.batches[at], part));
  const { normalized } = params;
  const coordinates = standardization(normalized ? normalizeSets(training) : training, data.coordinates);
  const scaled = setsForNetwork(training, { coordinates, normalized });
  const network = networkOf(learner, data, params);
  const start = drawSetParameters(network, deriveKey(key, learner.slice(0, 2)));
  const targets = oneHot(data, data.train);
  const label = `${learner} on clouds of ${params.sizes[at]}, ${repetition + 1} of ${params.seeds}`;
  const fitted =
    learner === 'S3 ridge'
      ? { parameters: ridgeOn(network, start, scaled, targets), curve: [] }
      : await trained({ network, start, batch: scaled, targets, key, label }, params, context);
  const { parameters, curve } = fitted;
  const fit = { network, parameters, coordinates, normalized };
  return {
    ...{ learner, size: params.sizes[at], repetition, risks: curve, ...fit },
    trainError: wrongShare(fit, training, data, data.train),
    testError: wrongShare(fit, held, data, data.test),
    norm: setNorm(network).value(parameters),
  };
}

/** The share of clouds whose largest output is not that of their class. */
export function wrongShare(
  fit: Pick<CloudFit, 'network' | 'parameters' | 'coordinates' | 'normalized'>,
  batch: SetBatch,
  data: CloudData,
  part: Uint32Array,
): number {
  const outputs = evaluateSets(fit.network, fit.parameters, setsForNetwork(batch, fit));
  const found = largestOutputs(outputs, data.classes.length);
  return found.reduce((sum, c, s) => sum + (c === data.labels[part[s]] ? 0 : 1), 0) / part.length;
}

function networkOf(learner: Learner, data: CloudData, params: PointCloudsParams): SetNetwork {
  const { innerWidth, outerWidth, frozenFactor, inner, outer } = params;
  const kind = learner.slice(0, 2) as SetClass;
  return setNetwork({
    class: kind,
    dim: data.coordinates.length,
    innerWidth: kind === 'S1' ? innerWidth : frozenFactor * innerWidth,
    outerWidth: kind === 'S3' ? frozenFactor * outerWidth : outerWidth,
    outputs: data.classes.length,
    ...{ inner, outer },
  });
}

interface TrainingTask {
  readonly network: SetNetwork;
  readonly start: Float64Array;
  readonly batch: SetBatch;
  readonly targets: Float64Array;
  readonly key: RandomKey;
  readonly label: string;
}

async function trained(
  { label, key, ...task }: TrainingTask,
  { steps, rate, minibatch, lambda }: PointCloudsParams,
  context: StudyContext,
): Promise<Pick<CloudFit, 'parameters'> & { readonly curve: CloudFit['risks'] }> {
  const size = Math.min(minibatch ?? Infinity, task.batch.count);
  const training = trainSetSteps({
    ...task,
    ...{ steps, lambda, loss: crossEntropyLoss, rule: { kind: 'adam', rate } },
    ...(minibatch !== undefined && { minibatch: { size, key: deriveKey(key, 'minibatches') } }),
  });
  for (;;) {
    const next = training.next();
    if (next.done) return next.value;
    await context.pause({ label, step: next.value, fraction: next.value / steps });
  }
}

/** The outer layer by ridge regression on the classes as unit vectors, its penalty by generalized cross-validation. */
function ridgeOn(network: SetNetwork, start: Float64Array, batch: SetBatch, targets: Float64Array): Float64Array {
  const pass = allocateSetPass(network, batch, { derivatives: false });
  forwardSets(pass, start);
  const { outerWidth: width, outputs } = network;
  const parameters = start.slice();
  parameters.set(chooseRidge({ features: pass.neurons, width, targets, outputs }).weights, network.parts.outer[0]);
  return parameters;
}

/** Unit vectors of the classes of some clouds, row-major. */
function oneHot({ classes, labels }: CloudData, part: Uint32Array): Float64Array {
  const out = new Float64Array(part.length * classes.length);
  part.forEach((at, s) => {
    out[s * classes.length + labels[at]] = 1;
  });
  return out;
}

/** Shift and scale of every coordinate by the mean and deviation of the training points. */
function standardization({ dim, points }: SetBatch, names: readonly string[]): ScaledColumn[] {
  const count = points.length / dim;
  return names.map((name, k) => {
    let [mean, square] = [0, 0];
    for (let i = 0; i < count; i++) mean += points[i * dim + k] / count;
    for (let i = 0; i < count; i++) square += (points[i * dim + k] - mean) ** 2 / count;
    return { name, mean, deviation: square > 0 ? Math.sqrt(square) : 1 };
  });
}
