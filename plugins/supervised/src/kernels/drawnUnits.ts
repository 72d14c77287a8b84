import { type Backend, defaultBackend, deriveKey, fillNormal, type RandomKey } from '@muflow/core';
import type { FeatureMap } from '../baselines/ridge.js';
import type { UnitLaw } from './featureKernel.js';

interface Drawn {
  readonly weights: Float64Array;
  readonly biases: Float64Array;
  readonly count: number;
  readonly inputDim: number;
  readonly backend?: Backend;
}

/** Features `sigma(<w_j, x> + b_j) / sqrt(count)`. */
export function drawnFeatures(drawn: Drawn, applyTo: (values: Float64Array, count: number) => void): FeatureMap {
  const { weights, biases, count, inputDim, backend = defaultBackend() } = drawn;
  const scale = 1 / Math.sqrt(count);
  return {
    count,
    valuesInto(out, inputs, rows) {
      backend.matmulInto(out, inputs, weights, { n: rows, k: inputDim, m: count, transposeB: true });
      for (let l = 0; l < rows; l++) for (let j = 0; j < count; j++) out[l * count + j] += biases[j];
      applyTo(out, rows * count);
      for (let k = 0; k < rows * count; k++) out[k] *= scale;
    },
  };
}

/** What is drawn: how many units on how many inputs. */
export interface UnitDraw {
  readonly count: number;
  readonly inputDim: number;
  readonly key: RandomKey;
  readonly backend?: Backend;
}

/** Features `sigma(<w_j, x> + b_j) / sqrt(count)` drawn from a Gaussian law. */
export function drawnUnits(
  { weight, bias }: Required<UnitLaw>,
  { count, inputDim, key, backend }: UnitDraw,
  applyTo: (values: Float64Array, count: number) => void,
): FeatureMap {
  const weights = new Float64Array(count * inputDim);
  const biases = new Float64Array(count);
  fillNormal(weights, deriveKey(key, 'feature weights'));
  fillNormal(biases, deriveKey(key, 'feature biases'));
  for (let k = 0; k < weights.length; k++) weights[k] *= weight;
  for (let k = 0; k < count; k++) biases[k] *= bias;
  return drawnFeatures({ weights, biases, count, inputDim, ...(backend && { backend }) }, applyTo);
}
