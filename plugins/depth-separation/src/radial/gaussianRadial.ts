import { fail, show, special } from '@muflow/core';
import type { Floor } from '../probe/index.js';
import { type EllipsoidProblem, ellipsoidBudget, ellipsoidDistance } from '../spheres/ellipsoid.js';

/** A radial function under the standard Gaussian law of R^d, by even Hermite degrees. */
export interface RadialEnergies {
  readonly dim: number;
  readonly name: string;
  /** Its variance. */
  readonly variance: number;
  /** Mean square of the part of degree 2k, k = 1, ..., K. */
  readonly byDegree: Float64Array;
}

/** A radial function that is constant on shells: `values[i]` from `radii[i - 1]` to `radii[i]`, 0 beyond the last. */
export interface ShellFunction {
  readonly dim: number;
  readonly name: string;
  /** Ascending, above 0. */
  readonly radii: readonly number[];
  readonly values: readonly number[];
  /** K, default 400. */
  readonly degrees?: number;
}

/**
 * Energies of a function constant on shells, in closed form: with alpha = d/2 - 1, y = R^2/2 and L_k Laguerre's
 * polynomials,
 *
 *     E[1{|x| <= R} L_k(|x|^2/2)] = y^(alpha+1) e^-y L_{k-1}^(alpha+1)(y) / (k Gamma(alpha + 1)),
 *     E L_k(|x|^2/2)^2 = Gamma(k + alpha + 1) / (k! Gamma(alpha + 1)).
 *
 * O(K shells). Source: [AndrewsAskeyRoy1999].
 *
 * @throws `invalid-argument` for radii that do not ascend from above 0, or d < 2.
 */
export function shellEnergies({ dim, name, radii, values, degrees = 400 }: ShellFunction): RadialEnergies {
  const ascending = radii.every((radius, i) => radius > (i === 0 ? 0 : radii[i - 1]) && radius < Infinity);
  if (!(Number.isInteger(dim) && dim >= 2 && ascending && radii.length === values.length && radii.length > 0)) {
    fail({
      code: 'invalid-argument',
      where: 'shellEnergies',
      problem: 'the shells are not usable',
      got: `d = ${show(dim)}, radii ${show(radii)}, ${values.length} values`,
      expected: 'd >= 2 and ascending radii above 0, one value each',
      fix: 'pass { radii: [Math.sqrt(dim)], values: [1] } for the indicator of a ball',
    });
  }
  const coefficients = new Float64Array(degrees);
  let [mean, square] = [0, 0];
  radii.forEach((radius, i) => {
    const next = i + 1 < values.length ? values[i + 1] : 0;
    addBall(coefficients, dim, radius, values[i] - next);
    const mass = ballMass(dim, radius);
    mean += (values[i] - next) * mass;
    square += (values[i] ** 2 - next ** 2) * mass;
  });
  return { dim, name, variance: square - mean * mean, byDegree: coefficients.map((c) => c * c) };
}

/** Adds the coefficients of `jump 1{|x| <= R}` on the unit radial functions of degree 2k, k = 1, 2, ... */
function addBall(out: Float64Array, dim: number, radius: number, jump: number): void {
  // Laguerre's recurrence for l_k = L_k^(beta) / sqrt(C(k + beta, k)), beta = d/2; the lengths of L_{k-1}^(beta) and of
  // L_k^(beta-1) leave the factor 1/sqrt(k beta) of the closed form.
  const [beta, y] = [dim / 2, (radius * radius) / 2];
  const head = jump * Math.exp(beta * Math.log(y) - y - special.logGamma(beta));
  let [before, current] = [0, 1];
  for (let k = 1; k <= out.length; k++) {
    out[k - 1] += (head * current) / Math.sqrt(k * beta);
    // k L_k = (2k - 1 + beta - y) L_{k-1} - (k - 1 + beta) L_{k-2}, between scaled functions.
    const scale = Math.sqrt(k / (k + beta));
    const older = k > 1 ? Math.sqrt((k * (k - 1)) / ((k + beta) * (k - 1 + beta))) : 0;
    const next = (((2 * k - 1 + beta - y) * scale) / k) * current - (((k - 1 + beta) * older) / k) * before;
    [before, current] = [current, next];
  }
}

/** `P(|x| <= R)`, the regularized lower Gamma function of d/2 at R^2/2, by its series. */
function ballMass(dim: number, radius: number): number {
  const [a, y] = [dim / 2, (radius * radius) / 2];
  let [term, sum] = [1 / a, 1 / a];
  for (let j = 1; term > 1e-18 * sum; j++) {
    term *= y / (a + j);
    sum += term;
  }
  return Math.min(1, sum * Math.exp(a * Math.log(y) - y - special.logGamma(a)));
}

/** Squared coefficients over the variance, and squared semi-axes `E t^(2k)`, t a coordinate on the unit sphere. */
function ellipsoidOf({ dim, variance, byDegree }: RadialEnergies): EllipsoidProblem {
  const axes = new Float64Array(byDegree.length);
  let moment = 1;
  for (let k = 0; k < axes.length; k++) {
    moment *= (2 * k + 1) / (dim + 2 * k);
    axes[k] = moment;
  }
  return { squares: byDegree.map((energy) => energy / variance), axes };
}

/**
 * A floor on the share of the variance of a radial function g that shallow networks within a norm budget leave, under
 * the standard Gaussian law.
 *
 * Proof: let l_k be the unit radial function of Hermite degree 2k. A ridge function psi(<v, x>), |v| = 1, of Hermite
 * coefficients c_j has `<psi, l_k> = +-c_{2k} sqrt(m_k)`, where `m_k = E t^(2k)` for a coordinate t on the unit sphere,
 * since averaging over directions keeps that share of degree 2k; and `sum c_j^2 = |psi|^2`. So sums with
 * `sum_j |a_j| |psi_j| <= B` have coefficients in the ellipsoid of semi-axes `B sqrt(m_k)`. Averages over all v of one
 * psi attain every point of it: at infinite width the floor is the least error, not only a bound. Derived here.
 *
 * @param budget - B over the standard deviation of g; constants are free.
 */
export function radialNormFloor(energies: RadialEnergies, budget: number): Floor {
  if (!(budget >= 0 && budget < Infinity)) refuse('radialNormFloor', show(budget), 'a budget >= 0');
  return {
    value: Math.min(1, ellipsoidDistance(ellipsoidOf(energies), budget) ** 2),
    units: null,
    norm: budget,
    hypotheses: [
      { name: 'class', statement: 'sums of ridge functions psi_j(<v_j, x>) and a constant, of any number and shape' },
      { name: 'weights', statement: 'sum_j |a_j| |psi_j| is at most the budget times the standard deviation of g' },
      { name: 'data', statement: `standard Gaussian on R^${energies.dim}` },
      { name: 'target', statement: energies.name },
    ],
  };
}

/**
 * The norm budget over the standard deviation of g that every shallow network needs for a relative L2 error, proved:
 * what lies above the degrees listed is left out, in favor of the networks.
 */
export function radialNormBudget(energies: RadialEnergies, error: number): number {
  if (!(error > 0 && error < 1)) refuse('radialNormBudget', show(error), 'an error in (0, 1)');
  return ellipsoidBudget(ellipsoidOf(energies), error);
}

/**
 * A norm budget within which averages of one ridge function reach the error at infinite width: what lies above the
 * degrees listed counts as error. Infinite where that alone is more.
 */
export function attainedNormBudget(energies: RadialEnergies, error: number): number {
  if (!(error > 0 && error < 1)) refuse('attainedNormBudget', show(error), 'an error in (0, 1)');
  const problem = ellipsoidOf(energies);
  const left = Math.max(0, 1 - problem.squares.reduce((sum, square) => sum + square, 0));
  return left < error * error ? ellipsoidBudget(problem, Math.sqrt(error * error - left)) : Infinity;
}

function refuse(where: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem: 'the number is not usable',
    got,
    expected,
    fix: `pass ${expected}`,
  });
}
