import { fail, type SignedAtoms, show } from '@muflow/core';
import { solveCellProgram } from '../cells/cellProgram.js';
import { type ReluProblem, reluProblem } from '../cells/reluProblem.js';

export interface VariationIntervalOptions {
  /** L*d, row-major; the sphere of directions must be a circle or the sphere in space. */
  readonly inputs: Float64Array;
  /** L numbers y, the values of the function. */
  readonly targets: Float64Array;
  /** Root mean square distance to the values that is allowed, > 0. */
  readonly tolerance: number;
  /** Neurons `relu(<w, x> + b)` with `|(w, b)| = 1`, the default; without a bias `relu(<w, x>)`, `|w| = 1`. */
  readonly bias?: boolean;
  /** Stop once `upper - lower` is below this share of upper; default 1e-3. */
  readonly width?: number;
  /** Most penalties that are tried, default 30. */
  readonly maxRounds?: number;
}

/** An enclosure of a variation norm, with its proofs. */
export interface VariationInterval {
  readonly lower: number;
  readonly upper: number;
  /** A measure within the tolerance of the values whose norm is `upper`. */
  readonly atoms: SignedAtoms;
  /** L numbers q with `lower = (<q, y> - tolerance sqrt(L) |q|) / sup_theta |<q, relu(<theta, .>)>|`. */
  readonly dual: Float64Array;
  /** Whether the width that was asked for was reached; the enclosure is proven either way. */
  readonly status: 'converged' | 'maxRounds';
}

/**
 * The variation norm that values at L rows need:
 *
 *     min |nu|  over  f = int relu(<theta, .>) dnu  with  (1/L) sum_l (f(x_l) - y_l)^2 <= tolerance^2,
 *
 * between the norm of a measure and a bound by duality: every q gives `|nu| >= (<q, y> - tolerance sqrt(L) |q|) / M`, M
 * the supremum over the sphere, proven by listing activation cells (`cellSupremum`); both up to rounding of the sums
 * of their last formula. Measures and q come from the penalized problem, solved by `solveCellProgram`, at penalties
 * that approach the one whose solution is `tolerance` away: the distance is nearly proportional to the penalty.
 * It is the norm of F1 of the least function through the values, thus a lower bound for any function that takes them.
 * Source: [Bach2017], section 2.1.
 *
 * @throws `invalid-argument` without a tolerance, `unsupported` in more dimensions, `shape-mismatch` for data that do not fit.
 * @example
 * const inputs = Float64Array.from({ length: 21 }, (_, l) => l / 10 - 1);
 * const { lower, upper } = variationInterval({ inputs, targets: inputs.map(Math.abs), tolerance: 1e-3 });
 */
export function variationInterval(options: VariationIntervalOptions): VariationInterval {
  const { inputs, targets, tolerance, bias = true, width = 1e-3, maxRounds = 30 } = options;
  checkTolerance(tolerance);
  const rows = targets.length;
  const first = reluProblem({ inputs, targets, lambda: 1, bias });
  const none = { space: first.space, positions: new Float64Array(0), weights: new Float64Array(0) };
  const start = certificateOf(first, none, tolerance);
  let best: VariationInterval = { lower: 0, upper: 0, atoms: none, dual: new Float64Array(rows), status: 'converged' };
  if (start.distance <= tolerance) return best;
  best = { ...best, lower: start.lower, upper: Infinity, dual: start.dual, status: 'maxRounds' };
  let lambda = (start.supremum * tolerance) / start.distance;
  for (let round = 0; round < maxRounds; round++) {
    const problem: ReluProblem = reluProblem({ inputs, targets, lambda, bias });
    const { atoms } = solveCellProgram(problem, { tolerance: 1e-10, maxRounds: 100 });
    const found = certificateOf(problem, atoms, tolerance);
    const norm = atoms.weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    if (found.lower > best.lower) best = { ...best, lower: found.lower, dual: found.dual };
    if (found.distance <= tolerance && norm < best.upper) best = { ...best, upper: norm, atoms };
    if ((1 - width) * best.upper <= best.lower) return { ...best, status: 'converged' };
    // From below: solutions that are too far away prove no upper bound.
    lambda *= Math.min(3, Math.max(0.05, ((1 - width / 10) * tolerance) / found.distance));
  }
  return best;
}

interface Certificate {
  /** Root mean square distance to the values. */
  readonly distance: number;
  readonly lower: number;
  readonly dual: Float64Array;
  readonly supremum: number;
}

/** What the residual of some atoms proves. */
function certificateOf(problem: ReluProblem, atoms: SignedAtoms, tolerance: number): Certificate {
  const { targets } = problem;
  const { correlation, squaredNorm, supremum } = problem.residualOf(atoms);
  const dual = correlation.against.over.weights as Float64Array;
  if (supremum === undefined) throw new Error('a problem of rectifiers has a supremum');
  const top = Math.max(supremum(1).upper, supremum(-1).upper);
  let [inner, squares] = [0, 0];
  for (let l = 0; l < targets.length; l++) {
    inner += dual[l] * targets[l];
    squares += dual[l] * dual[l];
  }
  const excess = inner - tolerance * Math.sqrt(targets.length * squares);
  return {
    distance: Math.sqrt(squaredNorm),
    lower: top > 0 ? Math.max(0, excess / top) : 0,
    dual,
    supremum: top,
  };
}

function checkTolerance(tolerance: number): void {
  if (tolerance > 0 && tolerance < Infinity) return;
  fail({
    code: 'invalid-argument',
    where: 'variationInterval',
    problem: 'the tolerance is not positive',
    got: show(tolerance),
    expected: 'a number > 0: a root mean square distance to the values',
    fix: 'pass for instance 1e-3 times the size of the values',
  });
}
