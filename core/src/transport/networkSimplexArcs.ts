import type { GroundCost } from './groundCost.js';
import { checkCosts } from './networkSimplexCoarse.js';

/** Arcs that the simplex method may bring in, with their costs; the first `count` entries are used. */
export interface ArcList {
  row: Int32Array;
  column: Int32Array;
  cost: Float64Array;
  count: number;
}

/** Arcs to start with, and how dear each is for the potentials they were chosen by. */
export interface FirstArcs extends ArcList {
  /** `c - u_i - v_j >= 0` of every arc. */
  readonly reduced: Float64Array;
  readonly v: Float64Array;
}

/**
 * The `keep` arcs of least reduced cost `c - u_i - v_j` of every row and of every column, where `u_i` is the least of
 * `c_ij - v_j`, by one pass over all costs. Cost rows*columns evaluations, memory O((rows + columns) keep).
 *
 * @param v - potentials of the columns; zeros, unless better ones are known.
 * @throws `not-finite` if a cost is NaN or infinite.
 */
export function cheapestArcs(cost: GroundCost, v: Float64Array, keep: number): FirstArcs {
  const { rows, columns } = cost;
  const line = new Float64Array(columns);
  const forRow = bestLists(rows, keep, Number.POSITIVE_INFINITY);
  const forColumn = bestLists(columns, keep, Number.POSITIVE_INFINITY);
  const u = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    cost.rowInto(line, i);
    let worst = Number.POSITIVE_INFINITY;
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const c = line[j] - v[j];
      sum += c;
      if (c < worst) worst = insert(forRow, i, j, c, line[j]);
    }
    if (!Number.isFinite(sum)) checkCosts(line, i);
    u[i] = forRow.reduced[i * keep];
    enterColumns(forColumn, i, { line, v, u: u[i] });
  }
  const arcs = merged(forRow, forColumn);
  const reduced = new Float64Array(arcs.count);
  for (let k = 0; k < arcs.count; k++) reduced[k] = arcs.cost[k] - u[arcs.row[k]] - v[arcs.column[k]];
  return { ...arcs, reduced, v };
}

/** Enters one row into the lists of all columns. */
function enterColumns(
  lists: BestLists,
  i: number,
  { line, v, u }: { readonly line: Float64Array; readonly v: Float64Array; readonly u: number },
): void {
  const { worst } = lists;
  for (let j = 0; j < v.length; j++) {
    const reduced = line[j] - v[j] - u;
    if (reduced < worst[j]) insert(lists, j, i, reduced, line[j]);
  }
}

/** Arcs that better a tree, and how far potentials of columns must come down to be feasible. */
export interface PricedArcs {
  readonly arcs: ArcList;
  readonly columnMinimum: Float64Array;
}

/**
 * The `keep` arcs of least reduced cost `c - u_i - v_j`, below `-tolerance`, of every row and of every column, by one pass
 * over all costs; the least reduced cost of each column, at most `-tolerance`, comes with them.
 *
 * @param potential - u and -v, as in the tree.
 */
export function violatedArcs(
  cost: GroundCost,
  potential: Float64Array,
  { keep, tolerance }: { readonly keep: number; readonly tolerance: number },
): PricedArcs {
  const { rows, columns } = cost;
  const line = new Float64Array(columns);
  const [forRow, forColumn] = [bestLists(rows, keep, -tolerance), bestLists(columns, keep, -tolerance)];
  const columnMinimum = new Float64Array(columns).fill(-tolerance);
  const below = potential.subarray(rows);
  for (let i = 0; i < rows; i++) {
    cost.rowInto(line, i);
    const bound = potential[i] - tolerance;
    // One comparison decides on nearly all pairs.
    for (let j = 0; j < columns; j++) {
      if (line[j] + below[j] >= bound) continue;
      const reduced = line[j] + below[j] - potential[i];
      if (reduced < columnMinimum[j]) columnMinimum[j] = reduced;
      if (reduced < forRow.worst[i]) insert(forRow, i, j, reduced, line[j]);
      if (reduced < forColumn.worst[j]) insert(forColumn, j, i, reduced, line[j]);
    }
  }
  return { arcs: merged(forRow, forColumn), columnMinimum };
}

/** For each of some nodes, its best partners so far, best first. */
interface BestLists {
  readonly keep: number;
  readonly partner: Int32Array;
  readonly reduced: Float64Array;
  readonly cost: Float64Array;
  readonly size: Int32Array;
  /** What a reduced cost must be below to enter. */
  readonly worst: Float64Array;
}

function bestLists(nodes: number, keep: number, ceiling: number): BestLists {
  return {
    keep,
    partner: new Int32Array(nodes * keep),
    reduced: new Float64Array(nodes * keep),
    cost: new Float64Array(nodes * keep),
    size: new Int32Array(nodes),
    worst: new Float64Array(nodes).fill(ceiling),
  };
}

/** Puts a partner in its place and returns the new bound; the last one drops out of a full list. */
function insert(lists: BestLists, node: number, partner: number, reduced: number, cost: number): number {
  const { keep, size } = lists;
  const start = node * keep;
  let at = start + (size[node] < keep ? size[node]++ : keep - 1);
  while (at > start && lists.reduced[at - 1] > reduced) {
    lists.partner[at] = lists.partner[at - 1];
    lists.reduced[at] = lists.reduced[at - 1];
    lists.cost[at] = lists.cost[at - 1];
    at--;
  }
  lists.partner[at] = partner;
  lists.reduced[at] = reduced;
  lists.cost[at] = cost;
  if (size[node] === keep) lists.worst[node] = lists.reduced[start + keep - 1];
  return lists.worst[node];
}

/** Both families of lists as arcs, each once. */
function merged(forRow: BestLists, forColumn: BestLists): ArcList {
  const total = sumOf(forRow.size) + sumOf(forColumn.size);
  const arcs = { row: new Int32Array(total), column: new Int32Array(total), cost: new Float64Array(total), count: 0 };
  const push = (i: number, j: number, c: number): void => {
    arcs.row[arcs.count] = i;
    arcs.column[arcs.count] = j;
    arcs.cost[arcs.count++] = c;
  };
  for (let i = 0; i < forRow.size.length; i++) {
    const start = i * forRow.keep;
    for (let k = start; k < start + forRow.size[i]; k++) push(i, forRow.partner[k], forRow.cost[k]);
  }
  for (let j = 0; j < forColumn.size.length; j++) {
    const start = j * forColumn.keep;
    for (let k = start; k < start + forColumn.size[j]; k++) {
      const i = forColumn.partner[k];
      let known = false;
      for (let l = i * forRow.keep; l < i * forRow.keep + forRow.size[i]; l++) known ||= forRow.partner[l] === j;
      if (!known) push(i, j, forColumn.cost[k]);
    }
  }
  return arcs;
}

function sumOf(values: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

/** The arcs of both lists; those of the second that the first has too come twice, which does no harm. */
export function joinArcs(first: ArcList, second: ArcList): ArcList {
  const count = first.count + second.count;
  const joined = { row: new Int32Array(count), column: new Int32Array(count), cost: new Float64Array(count), count };
  for (const name of ['row', 'column', 'cost'] as const) {
    joined[name].set(first[name].subarray(0, first.count));
    joined[name].set(second[name].subarray(0, second.count), first.count);
  }
  return joined;
}
