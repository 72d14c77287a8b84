/**
 * A spanning tree of the bipartite graph of a transport problem, with its flow and its potentials. Nodes are the rows
 * 0, ..., n - 1 and the columns n, ..., n + m - 1; every arc goes from a row to a column. Masses are whole numbers, so
 * that flows are exact and the tree stays strongly feasible (arcs without flow point to the root): the simplex method
 * then cannot cycle. Source: [AhujaMagnantiOrlin1993], chapter 11; [Cunningham1976].
 */
export interface SpanningTree {
  readonly rows: number;
  readonly columns: number;
  /** Node above, -1 at the root; children as doubly linked lists, ended by -1. */
  readonly parent: Int32Array;
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  readonly previousSibling: Int32Array;
  /** Flow and cost of the arc between a node and its parent. */
  readonly flow: Float64Array;
  readonly cost: Float64Array;
  /** `u_i` for a row and `-v_j` for a column, so that an arc of the tree has `c - potential_i + potential_j = 0`. */
  readonly potential: Float64Array;
  /** Marks of the search for the node where two paths meet. */
  readonly stamp: Int32Array;
  round: number;
  root: number;
}

/** Nodes without arcs. Allocates 52 bytes a node. */
export function emptyTree(rows: number, columns: number): SpanningTree {
  const count = rows + columns;
  const links = (): Int32Array => new Int32Array(count).fill(-1);
  return {
    rows,
    columns,
    parent: links(),
    firstChild: links(),
    nextSibling: links(),
    previousSibling: links(),
    flow: new Float64Array(count),
    cost: new Float64Array(count),
    potential: new Float64Array(count),
    stamp: new Int32Array(count),
    round: 0,
    root: 0,
  };
}

function detach(tree: SpanningTree, x: number): void {
  const { parent, firstChild, nextSibling, previousSibling } = tree;
  const before = previousSibling[x];
  const after = nextSibling[x];
  if (before >= 0) nextSibling[before] = after;
  else firstChild[parent[x]] = after;
  if (after >= 0) previousSibling[after] = before;
}

function attach(tree: SpanningTree, x: number, above: number): void {
  const { parent, firstChild, nextSibling, previousSibling } = tree;
  const first = firstChild[above];
  nextSibling[x] = first;
  previousSibling[x] = -1;
  if (first >= 0) previousSibling[first] = x;
  firstChild[above] = x;
  parent[x] = above;
}

/** Hangs the subtree of `top`, re-rooted at `x`, below `above` by an arc of this flow and cost. */
export function hang(
  tree: SpanningTree,
  { x, top, above, flow, cost }: { x: number; top: number; above: number; flow: number; cost: number },
): void {
  let node = x;
  let below = above;
  let arcFlow = flow;
  let arcCost = cost;
  for (;;) {
    const up = tree.parent[node];
    const oldFlow = tree.flow[node];
    const oldCost = tree.cost[node];
    if (up >= 0) detach(tree, node);
    attach(tree, node, below);
    tree.flow[node] = arcFlow;
    tree.cost[node] = arcCost;
    if (node === top) return;
    below = node;
    arcFlow = oldFlow;
    arcCost = oldCost;
    node = up;
  }
}

/** The node after `x` in the order of a depth-first walk below `top`, or -1 at the end. */
export function nextInSubtree(tree: SpanningTree, x: number, top: number): number {
  const { parent, firstChild, nextSibling } = tree;
  if (firstChild[x] >= 0) return firstChild[x];
  let node = x;
  while (node !== top) {
    if (nextSibling[node] >= 0) return nextSibling[node];
    node = parent[node];
  }
  return -1;
}

/** Sets all potentials from the costs of the arcs, 0 at the root: what rounding had piled up is gone. */
export function resetPotentials(tree: SpanningTree): void {
  const { parent, cost, potential, rows, root } = tree;
  potential[root] = 0;
  for (let x = nextInSubtree(tree, root, root); x >= 0; x = nextInSubtree(tree, x, root)) {
    potential[x] = x < rows ? potential[parent[x]] + cost[x] : potential[parent[x]] - cost[x];
  }
}

/**
 * Brings the arc from row i to column j (a node number) into the tree and takes out the arc that blocks: of those that
 * lose their flow, the last along the cycle from the node where its two paths meet. Cost: the cycle and the subtree that
 * moves. Hot: called tens of thousands of times for a thousand atoms.
 */
export function pivot(tree: SpanningTree, i: number, j: number, arcCost: number): void {
  const { parent, flow, potential, firstChild, nextSibling, rows } = tree;
  const join = meet(tree, i, j);
  let amount = Number.POSITIVE_INFINITY;
  let leaving = -1;
  // On the way down to i, arcs of rows lose flow; on the way up from j, arcs of columns do.
  for (let x = i; x !== join; x = parent[x]) {
    if (x < rows && flow[x] < amount) {
      amount = flow[x];
      leaving = x;
    }
  }
  let fromRow = true;
  for (let x = j; x !== join; x = parent[x]) {
    if (x >= rows && flow[x] <= amount) {
      amount = flow[x];
      leaving = x;
      fromRow = false;
    }
  }
  if (amount > 0) {
    for (let x = i; x !== join; x = parent[x]) flow[x] += x < rows ? -amount : amount;
    for (let x = j; x !== join; x = parent[x]) flow[x] += x >= rows ? -amount : amount;
  }
  const reduced = arcCost - potential[i] + potential[j];
  const top = fromRow ? i : j;
  hang(tree, { x: top, top: leaving, above: fromRow ? j : i, flow: amount, cost: arcCost });
  const shift = fromRow ? reduced : -reduced;
  let x = top;
  for (;;) {
    potential[x] += shift;
    if (firstChild[x] >= 0) x = firstChild[x];
    else {
      while (x !== top && nextSibling[x] < 0) x = parent[x];
      if (x === top) return;
      x = nextSibling[x];
    }
  }
}

/** The node where the paths from a and b to the root meet. */
function meet(tree: SpanningTree, a: number, b: number): number {
  const { parent, stamp } = tree;
  const mark = ++tree.round;
  let x = a;
  let y = b;
  for (;;) {
    if (x >= 0) {
      if (stamp[x] === mark) return x;
      stamp[x] = mark;
      x = parent[x];
    }
    if (y >= 0) {
      if (stamp[y] === mark) return y;
      stamp[y] = mark;
      y = parent[y];
    }
  }
}
