import type { Measure, SignedAtoms } from '@muflow/core';
import { type DualityGapOptions, dualityGap } from './dualityGap.js';
import { type PenalizedProblem, signedAtoms } from './penalizedProblem.js';

/** How far a measure is from satisfying the conditions of optimality, with a proof where the status says so. */
export interface Optimality {
  /** `Vbar = sum |w_i| V_i / sum |w_i|`; 0 at an optimum of the penalized problem. */
  readonly mean: number;
  /** `max_i |V_i - Vbar|` over the atoms: 0 where V is constant on the support. */
  readonly spread: number;
  /** An enclosure of inf V over the space and the signs allowed. */
  readonly infimum: { readonly lower: number; readonly upper: number };
  /** `|nu| (Vbar - inf V)`: bounds the excess of the square part over all measures of at most this total variation. */
  readonly gap: number;
  /** As of `dualityGap`: of the infimum. */
  readonly status: 'certified' | 'budget' | 'estimated';
}

/**
 * The potential of a penalized problem against its mean: for an atom of sign s,
 *
 *     V(s, theta) = lambda - s <r, phi(theta)>,
 *
 * and a measure minimizes the square part `(L/2) |r|^2` over all measures of its total variation delta if and only if
 * `V >= Vbar` everywhere with equality on its atoms; it minimizes the penalized problem if moreover `Vbar = 0`. By convexity
 *
 *     (L/2) |r|^2 - min_{|nu'| <= delta} (L/2) |r'|^2 <= delta sup |<r, phi>| - <r, Phi nu> = delta (Vbar - inf V).
 *
 * @param measure - signed atoms, a positive measure on the space, or a measure on `R x Z` with output weights first; at
 * least one weight is not 0.
 * @throws as {@link dualityGap}.
 * @example
 * const { spread, gap, status } = optimality(problem, atoms);
 */
export function optimality(
  problem: PenalizedProblem,
  measure: Measure | SignedAtoms,
  options: DualityGapOptions = {},
): Optimality {
  const { lambda } = problem;
  const nu = signedAtoms(measure);
  const { supremum, status } = dualityGap(problem, nu, options);
  const { correlations } = problem.residualOf(nu);
  const potentials = correlations.map((c, i) => lambda - Math.sign(nu.weights[i]) * c);
  let [sum, total] = [0, 0];
  nu.weights.forEach((weight, i) => {
    sum += Math.abs(weight) * potentials[i];
    total += Math.abs(weight);
  });
  const mean = total > 0 ? sum / total : Number.NaN;
  let spread = 0;
  potentials.forEach((V, i) => {
    if (nu.weights[i] !== 0) spread = Math.max(spread, Math.abs(V - mean));
  });
  const infimum = { lower: lambda - supremum.upper, upper: lambda - supremum.lower };
  return { mean, spread, infimum, gap: total * (mean - infimum.lower), status };
}
