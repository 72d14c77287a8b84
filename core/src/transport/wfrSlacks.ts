import type { Component } from './wfrForest.js';

/**
 * The search for the least slack `c_ij - u_i - v_j` over a block of pairs, with a list of near columns for every row.
 * At the last listing the columns not listed for row i had a slack of at least `reach_i`; since then it fell by no more
 * than what u_i and the columns of the block have risen, so most rows need their list alone.
 */
export interface SlackSearch {
  /** n*m, row-major. */
  readonly costs: Float64Array;
  /** The potentials, which the owner moves. */
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** n*listLength columns. */
  readonly near: Int32Array;
  /** Their costs, side by side in memory. */
  readonly nearCosts: Float64Array;
  readonly reach: Float64Array;
  /** Potentials at the last listing. */
  readonly listedU: Float64Array;
  readonly listedV: Float64Array;
  /** Pairs looked at beyond the lists since the last listing. */
  spent: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** The pair of least slack; row -1 where none is below the limit, and `length` is the limit then. */
export interface Block {
  readonly length: number;
  readonly row: number;
  readonly column: number;
}

/** Near columns per row. Problems with fewer columns than four lists are scanned whole. */
const listLength = 12;

/** Prepares the search; u and v stay the arrays of the caller. */
export function createSlackSearch(costs: Float64Array, u: Float64Array, v: Float64Array): SlackSearch {
  const [n, m] = [u.length, v.length];
  const search = {
    costs,
    u,
    v,
    near: new Int32Array(n * listLength),
    nearCosts: new Float64Array(n * listLength),
    reach: new Float64Array(n),
    listedU: new Float64Array(n),
    listedV: new Float64Array(m),
    spent: 0,
    rows: new Int32Array(n),
    columns: new Int32Array(m),
  };
  if (m > 4 * listLength) listNear(search);
  return search;
}

/**
 * The least slack below `limit` between rows inside a component and columns outside it (`rowsInside`), or rows outside
 * and columns inside; a slack below 0 by rounding counts as 0.
 */
export function leastSlack(search: SlackSearch, component: Component, rowsInside: boolean, limit: number): Block {
  const { u, v, rows, columns } = search;
  const { stamp, current } = component;
  const [n, m] = [u.length, v.length];
  let rowCount = 0;
  let columnCount = 0;
  for (let i = 0; i < n; i++) if ((stamp[i] === current) === rowsInside) rows[rowCount++] = i;
  for (let j = 0; j < m; j++) if ((stamp[n + j] === current) !== rowsInside) columns[columnCount++] = j;
  const block = { length: limit, row: -1, column: -1 };
  if (m <= 4 * listLength || columnCount <= listLength) {
    for (let k = 0; k < rowCount; k++) scanRow(search, block, rows[k], columnCount);
  } else scanLists(search, block, { component, rowsInside, rowCount, columnCount });
  block.length = Math.max(0, block.length);
  return block;
}

/** Hot loop: one row against the columns of the block. */
function scanRow(
  { costs, u, v, columns }: SlackSearch,
  block: { length: number; row: number; column: number },
  i: number,
  columnCount: number,
): void {
  const base = i * v.length;
  const bound = u[i];
  let { length, column } = block;
  const before = length;
  for (let l = 0; l < columnCount; l++) {
    const j = columns[l];
    const slack = costs[base + j] - v[j] - bound;
    if (slack < length) {
      length = slack;
      column = j;
    }
  }
  if (length === before) return;
  block.length = length;
  block.row = i;
  block.column = column;
}

interface BlockShape {
  readonly component: Component;
  readonly rowsInside: boolean;
  readonly rowCount: number;
  readonly columnCount: number;
}

/** The lists of all rows first; then whole rows, where a column that is not listed may still be nearer. */
function scanLists(
  search: SlackSearch,
  block: { length: number; row: number; column: number },
  { component, rowsInside, rowCount, columnCount }: BlockShape,
): void {
  const { u, v, near, nearCosts, reach, listedU, listedV, rows, columns } = search;
  const { stamp, current } = component;
  const [n, m] = [u.length, v.length];
  let rise = Number.NEGATIVE_INFINITY;
  for (let l = 0; l < columnCount; l++) rise = Math.max(rise, v[columns[l]] - listedV[columns[l]]);
  // Hot loop: the listed columns that belong to the block.
  for (let k = 0; k < rowCount; k++) {
    const i = rows[k];
    const bound = u[i];
    for (let l = i * listLength; l < (i + 1) * listLength; l++) {
      const j = near[l];
      const slack = nearCosts[l] - v[j] - bound;
      if (slack < block.length && (stamp[n + j] === current) !== rowsInside) {
        block.length = slack;
        block.row = i;
        block.column = j;
      }
    }
  }
  for (let k = 0; k < rowCount; k++) {
    const i = rows[k];
    if (reach[i] - (u[i] - listedU[i]) - rise >= block.length) continue;
    scanRow(search, block, i, columnCount);
    search.spent += columnCount;
  }
  if (search.spent > n * m) listNear(search);
}

/** Lists the columns of least slack of every row, and the least slack of the others. O(n m). */
function listNear(search: SlackSearch): void {
  const { costs, u, v, near, nearCosts, reach, listedU, listedV } = search;
  const [n, m] = [u.length, v.length];
  const slacks = new Float64Array(listLength + 1);
  for (let i = 0; i < n; i++) {
    const start = i * listLength;
    slacks.fill(Number.POSITIVE_INFINITY);
    let last = Number.POSITIVE_INFINITY;
    let beyond = Number.POSITIVE_INFINITY;
    for (let j = 0; j < m; j++) {
      const slack = costs[i * m + j] - v[j] - u[i];
      if (slack >= last && j >= listLength) {
        if (slack < beyond) beyond = slack;
        continue;
      }
      let k = Math.min(j, listLength - 1);
      if (j >= listLength) beyond = Math.min(beyond, last);
      for (; k > 0 && slacks[k - 1] > slack; k--) {
        slacks[k] = slacks[k - 1];
        near[start + k] = near[start + k - 1];
      }
      slacks[k] = slack;
      near[start + k] = j;
      last = slacks[listLength - 1];
    }
    reach[i] = beyond;
    for (let l = start; l < start + listLength; l++) nearCosts[l] = costs[i * m + near[l]];
  }
  listedU.set(u);
  listedV.set(v);
  search.spent = 0;
}
