import { compileActivation, deriveKey, normalAt, normalCdf, type RandomKey, uniformAt } from '@muflow/core';
import type { SetNetwork } from '../network/setNetwork.js';
import { allocateSetPass, forwardSets } from '../network/setPass.js';
import { type SetBatch, setBatchFromArrays } from '../sets/index.js';

/** The measure N(mean, deviation^2 I). */
export interface GaussianMeasure {
  readonly mean: Float64Array;
  readonly deviation: number;
}

/** Measures of random place, N(0, I), and deviation, uniform between 1/2 and 3/2. */
export function drawGaussians(dim: number, count: number, key: RandomKey): GaussianMeasure[] {
  const [places, scales] = [deriveKey(key, 'places'), deriveKey(key, 'scales')];
  return Array.from({ length: count }, (_, s) => ({
    mean: Float64Array.from({ length: dim }, (__, k) => normalAt(places, s, k)),
    deviation: 0.5 + uniformAt(scales, s, 0),
  }));
}

/** N points of each measure, one set each. With the same key, more points begin with the fewer ones. */
export function sampleGaussians(measures: readonly GaussianMeasure[], size: number, key: RandomKey): SetBatch {
  const dim = measures[0].mean.length;
  const points = new Float64Array(measures.length * size * dim);
  const offsets = Int32Array.from({ length: measures.length + 1 }, (_, s) => s * size);
  for (const [s, { mean, deviation }] of measures.entries()) {
    const own = deriveKey(key, s);
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < dim; k++) points[(s * size + i) * dim + k] = mean[k] + deviation * normalAt(own, i, k);
    }
  }
  return setBatchFromArrays({ dim, offsets, points });
}

/**
 * The features `E relu(<w_i, (x, 1)>)^p` of mean pooling at Gaussian measures in closed form, p = 1 or 2, S*m1: with
 * `z = <w, (x, 1)> ~ N(m, s^2)` they are `m Phi(m/s) + s phi(m/s)` and `(m^2 + s^2) Phi(m/s) + m s phi(m/s)`.
 */
export function gaussianFeatures(
  { dim, innerWidth }: SetNetwork,
  parameters: Float64Array,
  { measures, power }: { readonly measures: readonly GaussianMeasure[]; readonly power: 1 | 2 },
): Float64Array {
  const out = new Float64Array(measures.length * innerWidth);
  for (const [s, { mean, deviation }] of measures.entries()) {
    for (let i = 0; i < innerWidth; i++) {
      const at = i * (dim + 1);
      let [m, square] = [parameters[at + dim], 0];
      for (let k = 0; k < dim; k++) {
        m += parameters[at + k] * mean[k];
        square += parameters[at + k] ** 2;
      }
      const spread = deviation * Math.sqrt(square);
      const density = spread > 0 ? (spread * Math.exp(-((m / spread) ** 2) / 2)) / Math.sqrt(2 * Math.PI) : 0;
      const share = spread > 0 ? normalCdf(m / spread) : Number(m > 0);
      out[s * innerWidth + i] = power === 1 ? m * share + density : (m * m + spread * spread) * share + m * density;
    }
  }
  return out;
}

/** Values of a network of one output and its differentials in the features, from S*m1 features. */
export function fromFeatures(
  { innerWidth: m1, outerWidth: m2, outer, parts, backend }: SetNetwork,
  parameters: Float64Array,
  features: Float64Array,
): { readonly values: Float64Array; readonly differentials: Float64Array } {
  const count = features.length / m1;
  const [middle, last] = [parameters.subarray(...parts.middle), parameters.subarray(...parts.outer)];
  const neurons = new Float64Array(count * m2);
  const slopes = new Float64Array(count * m2);
  backend.matmulInto(neurons, features, middle, { n: count, k: m1, m: m2, transposeB: true });
  compileActivation(outer, backend).slopeInto(neurons, slopes, neurons, count * m2);
  const values = new Float64Array(count);
  backend.matmulInto(values, neurons, last, { n: count, k: m2, m: 1 });
  for (let at = 0; at < slopes.length; at++) slopes[at] *= last[at % m2];
  const differentials = new Float64Array(count * m1);
  backend.matmulInto(differentials, slopes, middle, { n: count, k: m2, m: m1 });
  return { values, differentials };
}

/**
 * The constant of the error of samples, by sampling: `N E|f(mu_N) - f(mu)|^2 -> Var_{x ~ mu} g(x)` with the first variation
 * `g(x) = sum_i d_i inner(<w_i, (x, 1)>)`, d the differential of f in its features at mu. The mean over the measures.
 */
export function samplingConstant(
  network: SetNetwork,
  parameters: Float64Array,
  {
    measures,
    differentials,
    draws,
    key,
  }: {
    readonly measures: readonly GaussianMeasure[];
    readonly differentials: Float64Array;
    readonly draws: number;
    readonly key: RandomKey;
  },
): number {
  const { innerWidth: m1 } = network;
  let sum = 0;
  for (const [s, one] of measures.entries()) {
    // One set a point, so that the features are those of single points.
    const sample = sampleGaussians([one], draws, deriveKey(key, s));
    const offsets = Int32Array.from({ length: draws + 1 }, (_, i) => i);
    const points = setBatchFromArrays({ dim: sample.dim, offsets, points: sample.points });
    const pass = allocateSetPass(network, points, { derivatives: false });
    forwardSets(pass, parameters);
    let [mean, square] = [0, 0];
    for (let i = 0; i < draws; i++) {
      let g = 0;
      for (let k = 0; k < m1; k++) g += differentials[s * m1 + k] * pass.features[i * m1 + k];
      mean += g / draws;
      square += (g * g) / draws;
    }
    sum += (square - mean * mean) / measures.length;
  }
  return sum;
}
