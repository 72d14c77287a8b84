import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import type { Expression } from '../formula/expression.js';
import type { Measure } from '../measure/measure.js';
import { checkBuffers, checkMeasure, checkNumber, grown } from './checks.js';
import type { Energy } from './energy.js';
import { isContinuous, readFormula } from './formulas.js';
import { pointBlocks } from './interactionEnergy.js';
import { formulaPairSum, namesOf, type WeightedPoints } from './pairKernel.js';
import { symmetrized } from './symmetry.js';

export interface MmdEnergyOptions {
  readonly target: Measure;
  /** A kernel as a formula in `x` and `y`; default `exp(-|x - y|^2 / (2 s^2))`. */
  readonly kernel?: string | Expression;
  /** The width s > 0 of the default kernel, default 1. */
  readonly width?: number;
  readonly backend?: Backend;
}

/**
 * Half the squared maximum mean discrepancy to a target measure nu,
 * `F(mu) = (1/2) int int K d(mu - nu) d(mu - nu)` (V-statistic), with `V = int K dmu - int K dnu`.
 * Mu and nu are summed as one signed measure: `(n + m)^2` kernel evaluations for the value, `n (n + m)`
 * for the first variation.
 *
 * Source: [GrettonEtAl2012], equation 5 (which is twice this energy).
 * @example
 * const toTarget = mmdEnergy({ target: uniformOn(box([[0, 1]]), 200, randomKey(1)), width: 0.5 });
 */
export function mmdEnergy({ target, kernel, width = 1, backend = defaultBackend() }: MmdEnergyOptions): Energy {
  const { dim } = target;
  checkNumber('mmdEnergy', 'width', width, Number.MIN_VALUE);
  const blocks = pointBlocks(dim);
  const text = kernel ?? `exp(-norm2(x - y) / ${2 * width * width})`;
  const formula = symmetrized(readFormula('mmdEnergy', text, namesOf(blocks)), dim);
  const sum = formulaPairSum(formula, blocks, backend);
  let coordinates: Float64Array = new Float64Array(0);
  let weights: Float64Array = new Float64Array(0);
  let values: Float64Array = new Float64Array(0);
  /** The atoms of `mu - nu`, mu first. */
  const difference = (mu: Measure): WeightedPoints => {
    checkMeasure('mmdEnergy', mu, dim);
    const count = mu.count + target.count;
    coordinates = grown(coordinates, count * dim);
    weights = grown(weights, count);
    coordinates.set(mu.positions);
    coordinates.set(target.positions, mu.count * dim);
    weights.set(mu.masses);
    for (let j = 0; j < target.count; j++) weights[mu.count + j] = -target.masses[j];
    return { coordinates, count, weights };
  };
  return {
    name: 'half squared MMD',
    dim,
    smooth: isContinuous(formula),
    formula,
    value(mu) {
      const signed = difference(mu);
      values = grown(values, signed.count);
      sum.valueInto(values, signed, signed);
      let total = 0;
      for (let i = 0; i < signed.count; i++) total += weights[i] * values[i];
      return total / 2;
    },
    firstVariationInto(out, mu) {
      checkBuffers('mmdEnergy', out, mu);
      sum.bothInto(out, { coordinates: mu.positions, count: mu.count }, difference(mu));
    },
    potentialAt: (out, points, count, mu) => sum.valueInto(out, { coordinates: points, count }, difference(mu)),
  };
}
