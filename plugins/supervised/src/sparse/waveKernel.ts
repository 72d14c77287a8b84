import { fail, show } from '@muflow/core';

/**
 * A kernel on the torus `(R / 2 pi Z)^d` that is a product of finite cosine series,
 * `K(x, y) = prod_j k(x_j - y_j)`, `k(t) = sum_k c_k cos(k t)`, `c_k >= 0`: positive definite, with
 * `(2p + 1)^d` features `prod_j e(x_j)`, `e = (sqrt c_k cos(k t), sqrt c_k sin(k t))_k`.
 */
export interface WaveKernel {
  readonly name: string;
  /** `c_0, ..., c_p`. */
  readonly coefficients: readonly number[];
}

/**
 * The Dirichlet kernel `D(t) = 1 + 2 sum_{k <= p} cos(k t)`: what an ideal low-pass filter of cut-off p leaves of
 * a spike. Source: [Chizat2019].
 * @param order - p >= 0.
 */
export function dirichletKernel(order: number): WaveKernel {
  if (!(Number.isInteger(order) && order >= 0)) {
    refuse('dirichletKernel', `order ${show(order)}`, 'an integer >= 0', 'pass 2');
  }
  return { name: `Dirichlet kernel of order ${order}`, coefficients: [1, ...new Array<number>(order).fill(2)] };
}

/**
 * The Gaussian kernel wrapped around the circle, `k(t) = sum_n exp(-(t + 2 pi n)^2 / (2 s^2))`, by its Fourier series
 * `(s / sqrt(2 pi)) (1 + 2 sum_k exp(-s^2 k^2 / 2) cos(k t))` cut where a term is below 1e-17 of the first.
 * @param width - s > 0 in radians; the series has about `9 / s` terms.
 */
export function gaussianKernel(width: number): WaveKernel {
  if (!(width >= 0.05 && Number.isFinite(width))) {
    refuse('gaussianKernel', `width ${show(width)}`, 'a finite width of at least 0.05', 'pass a width in radians');
  }
  const scale = width / Math.sqrt(2 * Math.PI);
  const coefficients = [scale];
  for (let k = 1; ; k++) {
    const ratio = 2 * Math.exp((-width * width * k * k) / 2);
    if (ratio < 1e-17) break;
    coefficients.push(scale * ratio);
  }
  return { name: `Gaussian kernel of width ${width}`, coefficients };
}

/** The kernel as a formula in `x` and `y` of d coordinates each. */
export function kernelFormula({ coefficients }: WaveKernel, dim: number): string {
  const factor = (j: number): string => {
    const t = dim === 1 ? '(x - y)' : `(x[${j}] - y[${j}])`;
    const terms = coefficients.slice(1).map((c, k) => `${c}*cos(${k + 1}*${t})`);
    return `(${[coefficients[0], ...terms].join(' + ')})`;
  };
  return Array.from({ length: dim }, (_, j) => factor(j)).join('*');
}

/** `e(t)` (2p + 1 numbers: constant, then cosine and sine by frequency) and its derivative, written at `start`. */
export function wavesInto(
  values: Float64Array,
  slopes: Float64Array,
  start: number,
  { t, roots }: { readonly t: number; readonly roots: Float64Array },
): void {
  values[start] = roots[0];
  slopes[start] = 0;
  const [c, s] = [Math.cos(t), Math.sin(t)];
  // cos k t and sin k t by the addition theorem: the error grows as k, and k is at most a few dozen.
  let [cosine, sine] = [1, 0];
  for (let k = 1; k < roots.length; k++) {
    const next = cosine * c - sine * s;
    sine = sine * c + cosine * s;
    cosine = next;
    values[start + 2 * k - 1] = roots[k] * cosine;
    values[start + 2 * k] = roots[k] * sine;
    slopes[start + 2 * k - 1] = -k * roots[k] * sine;
    slopes[start + 2 * k] = k * roots[k] * cosine;
  }
}

function refuse(where: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where, problem: 'the kernel is not usable', got, expected, fix });
}
