import { euclideanNorm } from '@muflow/core';
import type { ActivationCells } from './activationCells.js';
import { projectOnCone } from './coneProjection.js';

/** A proven enclosure of `sup_{|w| = 1} sum_l r_l relu(<w, x_l>)`, or of 0 where that is negative. */
export interface CellSupremum {
  readonly lower: number;
  readonly upper: number;
  /** A unit direction where the sum is `lower`; null where no cell has a positive maximum. */
  readonly at: Float64Array | null;
  /** Cells whose maximum was computed; for the others the length of the gradient was bound enough. */
  readonly visited: number;
}

const unitRoundoff = 2 ** -53;

/**
 * The supremum over the unit sphere of `c(w) = sum_l r_l relu(<w, x_l>)`. In a cell C with active rows A, `c(w) =
 * <g, w>`, `g = sum_{l in A} r_l x_l`, and by duality
 *
 *     max_{w in C, |w| = 1} <g, w> <= min_{y >= 0} |g + sum_l y_l s_l x_l|,
 *
 * with equality where the maximum is not negative. Any y >= 0 gives a bound, so the multipliers may carry rounding;
 * the length is rounded up with an a priori bound of the rounding of its sum. Cost O(cells L D).
 *
 * @param r - L numbers, taken as they are.
 */
export function cellSupremum(cells: ActivationCells, r: Float64Array): CellSupremum {
  const { dim, rows, rowCount, count, active } = cells;
  const gradients = new Float64Array(count * dim);
  const bounds = new Float64Array(count);
  for (let c = 0; c < count; c++) bounds[c] = gradientInto(gradients, c, cells, r);
  const order = Array.from({ length: count }, (_, c) => c).sort((a, b) => bounds[b] - bounds[a]);
  let [lower, upper, visited] = [0, 0, 0];
  let at: Float64Array | null = null;
  for (const c of order) {
    // The bounds fall: what is left is below a value that is reached.
    if (bounds[c] <= lower) break;
    visited++;
    const cone = { dim, rows, active, start: c * rowCount };
    const g = gradients.subarray(c * dim, (c + 1) * dim);
    const { point, face, multipliers } = projectOnCone(g, cone);
    upper = Math.max(upper, dualBound(cells, c, r, { face, multipliers }));
    const length = euclideanNorm(point);
    if (length === 0) continue;
    const w = point.map((x) => x / length);
    const value = correlationAt(cells, r, w);
    if (value > lower) [lower, at] = [value, w];
  }
  return { lower, upper: Math.max(upper, lower), at, visited };
}

/** `c(w)` as it is computed. */
export function correlationAt({ dim, rows, rowCount }: ActivationCells, r: Float64Array, w: Float64Array): number {
  let sum = 0;
  for (let l = 0; l < rowCount; l++) {
    let inner = 0;
    for (let k = 0; k < dim; k++) inner += w[k] * rows[l * dim + k];
    if (inner > 0) sum += r[l] * inner;
  }
  return sum;
}

/** The gradient of one cell, written to `out`; returns a proven bound of its length. */
function gradientInto(out: Float64Array, c: number, cells: ActivationCells, r: Float64Array): number {
  const { dim, rows, rowCount, active } = cells;
  let [squares, slack] = [0, 0];
  for (let k = 0; k < dim; k++) {
    let [sum, size] = [0, 0];
    for (let l = 0; l < rowCount; l++) {
      if (active[c * rowCount + l] === 0) continue;
      const term = r[l] * rows[l * dim + k];
      sum += term;
      size += Math.abs(term);
    }
    out[c * dim + k] = sum;
    squares += sum * sum;
    slack += sumError(rowCount, size);
  }
  return roundedUp(squares, slack);
}

/** A bound of the rounding error of a sum of n products of the given total size: `(n + 2) u` of it, and underflow. */
const sumError = (n: number, size: number): number => 1.01 * (n + 2) * unitRoundoff * size + n * 2 ** -1073;

/** A proven bound of `sqrt(squares) + slack` for a sum of at most three squares. */
const roundedUp = (squares: number, slack: number): number =>
  Math.sqrt(squares) * (1 + 8 * unitRoundoff) + 1.01 * slack + 2 ** -530;

/** `|g + sum_p y_p s_p x_p|`, rounded up. */
function dualBound(
  { dim, rows, rowCount, active }: ActivationCells,
  c: number,
  r: Float64Array,
  { face, multipliers }: { readonly face: readonly number[]; readonly multipliers: readonly number[] },
): number {
  let [squares, slack] = [0, 0];
  for (let k = 0; k < dim; k++) {
    let [sum, size] = [0, 0];
    const add = (term: number): void => {
      sum += term;
      size += Math.abs(term);
    };
    for (let l = 0; l < rowCount; l++) if (active[c * rowCount + l] === 1) add(r[l] * rows[l * dim + k]);
    face.forEach((l, p) => {
      add((active[c * rowCount + l] === 1 ? 1 : -1) * multipliers[p] * rows[l * dim + k]);
    });
    squares += sum * sum;
    slack += sumError(rowCount + face.length, size);
  }
  return roundedUp(squares, slack);
}
