import { fail } from '../errors.js';

/**
 * A zero of `f` between `a` and `b` by bisection, to the last bit the midpoint can resolve.
 * @throws `invalid-argument` if f(a) and f(b) have the same sign.
 */
export function bisect(f: (x: number) => number, a: number, b: number, tolerance = 0): number {
  let low = a;
  let high = b;
  const fLow = f(low);
  const fHigh = f(high);
  if (fLow === 0) return low;
  if (fHigh === 0) return high;
  if (!(fLow < 0 !== fHigh < 0) || Number.isNaN(fLow + fHigh)) {
    fail({
      code: 'invalid-argument',
      where: 'bisect',
      problem: 'the function does not change sign on the interval',
      got: `f(${a}) = ${fLow} and f(${b}) = ${fHigh}`,
      expected: 'values of opposite sign at the ends',
      fix: 'widen the interval until it brackets a zero',
    });
  }
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= Math.min(low, high) || middle >= Math.max(low, high) || Math.abs(high - low) <= tolerance) return middle;
    const value = f(middle);
    if (value === 0) return middle;
    if (value < 0 === fLow < 0) low = middle;
    else high = middle;
  }
}

const golden = (Math.sqrt(5) - 1) / 2;

/** A local minimum of `f` on [a, b] by golden sections: position to about the square root of rounding, and value. */
export function goldenSection(f: (x: number) => number, a: number, b: number, iterations = 80): { readonly at: number; readonly value: number } {
  let low = a;
  let high = b;
  let x1 = high - golden * (high - low);
  let x2 = low + golden * (high - low);
  let f1 = f(x1);
  let f2 = f(x2);
  for (let k = 0; k < iterations && high - low > 0; k++) {
    if (f1 <= f2) {
      high = x2;
      x2 = x1;
      f2 = f1;
      x1 = high - golden * (high - low);
      f1 = f(x1);
    } else {
      low = x1;
      x1 = x2;
      f1 = f2;
      x2 = low + golden * (high - low);
      f2 = f(x2);
    }
  }
  return f1 <= f2 ? { at: x1, value: f1 } : { at: x2, value: f2 };
}
