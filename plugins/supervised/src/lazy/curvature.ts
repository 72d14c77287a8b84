import { deriveKey, euclideanNorm, fillNormal, type RandomKey, randomKey, symmetricEigen } from '@muflow/core';

/** How far iterations go. */
export interface NormOptions {
  /** They end where a round changes the norm by less than this share, default 1e-7. */
  readonly tolerance?: number;
  /** Rounds at most, default 200. */
  readonly rounds?: number;
  /** Random starts of the norm of a second derivative, which may have several local maxima; default 3. */
  readonly starts?: number;
  readonly key?: RandomKey;
}

/** A norm by iteration from below. */
export interface IteratedNorm {
  readonly value: number;
  /** False where the rounds ran out before the tolerance was met. */
  readonly converged: boolean;
}

/** Reads options, with their defaults. */
export function readNormOptions(options: NormOptions): Required<NormOptions> {
  const { tolerance = 1e-7, rounds = 200, starts = 3, key = randomKey('norms') } = options;
  return { tolerance, rounds, starts, key };
}

/**
 * The largest eigenvalue of a symmetric positive semidefinite matrix by power iteration, from below. O(rounds n^2).
 */
export function largestByPowers(matrix: Float64Array, n: number, options: NormOptions = {}): IteratedNorm {
  const { tolerance, rounds, key } = readNormOptions(options);
  const [v, next] = [new Float64Array(n), new Float64Array(n)];
  fillNormal(v, deriveKey(key, 'powers'));
  let value = 0;
  for (let round = 0; round < rounds; round++) {
    const size = euclideanNorm(v);
    if (size === 0) return { value: 0, converged: true };
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += matrix[i * n + j] * v[j];
      next[i] = sum / size;
    }
    // |M v| for the unit vector v grows from round to round.
    const norm = euclideanNorm(next);
    if (norm - value <= tolerance * norm) return { value: norm, converged: true };
    value = norm;
    v.set(next);
  }
  return { value, converged: false };
}

/**
 * `sup_{|n| = 1} |(<n, H_l n>)_l|` for symmetric matrices `H_l` (count*D*D), the norm of the values being that of the mean over l:
 * in turn, the direction g of the values for n and an eigenvector n of `sum_l g_l H_l` of largest eigenvalue. Every
 * round grows; the best of several starts is kept, from below. For one n the supremum over pairs (n, n') is no larger, since for
 * every g that over pairs is the spectral norm. O(starts rounds (count D^2 + D^3)).
 */
export function jointSpectralNorm(matrices: Float64Array, dim: number, options: NormOptions = {}): IteratedNorm {
  const { tolerance, rounds, starts, key } = readNormOptions(options);
  const count = matrices.length / (dim * dim);
  const values = new Float64Array(count);
  const combined = new Float64Array(dim * dim);
  const n = new Float64Array(dim);
  let best: IteratedNorm = { value: 0, converged: true };
  for (let start = 0; start < starts; start++) {
    fillNormal(n, deriveKey(key, 'joint', start));
    const size = euclideanNorm(n);
    for (let k = 0; k < dim; k++) n[k] /= size;
    let value = 0;
    let converged = false;
    for (let round = 0; round < rounds && !converged; round++) {
      quadraticInto(values, matrices, n);
      const norm = euclideanNorm(values) / Math.sqrt(count);
      converged = norm - value <= tolerance * norm;
      value = Math.max(value, norm);
      if (converged) break;
      combined.fill(0);
      for (let l = 0; l < count; l++) {
        const g = values[l];
        for (let k = 0; k < dim * dim; k++) combined[k] += g * matrices[l * dim * dim + k];
      }
      const { vectors } = symmetricEigen(combined, dim);
      for (let k = 0; k < dim; k++) n[k] = vectors[k * dim + dim - 1];
    }
    if (value > best.value) best = { value, converged };
  }
  return best;
}

function quadraticInto(values: Float64Array, matrices: Float64Array, n: Float64Array): void {
  const dim = n.length;
  for (let l = 0; l < values.length; l++) {
    let sum = 0;
    for (let i = 0; i < dim; i++) {
      let row = 0;
      for (let j = 0; j < dim; j++) row += matrices[(l * dim + i) * dim + j] * n[j];
      sum += n[i] * row;
    }
    values[l] = sum;
  }
}
