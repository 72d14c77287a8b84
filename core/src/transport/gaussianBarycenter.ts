import { fail, show } from '../errors.js';
import { matrixSquareRoot } from '../math/linalg.js';
import { gaussianMap, multiply, symmetricPart } from './gaussian.js';
import { checkLaws, type GaussianLaw } from './gaussianLaw.js';

/** Rounds allowed: each contracts by a factor that depends on the spread of the covariances. */
const maxRounds = 1000;

/**
 * The W_2 barycenter of Gaussians, itself Gaussian: the mean of the means, and the covariance with
 * `S = sum_k w_k (S^{1/2} S_k S^{1/2})^{1/2}`, by the rounds `S <- A S A`, `A = sum_k w_k A_k`, A_k the optimal map from
 * S to S_k, until A is the identity to 1e-13. Where covariances commute the root of S is the mean of roots.
 *
 * @param laws - one or more, of one dimension d, with regular covariances.
 * @param weights - w_k >= 0, divided by their sum; default equal. O(rounds K d^3).
 * @throws `invalid-argument` for unusable weights, no laws, or singular covariances; `shape-mismatch` for different
 * dimensions. Source: [AlvarezEstebanEtAl2016], theorem 4.2.
 *
 * @example
 * ```ts
 * import { gaussianBarycenter } from '@muflow/core';
 * const { mean, covariance } = gaussianBarycenter([{ mean: [0], covariance: [1] }, { mean: [2], covariance: [9] }]);
 * console.log(mean[0], covariance[0].toFixed(6)); // => 1 4.000000
 * ```
 */
export function gaussianBarycenter(
  laws: readonly GaussianLaw[],
  weights: ArrayLike<number> = new Float64Array(laws.length).fill(1),
): GaussianLaw & { readonly mean: Float64Array; readonly covariance: Float64Array } {
  const shares = checkedShares(laws, weights);
  const d = checkLaws('gaussianBarycenter', laws);
  const mean = weightedSum(
    laws.map((law) => law.mean),
    shares,
    d,
  );
  // The mean of roots is the answer where covariances commute.
  const root = weightedSum(
    laws.map(({ covariance }) => matrixSquareRoot(Float64Array.from(covariance), d)),
    shares,
    d * d,
  );
  let covariance = symmetricPart(multiply(root, root, d), d);
  for (let round = 0; round < maxRounds; round++) {
    const from = { mean: new Float64Array(d), covariance };
    const maps = laws.map((law) => gaussianMap(from, { mean: new Float64Array(d), covariance: law.covariance }));
    const map = weightedSum(maps, shares, d * d);
    covariance = symmetricPart(multiply(multiply(map, covariance, d), map, d), d);
    const off = map.reduce((most, value, k) => Math.max(most, Math.abs(value - (k % (d + 1) === 0 ? 1 : 0))), 0);
    if (off <= 1e-13) break;
  }
  return { mean, covariance };
}

function weightedSum(arrays: readonly ArrayLike<number>[], weights: Float64Array, length: number): Float64Array {
  const sum = new Float64Array(length);
  arrays.forEach((array, k) => {
    for (let i = 0; i < length; i++) sum[i] += weights[k] * array[i];
  });
  return sum;
}

function checkedShares(laws: readonly GaussianLaw[], weights: ArrayLike<number>): Float64Array {
  const given = Float64Array.from(weights);
  const total = given.reduce((sum, weight) => sum + weight, 0);
  const positive = given.every((weight) => weight >= 0) && total > 0 && Number.isFinite(total);
  if (laws.length > 0 && given.length === laws.length && positive) return given.map((weight) => weight / total);
  return fail({
    code: 'invalid-argument',
    where: 'gaussianBarycenter',
    problem: 'the weights are not usable',
    got: `${laws.length} laws, weights ${show(Array.from(given))}`,
    expected: 'a weight >= 0 for each of one or more laws, with a positive sum',
    fix: 'leave the weights out for equal ones',
  });
}
