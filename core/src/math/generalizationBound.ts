import { fail } from '../errors.js';

export interface GeneralizationOptions {
  /** Norm |f| of the function, as trained: the variation norm of a shallow network. */
  readonly norm: number;
  /** Rademacher complexity of the unit ball of the norm on L rows. */
  readonly complexity: number;
  /** True where the complexity is that of the rows at hand, false where it bounds its mean. Default false. */
  readonly empirical?: boolean;
  /** Rows L of training data. */
  readonly rows: number;
  /** B >= |f(x)| for all functions of norm 1, and Y >= |y|, for all data. */
  readonly featureBound: number;
  readonly targetBound: number;
  /** Default 0.95. */
  readonly confidence?: number;
  /** The smallest norm delta_0 told apart, default 0.125. */
  readonly smallestNorm?: number;
}

/** A bound of the risk minus the mean loss on the training rows. */
export interface GeneralizationBound {
  readonly bound: number;
  /** `2 Lip delta R_L`: what fitting random signs costs. */
  readonly fit: number;
  /** What the draw of the rows adds at this confidence. */
  readonly deviation: number;
  /** The norm delta = delta_0 2^k >= |f| for which it holds. */
  readonly norm: number;
}

/**
 * How far the risk of a function may exceed its mean loss on L independent rows, for the loss (1/2)(f - y)^2: with
 * probability at least `confidence`, for all functions of norm at most delta at once,
 *
 *     R(f) - R_L(f) <= 2 (delta B + Y) delta R_L + M sqrt(log(1/eta) / (2L)),   M = (delta B + Y)^2 / 2,
 *
 * R_L the Rademacher complexity of the unit ball. As the norm is known after training only, delta runs over
 * delta_0 2^k and eta = (1 - confidence) 2^-(k+1). With the complexity of the rows themselves the last term is
 * `3 M sqrt(log(2/eta) / (2L))`. Sources: [BartlettMendelson2002], theorem 8; [Bach2017], section 5.
 *
 * @throws `invalid-argument` for sizes that are negative or not finite, no rows, or a confidence outside (0, 1).
 * @example
 * import { generalizationBound } from '@muflow/core';
 * // relu units on [-1, 1]: B = sqrt 2, complexity at most 2 B / sqrt L.
 * const sizes = { rows: 100, featureBound: Math.SQRT2, targetBound: 1 };
 * generalizationBound({ norm: 1, complexity: (2 * Math.SQRT2) / 10, ...sizes }).bound;
 */
export function generalizationBound(options: GeneralizationOptions): GeneralizationBound {
  const { norm, complexity, empirical = false, rows, featureBound, targetBound } = options;
  const { confidence = 0.95, smallestNorm = 0.125 } = options;
  const sizes = [norm, complexity, featureBound, targetBound];
  const usable = sizes.every((size) => size >= 0 && Number.isFinite(size)) && Number.isInteger(rows) && rows >= 1;
  if (!(usable && confidence > 0 && confidence < 1 && smallestNorm > 0)) {
    fail({
      code: 'invalid-argument',
      where: 'generalizationBound',
      problem: 'the sizes are not usable',
      got: `norm ${norm}, complexity ${complexity}, rows ${rows}, bounds ${featureBound}, ${targetBound}, confidence ${confidence}`,
      expected: 'finite sizes >= 0, rows >= 1, a confidence between 0 and 1 and a smallest norm > 0',
      fix: 'pass bounds that hold for all data, not for those at hand',
    });
  }
  const power = Math.max(0, Math.ceil(Math.log2(norm / smallestNorm)));
  const radius = smallestNorm * 2 ** power;
  const failure = (1 - confidence) / 2 ** (power + 1);
  const slope = radius * featureBound + targetBound;
  const fit = 2 * slope * radius * complexity;
  const largest = slope ** 2 / 2;
  const deviation = empirical
    ? 3 * largest * Math.sqrt(Math.log(2 / failure) / (2 * rows))
    : largest * Math.sqrt(Math.log(1 / failure) / (2 * rows));
  return { bound: fit + deviation, fit, deviation, norm: radius };
}
