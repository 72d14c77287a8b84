/** An exact fraction in lowest terms; the denominator is positive. Immutable. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A whole number as a fraction. */
export const whole = (value: bigint | number): Rational => ({ numerator: BigInt(value), denominator: 1n });

/** `numerator / denominator` in lowest terms; the denominator must not be 0. Costs Euclid's algorithm. */
export function fraction(numerator: bigint, denominator: bigint): Rational {
  const divisor = denominator < 0n ? -commonDivisor(numerator, denominator) : commonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** The fraction that a finite double is: every double is a whole number times a power of two. */
export function rationalOf(value: number): Rational {
  let denominator = 1n;
  let scaled = value;
  // Doubling is exact; a subnormal needs at most 1074 of them.
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return fraction(BigInt(scaled), denominator);
}

/** A fraction as a double, to two units of its last digit. */
export function numberOf({ numerator, denominator }: Rational): number {
  // 64 digits of the quotient, scaled back in two exact steps, since 2^-shift alone may be 0.
  const shift = 64 + bitLength(denominator) - bitLength(numerator);
  const quotient =
    shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / (denominator << BigInt(-shift));
  const first = Math.trunc(shift / 2);
  return Number(quotient) * 2 ** -first * 2 ** (first - shift);
}

export function add(a: Rational, b: Rational): Rational {
  if (a.denominator === b.denominator) return fraction(a.numerator + b.numerator, a.denominator);
  return fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export const negate = ({ numerator, denominator }: Rational): Rational => ({ numerator: -numerator, denominator });

export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b));

export const multiply = (a: Rational, b: Rational): Rational =>
  fraction(a.numerator * b.numerator, a.denominator * b.denominator);

export const divide = (a: Rational, b: Rational): Rational =>
  fraction(a.numerator * b.denominator, a.denominator * b.numerator);

/** -1, 0 or 1, the sign of `a - b`. */
export function compare(a: Rational, b: Rational): -1 | 0 | 1 {
  const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** -1, 0 or 1. */
export const signOf = ({ numerator }: Rational): -1 | 0 | 1 => (numerator < 0n ? -1 : numerator > 0n ? 1 : 0);

function commonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

const bitLength = (value: bigint): number => (value < 0n ? -value : value).toString(2).length;
