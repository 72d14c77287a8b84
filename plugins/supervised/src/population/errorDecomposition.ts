import { type Energy, fail, type Measure, show } from '@muflow/core';

export interface ErrorDecompositionOptions {
  /** Population risk R, in closed form or on a large sample of its own. */
  readonly population: Pick<Energy, 'value'>;
  /** Empirical risk that the fit was trained on, without penalty. */
  readonly empirical: Pick<Energy, 'value'>;
  /** The measure that training returned. */
  readonly fit: Measure;
  /** A minimizer of the empirical risk in the class of models, as converged as can be had. */
  readonly empiricalBest: Measure;
  /** The population reference: a minimizer of R in the same class. */
  readonly populationBest: Measure;
  /** `inf R` over all functions: the mean loss of the noise; default 0. */
  readonly bayes?: number;
}

/** What the excess risk of a fit is made of; `excess` is the sum of the three parts. */
export interface ErrorDecomposition {
  /** `R(fit) - bayes`. */
  readonly excess: number;
  /** `R(populationBest) - bayes`: what the class of models cannot express. */
  readonly approximation: number;
  /** `R(empiricalBest) - R(populationBest)`: what the data do not tell. */
  readonly statistical: number;
  /** `R(fit) - R(empiricalBest)`: what training has not reached. Negative where stopping early was of use. */
  readonly optimization: number;
  /** `Rhat(fit) - Rhat(empiricalBest)`, the same in the empirical risk: not negative for a true minimizer. */
  readonly empiricalOptimization: number;
  /** `R(fit) - Rhat(fit)`, the gap of generalization. */
  readonly generalizationGap: number;
}

/**
 * Splits the excess risk of a fit over the best function of all:
 *
 *     R(fit) - bayes = [R(mu_F) - bayes] + [R(mu_emp) - R(mu_F)] + [R(fit) - R(mu_emp)],
 *
 * approximation, statistical and optimization error; mu_F minimizes the population risk R in the class of models (networks of
 * one width, or of one norm), mu_emp the empirical risk. The parts are as good as the references: a mu_F that is not
 * converged moves error from the statistical part to the approximation. Four evaluations of R, three of the empirical risk
 * at most. Source: [BottouBousquet2008], section 2.
 *
 * @throws `invalid-argument` for a Bayes risk that is not a finite number.
 *
 * @example
 * const parts = errorDecomposition({ population, empirical, fit, empiricalBest, populationBest });
 * parts.approximation + parts.statistical + parts.optimization; // parts.excess
 */
export function errorDecomposition(options: ErrorDecompositionOptions): ErrorDecomposition {
  const { population, empirical, fit, empiricalBest, populationBest, bayes = 0 } = options;
  if (!Number.isFinite(bayes)) {
    fail({
      code: 'invalid-argument',
      where: 'errorDecomposition',
      problem: 'the Bayes risk is not usable',
      got: show(bayes),
      expected: 'a finite number',
      fix: 'pass the risk of the best function of all, 0 without noise',
    });
  }
  const ofFit = population.value(fit);
  const ofData = population.value(empiricalBest);
  const ofClass = population.value(populationBest);
  const seen = empirical.value(fit);
  return {
    excess: ofFit - bayes,
    approximation: ofClass - bayes,
    statistical: ofData - ofClass,
    optimization: ofFit - ofData,
    empiricalOptimization: seen - empirical.value(empiricalBest),
    generalizationGap: ofFit - seen,
  };
}
