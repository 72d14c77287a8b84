import type { CellBound } from './cellBound.js';
import { above, below } from './derivativeSlots.js';
import { quadraticBound } from './quadraticBound.js';
import type { Wave } from './trigonometric.js';

/**
 * Lower bounds of `V(u) = sum_k c_k cos(2 pi k·u) + s_k sin(2 pi k·u)` over cells of [0, 1]^d from its own
 * coefficients: with c the middle of a cell of half widths r,
 * `V(c + t) >= V(c) + V'(c)·t + t'V''(c)t/2 - (1/6) sum_k |a_k| (2 pi sum_j |k_j| r_j)^3`.
 * V is periodic, so a cell on which a first derivative keeps its sign holds no minimizer.
 */
export interface TrigonometricBound extends CellBound {
  /** Takes new coefficients, cosines and sines in the order of the waves. */
  setCoefficients(cosines: Float64Array, sines: Float64Array): void;
}

const turn = 2 * Math.PI;

/** Bounds for polynomials in the given waves. A cell costs O(number of waves). */
export function trigonometricBound(waves: readonly Wave[], dim: number): TrigonometricBound {
  const count = waves.length;
  const frequencies = Int32Array.from(waves.flatMap(({ frequency }) => frequency));
  const degrees = Array.from({ length: dim }, (_, j) =>
    waves.reduce((most, { frequency }) => Math.max(most, Math.abs(frequency[j])), 0),
  );
  const stride = Math.max(1, ...degrees) + 1;
  const [powerRe, powerIm] = [new Float64Array(dim * stride), new Float64Array(dim * stride)];
  const [cosines, sines, sizes] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  const entries = (dim * (dim + 1)) / 2;
  const [gradient, gradientError] = [new Float64Array(dim), new Float64Array(dim)];
  const [curvature, curvatureError] = [new Float64Array(entries), new Float64Array(entries)];
  const [center, candidate, radius, drift] = [0, 1, 2, 3].map(() => new Float64Array(dim));
  const stiffness = new Float64Array(dim);
  const quadratic = quadraticBound(dim);
  const state = { value: 0, error: 0, centerUpper: 0, candidateValue: 0, split: 0 };

  /** Powers of `exp(2 pi i u_j)`, each factor to 2^-50 and each product to 2^-51. */
  const raise = (u: Float64Array): void => {
    for (let j = 0; j < dim; j++) {
      const angle = turn * (u[j] - Math.round(u[j]));
      const [re, im] = [Math.cos(angle), Math.sin(angle)];
      const start = j * stride;
      powerRe[start] = 1;
      powerIm[start] = 0;
      for (let m = 1; m <= degrees[j]; m++) {
        powerRe[start + m] = powerRe[start + m - 1] * re - powerIm[start + m - 1] * im;
        powerIm[start + m] = powerRe[start + m - 1] * im + powerIm[start + m - 1] * re;
      }
    }
  };

  /** Value at u, with gradient and second derivatives if asked. */
  const evaluate = (u: Float64Array, derivatives: boolean): void => {
    raise(u);
    state.value = 0;
    if (derivatives) {
      gradient.fill(0);
      curvature.fill(0);
    }
    for (let t = 0; t < count; t++) {
      let re = 1;
      let im = 0;
      for (let j = 0; j < dim; j++) {
        const k = frequencies[t * dim + j];
        if (k === 0) continue;
        const at = j * stride + (k < 0 ? -k : k);
        const zRe = powerRe[at];
        const zIm = k < 0 ? -powerIm[at] : powerIm[at];
        const next = re * zRe - im * zIm;
        im = re * zIm + im * zRe;
        re = next;
      }
      const value = cosines[t] * re + sines[t] * im;
      state.value += value;
      if (!derivatives) continue;
      const slope = sines[t] * re - cosines[t] * im;
      let entry = 0;
      for (let j = 0; j < dim; j++) {
        const w = turn * frequencies[t * dim + j];
        gradient[j] += w * slope;
        for (let l = j; l < dim; l++) curvature[entry++] -= w * turn * frequencies[t * dim + l] * value;
      }
    }
  };

  const setCoefficients = (newCosines: Float64Array, newSines: Float64Array): void => {
    cosines.set(newCosines.subarray(0, count));
    sines.set(newSines.subarray(0, count));
    state.error = 0;
    gradientError.fill(0);
    curvatureError.fill(0);
    stiffness.fill(0);
    for (let t = 0; t < count; t++) {
      const size = Math.abs(cosines[t]) + Math.abs(sines[t]);
      sizes[t] = Math.hypot(cosines[t], sines[t]) * (1 + 2 ** -50);
      let order = 0;
      for (let j = 0; j < dim; j++) order += Math.abs(frequencies[t * dim + j]);
      // Powers are good to order 2^-49; then products of d factors and the sum over all waves.
      const error = size * (order * 2 ** -49 + (dim + count + 8) * 2 ** -51);
      state.error += error;
      let entry = 0;
      for (let j = 0; j < dim; j++) {
        const w = turn * Math.abs(frequencies[t * dim + j]);
        gradientError[j] += error * w * (1 + 2 ** -40);
        stiffness[j] += size * w * w;
        for (let l = j; l < dim; l++)
          curvatureError[entry++] += error * w * turn * Math.abs(frequencies[t * dim + l]) * (1 + 2 ** -40);
      }
    }
    state.error = state.error * (1 + 2 ** -40) + 2 ** -1000;
  };

  /** Bounds what the cubic remainder takes from V, and what second-order terms take from each slope (into `drift`). */
  const remainder = (): number => {
    let cubic = 0;
    drift.fill(0);
    for (let t = 0; t < count; t++) {
      let reach = 0;
      for (let j = 0; j < dim; j++) reach += Math.abs(frequencies[t * dim + j]) * radius[j];
      reach *= turn;
      const square = sizes[t] * reach * reach;
      cubic += square * reach;
      for (let j = 0; j < dim; j++) drift[j] += square * Math.abs(frequencies[t * dim + j]);
    }
    const rounding = 1 + (count + 16) * 2 ** -50;
    for (let j = 0; j < dim; j++) drift[j] *= (turn / 2) * rounding;
    return (cubic / 6) * rounding;
  };

  /** True where a first derivative keeps its sign on the cell. */
  const isMonotone = (): boolean => {
    for (let j = 0; j < dim; j++) {
      let change = drift[j] + gradientError[j];
      for (let l = 0; l < dim; l++) {
        const at = entryOf(Math.min(j, l), Math.max(j, l), dim);
        change += (Math.abs(curvature[at]) + curvatureError[at]) * radius[l];
      }
      if (Math.abs(gradient[j]) > change * (1 + 2 ** -40)) return true;
    }
    return false;
  };

  const least = (): number => {
    for (let j = 0; j < dim; j++) {
      quadratic.linear[j] = gradient[j] * radius[j];
      quadratic.linearError[j] = (gradientError[j] + Math.abs(gradient[j]) * 2 ** -52) * radius[j] * (1 + 2 ** -50);
      for (let l = j; l < dim; l++) {
        const at = entryOf(j, l, dim);
        const scale = radius[j] * radius[l];
        const error = (curvatureError[at] + Math.abs(curvature[at]) * 2 ** -50) * scale * (1 + 2 ** -50);
        quadratic.middle[j * dim + l] = curvature[at] * scale;
        quadratic.middle[l * dim + j] = curvature[at] * scale;
        quadratic.radius[j * dim + l] = error;
        quadratic.radius[l * dim + j] = error;
      }
    }
    return quadratic.least(dim);
  };

  return {
    center,
    candidate,
    setCoefficients,
    centerUpper: () => state.centerUpper,
    candidateValue: () => state.candidateValue,
    split: () => state.split,
    valueAt(point) {
      evaluate(point, false);
      return { upper: above(state.value + state.error), width: 2 * state.error };
    },
    bound(lower, upper, start) {
      let stiffest = -1;
      for (let j = 0; j < dim; j++) {
        const [p, q] = [lower[start + j], upper[start + j]];
        center[j] = p / 2 + q / 2;
        candidate[j] = center[j];
        radius[j] = above(Math.max(center[j] - p, q - center[j]));
        const score = Math.sqrt(stiffness[j]) * radius[j];
        if (score > stiffest) {
          stiffest = score;
          state.split = j;
        }
      }
      evaluate(center, true);
      state.centerUpper = above(state.value + state.error);
      state.candidateValue = state.centerUpper;
      const cubic = remainder();
      if (isMonotone()) return Infinity;
      const change = least();
      for (let j = 0; j < dim; j++) {
        const moved = center[j] + quadratic.minimizer[j] * radius[j];
        candidate[j] = Math.min(upper[start + j], Math.max(lower[start + j], moved));
      }
      state.candidateValue = state.centerUpper + change;
      return below(below(below(state.value - state.error) + change) - cubic);
    },
  };
}

/** Where the second derivative in coordinates j <= l is found. */
function entryOf(j: number, l: number, dim: number): number {
  return j * dim - (j * (j - 1)) / 2 + (l - j);
}
