import { type FormulaUnit, fail, type Measure, totalMass } from '@muflow/core';
import { unitJet } from './unitJet.js';

/**
 * The Monte-Carlo level of a measure over given inputs,
 *
 *     (1/L) sum_l ( int Phi(x_l, u)^2 dmu - f_mu(x_l)^2 ) = int K(u, u) dmu - |f_mu|^2,
 *
 * K(u, u') the mean of Phi(., u) Phi(., u'): networks of n units drawn from mu miss f_mu by 1/n of it in mean square. At
 * the limit mu* of a flow it bounds the fluctuation of trained networks for long times: `limsup_t n E|f^(n)_t - f_t|^2`.
 * O(n L). Source: [ChenEtAl2020], section 3.
 *
 * @param inputs - L*d numbers, row-major.
 * @throws `shape-mismatch` for inputs or atoms that do not fit, `invalid-argument` where mu is no probability measure.
 * @example
 * resamplingVariance(networkUnit({ activation: 'tanh', inputs: 1 }), Float64Array.of(-1, 0, 1), mu) / 100; // of 100 units
 */
export function resamplingVariance(unit: FormulaUnit, inputs: Float64Array, mu: Measure, inputDim = 1): number {
  const { jet, evaluate, dim } = unitJet(unit, inputDim, 1);
  const rows = inputs.length / inputDim;
  if (dim !== mu.dim || !(Number.isInteger(rows) && rows >= 1)) {
    fail({
      code: 'shape-mismatch',
      where: 'resamplingVariance',
      problem: 'the measure or the inputs do not fit the unit',
      got: `atoms of ${mu.dim} coordinates, ${inputs.length} numbers of inputs`,
      expected: `atoms of ${dim} coordinates and whole rows of ${inputDim} inputs, at least one`,
      fix: 'pass the measure of this unit and the length of a row',
    });
  }
  if (Math.abs(totalMass(mu) - 1) > 1e-9) {
    fail({
      code: 'invalid-argument',
      where: 'resamplingVariance',
      problem: 'units can only be drawn from a probability measure',
      got: `total mass ${totalMass(mu)}`,
      expected: 'total mass 1',
      fix: 'normalize the measure',
    });
  }
  const values = new Float64Array(mu.count);
  let sum = 0;
  for (let l = 0; l < rows; l++) {
    let mean = 0;
    for (let i = 0; i < mu.count; i++) {
      evaluate(mu.positions, i * dim, inputs, l * inputDim);
      values[i] = jet[0];
      mean += mu.masses[i] * jet[0];
    }
    // Around the mean: the difference of squares would cancel.
    for (let i = 0; i < mu.count; i++) sum += mu.masses[i] * (values[i] - mean) ** 2;
  }
  return sum / rows;
}
