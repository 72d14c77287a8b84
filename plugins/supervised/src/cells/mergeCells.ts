import { euclideanNorm, type SignedAtoms } from '@muflow/core';
import type { ActivationCells } from './activationCells.js';

/** Atoms with at most one for each cell and sign. */
export interface MergedAtoms extends SignedAtoms {
  /** Of each atom: the cell, and how many atoms were merged into it. */
  readonly cells: Int32Array;
  readonly merged: Int32Array;
}

/**
 * Merges rectifiers of one activation cell and sign: `sum_i w_i relu(<theta_i, x>)` is linear in `sum_i w_i theta_i` on
 * a cell, so that one neuron in the direction of the sum does the same on every row, and by the triangle inequality
 * `sum |w_i|` does not rise. (Weights of both signs at one place stay apart, though their total variation is less.) Atoms are on the unit sphere; weights of 0 are dropped. Cost O(n L D).
 * Source: [DeDiosBruna2020].
 *
 * @param slack - a row with `|<theta, x_l>| <= slack |x_l|` counts as on its hyperplane, on the side of which the most
 * mass lies; default 0. With slack the function changes by at most that order.
 */
export function mergeWithinCells(cells: ActivationCells, atoms: SignedAtoms, slack = 0): MergedAtoms {
  const { dim } = cells;
  const { positions, weights, space } = atoms;
  const order = Array.from(weights, (_, i) => i)
    .filter((i) => weights[i] !== 0)
    .sort((i, j) => Math.abs(weights[j]) - Math.abs(weights[i]) || i - j);
  const clusters: { readonly cell: number; readonly sign: number; readonly sum: Float64Array; count: number }[] = [];
  for (const i of order) {
    const theta = positions.subarray(i * dim, (i + 1) * dim);
    const sign = Math.sign(weights[i]);
    let home = clusters.find((cluster) => cluster.sign === sign && touches(cells, cluster.cell, theta, slack));
    if (home === undefined) {
      home = { cell: nearestCell(cells, theta), sign, sum: new Float64Array(dim), count: 0 };
      clusters.push(home);
    }
    home.count++;
    for (let k = 0; k < dim; k++) home.sum[k] += Math.abs(weights[i]) * theta[k];
  }
  // On a cell that holds a line, atoms may cancel.
  const sizes = clusters.map(({ sum }) => euclideanNorm(sum));
  const kept = clusters.map((cluster, c) => ({ ...cluster, size: sizes[c] })).filter(({ size }) => size > 0);
  const out = new Float64Array(kept.length * dim);
  kept.forEach(({ sum, size }, c) => {
    for (let k = 0; k < dim; k++) out[c * dim + k] = sum[k] / size;
  });
  return {
    space,
    positions: out,
    weights: Float64Array.from(kept, ({ sign, size }) => sign * size),
    cells: Int32Array.from(kept, ({ cell }) => cell),
    merged: Int32Array.from(kept, ({ count }) => count),
  };
}

/** True where a direction is in the closed cone of a cell, up to the slack. */
export function touches(cells: ActivationCells, cell: number, theta: ArrayLike<number>, slack = 0): boolean {
  return violation(cells, cell, theta) <= slack;
}

/** The largest distance of a unit direction beyond a hyperplane of the cell. */
function violation({ dim, rows, rowCount, active }: ActivationCells, cell: number, theta: ArrayLike<number>): number {
  let most = 0;
  for (let l = 0; l < rowCount; l++) {
    let [sum, squares] = [0, 0];
    for (let k = 0; k < dim; k++) {
      sum += theta[k] * rows[l * dim + k];
      squares += rows[l * dim + k] ** 2;
    }
    const beyond = active[cell * rowCount + l] === 1 ? -sum : sum;
    if (beyond > 0) most = Math.max(most, beyond / Math.sqrt(squares));
  }
  return most;
}

/** The cell of a direction, or for one on a boundary some cell that it touches. */
function nearestCell(cells: ActivationCells, theta: Float64Array): number {
  const inside = cells.cellOf(theta);
  if (inside >= 0) return inside;
  let [best, least] = [0, Infinity];
  for (let c = 0; c < cells.count; c++) {
    const beyond = violation(cells, c, theta);
    if (beyond < least) [best, least] = [c, beyond];
  }
  return best;
}
