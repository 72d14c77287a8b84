import type { Energy, FirstVariation, Measure } from '@muflow/core';
import { euclidean, fail, show } from '@muflow/core';
import { gaussianSum } from './gaussianSum.js';

/** A signed mixture `f(x) = sum_k weights_k N(x; means_k, variances_k)` on the line. */
export interface GaussianMixture {
  readonly weights: readonly number[];
  readonly means: readonly number[];
  readonly variances: readonly number[];
}

/** The target of the birth-death experiment: `(1/3) (N(-2, 1/2) - 2 N(0, 1) + N(2, 1/2))` [RotskoffEtAl2019, section 5.1]. */
export const birthDeathTarget: GaussianMixture = {
  weights: [1 / 3, -2 / 3, 1 / 3],
  means: [-2, 0, 2],
  variances: [0.5, 1, 0.5],
};

const normal = (z: number, variance: number): number =>
  Math.exp((-z * z) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

/** `(1/2) int f^2 dx` in closed form: products of Gaussians integrate to Gaussians of the difference of means. */
export function halfSquaredNorm({ weights, means, variances }: GaussianMixture): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) {
    for (let l = 0; l < weights.length; l++) {
      sum += weights[k] * weights[l] * normal(means[k] - means[l], variances[k] + variances[l]);
    }
  }
  return sum / 2;
}

/**
 * Population square loss of a network of Gaussian units against a Gaussian mixture, the integral over
 * the line taken in closed form: atoms are `u = (c, y)`, `f_mu(x) = int c N(x; y, s^2) dmu(c, y)` and
 *
 *     F(mu) = (1/2) int (f_mu - f)^2 dx = C - int c G(y) dmu + (1/2) int int c c' K(y - y') dmu dmu',
 *     V(c, y) = -c G(y) + c int c' K(y - y') dmu(c', y'),
 *
 * with `G(y) = sum_k w_k N(y; y_k, v_k + s^2)`, `K(z) = N(z; 0, 2 s^2)`, `C = (1/2) int f^2`.
 * Positions are n*2, row-major (c, y). Cost O(n K) by an expansion in K terms (about 50 for |y| <= 3),
 * no allocation after the first call of a size. Source: [RotskoffEtAl2019], section 5.1.
 *
 * @param unitVariance - s^2 > 0, default 1/2.
 * @throws `invalid-argument` for variances that are not positive or lists of different lengths.
 */
export function gaussianMixturePopulation(
  target: GaussianMixture = birthDeathTarget,
  { unitVariance = 0.5 }: { readonly unitVariance?: number } = {},
): Energy {
  checkMixture(target, unitVariance);
  const { weights, means, variances } = target;
  const constant = halfSquaredNorm(target);
  const kernelVariance = 2 * unitVariance;
  const scale = 1 / Math.sqrt(2 * Math.PI * kernelVariance);
  let inner = new Float64Array(0);
  let slope = new Float64Array(0);

  /** `G` and its derivative at y. */
  const field = (y: number): readonly [number, number] => {
    let value = 0;
    let derivative = 0;
    for (let k = 0; k < weights.length; k++) {
      const variance = variances[k] + unitVariance;
      const part = weights[k] * normal(y - means[k], variance);
      value += part;
      derivative -= (part * (y - means[k])) / variance;
    }
    return [value, derivative];
  };

  const sums = gaussianSum(kernelVariance);
  let places = new Float64Array(0);
  let charges = new Float64Array(0);

  /** Fills `inner_i = sum_j m_j c_j K(y_i - y_j)` and its derivative in y_i. */
  const convolve = (mu: Measure): void => {
    const { count: n, positions: u, masses } = mu;
    if (inner.length < n) [inner, slope, places, charges] = [0, 1, 2, 3].map(() => new Float64Array(n));
    for (let i = 0; i < n; i++) {
      places[i] = u[2 * i + 1];
      charges[i] = masses[i] * u[2 * i];
    }
    sums.evaluate(places, charges, n, inner, slope);
  };

  return {
    name: 'gaussian mixture, population loss',
    dim: 2,
    space: euclidean(2),
    smooth: true,
    value(mu) {
      convolve(mu);
      let energy = constant;
      for (let i = 0; i < mu.count; i++) {
        const charge = mu.masses[i] * mu.positions[2 * i];
        energy += charge * (0.5 * inner[i] - field(mu.positions[2 * i + 1])[0]);
      }
      return energy;
    },
    firstVariationInto(out: FirstVariation, mu: Measure) {
      convolve(mu);
      for (let i = 0; i < mu.count; i++) {
        const c = mu.positions[2 * i];
        const [g, dg] = field(mu.positions[2 * i + 1]);
        out.potential[i] = c * (inner[i] - g);
        out.gradient[2 * i] = inner[i] - g;
        out.gradient[2 * i + 1] = c * (slope[i] - dg);
      }
    },
    potentialAt(out, points, count, mu) {
      for (let i = 0; i < count; i++) {
        const y = points[2 * i + 1];
        let sum = 0;
        for (let j = 0; j < mu.count; j++) {
          const z = y - mu.positions[2 * j + 1];
          sum += mu.masses[j] * mu.positions[2 * j] * scale * Math.exp((-z * z) / (2 * kernelVariance));
        }
        out[i] = points[2 * i] * (sum - field(y)[0]);
      }
    },
  };
}

function checkMixture({ weights, means, variances }: GaussianMixture, unitVariance: number): void {
  const n = weights.length;
  const fits = n > 0 && means.length === n && variances.length === n && unitVariance > 0;
  const finite = [...weights, ...means, unitVariance].every(Number.isFinite);
  if (fits && finite && variances.every((v) => v > 0 && Number.isFinite(v))) return;
  fail({
    code: 'invalid-argument',
    where: 'gaussianMixturePopulation',
    problem: 'the mixture is not usable',
    got: `${n} weights, ${means.length} means, variances ${show(variances)}, unit variance ${show(unitVariance)}`,
    expected: 'equally many finite weights, finite means and positive variances, and a positive unit variance',
    fix: 'give one mean and one variance for each weight',
  });
}
