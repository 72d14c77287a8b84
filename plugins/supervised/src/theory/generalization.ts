import { deriveKey, fail, type RandomKey, randomStream, show } from '@muflow/core';

export interface GeneralizationOptions {
  /** Variation norm |nu| of the network, as trained. */
  readonly norm: number;
  /** Rademacher complexity of the unit ball of the variation norm on L rows. */
  readonly complexity: number;
  /** True where the complexity is that of the rows at hand, false where it bounds its mean. Default false. */
  readonly empirical?: boolean;
  /** Rows L of training data. */
  readonly rows: number;
  /** B >= |phi(theta, x)| and Y >= |y| for all data. */
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
  /** The norm delta = delta_0 2^k >= |nu| for which it holds. */
  readonly norm: number;
}

/**
 * How far the risk of a network may exceed its mean loss on L independent rows, for the loss (1/2)(f - y)^2: with
 * probability at least `confidence`, for all networks of `|nu| <= delta` at once,
 *
 *     R(f) - R_L(f) <= 2 (delta B + Y) delta R_L + M sqrt(log(1/eta) / (2L)),   M = (delta B + Y)^2 / 2,
 *
 * R_L the Rademacher complexity of the unit ball. As the norm is known after training only, delta runs over
 * delta_0 2^k and eta = (1 - confidence) 2^-(k+1). With the complexity of the rows themselves the last term is
 * `3 M sqrt(log(2/eta) / (2L))`. Sources: [BartlettMendelson2002], theorem 8; [Bach2017], section 5.
 *
 * @throws `invalid-argument` for sizes that are negative or not finite, no rows, or a confidence outside (0, 1).
 * @example
 * const complexity = contractionComplexity(Math.SQRT2, 100);
 * generalizationBound({ norm: 1, complexity, rows: 100, featureBound: Math.SQRT2, targetBound: 1 }).bound;
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

/**
 * A bound of the Rademacher complexity of relu units of unit norm, `sup_{|theta| = 1} |(1/L) sum sigma_l relu(<theta, x_l>)|`
 * in the mean over signs: `2 R / sqrt L`, R the largest norm of an input with its bias. Source: [BartlettMendelson2002],
 * theorem 12.
 */
export const contractionComplexity = (radius: number, rows: number): number => (2 * radius) / Math.sqrt(rows);

/**
 * The Rademacher complexity of relu units `relu(w x + b)`, `w^2 + b^2 = 1`, on given real inputs,
 *
 *     E_sigma sup_theta |(1/L) sum_l sigma_l relu(w x_l + b)|,
 *
 * as a mean over sign draws; each supremum is exact. Between two angles at which a unit changes its activity the sum is
 * `A cos t + B sin t`. O(L log L) once and O(L) per draw.
 *
 * @throws `invalid-argument` for no inputs or no draws.
 */
export function reluComplexity(inputs: Float64Array, draws: number, key: RandomKey): number {
  const rows = inputs.length;
  if (rows === 0 || !(Number.isInteger(draws) && draws >= 1)) {
    fail({
      code: 'invalid-argument',
      where: 'reluComplexity',
      problem: 'there is nothing to average',
      got: `${rows} inputs, ${show(draws)} draws`,
      expected: 'at least one of each',
      fix: 'pass the training inputs and for instance 100 draws',
    });
  }
  const events = eventsOf(inputs);
  const signs = new Float64Array(rows);
  let total = 0;
  for (let draw = 0; draw < draws; draw++) {
    const random = randomStream(deriveKey(key, 'signs', draw));
    for (let l = 0; l < rows; l++) signs[l] = random.uniform() < 0.5 ? -1 : 1;
    total += sweep(events, inputs, signs) / rows;
  }
  return total / draws;
}

/** `sup |sum_l weights_l relu(w x_l + b)|` over `w^2 + b^2 = 1`, exact up to rounding. O(L log L). */
export const reluSupremum = (inputs: Float64Array, weights: ArrayLike<number>): number =>
  sweep(eventsOf(inputs), inputs, weights);

/** An angle at which the unit of one input becomes active, or ceases to be. */
interface Switch {
  readonly row: number;
  readonly enters: boolean;
  readonly angle: number;
}

/** Input l is active for angles in `(t_l, t_l + pi)`, `t_l = -atan x_l` in (-pi/2, pi/2). */
function eventsOf(inputs: Float64Array): readonly Switch[] {
  return Array.from({ length: 2 * inputs.length }, (_, k) => {
    const row = k >> 1;
    const enters = k % 2 === 0;
    return { row, enters, angle: -Math.atan(inputs[row]) + (enters ? 0 : Math.PI) };
  }).sort((a, b) => a.angle - b.angle);
}

function sweep(events: readonly Switch[], inputs: Float64Array, weights: ArrayLike<number>): number {
  let [cosine, sine, best] = [0, 0, 0];
  // Before the first angle and after the last no input is active.
  for (let e = 0; e + 1 < events.length; e++) {
    const { row, enters, angle } = events[e];
    const weight = enters ? weights[row] : -weights[row];
    cosine += weight * inputs[row];
    sine += weight;
    best = Math.max(best, largestOnArc(cosine, sine, angle, events[e + 1].angle));
  }
  return best;
}

/** `max |A cos t + B sin t|` for t from `low` to `high`, at most pi apart and within (-pi/2, 3 pi/2). */
function largestOnArc(a: number, b: number, low: number, high: number): number {
  const at = (t: number): number => Math.abs(a * Math.cos(t) + b * Math.sin(t));
  // The peaks of |A cos t + B sin t| lie pi apart.
  let peak = Math.atan2(b, a);
  while (peak - Math.PI >= low) peak -= Math.PI;
  while (peak < low) peak += Math.PI;
  return peak <= high ? Math.hypot(a, b) : Math.max(at(low), at(high));
}
