import { defaultBackend, symmetricEigen } from '@muflow/core';
import type { FeatureCloud } from './neuronCorrelation.js';

export interface CellOptions {
  /** Numbers k of dimensions in which the sphere is searched, from 1 to m1, each. */
  readonly ranks: readonly number[];
  /** Most cells to look at for each of them. */
  readonly cells: number;
  /** A value that |g| reaches: cells that exceed it by a share of at most 1e-4 are given up. */
  readonly reached: number;
}

/**
 * A number that `|g(u)|`, `g(u) = (1/S) sum_s r_s relu(<u, z_s>)`, exceeds nowhere on the unit sphere, by search in few
 * dimensions. With P the projection on the k leading eigenvectors of `(1/S) sum |r_s| z_s z_s^T` and `e_s = z_s - P z_s`,
 *
 *     g(u) - g(Pu) <= (1/2S) sum_s (r_s <u, e_s> + |r_s| |<u, e_s>|) <= |u - Pu| w,
 *     w = (1/2) (|(1/S) sum r_s e_s| + sqrt((1/S) sum |r_s| * l)),   l the next eigenvalue,
 *
 * since `relu(s + t) - relu(s)` lies between `-relu(-t)` and `relu(t)`, so that the maximum is at most `sqrt(G^2 + w^2)` for any
 * `G >= 0` that bounds g on the sphere of the k dimensions; so for -g. G comes from the sphere cut in cells, images of
 * boxes on the faces of a cube: on a cell each relu is 0, linear, or between lines, so g lies below a linear function.
 * Cells are halved while they could hold more than was reached, breadth first. Proven up to the rounding of sums and
 * eigenvectors, for which a share of 1e-10 is added. Derived here.
 *
 * Cost O(S m1^2 + m1^3 + cells S k). Within 1e-4 of the maximum for two and three features; for many, as near as k of them
 * explain the rest.
 *
 * @returns the least bound over the numbers of dimensions, of g and of -g.
 */
export function correlationCellBounds(
  cloud: FeatureCloud,
  residual: Float64Array,
  options: CellOptions,
): readonly [number, number] {
  const { width, count } = cloud;
  const axes = leadingAxes(cloud, residual);
  const bounds: [number, number] = [Infinity, Infinity];
  for (const rank of options.ranks) {
    const rows = new Float64Array(count * rank);
    for (let s = 0; s < count; s++) {
      for (let k = 0; k < rank; k++) rows[s * rank + k] = axes.coordinates[s * width + k];
    }
    const next = rank < width ? axes.values[rank] : 0;
    const rest = (Math.hypot(...axes.mean.subarray(rank)) + Math.sqrt(axes.mass * next)) / 2;
    [1, -1].forEach((sign, k) => {
      const signed = residual.map((r) => sign * r);
      const inside = sphereBound({ rows, width: rank, count }, signed, options);
      const size = Math.sqrt(axes.mass * axes.values[0]);
      bounds[k] = Math.min(bounds[k], Math.hypot(inside, rest) + 1e-10 * size);
    });
  }
  return bounds;
}

interface LeadingAxes {
  /** `(1/S) sum |r_s|`. */
  readonly mass: number;
  /** Eigenvalues of `(1/S) sum |r_s| z_s z_s^T`, the largest first. */
  readonly values: Float64Array;
  /** The rows in the basis of eigenvectors, S*m1. */
  readonly coordinates: Float64Array;
  /** `(1/S) sum r_s z_s` in that basis. */
  readonly mean: Float64Array;
}

function leadingAxes({ rows, width, count }: FeatureCloud, residual: Float64Array): LeadingAxes {
  const matrix = new Float64Array(width * width);
  let mass = 0;
  for (let s = 0; s < count; s++) {
    const share = Math.abs(residual[s]) / count;
    mass += share;
    for (let k = 0, at = s * width; k < width; k++) {
      const along = share * rows[at + k];
      for (let l = 0; l <= k; l++) matrix[k * width + l] += along * rows[at + l];
    }
  }
  for (let k = 0; k < width; k++) for (let l = 0; l < k; l++) matrix[l * width + k] = matrix[k * width + l];
  const { values, vectors } = symmetricEigen(matrix, width);
  const ascending = new Float64Array(count * width);
  defaultBackend().matmulInto(ascending, rows, vectors, { n: count, k: width, m: width });
  const coordinates = new Float64Array(count * width);
  const mean = new Float64Array(width);
  for (let s = 0; s < count; s++) {
    for (let k = 0; k < width; k++) {
      const y = ascending[s * width + width - 1 - k];
      coordinates[s * width + k] = y;
      mean[k] += (residual[s] * y) / count;
    }
  }
  return { mass, values: values.map((x) => Math.max(0, x)).reverse(), coordinates, mean };
}

/** A box on the face `x_axis = side` of the cube `[-1, 1]^k`; coordinate `axis` of the halves is 0. */
interface Cell {
  readonly center: Float64Array;
  readonly halves: Float64Array;
  readonly bound: number;
}

function sphereBound(cloud: FeatureCloud, residual: Float64Array, { cells, reached }: CellOptions): number {
  const { width } = cloud;
  const norms = new Float64Array(cloud.count);
  for (let s = 0; s < cloud.count; s++) norms[s] = Math.hypot(...cloud.rows.subarray(s * width, (s + 1) * width));
  const scratch = new Float64Array(width);
  let open: Cell[] = [];
  for (let axis = 0; axis < width; axis++) {
    for (const side of [1, -1]) {
      const center = new Float64Array(width);
      center[axis] = side;
      open.push({ center, halves: Float64Array.from(center, (x) => 1 - Math.abs(x)), bound: Infinity });
    }
  }
  const low = Math.max(0, reached);
  let looked = 0;
  let closed = low;
  for (let first = true; open.length > 0; first = false) {
    const next: Cell[] = [];
    for (const parent of open) {
      for (const cell of first ? [parent] : halved(parent)) {
        const bound = Math.min(parent.bound, cellBound(cloud, { residual, norms, cell, scratch }));
        if (bound > low * (1 + 1e-4)) next.push({ ...cell, bound });
        else closed = Math.max(closed, bound);
        looked++;
      }
    }
    open = next;
    if (width === 1 || looked + 2 * open.length > cells) break;
  }
  return open.reduce((most, { bound }) => Math.max(most, bound), closed);
}

/** The two halves along the longest edge. */
function halved({ center, halves, bound }: Cell): Cell[] {
  let longest = 0;
  for (let k = 1; k < halves.length; k++) if (halves[k] > halves[longest]) longest = k;
  return [-1, 1].map((side) => {
    const [middle, half] = [center.slice(), halves.slice()];
    half[longest] /= 2;
    middle[longest] += side * half[longest];
    return { center: middle, halves: half, bound };
  });
}

/** A bound of g on the unit vectors of the cone over a box: all are within `|halves|` of that of its center. */
function cellBound(
  { rows, width, count }: FeatureCloud,
  {
    residual,
    norms,
    cell,
    scratch: slope,
  }: { residual: Float64Array; norms: Float64Array; cell: Cell; scratch: Float64Array },
): number {
  const length = Math.hypot(...cell.center);
  // The box lies outside the unit ball, where the projection on the sphere brings points nearer to each other.
  const radius = Math.min(2, Math.hypot(...cell.halves));
  let constant = 0;
  slope.fill(0);
  for (let s = 0, at = 0; s < count; s++, at += width) {
    let t = 0;
    for (let k = 0; k < width; k++) t += cell.center[k] * rows[at + k];
    t /= length;
    const reach = radius * norms[s];
    if (t <= -reach) continue;
    const r = residual[s] / count;
    // Above a relu: the chord over what is reached; below: the line of the side on which the center is.
    let share = t > 0 ? 1 : 0;
    if (t < reach && r > 0) {
      share = (t + reach) / (2 * reach);
      constant += r * share * (reach - t);
    }
    for (let k = 0; k < width; k++) slope[k] += r * share * rows[at + k];
  }
  let [along, square] = [0, 0];
  for (let k = 0; k < width; k++) {
    along += (slope[k] * cell.center[k]) / length;
    square += slope[k] * slope[k];
  }
  // The largest <slope, u> over unit u within the radius of the center.
  const cosine = 1 - (radius * radius) / 2;
  const steepest = Math.sqrt(square);
  if (along >= cosine * steepest) return constant + steepest;
  const across = Math.sqrt(Math.max(0, square - along * along));
  return constant + along * cosine + across * Math.sqrt(Math.max(0, 1 - cosine * cosine));
}
