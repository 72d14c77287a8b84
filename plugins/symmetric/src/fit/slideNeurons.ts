import { correlationInto, type FeatureCloud } from './neuronCorrelation.js';

/** Neurons `f = sum_j sign_j weight_j relu(<u_j, z>)` with unit `u_j` and weights >= 0. */
export interface Neurons {
  readonly width: number;
  readonly directions: readonly Float64Array[];
  readonly signs: readonly (1 | -1)[];
  readonly weights: readonly number[];
}

/** Fills `out` (S) with `relu(<u, z_s>)` and returns it. */
export function neuronValuesInto(
  out: Float64Array,
  { rows, width, count }: FeatureCloud,
  u: Float64Array,
): Float64Array {
  for (let s = 0, at = 0; s < count; s++, at += width) {
    let z = 0;
    for (let k = 0; k < width; k++) z += u[k] * rows[at + k];
    out[s] = Math.max(z, 0);
  }
  return out;
}

/**
 * Descent of `(1/2S) |y - f|^2` in the directions, weights held: `u_j` along the part of the gradient in
 * `theta_j = weight_j u_j` that is orthogonal to it, all by one step, then back to the unit sphere. A step is kept where it
 * lowers the value by a tenth of what its slope says, else a quarter of it is tried; after one that is kept twice of it.
 * Cost O(n S m1) a trial.
 */
export function slideNeurons(cloud: FeatureCloud, targets: Float64Array, from: Neurons, steps: number): Neurons {
  const { signs, weights } = from;
  let directions = from.directions;
  let { value, residual } = misfit(cloud, targets, from);
  let length = 1;
  for (let step = 0; step < steps; step++) {
    const moves = directions.map((u, j) => tangent(cloud, residual, u, signs[j]));
    const slope = moves.reduce((sum, move) => sum + move.reduce((s, x) => s + x * x, 0), 0);
    if (slope === 0) break;
    let isLower = false;
    for (let trial = 0; trial < 12 && !isLower; trial++) {
      const moved = directions.map((u, j) => unitAlong(u, moves[j], length / weights[j]));
      const there = misfit(cloud, targets, { ...from, directions: moved });
      if (there.value < value - 0.1 * length * slope) {
        isLower = true;
        [directions, value, residual] = [moved, there.value, there.residual];
        length *= 2;
      } else length /= 4;
    }
    if (!isLower) break;
  }
  return { ...from, directions };
}

/** `(1/2S) |y - f|^2` and the residuals. */
function misfit(
  cloud: FeatureCloud,
  targets: Float64Array,
  { directions, signs, weights }: Neurons,
): { readonly value: number; readonly residual: Float64Array } {
  const residual = targets.slice();
  const values = new Float64Array(cloud.count);
  directions.forEach((u, j) => {
    neuronValuesInto(values, cloud, u);
    for (let s = 0; s < cloud.count; s++) residual[s] -= signs[j] * weights[j] * values[s];
  });
  return { value: residual.reduce((sum, r) => sum + r * r, 0) / (2 * cloud.count), residual };
}

/** `sign (grad g - <grad g, u> u)` at u. */
function tangent(cloud: FeatureCloud, residual: Float64Array, u: Float64Array, sign: number): Float64Array {
  const slope = new Float64Array(cloud.width);
  const along = correlationInto(slope, cloud, residual, u);
  return slope.map((x, k) => sign * (x - along * u[k]));
}

function unitAlong(u: Float64Array, move: Float64Array, length: number): Float64Array {
  const out = u.map((x, k) => x + length * move[k]);
  const norm = Math.hypot(...out);
  for (let k = 0; k < out.length; k++) out[k] /= norm;
  return out;
}

/**
 * Neurons of one sign that are switched on at the same sets, put together: `sum_j weight_j u_j` gives the same values there,
 * and its length is no larger than the sum of theirs. Cost O(n S m1).
 */
export function withoutCopies(cloud: FeatureCloud, { width, directions, signs, weights }: Neurons): Neurons {
  const groups = new Map<string, { sign: 1 | -1; readonly sum: Float64Array }>();
  const values = new Float64Array(cloud.count);
  directions.forEach((u, j) => {
    const on = Array.from(neuronValuesInto(values, cloud, u), (value) => (value > 0 ? '1' : '0')).join('');
    const name = `${signs[j]} ${on}`;
    const group = groups.get(name) ?? { sign: signs[j], sum: new Float64Array(width) };
    groups.set(name, group);
    for (let k = 0; k < width; k++) group.sum[k] += weights[j] * u[k];
  });
  const merged = [...groups.values()].map(({ sign, sum }) => ({ sign, sum, norm: Math.hypot(...sum) }));
  const kept = merged.filter(({ norm }) => norm > 0);
  return {
    width,
    directions: kept.map(({ sum, norm }) => sum.map((x) => x / norm)),
    signs: kept.map(({ sign }) => sign),
    weights: kept.map(({ norm }) => norm),
  };
}
