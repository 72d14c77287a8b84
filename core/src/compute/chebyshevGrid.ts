/**
 * One axis cut into equal cells with n Chebyshev nodes in each, on which a function is replaced by polynomials of degree
 * n - 1 in Lagrange form. An axis that nothing depends on has one node and the constant polynomial.
 */
export interface Axis {
  readonly low: number;
  readonly cellWidth: number;
  readonly cells: number;
  /** Nodes of a cell. */
  readonly order: number;
  /** Node q of cell c at `c*order + q`. */
  readonly nodes: Float64Array;
  /** `1 / prod_{k != q} s (y_q - y_k)` at `c*order + q`, where s is {@link scale}. */
  readonly weights: Float64Array;
  /** A power of two near the inverse of a quarter of a cell, so that products of differences stay near 1. */
  readonly scale: number;
}

/** An axis without a variable. */
export const noAxis: Axis = {
  low: 0,
  cellWidth: 1,
  cells: 1,
  order: 1,
  nodes: Float64Array.of(0),
  weights: Float64Array.of(1),
  scale: 1,
};

/** Cells overlap by this much of their width, so that no point leaves its cell by rounding. */
export const overlap = 2 ** -20;

/**
 * `cells` cells of `order` nodes on [low, high]: the zeros of the Chebyshev polynomial `T_order` on each cell.
 * Cost O(cells order^2).
 */
export function chebyshevAxis(range: readonly [number, number], cells: number, order: number): Axis {
  const [low, high] = range;
  const cellWidth = (high - low) / cells;
  const nodes = new Float64Array(cells * order);
  const weights = new Float64Array(cells * order);
  const scale = 2 ** Math.round(Math.log2(4 / cellWidth));
  for (let c = 0; c < cells; c++) {
    const center = low + (c + 0.5) * cellWidth;
    const first = c * order;
    for (let q = 0; q < order; q++) {
      const t = Math.sin((Math.PI * (2 * q + 1 - order)) / (2 * order));
      nodes[first + q] = center + (cellWidth / 2) * (1 + overlap) * t;
    }
    for (let q = 0; q < order; q++) {
      let product = 1;
      for (let k = 0; k < order; k++) if (k !== q) product *= (nodes[first + q] - nodes[first + k]) * scale;
      weights[first + q] = 1 / product;
    }
  }
  return { low, cellWidth, cells, order, nodes, weights, scale };
}

/** The cell of a point of the axis. */
export function cellOf(axis: Axis, y: number): number {
  const cell = Math.floor((y - axis.low) / axis.cellWidth);
  return cell < 0 ? 0 : cell >= axis.cells ? axis.cells - 1 : cell;
}

/**
 * The Lagrange polynomials of the cell of y at y, into `out[start ... start + order)`: the product of the differences before
 * q, of those behind it, and the weight. Each is off by at most `(4 order + 8)` units of roundoff of itself [Higham2004].
 */
export function basisInto(out: Float64Array, start: number, axis: Axis, y: number): void {
  const { nodes, weights, order, scale } = axis;
  const first = cellOf(axis, y) * order;
  let before = 1;
  for (let q = 0; q < order; q++) {
    out[start + q] = before * weights[first + q];
    before *= (y - nodes[first + q]) * scale;
  }
  let behind = 1;
  for (let q = order - 1; q >= 0; q--) {
    out[start + q] *= behind;
    behind *= (y - nodes[first + q]) * scale;
  }
}

/** Two axes of a plane; the second is {@link noAxis} on a line. */
export type Plane = readonly [Axis, Axis];

/** Points by the axes of a plane: coordinate k of point i is `data[k][i*stride[k] + offset[k]]`. */
export interface GridPoints {
  readonly count: number;
  readonly data: readonly (Float64Array | null)[];
  readonly stride: readonly number[];
  readonly offset: readonly number[];
}

/** Sums of this many terms are finished before they are added to the whole, which keeps rounding low. */
export const blockLength = 64;

/** Coordinate `axis` of point i. */
export const coordinate = ({ data, stride, offset }: GridPoints, axis: number, i: number): number => {
  const values = data[axis];
  return values === null ? 0 : values[i * stride[axis] + offset[axis]];
};

/**
 * Hands weights of points to the nodes: `W_{pq} = sum_j w_j l_p(y_j0) l_q(y_j1)`, in O(count order^2).
 * Points are taken cell by cell in blocks, so no sum is longer than {@link blockLength} plus the number of blocks.
 */
export function spreadInto(out: Float64Array, plane: Plane, points: GridPoints, weights: Float64Array | null): void {
  const [first, second] = plane;
  const width = second.nodes.length;
  const { sorted, starts } = sortByCell(plane, points);
  const [basis0, basis1] = [new Float64Array(first.order), new Float64Array(second.order)];
  const block = new Float64Array(first.order * second.order);
  out.fill(0, 0, first.nodes.length * width);
  for (let cell = 0; cell < first.cells * second.cells; cell++) {
    const c1 = cell % second.cells;
    const c0 = (cell - c1) / second.cells;
    for (let from = starts[cell]; from < starts[cell + 1]; from += blockLength) {
      block.fill(0);
      for (let s = from; s < Math.min(from + blockLength, starts[cell + 1]); s++) {
        const j = sorted[s];
        basisInto(basis0, 0, first, coordinate(points, 0, j));
        basisInto(basis1, 0, second, coordinate(points, 1, j));
        const w = weights === null ? 1 : weights[j];
        for (let p = 0, at = 0; p < first.order; p++) {
          const part = w * basis0[p];
          for (let q = 0; q < second.order; q++) block[at++] += part * basis1[q];
        }
      }
      for (let p = 0, at = 0; p < first.order; p++) {
        const row = (c0 * first.order + p) * width + c1 * second.order;
        for (let q = 0; q < second.order; q++) out[row + q] += block[at++];
      }
    }
  }
}

/** Indices of the points in the order of their cells, and where each cell begins. */
export function sortByCell([first, second]: Plane, points: GridPoints): { sorted: Uint32Array; starts: Uint32Array } {
  const starts = new Uint32Array(first.cells * second.cells + 1);
  const cells = new Uint32Array(points.count);
  for (let j = 0; j < points.count; j++) {
    const cell = cellOf(first, coordinate(points, 0, j)) * second.cells + cellOf(second, coordinate(points, 1, j));
    cells[j] = cell;
    starts[cell + 1]++;
  }
  for (let c = 0; c + 1 < starts.length; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  const sorted = new Uint32Array(points.count);
  for (let j = 0; j < points.count; j++) sorted[next[cells[j]]++] = j;
  return { sorted, starts };
}

/** A table of values at the nodes of a plane, written to `out[i*stride + offset]` at point i. */
export interface NodeValues {
  readonly values: Float64Array;
  readonly out: Float64Array;
  readonly stride: number;
  readonly offset: number;
}

/** Reads the polynomials off at the points: `sum_pq l_p(x_i0) l_q(x_i1) U_pq` for every table, in O(count order^2). */
export function gatherFrom(tables: readonly NodeValues[], plane: Plane, points: GridPoints): void {
  const [first, second] = plane;
  const width = second.nodes.length;
  const [basis0, basis1] = [new Float64Array(first.order), new Float64Array(second.order)];
  for (let i = 0; i < points.count; i++) {
    const [x0, x1] = [coordinate(points, 0, i), coordinate(points, 1, i)];
    const [c0, c1] = [cellOf(first, x0), cellOf(second, x1)];
    basisInto(basis0, 0, first, x0);
    basisInto(basis1, 0, second, x1);
    for (let t = 0; t < tables.length; t++) {
      const { values, out, stride, offset } = tables[t];
      let total = 0;
      for (let p = 0; p < first.order; p++) {
        const row = (c0 * first.order + p) * width + c1 * second.order;
        let part = 0;
        for (let q = 0; q < second.order; q++) part += basis1[q] * values[row + q];
        total += basis0[p] * part;
      }
      out[i * stride + offset] = total;
    }
  }
}
