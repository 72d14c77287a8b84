import {
  type CoordinateNames,
  compileFunction,
  type Expression,
  fail,
  type Measure,
  type MinimumProblem,
  parseFormula,
  projectSigned,
  type SignedAtoms,
  type Space,
  show,
  type WeightedPoints,
} from '@muflow/core';

/**
 * Penalized least squares over measures nu on a space of features,
 * `P(nu) = (L/2) |r|^2 + lambda |nu|`, `r = (y - Phi nu) / L`, `Phi nu = int phi(theta) nu(dtheta)`:
 * convex, and stated by what the residual r is against the features.
 */
export interface PenalizedProblem {
  readonly space: Space;
  /** Penalty lambda >= 0. */
  readonly lambda: number;
  /** `signed`: over all measures; `positive`: over nu >= 0. */
  readonly sign: 'signed' | 'positive';
  residualOf(nu: SignedAtoms): Residual;
}

/** The residual r of one measure. */
export interface Residual {
  /** `L |r|^2`. */
  readonly squaredNorm: number;
  /** `<r, phi(theta_i)>` at the atoms. */
  readonly correlations: Float64Array;
  /** `theta -> <r, phi(theta)>` as a problem of `certifiedMinimum`. */
  readonly correlation: Correlation;
  /** `sup_theta sign <r, phi(theta)>` proven by other means than a search, where there are: `lower` is its value at `at`. */
  readonly supremum?: (sign: 1 | -1) => { readonly lower: number; readonly upper: number; readonly at: Float64Array };
}

/** A function of theta that is a sum over weighted points. */
export interface Correlation extends MinimumProblem {
  readonly against: { readonly variables: readonly CoordinateNames[]; readonly over: WeightedPoints };
}

export interface FeatureProblemOptions {
  readonly space: Space;
  /** The feature `phi(theta)(x)` as a formula in `theta` (a point of the space) and `x` (a row of inputs). */
  readonly feature: string | Expression;
  /** L * inputDim, row-major. */
  readonly inputs: Float64Array;
  /** L numbers y. */
  readonly targets: Float64Array;
  readonly lambda: number;
  /** Default `signed`. */
  readonly sign?: 'signed' | 'positive';
}

/**
 * Least squares on L rows, `P(nu) = (1/2L) sum_l (int phi(theta)(x_l) dnu - y_l)^2 + lambda |nu|`.
 * A residual of n atoms costs O(n L).
 *
 * @throws `shape-mismatch` where inputs and targets do not fit, `invalid-argument` for a penalty below 0.
 * @example
 * const inputs = Float64Array.of(-1, 0, 1);
 * const targets = Float64Array.of(1, 0, 1);
 * const feature = 'relu(theta[0]*x + theta[1])';
 * const problem = featureProblem({ space: sphere(2), feature, inputs, targets, lambda: 0.1 });
 */
export function featureProblem(options: FeatureProblemOptions): PenalizedProblem {
  const { space, feature, inputs, targets, lambda, sign = 'signed' } = options;
  const rows = targets.length;
  const inputDim = inputs.length / rows;
  checkRows(inputs, targets);
  checkPenalty('featureProblem', lambda);
  const names = {
    theta: { role: 'row', size: space.dim },
    x: { role: 'column', size: inputDim },
  } as const;
  const formula = typeof feature === 'string' ? parseFormula(feature, { variables: names }) : feature;
  const theta: CoordinateNames = { name: 'theta', size: space.dim };
  const x: CoordinateNames = { name: 'x', size: inputDim };
  const value = compileFunction(formula, [theta, x]);
  const point = new Float64Array(space.dim + inputDim);
  return {
    space,
    lambda,
    sign,
    residualOf({ positions, weights }) {
      const count = weights.length;
      const features = new Float64Array(count * rows);
      const residual = targets.slice();
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < space.dim; k++) point[k] = positions[i * space.dim + k];
        for (let l = 0; l < rows; l++) {
          for (let k = 0; k < inputDim; k++) point[space.dim + k] = inputs[l * inputDim + k];
          features[i * rows + l] = value(point);
          residual[l] -= weights[i] * features[i * rows + l];
        }
      }
      let squares = 0;
      for (let l = 0; l < rows; l++) {
        residual[l] /= rows;
        squares += residual[l] * residual[l];
      }
      const correlations = new Float64Array(count);
      for (let i = 0; i < count; i++) {
        for (let l = 0; l < rows; l++) correlations[i] += residual[l] * features[i * rows + l];
      }
      const over = { count: rows, positions: inputs, weights: residual };
      const correlation = { formula, space, variables: [theta], against: { variables: [x], over } };
      return { squaredNorm: rows * squares, correlations, correlation };
    },
  };
}

export interface KernelProblemOptions {
  /** The measure nu0 to be approached: a measure on the space, one on `R x Z`, or signed atoms. */
  readonly target: Measure | SignedAtoms;
  /** The kernel `K(x, y) = <phi(x), phi(y)>` as a formula in `x` and `y`: symmetric and positive definite. */
  readonly kernel: string | Expression;
  readonly lambda: number;
  /** Default `positive`. */
  readonly sign?: 'signed' | 'positive';
}

/**
 * Least squares in the space of a kernel, `P(nu) = (1/2) |nu - nu0|_K^2 + lambda |nu|`: the residual is the measure
 * `nu0 - nu` itself, and `<r, phi(theta)> = int K(theta, .) d(nu0 - nu)`. A residual of n atoms costs O((n + n0)^2).
 *
 * @throws `invalid-argument` for a penalty below 0.
 */
export function kernelProblem(options: KernelProblemOptions): PenalizedProblem {
  const { kernel, lambda, sign = 'positive' } = options;
  const target = signedAtoms(options.target);
  const { space } = target;
  const { dim } = space;
  checkPenalty('kernelProblem', lambda);
  const names = { x: { role: 'row', size: dim }, y: { role: 'column', size: dim } } as const;
  const formula = typeof kernel === 'string' ? parseFormula(kernel, { variables: names }) : kernel;
  const x: CoordinateNames = { name: 'x', size: dim };
  const y: CoordinateNames = { name: 'y', size: dim };
  const value = compileFunction(formula, [x, y]);
  const point = new Float64Array(2 * dim);
  return {
    space,
    lambda,
    sign,
    residualOf(nu) {
      const count = nu.weights.length;
      const positions = Float64Array.from([...nu.positions, ...target.positions]);
      const weights = Float64Array.from([...nu.weights.map((weight) => -weight), ...target.weights]);
      const sums = new Float64Array(weights.length);
      let squaredNorm = 0;
      for (let i = 0; i < weights.length; i++) {
        for (let k = 0; k < dim; k++) point[k] = positions[i * dim + k];
        for (let j = 0; j < weights.length; j++) {
          for (let k = 0; k < dim; k++) point[dim + k] = positions[j * dim + k];
          sums[i] += weights[j] * value(point);
        }
        squaredNorm += weights[i] * sums[i];
      }
      const over = { count: weights.length, positions, weights };
      const correlation = { formula, space, variables: [x], against: { variables: [y], over } };
      return { squaredNorm: Math.max(0, squaredNorm), correlations: sums.slice(0, count), correlation };
    },
  };
}

/** The measure as signed atoms: a positive measure on its own space, the projection of one on `R x Z`. */
export function signedAtoms(nu: Measure | SignedAtoms): SignedAtoms {
  if (!('logMasses' in nu)) return nu;
  const [line] = nu.space.factors ?? [];
  if (line?.kind === 'euclidean' && line.dim === 1) return projectSigned(nu);
  return { space: nu.space, positions: nu.positions, weights: nu.masses };
}

function checkRows(inputs: Float64Array, targets: Float64Array): void {
  if (targets.length > 0 && inputs.length > 0 && inputs.length % targets.length === 0) return;
  fail({
    code: 'shape-mismatch',
    where: 'featureProblem',
    problem: 'inputs and targets do not fit',
    got: `${inputs.length} coordinates of inputs, ${targets.length} targets`,
    expected: 'L * inputDim coordinates and L targets, L >= 1',
    fix: 'pass one target for each row of inputs',
  });
}

/** Refuses a lambda that is no penalty. */
export function checkPenalty(where: string, lambda: number): void {
  if (lambda >= 0 && Number.isFinite(lambda)) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'lambda is no penalty',
    got: show(lambda),
    expected: 'a finite number >= 0',
    fix: 'pass for instance { lambda: 0.1 }',
  });
}
