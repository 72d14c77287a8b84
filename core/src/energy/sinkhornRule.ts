import type { Measure } from '../measure/measure.js';
import { displacementInto } from '../transport/displacement.js';
import { sinkhornDistance, sinkhornDivergence } from '../transport/sinkhorn.js';
import { unbalancedTransport } from '../transport/unbalanced.js';
import type { DistanceRule } from './distanceRule.js';

/** Potentials are needed to first order where the value is exact to second: solved close to rounding. */
const tolerance = 1e-14;

/**
 * Half of Sinkhorn's divergence with cost `dist^2`. With the entropic potentials g of the reference against mu and h of mu
 * against itself, `V = (f - p) / 2` for the smoothed minima `f(x) = -eps log sum_j b_j exp((g_j - c(x, y_j)) / eps)` and p
 * alike over mu with h; `grad V` is the mean of logarithms to mu less that to nu, weighted by their terms.
 * Source: [FeydyEtAl2019], section 3.
 */
export function sinkhornRule(reference: Measure, epsilon: number): DistanceRule {
  const options = { epsilon, tolerance };
  // Of the three costs themselves: where the kernel is not positive definite (tori) the divergence may fall below 0.
  const value = (mu: Measure): number => {
    const [cross, first, second] = sinkhornDivergence(mu, reference, options).costs;
    return (cross.value - (first.value + second.value) / 2) / 2;
  };
  return {
    name: `half Sinkhorn divergence(${epsilon})`,
    smooth: true,
    normalizes: true,
    value,
    solve(mu) {
      const cross = sinkhornDistance(mu, reference, options).potentials?.target ?? new Float64Array(0);
      const own = sinkhornDistance(mu, mu, options).potentials;
      // Both potentials of mu against itself, which agree up to rounding and a constant.
      const parts = [
        { nu: reference, dual: cross, sign: 1 },
        { nu: mu, dual: own?.source ?? cross, sign: -0.5 },
        { nu: mu, dual: own?.target ?? cross, sign: -0.5 },
      ];
      return {
        value: value(mu),
        potentialInto(out, points, count) {
          out.fill(0, 0, count);
          for (const part of parts) {
            for (let i = 0; i < count; i++)
              out[i] += (part.sign / 2) * smoothedMinimum({ ...part, epsilon }, points, i);
          }
        },
        gradientInto(out) {
          out.fill(0, 0, mu.count * mu.dim);
          const step = new Float64Array(mu.dim);
          for (const { nu, dual, sign } of parts) {
            for (let i = 0; i < mu.count; i++) addMeanLogarithm(out, step, mu, { nu, dual, sign, epsilon, i });
          }
        },
      };
    },
  };
}

/**
 * Half of the entropic cost `min <P, C> + eps KL(P | a x b)`, cost `dist^2`: `V = f / 2`, `grad V` the mean of logarithms
 * to nu, as in {@link sinkhornRule} without the terms of mu and nu against themselves. Source: [PeyreCuturi2019], section 9.1.
 */
export function entropicRule(reference: Measure, epsilon: number): DistanceRule {
  const options = { epsilon, tolerance };
  const value = (mu: Measure): number => sinkhornDistance(mu, reference, options).entropicCost / 2;
  return {
    name: `half entropic W2(${epsilon})`,
    smooth: true,
    normalizes: true,
    value,
    solve(mu) {
      const { entropicCost, potentials } = sinkhornDistance(mu, reference, options);
      const part = { nu: reference, dual: potentials?.target ?? new Float64Array(reference.count), epsilon };
      return {
        value: entropicCost / 2,
        potentialInto(out, points, count) {
          for (let i = 0; i < count; i++) out[i] = smoothedMinimum(part, points, i) / 2;
        },
        gradientInto(out) {
          out.fill(0, 0, mu.count * mu.dim);
          const step = new Float64Array(mu.dim);
          for (let i = 0; i < mu.count; i++) addMeanLogarithm(out, step, mu, { ...part, sign: 1, i });
        },
      };
    },
  };
}

/**
 * Half of the unbalanced entropic cost of weight rho. With `f(x) = rho / (rho + eps)` times the smoothed minimum of
 * {@link sinkhornRule} and `s = exp(-f / rho)`, the share of mass at x that is transported,
 * `V = (rho (1 - s) + eps (b - s)) / 2`, b the mass of nu, and `grad V` is s times the mean of logarithms to nu.
 * Source: [SejourneVialardPeyre2022].
 */
export function unbalancedRule(reference: Measure, epsilon: number, rho: number): DistanceRule {
  const options = { epsilon, rho, tolerance };
  const value = (mu: Measure): number => unbalancedTransport(mu, reference, options).entropicCost / 2;
  return {
    name: `half unbalanced cost(${epsilon}, ${rho})`,
    smooth: true,
    normalizes: false,
    value,
    solve(mu) {
      const { entropicCost, potentials } = unbalancedTransport(mu, reference, options);
      const part = { nu: reference, dual: potentials?.target ?? new Float64Array(reference.count), epsilon };
      const total = reference.masses.reduce((sum, mass) => sum + mass, 0);
      const share = (points: Float64Array, i: number): number =>
        Math.exp(-smoothedMinimum(part, points, i) / (rho + epsilon));
      return {
        value: entropicCost / 2,
        potentialInto(out, points, count) {
          for (let i = 0; i < count; i++) {
            const s = share(points, i);
            out[i] = (rho * (1 - s) + epsilon * (total - s)) / 2;
          }
        },
        gradientInto(out) {
          out.fill(0, 0, mu.count * mu.dim);
          const step = new Float64Array(mu.dim);
          for (let i = 0; i < mu.count; i++)
            addMeanLogarithm(out, step, mu, { ...part, sign: share(mu.positions, i), i });
        },
      };
    },
  };
}

interface Part {
  readonly nu: Measure;
  readonly dual: Float64Array;
  readonly epsilon: number;
}

/** `-eps log sum_j b_j exp((g_j - dist(x_i, y_j)^2) / eps)` over atoms with mass. */
function smoothedMinimum({ nu, dual, epsilon }: Part, points: Float64Array, i: number): number {
  const { space, dim, count, positions, logMasses } = nu;
  let top = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let j = 0; j < count; j++) {
    if (logMasses[j] === Number.NEGATIVE_INFINITY) continue;
    const exponent = (dual[j] - space.distance(points, i * dim, positions, j * dim) ** 2) / epsilon + logMasses[j];
    if (exponent > top) {
      sum = sum * Math.exp(top - exponent) + 1;
      top = exponent;
    } else sum += Math.exp(exponent - top);
  }
  return -epsilon * (top + Math.log(sum));
}

/** Adds `-sign sum_j w_j log_{x_i}(y_j)`, w the normalized terms of the smoothed minimum at x_i. */
function addMeanLogarithm(
  out: Float64Array,
  step: Float64Array,
  mu: Measure,
  { nu, dual, sign, epsilon, i }: Part & { readonly sign: number; readonly i: number },
): void {
  const { space, dim, positions } = mu;
  const least = smoothedMinimum({ nu, dual, epsilon }, positions, i);
  for (let j = 0; j < nu.count; j++) {
    const cost = space.distance(positions, i * dim, nu.positions, j * dim) ** 2;
    const weight = Math.exp((dual[j] - cost + least) / epsilon + nu.logMasses[j]);
    displacementInto(space, step, 0, { from: positions, fromStart: i * dim, to: nu.positions, toStart: j * dim });
    for (let c = 0; c < dim; c++) out[i * dim + c] -= sign * weight * step[c];
  }
}
