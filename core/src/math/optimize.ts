import { fail } from '../errors.js';

type RealFunction = (x: number) => number;

/**
 * A zero of `f` between `a` and `b` by bisection: one evaluation per bit.
 *
 * @param tolerance width of the bracket to stop at; 0 goes to the last bit the midpoint can resolve.
 * @throws `invalid-argument` if f(a) and f(b) have the same sign, `not-finite` if f is NaN inside.
 *
 * @example
 * bisect((x) => x * x - 2, 0, 2); // 1.4142135623730951
 */
export function bisect(f: RealFunction, a: number, b: number, tolerance = 0): number {
  let low = a;
  let high = b;
  const fLow = f(low);
  const fHigh = f(high);
  if (fLow === 0) return low;
  if (fHigh === 0) return high;
  assertBracket('bisect', a, fLow, b, fHigh);
  for (;;) {
    const middle = low + (high - low) / 2;
    const resolved = middle > Math.min(low, high) && middle < Math.max(low, high);
    if (!resolved || Math.abs(high - low) <= tolerance) return middle;
    const value = finiteValue('bisect', f, middle);
    if (value === 0) return middle;
    if (value < 0 === fLow < 0) low = middle;
    else high = middle;
  }
}

/**
 * A zero of `f` between `a` and `b` by Brent's method: inverse quadratic and secant steps, bisection where those
 * do not shrink the bracket. About 8 evaluations for a smooth f, never many more than {@link bisect}.
 *
 * @param tolerance on the zero, beside four roundings of it.
 * @throws as {@link bisect}. Source: Brent (1973), chapter 4.
 */
export function brent(f: RealFunction, a: number, b: number, tolerance = 0): number {
  // [best, other] brackets the zero, |f(best)| <= |f(other)|; `last` is the best point before.
  let other = a;
  let best = b;
  let fOther = f(a);
  let fBest = f(b);
  if (fOther === 0) return a;
  if (fBest === 0) return b;
  assertBracket('brent', a, fOther, b, fBest);
  let last = other;
  let fLast = fOther;
  let step = best - other;
  let stepBefore = step;
  for (;;) {
    if (Math.abs(fOther) < Math.abs(fBest)) {
      last = best;
      best = other;
      other = last;
      fLast = fBest;
      fBest = fOther;
      fOther = fLast;
    }
    const resolution = 2 * Number.EPSILON * Math.abs(best) + 0.5 * tolerance + Number.MIN_VALUE;
    const half = (other - best) / 2;
    if (Math.abs(half) <= resolution || fBest === 0) return best;
    let trial = half;
    if (Math.abs(stepBefore) >= resolution && Math.abs(fLast) > Math.abs(fBest)) {
      trial = interpolate(best, fBest, last, fLast, other, fOther);
      const usable = trial * half > 0 && Math.abs(trial) < Math.min(1.5 * Math.abs(half), Math.abs(stepBefore) / 2);
      if (!usable) trial = half;
    }
    stepBefore = trial === half ? half : step;
    step = trial;
    last = best;
    fLast = fBest;
    best += Math.abs(step) > resolution ? step : Math.sign(half) * resolution;
    fBest = finiteValue('brent', f, best);
    if (fBest < 0 === fOther < 0) {
      other = last;
      fOther = fLast;
      step = best - last;
      stepBefore = step;
    }
  }
}

/** The step from `b` to the zero of the inverse parabola through three points, or of the secant where two coincide. */
function interpolate(b: number, fb: number, a: number, fa: number, c: number, fc: number): number {
  const s = fb / fa;
  if (a === c) return ((c - b) * s) / (s - 1);
  const q = fa / fc;
  const r = fb / fc;
  return (-s * ((c - b) * q * (q - r) - (b - a) * (r - 1))) / ((q - 1) * (r - 1) * (s - 1));
}

const golden = (Math.sqrt(5) - 1) / 2;

/**
 * A local minimum of `f` on the interval between `a` and `b` by golden sections; the global one where f is unimodal.
 * One evaluation per iteration, each shrinking the bracket by 0.618; the position is good to about the square root
 * of rounding, since f is flat at its minimum.
 *
 * @example
 * goldenSection((x) => (x - 1) ** 2, 0, 3).at; // 1 up to 1e-8
 */
export function goldenSection(
  f: RealFunction,
  a: number,
  b: number,
  iterations = 80,
): { readonly at: number; readonly value: number } {
  let low = Math.min(a, b);
  let high = Math.max(a, b);
  let x1 = high - golden * (high - low);
  let x2 = low + golden * (high - low);
  let f1 = f(x1);
  let f2 = f(x2);
  for (let k = 0; k < iterations && x1 < x2; k++) {
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

function assertBracket(where: string, a: number, fa: number, b: number, fb: number): void {
  if ((fa < 0 && fb > 0) || (fa > 0 && fb < 0)) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the function does not change sign on the interval',
    got: `f(${a}) = ${fa} and f(${b}) = ${fb}`,
    expected: 'values of opposite sign at the ends',
    fix: 'widen the interval until it brackets a zero',
  });
}

function finiteValue(where: string, f: RealFunction, x: number): number {
  const value = f(x);
  if (Number.isNaN(value)) {
    fail({
      code: 'not-finite',
      where,
      problem: 'the function has no value inside the interval',
      got: `f(${x}) = NaN`,
      expected: 'a number',
      fix: 'shrink the interval to where the function is defined',
    });
  }
  return value;
}
