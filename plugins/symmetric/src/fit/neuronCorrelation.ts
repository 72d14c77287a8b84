import { symmetricEigen } from '@muflow/core';

/** Rows `z_s = Phi(mu_s) / sqrt(m1)`, S*m1. */
export interface FeatureCloud {
  readonly rows: Float64Array;
  readonly width: number;
  readonly count: number;
}

/** A unit direction u with the value of the correlation there. */
export interface CorrelationPoint {
  readonly direction: Float64Array;
  readonly value: number;
}

/**
 * How one neuron goes with residuals, `g(u) = (1/S) sum_s r_s relu(<u, z_s>)`; fills `slope` (m1) with its gradient
 * `(1/S) sum_{<u, z_s> > 0} r_s z_s`. Cost O(S m1).
 */
export function correlationInto(
  slope: Float64Array,
  cloud: FeatureCloud,
  residual: Float64Array,
  u: Float64Array,
): number {
  return blurredInto(slope, cloud, { residual, blur: 0 }, u);
}

interface Field {
  readonly residual: Float64Array;
  /** Half width b >= 0 of the arc `(t + b)^2 / (4 b)` that rounds the corner of the relu. */
  readonly blur: number;
}

/** {@link correlationInto} with rounded corners. */
function blurredInto(
  slope: Float64Array,
  { rows, width, count }: FeatureCloud,
  { residual, blur }: Field,
  u: Float64Array,
): number {
  slope.fill(0);
  let sum = 0;
  for (let s = 0, at = 0; s < count; s++, at += width) {
    let z = 0;
    for (let k = 0; k < width; k++) z += u[k] * rows[at + k];
    if (!(z > -blur)) continue;
    const share = z < blur ? (z + blur) / (2 * blur) : 1;
    const r = residual[s] * share;
    sum += r * (z < blur ? (z + blur) / 2 : z);
    for (let k = 0; k < width; k++) slope[k] += r * rows[at + k];
  }
  for (let k = 0; k < width; k++) slope[k] /= count;
  return sum / count;
}

/** Half widths of corners, as shares of the mean length of rows, and most steps at each. */
const levels = [
  [0.1, 20],
  [0.03, 20],
  [0.01, 20],
  [0.003, 20],
  [0.001, 20],
  [0, 100],
] as const;

/**
 * Climbs g on the unit sphere from a start: to `grad g / |grad g|` where that is higher, as it is while the signs of the
 * `<u, z_s>` stay, else part of the way there. Since g has ridges, where `<u, z_s> = 0` for some `r_s < 0` and no step along
 * a gradient is higher, it first climbs with the corners of the relu rounded, less and less.
 */
export function climbCorrelation(cloud: FeatureCloud, residual: Float64Array, start: Float64Array): CorrelationPoint {
  let square = 0;
  for (let i = 0; i < cloud.rows.length; i++) square += cloud.rows[i] * cloud.rows[i];
  const size = Math.sqrt(square / cloud.count);
  let at: CorrelationPoint = { direction: unit(start), value: 0 };
  for (const [share, steps] of levels) {
    at = climbField(cloud, { residual, blur: share * size }, at.direction, steps);
  }
  return at;
}

function climbField(cloud: FeatureCloud, field: Field, start: Float64Array, steps: number): CorrelationPoint {
  let u = start;
  let slope = new Float64Array(cloud.width);
  let trialSlope = new Float64Array(cloud.width);
  let value = blurredInto(slope, cloud, field, u);
  for (let step = 0; step < steps; step++) {
    const steepest = Math.sqrt(slope.reduce((sum, x) => sum + x * x, 0));
    if (steepest === 0) break;
    let isHigher = false;
    for (let share = 1; share > 1e-9 && !isHigher; share /= 4) {
      const trial = unit(u.map((x, k) => (1 - share) * x + (share * slope[k]) / steepest));
      const higher = blurredInto(trialSlope, cloud, field, trial);
      if (!(higher > value + 1e-13 * Math.abs(value))) continue;
      isHigher = true;
      [u, value] = [trial, higher];
      [slope, trialSlope] = [trialSlope, slope];
    }
    if (!isHigher) break;
  }
  return { direction: u, value };
}

/**
 * A number that g exceeds nowhere on the unit sphere. With `b = (1/S) sum r_s z_s`, positive and negative parts of the
 * residuals, `R = (1/S) sum r_s^+`, `C = (1/S) sum r_s^+ z_s z_s^T` of largest eigenvalue l, and any c > 0,
 *
 *     g(u) <= (1/S) sum r_s^+ |<u, z_s>| <= sqrt(R l)                                        (Cauchy-Schwarz),
 *     g(u)  = (1/2) <b, u> + (1/2S) sum r_s |<u, z_s>| <= (1/2) (|b| + top Q_c + c R / 2),
 *     Q_c   = (1/S) sum (r_s^+ / (2c) - r_s^- / |z_s|) z_s z_s^T,
 *
 * from `relu(t) = (t + |t|) / 2`, `t^2 / |z| <= |t| <= t^2 / (2c) + c / 2` where `|t| <= |z|`. Without its negative part the
 * second is least for `c = sqrt(l / R)`, which is taken; the smaller of both is returned. Proven up to the rounding of sums and
 * eigenvalues, for which a share of 1e-10 is added. Derived here. Cost O(S m1^2 + m1^3).
 */
export function correlationBound(cloud: FeatureCloud, residual: Float64Array): number {
  const { rows, width, count } = cloud;
  const mean = new Float64Array(width);
  const lengths = new Float64Array(count);
  let positive = 0;
  for (let s = 0; s < count; s++) {
    let square = 0;
    for (let k = 0; k < width; k++) {
      const z = rows[s * width + k];
      square += z * z;
      mean[k] += (residual[s] * z) / count;
    }
    lengths[s] = Math.sqrt(square);
    positive += Math.max(0, residual[s]) / count;
  }
  if (positive === 0) return 0;
  const top = topEigenvalue(cloud, (s) => Math.max(0, residual[s]));
  if (!(top > 0)) return 0;
  const c = Math.sqrt(top / positive);
  const rest = topEigenvalue(cloud, (s) => {
    const r = residual[s];
    if (r > 0) return r / (2 * c);
    return lengths[s] > 0 ? r / lengths[s] : 0;
  });
  const halves = (Math.hypot(...mean) + rest + (c * positive) / 2) / 2;
  return Math.max(0, Math.min(Math.sqrt(positive * top), halves)) + 1e-10 * Math.sqrt(positive * top);
}

/** The largest eigenvalue of `(1/S) sum_s weight(s) z_s z_s^T`. */
function topEigenvalue({ rows, width, count }: FeatureCloud, weight: (s: number) => number): number {
  const matrix = new Float64Array(width * width);
  for (let s = 0; s < count; s++) {
    const share = weight(s) / count;
    if (share === 0) continue;
    for (let k = 0, at = s * width; k < width; k++) {
      const along = share * rows[at + k];
      for (let l = 0; l <= k; l++) matrix[k * width + l] += along * rows[at + l];
    }
  }
  for (let k = 0; k < width; k++) for (let l = 0; l < k; l++) matrix[l * width + k] = matrix[k * width + l];
  return symmetricEigen(matrix, width).values[width - 1];
}

function unit(values: Float64Array): Float64Array {
  const norm = Math.hypot(...values);
  return norm > 0 ? values.map((x) => x / norm) : values.map((_, k) => (k === 0 ? 1 : 0));
}
