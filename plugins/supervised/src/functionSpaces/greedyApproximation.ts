import { fail, leastSquares, type SignedAtoms, show } from '@muflow/core';
import { reluProblem } from '../cells/reluProblem.js';

export interface GreedyOptions {
  /** L*d, row-major; the sphere of directions must be a circle or the sphere in space. */
  readonly inputs: Float64Array;
  /** L numbers y. */
  readonly targets: Float64Array;
  /** Neurons to add, at most. */
  readonly units: number;
  /** Neurons `relu(<w, x> + b)` with `|(w, b)| = 1`, the default; without a bias `relu(<w, x>)`, `|w| = 1`. */
  readonly bias?: boolean;
}

/** Approximations by 0, 1, 2, ... neurons. */
export interface GreedyApproximation {
  readonly atoms: SignedAtoms;
  /** Root mean square distances to the values; ends early where nothing is left. */
  readonly distances: readonly number[];
  /** A bound of `sup_theta sqrt((1/L) sum_l relu(<theta, x_l>)^2)`, which is the root mean square of |x_l|. */
  readonly size: number;
}

/**
 * Conditional gradients with all output weights optimized and no penalty: a neuron is added where the residual r
 * correlates most (proven: all activation cells are listed), then y is projected on the neurons. For values of
 * variation norm V and neurons of size at most S,
 *
 *     |r_m| <= V S / sqrt(m + 1):
 *
 * `|r|^2 = <r, y> <= V sup <r, phi>`, and a step takes at least `(sup <r, phi>)^2 / S^2` off the square. No step of the
 * proof knows the dimension. Source: [DeVoreTemlyakov1996], the orthogonal greedy algorithm.
 *
 * @throws `unsupported` in more dimensions, `shape-mismatch` for data that do not fit, `invalid-argument` for a number of
 * neurons that is no count.
 * @example
 * const { distances } = greedyApproximation({ inputs, targets, units: 20 });
 */
export function greedyApproximation({ inputs, targets, units, bias = true }: GreedyOptions): GreedyApproximation {
  if (!(Number.isInteger(units) && units >= 0)) {
    fail({
      code: 'invalid-argument',
      where: 'greedyApproximation',
      problem: 'the number of neurons is no count',
      got: show(units),
      expected: 'an integer >= 0',
      fix: 'pass for instance { units: 20 }',
    });
  }
  const rowCount = targets.length;
  const problem = reluProblem({ inputs, targets, lambda: 0, bias });
  const { space, cells } = problem;
  const { dim, rows } = cells;
  let atoms: SignedAtoms = { space, positions: new Float64Array(0), weights: new Float64Array(0) };
  const distances: number[] = [];
  for (;;) {
    const residual = problem.residualOf(atoms);
    distances.push(Math.sqrt(residual.squaredNorm));
    if (distances.length > units || residual.supremum === undefined) break;
    const [rises, falls] = [residual.supremum(1), residual.supremum(-1)];
    const { at, lower } = rises.lower >= falls.lower ? rises : falls;
    if (!(lower > 1e-14 * distances[0])) break;
    const positions = Float64Array.from([...atoms.positions, ...at]);
    const count = positions.length / dim;
    const features = new Float64Array(rowCount * count);
    for (let l = 0; l < rowCount; l++) {
      for (let i = 0; i < count; i++) {
        let inner = 0;
        for (let k = 0; k < dim; k++) inner += positions[i * dim + k] * rows[l * dim + k];
        features[l * count + i] = Math.max(0, inner);
      }
    }
    atoms = { space, positions, weights: leastSquares(features, targets, rowCount, count) };
  }
  let squares = 0;
  for (const x of rows) squares += x * x;
  return { atoms, distances, size: Math.sqrt(squares / rowCount) };
}
