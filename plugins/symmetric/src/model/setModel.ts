import { fail, softmaxInto } from '@muflow/core';
import type { SetNetwork } from '../network/setNetwork.js';
import { evaluateSets } from '../network/setPass.js';
import { normalizeSets } from '../sets/batches.js';
import type { SetBatch } from '../sets/setBatch.js';

/** A coordinate as a network sees it: `(value - mean) / deviation`. */
export interface ScaledColumn {
  readonly name: string;
  readonly mean: number;
  /** > 0. */
  readonly deviation: number;
}

/** How images became sets, so that other images become sets alike. */
export interface ImageScale {
  readonly width: number;
  readonly height: number;
  readonly white: number;
  readonly threshold: number;
  /** Null for all bright pixels. */
  readonly most: number | null;
  readonly weighted: boolean;
}

/** What a trained network on sets needs to predict. */
export interface SetModelParts {
  readonly network: SetNetwork;
  readonly parameters: Float64Array;
  /** Coordinates of the points in their order, d of them. */
  readonly coordinates: readonly ScaledColumn[];
  /** Numbers predicted for a set, c of them; a class with mean 0 and deviation 1 each where sets are classified. */
  readonly outputs: readonly ScaledColumn[];
  /** What the classes are classes of, such as `shape`, where the outputs are scores of classes. */
  readonly label?: string;
  /** Whether every set is moved to mean 0 and scaled to mean square length 1 first; default no. */
  readonly normalized?: boolean;
  /** Where the sets are images. */
  readonly images?: ImageScale;
  /** Where it comes from, for people. */
  readonly origin: string;
}

/** A trained network on sets, in the units of its data. */
export interface SetModel extends SetModelParts {
  /**
   * S*c numbers in the units of the targets, scores where sets are classified. Sets may have sizes that training never saw;
   * what is predicted for one does not depend on the others.
   *
   * @throws `shape-mismatch` for points of another dimension.
   */
  predict(batch: SetBatch): Float64Array;
  /** The class of largest score of every set, the first of equals. @throws `invalid-argument` for a model without classes. */
  classify(batch: SetBatch): string[];
  /** S*c probabilities, the softmax of the scores. @throws `invalid-argument` for a model without classes. */
  probabilities(batch: SetBatch): Float64Array;
}

/** A model from its parts. @throws `shape-mismatch` where they do not fit the network. */
export function createSetModel(parts: SetModelParts): SetModel {
  const { network, parameters, outputs, label } = parts;
  const c = network.outputs;
  const sizes = [parameters.length, parts.coordinates.length, outputs.length].join(', ');
  const expected = [network.parameterCount, network.dim, c].join(', ');
  if (sizes !== expected) {
    fail({
      code: 'shape-mismatch',
      where: 'createSetModel',
      problem: 'the parts do not fit the network',
      got: `${sizes} parameters, coordinates and outputs`,
      expected,
      fix: 'pass what was trained together',
    });
  }
  const predict = (batch: SetBatch): Float64Array => {
    const values = evaluateSets(network, parameters, setsForNetwork(batch, parts));
    for (let at = 0; at < values.length; at++) {
      const { mean, deviation } = outputs[at % c];
      values[at] = values[at] * deviation + mean;
    }
    return values;
  };
  const scores = (batch: SetBatch): Float64Array => {
    if (label === undefined) withoutClasses(outputs);
    return predict(batch);
  };
  return {
    ...parts,
    predict,
    classify: (batch) => Array.from(largestOutputs(scores(batch), c), (o) => outputs[o].name),
    probabilities(batch) {
      const values = scores(batch);
      for (let s = 0; s < batch.count; s++) softmaxInto(values, values, s * c, c);
      return values;
    },
  };
}

/** The position of the largest of c numbers of every row, the first of equals. */
export function largestOutputs(values: Float64Array, c: number): Uint32Array {
  return Uint32Array.from({ length: values.length / c }, (_, s) => {
    let best = 0;
    for (let o = 1; o < c; o++) if (values[s * c + o] > values[s * c + best]) best = o;
    return best;
  });
}

/**
 * The sets as the network of a model sees them: normalized if it asks for that, then with every coordinate shifted and
 * scaled. Points keep their order, as increasing maps keep it but for points that rounding makes equal; which of these
 * stands first depends on the set alone.
 *
 * @throws `shape-mismatch` for points of another dimension.
 */
export function setsForNetwork(
  batch: SetBatch,
  { coordinates, normalized = false }: Pick<SetModelParts, 'coordinates' | 'normalized'>,
): SetBatch {
  const { dim } = batch;
  if (dim !== coordinates.length) {
    fail({
      code: 'shape-mismatch',
      where: 'predict',
      problem: 'the sets have points of another dimension than the model',
      got: `${dim} coordinates`,
      expected: `${coordinates.length} (${coordinates.map(({ name }) => name).join(', ')})`,
      fix: 'pass sets with the coordinates that the model was trained on',
    });
  }
  const { points } = normalized ? normalizeSets(batch) : batch;
  const scaled = new Float64Array(points.length);
  for (let at = 0; at < points.length; at++) {
    const { mean, deviation } = coordinates[at % dim];
    scaled[at] = (points[at] - mean) / deviation;
  }
  return { ...batch, points: scaled };
}

function withoutClasses(outputs: readonly ScaledColumn[]): never {
  return fail({
    code: 'invalid-argument',
    where: 'classify',
    problem: 'the model does not classify',
    got: `a model of ${outputs.map(({ name }) => name).join(', ')}`,
    expected: 'a model with a label',
    fix: 'use predict, which gives numbers',
  });
}
