import { fail } from '@muflow/core';
import { type ExactSigns, exactSigns } from './exactSigns.js';

/** The activation patterns of a rectifier on given rows: which rows have `<w, x_l> > 0`, for every open cell of w. */
export interface ActivationCells {
  /** Coordinates D of w. */
  readonly dim: number;
  /** L*D, row-major, those of a bias included. */
  readonly rows: Float64Array;
  readonly rowCount: number;
  readonly count: number;
  /** count*L: 1 where the row is active in the cell, 0 elsewhere; cells in lexicographic order. */
  readonly active: Uint8Array;
  /** The cell of a direction; on a boundary that of the pattern `<w, x_l> > 0` moved off it. -1 if there is none. */
  cellOf(w: ArrayLike<number>): number;
}

/** Most numbers of `active`. */
const mostEntries = 2 ** 28;

/**
 * The cells into which the hyperplanes `<w, x_l> = 0` cut the directions w in dimension D <= 3: all nonempty
 * patterns and no others. Every cell touches a vertex `+-x_i x x_j` of the arrangement, and the patterns around
 * vertices are read off from exact signs of determinants, so equal, parallel and coplanar rows are no exceptions.
 * There are at most 2L cells for D = 2 and `L^2 - L + 2` for D = 3; cost O(L^3) and `L * cells` bytes.
 *
 * @param rows - L*D finite numbers, row-major.
 * @throws `unsupported` for D > 3 or too many cells, `shape-mismatch` or `not-finite` for unusable rows.
 * Source: [DeDiosBruna2020].
 * @example
 * const cells = activationCells(Float64Array.of(1, 0, 0, 1), 2); // four quadrants
 */
export function activationCells(rows: Float64Array, dim: number): ActivationCells {
  checkRows(rows, dim);
  const rowCount = rows.length / dim;
  const padded = new Float64Array(3 * rowCount);
  for (let l = 0; l < rowCount; l++) for (let k = 0; k < dim; k++) padded[3 * l + k] = rows[l * dim + k];
  const found = patternsOf(padded);
  const patterns = [...found].sort();
  const active = new Uint8Array(patterns.length * rowCount);
  patterns.forEach((pattern, c) => {
    for (let l = 0; l < rowCount; l++) active[c * rowCount + l] = pattern.charCodeAt(l);
  });
  const index = new Map(patterns.map((pattern, c) => [pattern, c]));
  const codes = new Uint8Array(rowCount);
  return {
    dim,
    rows,
    rowCount,
    count: patterns.length,
    active,
    cellOf(w) {
      for (let l = 0; l < rowCount; l++) {
        let sum = 0;
        for (let k = 0; k < dim; k++) sum += w[k] * rows[l * dim + k];
        codes[l] = sum > 0 ? 1 : 0;
      }
      return index.get(String.fromCharCode(...codes)) ?? -1;
    },
  };
}

/** All patterns, as texts of characters 0 and 1. */
function patternsOf(rows: Float64Array): Set<string> {
  const rowCount = rows.length / 3;
  const signs = exactSigns(rows);
  const nonzero = Array.from({ length: rowCount }, (_, l) => l).filter((l) => signs.dot(l, l) !== 0);
  const patterns = new Set<string>();
  const codes = new Uint8Array(rowCount);
  /** The pattern of signs and its opposite: the arrangement is symmetric. */
  const emit = (s: Int8Array): void => {
    for (const side of [1, -1]) {
      for (let l = 0; l < rowCount; l++) codes[l] = side * s[l] > 0 ? 1 : 0;
      patterns.add(String.fromCharCode(...codes));
    }
  };
  let vertices = 0;
  const at = new Int8Array(rowCount);
  for (const i of nonzero) {
    for (const j of nonzero) {
      if (j <= i) continue;
      signs.triplesInto(at, i, j);
      const flat = nonzero.filter((l) => at[l] === 0);
      if (flat.length === 2 ? signs.isParallel(i, j) : !isFirstPair(flat, i, j, signs)) continue;
      vertices++;
      if (flat.length === 2) emitCorners(at, i, j, emit);
      else emitAround(at, flat, { i, j, signs, emit });
    }
  }
  if (vertices > 0) return patterns;
  // All rows are parallel: one hyperplane, or none.
  at.fill(0);
  for (const l of nonzero) at[l] = signs.dot(nonzero[0], l);
  emit(at);
  return patterns;
}

/** A vertex on more than two hyperplanes is visited once: from the first two of them that are not parallel. */
function isFirstPair(flat: readonly number[], i: number, j: number, signs: ExactSigns): boolean {
  return i === flat[0] && j === flat.find((l) => l > i && !signs.isParallel(i, l));
}

/** The four cells at a vertex on two hyperplanes. */
function emitCorners(at: Int8Array, i: number, j: number, emit: (s: Int8Array) => void): void {
  for (const a of [1, -1]) {
    for (const b of [1, -1]) {
      at[i] = a;
      at[j] = b;
      emit(at);
    }
  }
}

interface Corner {
  readonly i: number;
  readonly j: number;
  readonly signs: ExactSigns;
  readonly emit: (s: Int8Array) => void;
}

/**
 * The cells around a vertex `v = x_i x x_j` on the hyperplanes of `flat`: these are lines through v in its tangent
 * plane, and each ray `+-v x x_l` along one of them has a cell on either side.
 */
function emitAround(at: Int8Array, flat: readonly number[], { i, j, signs, emit }: Corner): void {
  for (const l of flat) {
    const ray = flat.map((m) => signs.quadruple(i, j, l, m));
    // A row whose line is that of l turns with it.
    const turns = flat.map((m, k) => (ray[k] === 0 ? signs.dot(l, m) : 0));
    for (const along of [1, -1]) {
      for (const side of [1, -1]) {
        flat.forEach((m, k) => {
          at[m] = along * ray[k] + side * turns[k];
        });
        emit(at);
      }
    }
  }
}

function checkRows(rows: Float64Array, dim: number): void {
  const where = 'activationCells';
  const count = rows.length / dim;
  if (!(Number.isInteger(dim) && dim >= 1 && dim <= 3)) {
    fail({
      code: 'unsupported',
      where,
      problem: 'cells are listed in dimensions 1 to 3 only',
      got: `rows of ${dim} numbers`,
      expected: 'two inputs with a bias, three without, or fewer',
      fix: 'use featureProblem, which bounds by branch and bound',
    });
  }
  if (!(count >= 1 && Number.isInteger(count))) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'there are no whole rows',
      got: `${rows.length} numbers for rows of ${dim}`,
      expected: 'L * D numbers, L >= 1',
      fix: 'pass the rows one after the other',
    });
  }
  const wrong = rows.findIndex((x) => !Number.isFinite(x));
  if (wrong >= 0) {
    fail({
      code: 'not-finite',
      where,
      problem: `number ${wrong % dim} of row ${Math.floor(wrong / dim)} is not finite`,
      got: String(rows[wrong]),
      expected: 'finite numbers',
      fix: 'remove the row or fill in the value',
    });
  }
  const most = (dim === 3 ? count * count - count + 2 : 2 * count) * count;
  if (most > mostEntries) {
    fail({
      code: 'unsupported',
      where,
      problem: 'there are too many cells to list',
      got: `${count} rows in dimension ${dim}: up to ${most} activations`,
      expected: `at most ${mostEntries}`,
      fix: 'use fewer rows, or featureProblem, which bounds by branch and bound',
    });
  }
}
