import { deriveKey, fail, type RandomKey, randomStream, show } from '@muflow/core';

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
