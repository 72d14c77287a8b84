import { compensatedSum, logSumExp, symmetricEigen } from '@muflow/core';
import type { SetBatch } from '../sets/setBatch.js';
import { checkPositive, type SetFunction, type SetRange, valuesBySet } from './setFunction.js';

/**
 * The total variance `f(mu) = int |x - m|^2 dmu = (1/2) int int |x - y|^2 dmu dmu` about the mean m: quadratic in mu.
 * Lipschitz with `L = 4 radius`.
 */
export function setVariance(): SetFunction {
  return {
    id: 'variance',
    formula: 'int |x - m|^2 dmu, m = int x dmu',
    ofMeasure: true,
    values: (batch) =>
      valuesBySet('variance', batch, (range) => {
        const { dim } = batch;
        const covariance = covarianceOf(batch, range);
        return compensatedSum(Float64Array.from({ length: dim }, (_, k) => covariance[k * dim + k]));
      }),
    lipschitz: (radius) => 4 * radius,
  };
}

/**
 * The entropy of the Gaussian with the covariance C of the set and a ridge, `f(mu) = (1/2) log det(2 pi e (C + ridge I))`
 * in nats: an upper bound of the entropy of every density with that covariance. A discrete measure has no entropy of its
 * own. Lipschitz with `L = 2 radius / ridge`.
 *
 * @param ridge - > 0, so that sets in a plane have a value; default 1e-2.
 */
export function gaussianEntropy(ridge = 1e-2): SetFunction {
  checkPositive('gaussianEntropy', 'ridge', ridge);
  return {
    id: 'gaussian-entropy',
    formula: `(1/2) log det(2 pi e (C + ${ridge} I)), C the covariance of mu`,
    ofMeasure: true,
    values: (batch) =>
      valuesBySet('gaussian-entropy', batch, (range) => {
        const { dim } = batch;
        const { values } = symmetricEigen(covarianceOf(batch, range), dim);
        // Rounding may leave an eigenvalue slightly below 0.
        const logs = values.map((value) => Math.log(2 * Math.PI * Math.E * (Math.max(value, 0) + ridge)));
        return compensatedSum(logs) / 2;
      }),
    lipschitz: (radius) => (2 * radius) / ridge,
  };
}

/**
 * The entropy of the set as seen through a Gaussian window,
 * `f(mu) = -int log(int g(x - y) dmu(y)) dmu(x)`, g the density of `N(0, bandwidth^2 I)`, over all pairs of points, equal
 * ones too. Lipschitz with `L = (2 radius / bandwidth^2) (1 + exp(2 radius^2 / bandwidth^2))`. Cost O(N^2 d) a set.
 *
 * @param bandwidth - > 0, default 0.5.
 */
export function kernelEntropy(bandwidth = 0.5): SetFunction {
  checkPositive('kernelEntropy', 'bandwidth', bandwidth);
  return {
    id: 'kernel-entropy',
    formula: `-int log(g * mu) dmu, g the density of N(0, ${bandwidth}^2 I)`,
    ofMeasure: true,
    values: (batch) => valuesBySet('kernel-entropy', batch, (range) => windowEntropy(batch, range, bandwidth)),
    lipschitz: (radius) => ((2 * radius) / bandwidth ** 2) * (1 + Math.exp((2 * radius ** 2) / bandwidth ** 2)),
  };
}

function windowEntropy({ dim, points, masses }: SetBatch, { from, to }: SetRange, bandwidth: number): number {
  const terms = new Float64Array(to - from);
  const normalization = (dim / 2) * Math.log(2 * Math.PI * bandwidth ** 2);
  let entropy = 0;
  for (let i = from; i < to; i++) {
    for (let j = from; j < to; j++) {
      let squared = 0;
      for (let k = 0; k < dim; k++) squared += (points[i * dim + k] - points[j * dim + k]) ** 2;
      terms[j - from] = Math.log(masses[j]) - squared / (2 * bandwidth ** 2);
    }
    entropy -= masses[i] * (logSumExp(terms) - normalization);
  }
  return entropy;
}

/** The covariance of one set, d*d row-major, about its mean. */
function covarianceOf({ dim, points, masses }: SetBatch, { from, to }: SetRange): Float64Array {
  const mean = new Float64Array(dim);
  for (let i = from; i < to; i++) for (let k = 0; k < dim; k++) mean[k] += masses[i] * points[i * dim + k];
  const out = new Float64Array(dim * dim);
  for (let i = from; i < to; i++) {
    for (let k = 0; k < dim; k++) {
      const difference = points[i * dim + k] - mean[k];
      for (let l = 0; l < dim; l++) out[k * dim + l] += masses[i] * (difference * (points[i * dim + l] - mean[l]));
    }
  }
  return out;
}
