import { leastExponent } from './sinkhornCode.js';

/** `2^(k/256)` for k = 0, ..., 255. */
const fractions = Float64Array.from({ length: 256 }, (_, k) => 2 ** (k / 256));
/** `2^(k - 1022)` for k = 0, ..., 2045. */
const powers = Float64Array.from({ length: 2046 }, (_, k) => 2 ** (k - 1022));
const perUnit = 256 / Math.LN2;
/** `ln 2 / 256` in two parts, the first with trailing zeros, so that its multiples are exact. */
const high = 2 ** -34 * Math.floor((Math.LN2 / 256) * 2 ** 34);
/** What is missing of ln 2 / 256 = 0.0027076061740622863... in double precision and below. */
const low = Math.LN2 / 256 - high + 2.319046813846299e-17 / 256;
/** Adding and taking away 3 * 2^51 rounds to a whole number. */
const rounder = 6755399441055744;

/**
 * An entry of the Gibbs kernel, `exp(z)`, by a table of `2^(k/256)` and a polynomial of degree 5 in what is left (relative
 * error 2e-15): below -700 it is 0, above 700 Infinity, NaN stays.
 */
export function kernelEntry(z: number): number {
  if (!(z <= 700 && z >= leastExponent)) return z < leastExponent ? 0 : z > 700 ? Number.POSITIVE_INFINITY : z;
  const whole = z * perUnit + rounder - rounder;
  const k = whole | 0;
  const r = z - whole * high - whole * low;
  const polynomial = 1 + r * (1 + r * (0.5 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))));
  return fractions[k & 255] * powers[(k >> 8) + 1022] * polynomial;
}
