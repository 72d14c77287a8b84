/** Special functions of one real argument in double precision. */

const twoOverRootPi = 2 / Math.sqrt(Math.PI);
const rootPi = Math.sqrt(Math.PI);
/** Below this the series for erf has positive terms only and converges fast; above, the continued fraction does. */
const seriesLimit = 2.4;

/** `erf(x) = 2 pi^(-1/2) e^(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!`, all terms of one sign. */
function erfSeries(x: number): number {
  const xx = x * x;
  let term = x;
  let sum = x;
  for (let n = 1; n < 100; n++) {
    term *= (2 * xx) / (2 * n + 1);
    const next = sum + term;
    if (next === sum) break;
    sum = next;
  }
  return twoOverRootPi * expMinusSquare(x) * sum;
}

/** `erfc(x) = e^(-x^2) / sqrt(pi) * 1 / (x + (1/2)/(x + 1/(x + (3/2)/(x + …))))`, evaluated from the tail. */
function erfcFraction(x: number): number {
  const depth = Math.ceil(20 + 300 / (x * x));
  let tail = x;
  for (let k = depth; k >= 1; k--) tail = x + k / 2 / tail;
  return expMinusSquare(x) / (rootPi * tail);
}

/** `exp(-x^2)` with the rounding of the square carried along: the error of x*x would be magnified by x^2. */
function expMinusSquare(x: number): number {
  const head = Math.round(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

/** Error function; relative error below 1e-15. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const size = Math.abs(x);
  if (size < seriesLimit) return erfSeries(x);
  const value = size > 6 ? 1 : 1 - erfcFraction(size);
  return x < 0 ? -value : value;
}

/** Complementary error function `1 - erf(x)`; relative error below 2e-14 (absolute below 1e-15 for x < 2.4). */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x < seriesLimit) return x < -6 ? 2 : 1 - erf(x);
  return x > 27.3 ? 0 : erfcFraction(x);
}

/** Distribution function of the standard normal law. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x / Math.SQRT2);
}

/** Logistic function `1 / (1 + e^-x)` without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** `log(1 + e^x)` without overflow or loss for large |x|. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** Shifts above this make the asymptotic series exact to rounding. */
const asymptoticFrom = 12;

/** `log Gamma(x)` for x > 0 by Stirling's series after raising the argument; NaN otherwise. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let shift = 0;
  let z = x;
  while (z < asymptoticFrom) {
    shift += Math.log(z);
    z += 1;
  }
  const w = 1 / (z * z);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - (w * 691) / 360360))))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

/** Digamma `d/dx log Gamma(x)` for x > 0; NaN otherwise. */
export function digamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let shift = 0;
  let z = x;
  while (z < asymptoticFrom) {
    shift += 1 / z;
    z += 1;
  }
  const w = 1 / (z * z);
  const series = w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (1 / 132 - (w * 691) / 32760)))));
  return Math.log(z) - 0.5 / z - series - shift;
}
