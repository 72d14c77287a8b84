import { fail, leastSquares, type SignedAtoms } from '@muflow/core';
import { correlationFunction } from './correlationFunction.js';
import { type DualityGap, dualityGap } from './dualityGap.js';
import type { PenalizedProblem } from './penalizedProblem.js';

export interface PlantedSparseOptions {
  /** The problem with given targets, such as `(targets) => featureProblem({ ..., targets })`. */
  readonly problemFor: (targets: Float64Array) => PenalizedProblem;
  /** Number of targets L. */
  readonly rowCount: number;
  /** What is to be optimal; no weight may be 0. */
  readonly atoms: SignedAtoms;
}

/** A problem with its solution. */
export interface PlantedSparse {
  readonly problem: PenalizedProblem;
  readonly optimum: SignedAtoms;
  /** The dual point p (L): `<p, phi>` is the certificate. */
  readonly dual: Float64Array;
  /** Of the planted atoms: certified. */
  readonly gap: DualityGap;
  /** True where the gap proves the atoms optimal to 1e-9 of the energy. */
  readonly isOptimal: boolean;
}

/**
 * A penalized least-squares problem with chosen atoms nu* for its minimum. The shortest p with
 *
 *     <p, phi(theta_i)> = lambda sign w_i,   d<p, phi(theta_i)> = 0
 *
 * (the vanishing-derivatives precertificate) gives targets `y = Phi nu* + L p`, for which p is the residual of nu*; so
 * nu* is optimal if and only if `|<p, phi>| <= lambda` everywhere, which the duality gap decides. It holds for atoms
 * that are apart, and fails for many that are close: then draw others. Cost O(L^2 n d) and one gap.
 *
 * @throws `invalid-argument` where no p fits, as with more conditions than rows.
 * Source: [DuvalPeyre2015].
 * @example
 * const { problem, optimum } = plantedSparse({ problemFor: (targets) => reluProblem({ ...data, targets }), rowCount, atoms });
 */
export function plantedSparse({ problemFor, rowCount, atoms }: PlantedSparseOptions): PlantedSparse {
  const { space, positions, weights } = atoms;
  const n = weights.length;
  const empty = problemFor(new Float64Array(rowCount));
  const perAtom = 1 + space.dim;
  const conditions = new Float64Array(n * perAtom * rowCount);
  const features = new Float64Array(n * rowCount);
  const { correlation } = empty.residualOf({ space, positions: new Float64Array(0), weights: new Float64Array(0) });
  const read = correlationFunction();
  const values = new Float64Array(n);
  const slopes = new Float64Array(n * space.dim);
  const unit = new Float64Array(rowCount);
  for (let l = 0; l < rowCount; l++) {
    unit.fill(0);
    unit[l] = 1;
    const over = { ...correlation.against.over, weights: unit };
    read.into(values, slopes, { ...correlation, against: { ...correlation.against, over } }, positions);
    space.projectTangentInto(slopes, positions, slopes, n);
    for (let i = 0; i < n; i++) {
      features[i * rowCount + l] = values[i];
      conditions[i * perAtom * rowCount + l] = values[i];
      for (let k = 0; k < space.dim; k++) {
        conditions[(i * perAtom + 1 + k) * rowCount + l] = slopes[i * space.dim + k];
      }
    }
  }
  const goal = new Float64Array(n * perAtom);
  for (let i = 0; i < n; i++) goal[i * perAtom] = empty.lambda * Math.sign(weights[i]);
  const dual = leastSquares(conditions, goal, n * perAtom, rowCount, 1e-10);
  checkFit(conditions, goal, dual, empty.lambda);
  const targets = dual.map((p) => rowCount * p);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < rowCount; l++) targets[l] += weights[i] * features[i * rowCount + l];
  }
  const problem = problemFor(targets);
  const gap = dualityGap(problem, atoms, { tolerance: 1e-11 * problem.lambda });
  const isOptimal = gap.status !== 'estimated' && gap.gap <= 1e-9 * gap.primal;
  return { problem, optimum: atoms, dual, gap, isOptimal };
}

function checkFit(conditions: Float64Array, goal: Float64Array, dual: Float64Array, lambda: number): void {
  const rowCount = dual.length;
  let worst = 0;
  for (let c = 0; c < goal.length; c++) {
    let miss = -goal[c];
    for (let l = 0; l < rowCount; l++) miss += conditions[c * rowCount + l] * dual[l];
    worst = Math.max(worst, Math.abs(miss));
  }
  if (worst <= 1e-8 * lambda) return;
  fail({
    code: 'invalid-argument',
    where: 'plantedSparse',
    problem: 'no residual has these atoms for its extrema',
    got: `${goal.length} conditions on ${rowCount} rows, missed by ${worst.toExponential(2)}`,
    expected: 'conditions that can be met',
    fix: 'plant fewer atoms, farther apart, or use more rows',
  });
}
