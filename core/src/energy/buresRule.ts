import { fail } from '../errors.js';
import { matrixSquareRoot, symmetricEigen } from '../math/linalg.js';
import type { Measure } from '../measure/measure.js';
import { covariance, mean } from '../measure/statistics.js';
import { gaussianW2Squared, multiply, symmetricPart } from '../transport/gaussian.js';
import type { DistanceRule } from './distanceRule.js';

/**
 * Half of the squared W2 between the Gaussian laws with the means and covariances of both measures: with the optimal map
 * `T(x) = m1 + A (x - m0)`, `V(x) = <m0 - m1, x - m0> + <(I - A)(x - m0), x - m0> / 2` and `grad V(x) = x - T(x)`, what
 * an atom of that Gaussian has still to go. Only moments count, O(n d^2 + d^3). Where the covariance of mu is singular, F
 * has a kink, and A is that on the directions in which mu is spread.
 *
 * @throws `unsupported` on spaces without coordinates in which means are taken. Source: [BhatiaJainLim2019].
 */
export function buresRule(reference: Measure): DistanceRule {
  const { space } = reference;
  if (space.kind !== 'euclidean' && space.kind !== 'box') refuseSpace(space.name);
  const target = gaussianLaw(reference);
  return {
    name: 'half squared Bures distance',
    smooth: true,
    normalizes: true,
    value: (mu) => gaussianW2Squared(gaussianLaw(mu), target) / 2,
    solve(mu) {
      const { dim } = mu;
      const law = gaussianLaw(mu);
      const map = mapOnSupport(law.covariance, target.covariance, dim);
      /** `(I - A)(x - m0)` of one coordinate c, and the way between the means. */
      const rest = (points: Float64Array, i: number, c: number): number => {
        let sum = points[i * dim + c] - law.mean[c];
        for (let k = 0; k < dim; k++) sum -= map[c * dim + k] * (points[i * dim + k] - law.mean[k]);
        return sum;
      };
      return {
        value: gaussianW2Squared(law, target) / 2,
        potentialInto(out, points, count) {
          for (let i = 0; i < count; i++) {
            out[i] = 0;
            for (let c = 0; c < dim; c++) {
              const way = points[i * dim + c] - law.mean[c];
              out[i] += way * (law.mean[c] - target.mean[c] + rest(points, i, c) / 2);
            }
          }
        },
        gradientInto(out) {
          for (let i = 0; i < mu.count; i++) {
            for (let c = 0; c < dim; c++) out[i * dim + c] = law.mean[c] - target.mean[c] + rest(mu.positions, i, c);
          }
        },
      };
    },
  };
}

const gaussianLaw = (mu: Measure) => ({ mean: mean(mu), covariance: covariance(mu) });

/** `A = S0^{-1/2} (S0^{1/2} S1 S0^{1/2})^{1/2} S0^{-1/2}` with the pseudo-inverse, below 1e-14 of the largest eigenvalue. */
function mapOnSupport(s0: Float64Array, s1: Float64Array, d: number): Float64Array {
  const { values, vectors } = symmetricEigen(s0, d);
  const root = matrixSquareRoot(s0, d);
  const inverse = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    if (!(values[k] > 1e-14 * values[d - 1])) continue;
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++)
        inverse[i * d + j] += (vectors[i * d + k] * vectors[j * d + k]) / Math.sqrt(values[k]);
    }
  }
  const middle = matrixSquareRoot(symmetricPart(multiply(multiply(root, s1, d), root, d), d), d);
  return symmetricPart(multiply(multiply(inverse, middle, d), inverse, d), d);
}

function refuseSpace(name: string): never {
  return fail({
    code: 'unsupported',
    where: 'distanceEnergy',
    problem: 'means and covariances are taken of coordinates',
    got: name,
    expected: 'a euclidean space or a box for bures',
    fix: "use { distance: 'w2' }, which knows the space",
  });
}
