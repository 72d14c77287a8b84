import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import type { Expression } from '../formula/expression.js';
import type { Space } from '../space/space.js';
import { checkBuffers, checkDim, checkMeasure, grown, integrate } from './checks.js';
import type { Energy } from './energy.js';
import { isContinuous, isFormula, readFormula } from './formulas.js';
import { formulaPairSum, functionPairSum, type PairSum, type Points } from './pairKernel.js';

/** A function of one point in plain TypeScript, with its gradient where it has one. */
export interface PointPotential {
  /** W at the point of `points` that begins at `start`. */
  value(points: Float64Array, start: number): number;
  /** Writes grad W at that point to `out` from `outStart` on; absent where W jumps. */
  gradientInto?(out: Float64Array, outStart: number, points: Float64Array, start: number): void;
}

export interface PotentialEnergyOptions {
  /** W as a formula in `x`, a d-vector (a scalar for d = 1), or as functions. */
  readonly potential: string | Expression | PointPotential;
  /** Coordinates per atom. */
  readonly dim: number;
  readonly space?: Space;
  readonly backend?: Backend;
}

/** A weighted sum over one column of weight 1 is the function itself. */
const once = { coordinates: new Float64Array(0), count: 1, weights: Float64Array.of(1) };

/**
 * Potential energy `F(mu) = int W dmu`, with first variation `V = W`. Cost O(n), no allocation after
 * the first call of a size.
 *
 * @throws `parse` or `shape-mismatch` where the formula does not fit.
 * @example
 * const quadratic = potentialEnergy({ potential: 'norm2(x) / 2', dim: 2 });
 */
export function potentialEnergy({ potential, dim, space, backend = defaultBackend() }: PotentialEnergyOptions): Energy {
  checkDim('potentialEnergy', dim, space);
  const formula = isFormula(potential)
    ? readFormula('potentialEnergy', potential, { x: { role: 'row', size: dim } })
    : undefined;
  const sum = formula ? fromFormula(formula, dim, backend) : functionPairSum(potential as PointPotential, dim, 0);
  const rows = (coordinates: Float64Array, count: number): Points => ({ coordinates, count });
  let values: Float64Array = new Float64Array(0);
  return {
    name: 'potential',
    dim,
    ...(space && { space }),
    smooth: formula ? isContinuous(formula) : (potential as PointPotential).gradientInto !== undefined,
    ...(formula && { formula }),
    value(mu) {
      checkMeasure('potentialEnergy', mu, dim);
      values = grown(values, mu.count);
      sum.valueInto(values, rows(mu.positions, mu.count), once);
      return integrate(mu, values);
    },
    firstVariationInto(out, mu) {
      checkMeasure('potentialEnergy', mu, dim);
      checkBuffers('potentialEnergy', out, mu);
      sum.bothInto(out, rows(mu.positions, mu.count), once);
    },
    potentialAt: (out, points, count) => sum.valueInto(out, rows(points, count), once),
  };
}

const fromFormula = (formula: Expression, dim: number, backend: Backend): PairSum =>
  formulaPairSum(formula, { rows: [{ name: 'x', size: dim }], columns: [] }, backend);
