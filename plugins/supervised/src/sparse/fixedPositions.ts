import { compileFunction, type Measure, measure, parseFormula } from '@muflow/core';
import { signedAtoms } from '../certificate/penalizedProblem.js';
import type { DeconvolutionProblem } from './deconvolution.js';
import { kernelFormula } from './waveKernel.js';

export interface FixedPositionsOptions {
  /** Stop once the duality gap of the problem in the masses is below this share of the energy, default 1e-10. */
  readonly tolerance?: number;
  /** Most sweeps over all masses, default 20,000. */
  readonly maxSweeps?: number;
  /** Masses to start from, default 0. */
  readonly masses?: ArrayLike<number>;
}

/**
 * The convex problem in the masses alone: `min_{w >= 0} (1/2) |sum_i w_i delta_{x_i} - nu0|_K^2 + lambda sum w_i` for
 * given positions, by cyclic coordinate descent with exact steps `w_i <- max(0, w_i - g_i / K(x_i, x_i))`.
 * Cost O(n^2) per sweep; positions that nearly agree make it slow.
 *
 * @param positions - n*d angles.
 * @returns the measure of the n atoms, masses of 0 included.
 */
export function optimizeMasses(
  { target, kernel, lambda }: DeconvolutionProblem,
  positions: Float64Array,
  options: FixedPositionsOptions = {},
): Measure {
  const { tolerance = 1e-10, maxSweeps = 20_000 } = options;
  const spikes = signedAtoms(target);
  const { space } = spikes;
  const { dim } = space;
  const n = positions.length / dim;
  const pair = pairValue(kernelFormula(kernel, dim), dim);
  const gram = new Float64Array(n * n);
  const aim = new Float64Array(n);
  let constant = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) gram[i * n + j] = pair(positions, i, positions, j);
    spikes.weights.forEach((weight, j) => {
      aim[i] += weight * pair(positions, i, spikes.positions, j);
    });
  }
  spikes.weights.forEach((weight, j) => {
    spikes.weights.forEach((other, k) => {
      constant += (weight * other * pair(spikes.positions, j, spikes.positions, k)) / 2;
    });
  });
  const w = Float64Array.from(options.masses ?? new Float64Array(n));
  /** Gradient of the square part, `G w - b`. */
  const slope = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    slope[i] = -aim[i];
    for (let j = 0; j < n; j++) slope[i] += gram[i * n + j] * w[j];
  }
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    for (let i = 0; i < n; i++) {
      const next = Math.max(0, w[i] - (slope[i] + lambda) / gram[i * n + i]);
      const change = next - w[i];
      if (change === 0) continue;
      w[i] = next;
      for (let j = 0; j < n; j++) slope[j] += change * gram[j * n + i];
    }
    if (massGap(w, slope, aim, { constant, lambda }) <= tolerance) break;
  }
  return measure({ space, kind: 'positive', positions, masses: w });
}

/** Duality gap of the problem in the masses, relative to its energy. */
function massGap(
  w: Float64Array,
  slope: Float64Array,
  aim: Float64Array,
  { constant, lambda }: { readonly constant: number; readonly lambda: number },
): number {
  let [fitted, overlap, total, top] = [0, 0, 0, 0];
  for (let i = 0; i < w.length; i++) {
    fitted -= w[i] * slope[i];
    overlap += w[i] * aim[i];
    total += w[i];
    top = Math.max(top, -slope[i]);
  }
  // |nu - nu0|^2 = |nu0|^2 - <nu, nu0> - <nu, nu0 - nu>.
  const squared = Math.max(Number.MIN_VALUE, 2 * constant - overlap - fitted);
  const scale = Math.min(top > 0 ? lambda / top : 1, 1 + fitted / squared);
  const gap = (squared / 2) * (1 - scale) ** 2 + lambda * total - scale * fitted;
  return gap / (squared / 2 + lambda * total);
}

function pairValue(formula: string, dim: number) {
  const variables = { x: { role: 'row', size: dim }, y: { role: 'column', size: dim } } as const;
  const value = compileFunction(parseFormula(formula, { variables }), [
    { name: 'x', size: dim },
    { name: 'y', size: dim },
  ]);
  const point = new Float64Array(2 * dim);
  return (a: Float64Array, i: number, b: Float64Array, j: number): number => {
    for (let k = 0; k < dim; k++) {
      point[k] = a[i * dim + k];
      point[dim + k] = b[j * dim + k];
    }
    return value(point);
  };
}
