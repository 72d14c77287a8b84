import { fail, show } from '../errors.js';

export interface LinearFit {
  readonly slope: number;
  readonly intercept: number;
  /** Standard error of the slope under independent errors of equal variance; NaN for two points. */
  readonly slopeStandardError: number;
  /** Share of the variance explained. */
  readonly r2: number;
}

/** Least-squares line through points; needs two distinct abscissas. */
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
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i] / n;
    meanY += y[i] / n;
  }
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i] - meanX;
    const dy = y[i] - meanY;
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
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
  const residual = Math.max(0, yy - slope * xy);
  return {
    slope,
    intercept: meanY - slope * meanX,
    slopeStandardError: n > 2 ? Math.sqrt(residual / (n - 2) / xx) : Number.NaN,
    r2: yy > 0 ? 1 - residual / yy : 1,
  };
}

/** Slope of log y against log x: the exponent p of `y ~ C x^p`. */
export function logLogFit(x: ArrayLike<number>, y: ArrayLike<number>): LinearFit {
  const log = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, (value) => Math.log(value));
  return linearFit(log(x), log(y));
}

/** Order of convergence from errors at step sizes: the log-log slope. */
export function convergenceOrder(steps: ArrayLike<number>, errors: ArrayLike<number>): number {
  return logLogFit(steps, errors).slope;
}

/** The smallest of a few values, the middle one (mean of two for an even count), and the largest. */
export function quantiles(values: ArrayLike<number>): { readonly low: number; readonly median: number; readonly high: number } {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return { low: Number.NaN, median: Number.NaN, high: Number.NaN };
  return { low: sorted[0], median: (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2, high: sorted[n - 1] };
}
