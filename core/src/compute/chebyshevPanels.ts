import type { Backend } from './backend.js';
import {
  basisInto,
  blockLength,
  coordinate,
  type GridPoints,
  gatherFrom,
  type NodeValues,
  type Plane,
  sortByCell,
  spreadInto,
} from './chebyshevGrid.js';

/** What moves weights from points to nodes and values from nodes to points. */
export interface Transfer {
  /** See {@link spreadInto}. */
  spread(out: Float64Array, plane: Plane, points: GridPoints, weights: Float64Array | null): void;
  /** See {@link gatherFrom}. */
  gather(tables: readonly NodeValues[], plane: Plane, points: GridPoints): void;
}

/** Point by point: on a line, where a point meets the nodes of one axis only. */
export const onLine: Transfer = { spread: spreadInto, gather: gatherFrom };

/**
 * The same sums in a plane, for blocks of points of one cell at once: with the bases of a block as the rows of P and
 * Q, weights go to the nodes of the cell as `P^T diag(w) Q`, and values come back as the rows of `P U` times those of Q.
 * The products are the backend's.
 */
export function inPlane({ matmulInto }: Pick<Backend, 'matmulInto'>): Transfer {
  return {
    spread(out, plane, points, weights) {
      const [first, second] = plane;
      const width = second.nodes.length;
      const block = new Float64Array(first.order * second.order);
      const basis = makeBasis(plane);
      out.fill(0, 0, first.nodes.length * width);
      forBlocks(plane, points, ({ c0, c1, members }) => {
        fillBasis(basis, plane, { points, members });
        if (weights !== null) scaleRows(basis.p, first.order, members, weights);
        const shape = { n: first.order, k: members.length, m: second.order, transposeA: true };
        matmulInto(block, basis.p, basis.q, shape);
        for (let p = 0, at = 0; p < first.order; p++) {
          const row = (c0 * first.order + p) * width + c1 * second.order;
          for (let q = 0; q < second.order; q++) out[row + q] += block[at++];
        }
      });
    },
    gather(tables, plane, points) {
      const [first, second] = plane;
      const basis = makeBasis(plane);
      const wide = tables.length * second.order;
      const values = new Float64Array(first.order * wide);
      const half = new Float64Array(blockLength * wide);
      let loaded = -1;
      forBlocks(plane, points, ({ c0, c1, members }) => {
        fillBasis(basis, plane, { points, members });
        if (loaded !== c0 * second.cells + c1) loadCell(values, tables, plane, { c0, c1 });
        loaded = c0 * second.cells + c1;
        matmulInto(half, basis.p, values, { n: members.length, k: first.order, m: wide });
        contract(tables, { half, q: basis.q, order: second.order, members });
      });
    },
  };
}

interface Basis {
  readonly p: Float64Array;
  readonly q: Float64Array;
}

const makeBasis = ([first, second]: Plane): Basis => ({
  p: new Float64Array(blockLength * first.order),
  q: new Float64Array(blockLength * second.order),
});

interface Block {
  readonly c0: number;
  readonly c1: number;
  /** Indices of the points. */
  readonly members: Uint32Array;
}

/** Visits the points cell by cell, at most {@link blockLength} at a time. */
function forBlocks(plane: Plane, points: GridPoints, visit: (block: Block) => void): void {
  const { sorted, starts } = sortByCell(plane, points);
  for (let cell = 0; cell + 1 < starts.length; cell++) {
    const c1 = cell % plane[1].cells;
    const c0 = (cell - c1) / plane[1].cells;
    for (let from = starts[cell]; from < starts[cell + 1]; from += blockLength) {
      visit({ c0, c1, members: sorted.subarray(from, Math.min(from + blockLength, starts[cell + 1])) });
    }
  }
}

/** The bases of the points of a block, a row for each. */
function fillBasis(
  { p, q }: Basis,
  [first, second]: Plane,
  { points, members }: Pick<Block, 'members'> & { readonly points: GridPoints },
): void {
  for (let s = 0; s < members.length; s++) {
    basisInto(p, s * first.order, first, coordinate(points, 0, members[s]));
    basisInto(q, s * second.order, second, coordinate(points, 1, members[s]));
  }
}

function scaleRows(rows: Float64Array, order: number, members: Uint32Array, weights: Float64Array): void {
  for (let s = 0; s < members.length; s++) {
    const w = weights[members[s]];
    for (let p = 0; p < order; p++) rows[s * order + p] *= w;
  }
}

/** The values of all tables at the nodes of a cell: a row for each node of the first axis, the tables side by side. */
function loadCell(
  out: Float64Array,
  tables: readonly NodeValues[],
  [first, second]: Plane,
  { c0, c1 }: Pick<Block, 'c0' | 'c1'>,
): void {
  const width = second.nodes.length;
  for (let p = 0, at = 0; p < first.order; p++) {
    const row = (c0 * first.order + p) * width + c1 * second.order;
    for (const { values } of tables) for (let q = 0; q < second.order; q++) out[at++] = values[row + q];
  }
}

interface Half {
  /** A row for each point: the first axis summed, the nodes of the second left, table by table. */
  readonly half: Float64Array;
  readonly q: Float64Array;
  readonly order: number;
  readonly members: Uint32Array;
}

function contract(tables: readonly NodeValues[], { half, q, order, members }: Half): void {
  for (let t = 0; t < tables.length; t++) {
    const { out, stride, offset } = tables[t];
    for (let s = 0; s < members.length; s++) {
      const from = (s * tables.length + t) * order;
      let total = 0;
      for (let k = 0; k < order; k++) total += half[from + k] * q[s * order + k];
      out[members[s] * stride + offset] = total;
    }
  }
}
