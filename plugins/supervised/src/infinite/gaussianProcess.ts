import { cholesky, deriveKey, fail, fillNormal, matrixSquareRoot, type RandomKey, show } from '@muflow/core';
import type { KernelInto } from '../kernels/featureKernel.js';

export interface GaussianProcessOptions {
  /** The covariance of the process, its mean being 0. */
  readonly kernel: KernelInto;
  /** Length of a row of inputs. */
  readonly inputDim: number;
  /** rows*inputDim. */
  readonly inputs: Float64Array;
  /** One number a row: the process there plus independent noise. */
  readonly targets: Float64Array;
  /** Variance of the noise, default 0. */
  readonly noise?: number;
}

/** Mean (points) and covariance (points*points) of the process given what was seen. */
export interface Posterior {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

export interface GaussianProcess {
  /** `log p(y | inputs) = -(1/2) y^T A^-1 y - (1/2) log det A - (rows/2) log 2 pi`, `A = K + noise I`. */
  readonly logMarginalLikelihood: number;
  /** The posterior of the process, without noise, at points (count*inputDim). */
  posterior(points: Float64Array): Posterior;
}

/**
 * Regression with a Gaussian process of mean 0: with `A = K + noise I`,
 *
 *     mean(x) = k(x, X) A^-1 y,   cov(x, x') = k(x, x') - k(x, X) A^-1 k(X, x').
 *
 * One Cholesky factorization, O(rows^3); a posterior at p points costs O(p rows (rows + p)). With the `nngp` of an
 * infinite network this is Bayesian regression with that network. Source: [RasmussenWilliams2006], algorithm 2.1.
 *
 * @throws `shape-mismatch` for inputs that do not fit the targets; `invalid-argument` where A is not positive definite.
 * @example
 * const { nngp } = infiniteNetwork({ inputs: 1, depth: 1, activation: 'erf', biasVariance: 1 });
 * const process = gaussianProcess({ kernel: nngp, inputDim: 1, inputs: Float64Array.of(0, 1), targets: Float64Array.of(1, 2) });
 * console.log(process.posterior(Float64Array.of(1)).mean[0].toFixed(9)); // => 2.000000000
 */
export function gaussianProcess(options: GaussianProcessOptions): GaussianProcess {
  const { kernel, inputDim, inputs, targets, noise = 0 } = options;
  const n = targets.length;
  checkInputs(inputs.length, n, inputDim, noise);
  const gram = new Float64Array(n * n);
  kernel(gram, inputs, n, inputs, n);
  for (let i = 0; i < n; i++) gram[i * n + i] += noise;
  const factor = cholesky(gram, n);
  const whitened = targets.slice();
  solveLower(factor, whitened, n, 1);
  let value = -0.5 * n * Math.log(2 * Math.PI);
  for (let i = 0; i < n; i++) value -= 0.5 * whitened[i] ** 2 + Math.log(factor[i * n + i]);
  return {
    logMarginalLikelihood: value,
    posterior(points) {
      const count = points.length / inputDim;
      const cross = new Float64Array(n * count);
      kernel(cross, inputs, n, points, count);
      solveLower(factor, cross, n, count);
      const covariance = new Float64Array(count * count);
      kernel(covariance, points, count, points, count);
      const mean = new Float64Array(count);
      for (let k = 0; k < n; k++) {
        for (let i = 0; i < count; i++) {
          const left = cross[k * count + i];
          mean[i] += left * whitened[k];
          for (let j = 0; j < count; j++) covariance[i * count + j] -= left * cross[k * count + j];
        }
      }
      return { mean, covariance };
    },
  };
}

/**
 * Draws of a Gaussian vector (count*points, row by row) of a mean and a positive semidefinite covariance (points*points).
 * O(points^3) for the root of the covariance.
 *
 * @throws `invalid-argument` where the covariance has an eigenvalue below -1e-10 of the largest.
 * @example
 * sampleGaussian({ mean: new Float64Array(2), covariance: Float64Array.of(1, 0.9, 0.9, 1) }, 3, randomKey(1)); // 3 x 2
 */
export function sampleGaussian({ mean, covariance }: Posterior, count: number, key: RandomKey): Float64Array {
  const n = mean.length;
  const root = matrixSquareRoot(covariance, n);
  const normals = new Float64Array(count * n);
  fillNormal(normals, deriveKey(key, 'gaussian'));
  const out = new Float64Array(count * n);
  for (let s = 0; s < count; s++) {
    for (let i = 0; i < n; i++) {
      let sum = mean[i];
      for (let j = 0; j < n; j++) sum += root[i * n + j] * normals[s * n + j];
      out[s * n + i] = sum;
    }
  }
  return out;
}

/** `b <- l^-1 b` for a lower triangular l (n*n) and b (n*columns). */
function solveLower(l: Float64Array, b: Float64Array, n: number, columns: number): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const factor = l[i * n + k];
      for (let j = 0; j < columns; j++) b[i * columns + j] -= factor * b[k * columns + j];
    }
    for (let j = 0; j < columns; j++) b[i * columns + j] /= l[i * n + i];
  }
}

function checkInputs(length: number, rows: number, inputDim: number, noise: number): void {
  if (rows >= 1 && length === rows * inputDim && noise >= 0) return;
  fail({
    code: noise >= 0 ? 'shape-mismatch' : 'invalid-argument',
    where: 'gaussianProcess',
    problem: 'the data are not usable',
    got: `${length} numbers of inputs, ${rows} targets, noise ${show(noise)}`,
    expected: `at least one target, ${inputDim} inputs for each, and a noise >= 0`,
    fix: 'pass one row of inputs for each target',
  });
}
