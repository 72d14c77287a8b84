import { type Backend, deriveKey, type RandomKey, randomStream, solvePositiveDefinite, sphereInto } from '@muflow/core';
import { drawSamples, type FitProblem } from '../fits/index.js';
import { type Ceiling, measuredCeiling } from '../probe/index.js';

/** A shallow fit to a pair product with the norm budget it spends. */
export interface BudgetFit extends Ceiling {
  /** A bound from above on `sum_j |a_j| |psi_j|` over |g|, norms in the mean square of the law. */
  readonly budget: number;
}

/** Options of {@link budgetFits}. */
export interface BudgetFitOptions {
  readonly width: number;
  /** Rows of the regression and points of the test. */
  readonly rows: number;
  /** Penalties over the mean square of the features. */
  readonly penalties: readonly number[];
  /** `|g|` in the mean square. */
  readonly size: number;
  readonly key: RandomKey;
  readonly backend: Backend;
}

/**
 * Ridge regression on rectifiers `relu(<w, (x, x')> + b)` with directions uniform on the sphere of R^(2d), at many
 * penalties: large ones spend little of the budget. Norms are bounded by `E relu(z)^2 <= E z^2 = |w|^2/d + b^2`, so
 * that budgets are never told too small. Cost `rows M^2 + penalties M^3`.
 *
 * @param problem - a target on two spheres of R^d.
 */
export function budgetFits(problem: FitProblem, options: BudgetFitOptions): BudgetFit[] {
  const { width, rows, penalties, size, key, backend } = options;
  const dim = problem.law.dim;
  const units = drawUnits(dim, width, key);
  const train = drawSamples(problem, rows, deriveKey(key, 'regression'));
  const test = drawSamples(problem, rows, deriveKey(key, 'test'));
  const features = featuresAt(units, train.points, rows, backend);
  const m = width + 1;
  const gram = new Float64Array(m * m);
  backend.matmulInto(gram, features, features, { n: m, k: rows, m, transposeA: true });
  const moments = new Float64Array(m);
  backend.matmulInto(moments, features, train.values, { n: m, k: rows, m: 1, transposeA: true });
  const scale = gram.reduce((sum, value, at) => (at % (m + 1) === 0 ? sum + value : sum), 0) / m;
  const tested = featuresAt(units, test.points, rows, backend);
  const squaredTargets = test.values.map((value) => value * value);
  const predicted = new Float64Array(rows);
  return penalties.map((penalty) => {
    const matrix = gram.slice();
    for (let j = 0; j < m; j++) matrix[j * m + j] += penalty * scale;
    const weights = solvePositiveDefinite(matrix, moments, m);
    backend.matmulInto(predicted, tested, weights, { n: rows, k: m, m: 1 });
    const squaredErrors = predicted.map((value, l) => (value - test.values[l]) ** 2);
    const spent = weights.reduce((sum, a, j) => sum + Math.abs(a) * units.norms[j], 0);
    return {
      ...measuredCeiling({ squaredErrors, squaredTargets, method: 'random rectifiers with ridge', units: width }),
      budget: spent / size,
    };
  });
}

interface Units {
  readonly dim: number;
  /** Directions, count*dim. */
  readonly directions: Float64Array;
  readonly biases: Float64Array;
  /** Bounds on the norms of the units, and 1 for the constant. */
  readonly norms: Float64Array;
}

function drawUnits(dim: number, width: number, key: RandomKey): Units {
  const stream = randomStream(deriveKey(key, 'units'));
  const directions = new Float64Array(width * dim);
  const biases = new Float64Array(width);
  const norms = new Float64Array(width + 1).fill(1);
  // |w|^2/d for the d of one sphere.
  const variance = 2 / dim;
  for (let j = 0; j < width; j++) {
    sphereInto(directions, j * dim, dim, stream);
    biases[j] = Math.sqrt(variance) * stream.normal();
    norms[j] = Math.sqrt(variance + biases[j] ** 2);
  }
  return { dim, directions, biases, norms };
}

/** Values of the units and of the constant 1 at the rows: rows*(width + 1). */
function featuresAt(
  { dim, directions, biases }: Units,
  points: Float64Array,
  rows: number,
  backend: Backend,
): Float64Array {
  const width = biases.length;
  const z = new Float64Array(rows * width);
  backend.matmulInto(z, points, directions, { n: rows, k: dim, m: width, transposeB: true });
  const out = new Float64Array(rows * (width + 1)).fill(1);
  for (let l = 0; l < rows; l++) {
    for (let j = 0; j < width; j++) out[l * (width + 1) + j] = Math.max(0, z[l * width + j] + biases[j]);
  }
  return out;
}
