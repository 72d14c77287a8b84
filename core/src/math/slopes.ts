import { fail, show } from '../errors.js';

/** A straight line `y = intercept + slope x` fitted to points. */
export interface LinearFit {
  readonly slope: number;
  readonly intercept: number;
  /** Standard error of the slope under independent errors of equal variance; NaN for two points. */
  readonly slopeStandardError: number;
  /** Share of the variance explained, from 0 to 1. */
  readonly r2: number;
}

/**
 * Least-squares line through points: minimizes `sum_i (y_i - intercept - slope x_i)^2`. O(n).
 *
 * @throws `shape-mismatch` for fewer than two points or unequal lengths, `invalid-argument` where all abscissas
 * agree or a value is not finite.
 *
 * @example
 * linearFit([0, 1, 2], [1, 3, 5]).slope; // 2
 */
export function linearFit(x: ArrayLike<number>, y: ArrayLike<number>): LinearFit {
  const n = x.length;
  if (n < 2 || y.length !== n) {
    fail({
      code: 'shape-mismatch',
      where: 'linearFit',
      problem: 'the points cannot be fitted',
      got: `${n} abscissas and ${y.length} ordinates`,
      expected: 'two or more of each, equally many',
      fix: 'pass arrays of equal length',
    });
  }
  const meanX = mean(x);
  const meanY = mean(y);
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    xx += (x[i] - meanX) ** 2;
    xy += (x[i] - meanX) * (y[i] - meanY);
    yy += (y[i] - meanY) ** 2;
  }
  if (!(xx > 0 && Number.isFinite(xx + yy))) {
    fail({
      code: 'invalid-argument',
      where: 'linearFit',
      problem: 'the points have no slope',
      got: `x ${show(x)}, y ${show(y)}`,
      expected: 'finite values with at least two distinct abscissas',
      fix: 'remove non-finite points and vary x',
    });
  }
  const slope = xy / xx;
  // From the residuals themselves: yy - slope * xy cancels when the fit is tight.
  let residual = 0;
  for (let i = 0; i < n; i++) residual += (y[i] - meanY - slope * (x[i] - meanX)) ** 2;
  return {
    slope,
    intercept: meanY - slope * meanX,
    slopeStandardError: n > 2 ? Math.sqrt(residual / (n - 2) / xx) : Number.NaN,
    r2: yy > 0 ? Math.max(0, 1 - residual / yy) : 1,
  };
}

/**
 * The fit of log y against log x: its slope is the exponent p of `y ~ C x^p`, its intercept log C.
 *
 * @throws `invalid-argument` if a value is not positive and finite; the rest as {@link linearFit}.
 */
export function logLogFit(x: ArrayLike<number>, y: ArrayLike<number>): LinearFit {
  return linearFit(logarithms(x, 'abscissa'), logarithms(y, 'ordinate'));
}

/** The exponent p of `y ~ C x^p`; see {@link logLogFit}. */
export function logLogSlope(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return logLogFit(x, y).slope;
}

/**
 * Order of convergence from errors at step sizes: the p of `error ~ C step^p`.
 *
 * @example
 * convergenceOrder([0.1, 0.05], [4e-3, 1e-3]); // 2
 */
export function convergenceOrder(steps: ArrayLike<number>, errors: ArrayLike<number>): number {
  return logLogFit(steps, errors).slope;
}

/** The smallest of a few values, the middle one (mean of two for an even count), and the largest; NaN for none. */
export function quantiles(values: ArrayLike<number>): {
  readonly low: number;
  readonly median: number;
  readonly high: number;
} {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return { low: Number.NaN, median: Number.NaN, high: Number.NaN };
  return { low: sorted[0], median: (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2, high: sorted[n - 1] };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

function logarithms(values: ArrayLike<number>, name: string): Float64Array {
  return Float64Array.from(values, (value, i) => {
    if (!(value > 0 && Number.isFinite(value))) {
      fail({
        code: 'invalid-argument',
        where: 'logLogFit',
        problem: `${name} ${i} has no logarithm`,
        got: show(value),
        expected: 'positive finite values',
        fix: 'remove exact zeros (an error of 0 says nothing about the order)',
      });
    }
    return Math.log(value);
  });
}
