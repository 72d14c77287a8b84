/**
 * Elementary functions as loops over a Gram matrix need them: without branches that depend on the data, which cost
 * more than the arithmetic. They are inlined where they are called, so they take and give plain numbers.
 */

/**
 * `asin(x)` for |x| <= 1, within 3e-15. With `z = (1 - |x|)/2` it is `pi/2 - sqrt(z) P(z)/Q(z)` times the sign: P/Q,
 * of degrees 9 and 3 in `u = z - 1/4`, agrees with `2 asin(sqrt z)/sqrt z` at 13 Chebyshev points of [0, 1/2],
 * relative error 2e-16. The sign is a quotient because a choice would be a branch, and it shares the division of P/Q.
 */
export function arcSine(x: number): number {
  const size = Math.min(1, Math.abs(x));
  const z = 0.5 - 0.5 * size;
  const u = 0.25 - 0.5 * size;
  const u2 = u * u;
  const u4 = u2 * u2;
  const low = 2.0943951023931957 - u * 5.66516149075186 + (4.721823347753431 - u * 1.077844930780796) * u2;
  const high =
    -0.06293874105040231 - u * 0.011378469792329444 + (-0.00288309111135867 - u * 0.0008098665617614133) * u2;
  const over = low + high * u4 + (-0.00021195112522375605 - u * 3.810000956875321e-5) * (u4 * u4);
  const under = 1.0 - u * 2.910230945688194 + (2.7328618892287975 - u * 0.821828868898249) * u2;
  return (x * ((Math.PI / 2) * under - Math.sqrt(z) * over)) / (under * (size + 1e-300));
}

/**
 * `sqrt(1 - s^2) + s asin s` for 0 <= s <= 1, the even part of the kernel of ReLU units, within 1e-15:
 * `pi s/2 + z^(3/2) P(z)/Q(z)` with `z = (1 - s)/2` and degrees 8 and 3 in `z - 1/4`, made as those of {@link arcSine}.
 */
export function evenBend(s: number): number {
  const z = 0.5 - 0.5 * s;
  const u = 0.25 - 0.5 * s;
  const u2 = u * u;
  const u4 = u2 * u2;
  const low = 2.739413025489118 - u * 6.726984864327136 + (5.056178817446494 - u * 1.0517730946926729) * u2;
  const high =
    -0.04332418737315237 - u * 0.005804563990243115 + (-0.0010830395828318614 - u * 0.00020979036172555216) * u2;
  const over = low + high * u4 - 2.987164221425016e-5 * (u4 * u4);
  const under = 1 - u * 2.5719624842916837 + (2.09869200517505 - u * 0.536405517352013) * u2;
  return (Math.PI / 2) * s + z * Math.sqrt(z) * (over / under);
}

const parts = 256;
/** `2^(j/256)` for j = 0..255. */
const fractions = Float64Array.from({ length: parts }, (_, j) => 2 ** (j / parts));
/** `2^-k` for k = 0..1080. */
const scales = Float64Array.from({ length: 1081 }, (_, k) => 2 ** -k);
/** Below this the result is 0. */
const lowest = -745.2;
const perStep = parts / Math.LN2;
/** ln(2)/256 in two parts, the first of 32 bits, so that its multiples are exact. */
const stepHigh = 0.6931471803691238 / parts;
const stepLow = 1.9082149292705877e-10 / parts;
/** 1.5 * 2^52: a number added to it and taken off is rounded to the nearest integer. */
const magic = 6755399441055744;

/**
 * `exp(x)` for x <= 0, relative error at most 5e-16 where the result is a normal number: `2^(n/256) e^r` with a table
 * of powers and a polynomial of degree 4 for |r| <= ln(2)/512. Source: [Tang1989].
 */
export function expOfNegative(x: number): number {
  const bounded = Math.max(x, lowest);
  const n = bounded * perStep + magic - magic;
  const r = bounded - n * stepHigh - n * stepLow;
  const tail = r * (1 + r * (0.5 + r * (1 / 6 + r * (1 / 24))));
  const whole = n | 0;
  const power = fractions[whole & (parts - 1)];
  return (power + power * tail) * scales[-(whole >> 8)];
}
