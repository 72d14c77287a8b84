import { deriveKey, fillUniform, type RandomKey } from '@muflow/core';
import { drawSetParameters } from '../network/drawSetParameters.js';
import { type SetNetwork, type SetNetworkOptions, setNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { degreeOfUnit } from '../norms/degreeOfUnit.js';
import type { SetBatch } from '../sets/setBatch.js';
import { boxSets, drawSets } from '../sets/setLaws.js';
import { type SetTargetId, setTarget } from '../targets/catalog.js';
import type { Teacher } from '../targets/neurons.js';
import type { SetFunction } from '../targets/setFunction.js';

export interface SetProblemOptions {
  readonly target: SetTargetId;
  readonly dim: number;
  /** Points are uniform in `[-radius, radius]^dim`. */
  readonly radius: number;
  readonly inner: string;
  readonly outer: string;
  /** Whether the neuron of the single-neuron target is scaled to have a unit weight. */
  readonly unitTeacher: boolean;
  /** Sets to learn from, and points of each. */
  readonly sets: number;
  readonly setSize: number;
  readonly testSets: number;
  readonly testSizes: readonly number[];
  readonly key: RandomKey;
}

/** Sets with their values, and the variance of these. */
export interface LabelledSets {
  readonly batch: SetBatch;
  readonly targets: Float64Array;
  readonly variance: number;
}

/** Sets to learn from, and others of several sizes. */
export interface SetProblem {
  readonly target: SetFunction | Teacher;
  readonly train: LabelledSets;
  /** One for each test size. */
  readonly tests: readonly LabelledSets[];
}

export function drawSetProblem(options: SetProblemOptions): SetProblem {
  const { dim, radius, inner, outer, key, sets, setSize, testSets, testSizes } = options;
  const target = setTarget(options.target, { dim, radius, inner, outer, key: deriveKey(key, 'target') });
  const scale = options.unitTeacher && options.target === 'single-neuron' ? neuronScale(target, inner) : 1;
  const law = boxSets({ dim, radius });
  const draw = (count: number, size: number, label: string): LabelledSets => {
    const batch = drawSets(law, { sets: count, size, key: deriveKey(key, label, size) });
    const targets = target.values(batch).map((value) => value / scale);
    return { batch, targets, variance: variance(targets) };
  };
  return {
    target,
    train: draw(sets, setSize, 'train'),
    tests: testSizes.map((size) => draw(testSets, size, 'test')),
  };
}

/** `|w|^p` of the one neuron, p the degree of its unit. */
function neuronScale(target: SetFunction | Teacher, inner: string): number {
  if (!('network' in target)) return 1;
  const w = target.parameters.subarray(...target.network.parts.inner);
  return Math.hypot(...w) ** (degreeOfUnit(inner) ?? 0);
}

/** Mean squared error over the variance of the target, on every batch of tests. */
export function errorShares(network: SetNetwork, parameters: Float64Array, tests: readonly LabelledSets[]): number[] {
  return tests.map(({ batch, targets, variance: size }) => {
    const f = evaluateSets(network, parameters, batch);
    return f.reduce((sum, value, s) => sum + (value - targets[s]) ** 2, 0) / f.length / size;
  });
}

/** A network to begin with. */
export interface StartOptions extends SetNetworkOptions {
  /** Its first features are copied, where it has some and the inner layer is frozen. */
  readonly target: SetFunction | Teacher;
  readonly key: RandomKey;
}

/**
 * Trained layers begin with independent uniform numbers of `+-1/sqrt(inputs)`, as linear layers do in common libraries;
 * frozen ones have unit rows, the first of them the features of a smooth neuron that teaches.
 */
export function startOf({ target, key, ...shape }: StartOptions): {
  readonly network: SetNetwork;
  readonly start: Float64Array;
} {
  const network = setNetwork(shape);
  const { parts, trainedFrom } = network;
  const start = drawSetParameters(network, key);
  const inputs = { inner: network.order * network.dim + 1, middle: network.innerWidth, outer: network.outerWidth };
  for (const name of ['inner', 'middle', 'outer'] as const) {
    if (parts[name][0] < trainedFrom) continue;
    const part = start.subarray(...parts[name]);
    fillUniform(part, deriveKey(key, 'uniform', name));
    for (let i = 0; i < part.length; i++) part[i] = (2 * part[i] - 1) / Math.sqrt(inputs[name]);
  }
  if (trainedFrom > 0 && 'network' in target && target.network.innerWidth > 1) {
    const given = target.parameters.subarray(...target.network.parts.inner);
    start.set(given.subarray(0, Math.min(given.length, parts.inner[1])));
  }
  return { network, start };
}

function variance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
