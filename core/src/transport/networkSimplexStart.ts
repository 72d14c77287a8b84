import type { GroundCost } from './groundCost.js';
import type { ArcList, FirstArcs } from './networkSimplexArcs.js';
import { emptyTree, hang, nextInSubtree, resetPotentials, type SpanningTree } from './networkSimplexTree.js';
import { sortedOrder } from './oneDimensionalSort.js';

/**
 * A strongly feasible spanning tree to start from: masses are given along the arcs in order of their reduced costs as far
 * as they go, what remains along the best arcs that are left, and the parts of the forest are joined by arcs
 * without flow that point to the root.
 *
 * @param units - whole masses of rows and columns with equal totals; rows first.
 */
export function greedyTree(cost: GroundCost, units: Float64Array, arcs: FirstArcs): SpanningTree {
  const { rows, columns } = cost;
  const tree = emptyTree(rows, columns);
  const rest = units.slice();
  const used: Allocation = { row: [], column: [], flow: [], cost: [] };
  const give = (i: number, j: number, c: number): void => {
    const flow = Math.min(rest[i], rest[rows + j]);
    rest[i] -= flow;
    rest[rows + j] -= flow;
    used.row.push(i);
    used.column.push(rows + j);
    used.flow.push(flow);
    used.cost.push(c);
  };
  for (const k of sortedOrder(arcs.reduced)) {
    if (rest[arcs.row[k]] > 0 && rest[rows + arcs.column[k]] > 0) give(arcs.row[k], arcs.column[k], arcs.cost[k]);
  }
  giveRest(cost, arcs.v, rest, give);
  growForest(tree, used);
  joinForest(tree, cost, arcs);
  resetPotentials(tree);
  return tree;
}

interface Allocation {
  readonly row: number[];
  readonly column: number[];
  readonly flow: number[];
  readonly cost: number[];
}

/** Each row with mass left gives it to the columns with mass left, best first. */
function giveRest(
  cost: GroundCost,
  v: Float64Array,
  rest: Float64Array,
  give: (i: number, j: number, c: number) => void,
): void {
  const { rows, columns } = cost;
  const open: number[] = [];
  for (let j = 0; j < columns; j++) if (rest[rows + j] > 0) open.push(j);
  const line = new Float64Array(columns);
  for (let i = 0; i < rows && open.length > 0; i++) {
    if (rest[i] > 0) cost.rowInto(line, i);
    while (rest[i] > 0 && open.length > 0) {
      let best = 0;
      for (let k = 1; k < open.length; k++) {
        if (line[open[k]] - v[open[k]] < line[open[best]] - v[open[best]]) best = k;
      }
      const j = open[best];
      give(i, j, line[j]);
      if (rest[rows + j] === 0) {
        open[best] = open[open.length - 1];
        open.pop();
      }
    }
  }
}

/** Turns the arcs with flow, which have no cycle as each used up one of its ends, into rooted trees. */
function growForest(tree: SpanningTree, used: Allocation): void {
  const top = new Int32Array(tree.parent.length);
  for (let x = 0; x < top.length; x++) top[x] = x;
  const find = (x: number): number => {
    let node = x;
    while (tree.parent[node] >= 0) node = tree.parent[node];
    return node;
  };
  // The arc that used up a node comes after all others of that node: hang that node's part, seen from the last arc back.
  for (let k = used.row.length - 1; k >= 0; k--) {
    const [i, j] = [used.row[k], used.column[k]];
    const above = tree.parent[i] < 0 && tree.firstChild[i] < 0 ? j : i;
    const x = above === j ? i : j;
    hang(tree, { x, top: find(x), above, flow: used.flow[k], cost: used.cost[k] });
  }
}

/** Joins the trees of a forest: a row of a part that is not joined yet hangs below a column of one that is. */
function joinForest(tree: SpanningTree, cost: GroundCost, arcs: FirstArcs): void {
  const { rows, columns, parent } = tree;
  const joined = new Uint8Array(rows + columns);
  const queue: number[] = [];
  const enter = (top: number): void => {
    for (let x = top; x >= 0; x = nextInSubtree(tree, x, top)) {
      joined[x] = 1;
      if (x >= rows) queue.push(x);
    }
  };
  const topOf = (x: number): number => {
    let node = x;
    while (parent[node] >= 0) node = parent[node];
    return node;
  };
  const byColumn = arcsByColumn(arcs, columns);
  tree.root = topOf(rows);
  enter(tree.root);
  const line = new Float64Array(columns);
  let read = 0;
  for (let i = 0; ; ) {
    for (; read < queue.length; read++) {
      const j = queue[read] - rows;
      for (let k = byColumn.start[j]; k < byColumn.start[j + 1]; k++) {
        const arc = byColumn.arc[k];
        const x = arcs.row[arc];
        if (joined[x]) continue;
        const top = topOf(x);
        hang(tree, { x, top, above: rows + j, flow: 0, cost: arcs.cost[arc] });
        enter(x);
      }
    }
    while (i < rows && joined[i]) i++;
    if (i === rows) return;
    cost.rowInto(line, i);
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const x of queue) {
      const reduced = line[x - rows] - arcs.v[x - rows];
      if (best >= 0 && !(reduced < least)) continue;
      best = x;
      least = reduced;
    }
    hang(tree, { x: i, top: topOf(i), above: best, flow: 0, cost: line[best - rows] });
    enter(i);
  }
}

/** The arcs of column j are `arc[start[j]], ..., arc[start[j + 1] - 1]`. */
function arcsByColumn(arcs: ArcList, columns: number): { readonly start: Int32Array; readonly arc: Int32Array } {
  const start = new Int32Array(columns + 1);
  for (let k = 0; k < arcs.count; k++) start[arcs.column[k] + 1]++;
  for (let j = 0; j < columns; j++) start[j + 1] += start[j];
  const arc = new Int32Array(arcs.count);
  const next = start.slice();
  for (let k = 0; k < arcs.count; k++) arc[next[arcs.column[k]]++] = k;
  return { start, arc };
}
