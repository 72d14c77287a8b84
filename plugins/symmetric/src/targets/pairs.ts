import type { SetBatch } from '../sets/setBatch.js';
import { checkPositive, onePoint, type SetFunction, type SetRange, valuesBySet } from './setFunction.js';

/**
 * The mean potential energy of pairs, softened at short range,
 * `f(mu) = -int int (|x - y|^2 + length^2)^(-1/2) dmu dmu`, over all pairs of points, equal ones too: bounded by 1/length,
 * quadratic in mu, and a function of it. Lipschitz with `L = 4 / (3 sqrt(3) length^2)`. Cost O(N^2 d) a set.
 *
 * @param length - > 0, default 0.5.
 */
export function pairPotential(length = 0.5): SetFunction {
  checkPositive('pairPotential', 'length', length);
  return {
    id: 'pair-potential',
    formula: `-int int (|x - y|^2 + ${length}^2)^(-1/2) dmu dmu`,
    ofMeasure: true,
    values: (batch) => valuesBySet('pair-potential', batch, (range) => -pairSum(batch, range, length)),
    lipschitz: () => 4 / (3 * Math.sqrt(3) * length ** 2),
  };
}

/**
 * The mean of `-1 / |x_i - x_j|` over pairs of different places in the list, `-sum_{i != j} m_i m_j / |x_i - x_j|` over
 * `1 - sum_i m_i^2`. Not a function of the measure: a point listed twice makes a pair at distance 0. {@link pairPotential}
 * is one that is.
 *
 * @throws `invalid-argument` at the values, for a set of one point; `not-finite` for two equal points.
 */
export function distinctPairPotential(): SetFunction {
  return {
    id: 'distinct-pair-potential',
    formula: '-(mean of 1 / |x_i - x_j| over i != j)',
    ofMeasure: false,
    values: (batch) =>
      valuesBySet('distinct-pair-potential', batch, (range) => {
        const { from, to, id } = range;
        if (to - from < 2) onePoint('distinct-pair-potential', id);
        let equal = 0;
        for (let i = from; i < to; i++) equal += batch.masses[i] ** 2;
        return -pairSum(batch, range, 0) / (1 - equal);
      }),
    lipschitz: () => Infinity,
  };
}

/** `sum_ij m_i m_j (|x_i - x_j|^2 + length^2)^(-1/2)`, over i != j for length 0. */
function pairSum({ dim, points, masses }: SetBatch, { from, to }: SetRange, length: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    let row = 0;
    for (let j = from; j < i; j++) {
      let squared = length ** 2;
      for (let k = 0; k < dim; k++) squared += (points[i * dim + k] - points[j * dim + k]) ** 2;
      row += masses[j] / Math.sqrt(squared);
    }
    sum += masses[i] * (2 * row + (length > 0 ? masses[i] / length : 0));
  }
  return sum;
}
