/**
 * The dual of the static Wasserstein-Fisher-Rao problem in logarithms, `P = e^-u`, `Q = e^-v`:
 * maximize `sum a_i (1 - e^-u_i) + sum b_j (1 - e^-v_j)` over `u_i + v_j <= c_ij`.
 */
export interface WfrDual {
  /** Logarithms of the masses a (n) and b (m). */
  readonly logSource: Float64Array;
  readonly logTarget: Float64Array;
  /** n*m, row-major, >= 0; Infinity beyond the cut-off. Every row and column has a finite entry. */
  readonly costs: Float64Array;
  readonly maxIterations: number;
}

/** A feasible dual point with the plan of its tight constraints. */
export interface WfrDualPoint {
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** Tight pairs, a forest: rows, columns and flows (>= 0 where `optimal`, else clipped at 0). */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly flows: Float64Array;
  readonly iterations: number;
  /** True if no flow was negative beyond rounding: the point is the maximizer. */
  readonly optimal: boolean;
}

/** The forest of tight pairs: half-edges 2e (at the row) and 2e + 1 (at the column) in doubly linked lists. */
interface Forest {
  readonly n: number;
  readonly m: number;
  readonly first: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** Node at the far end of a half-edge; rows are 0..n-1, columns n..n+m-1. */
  readonly far: Int32Array;
  readonly free: Int32Array;
  freeCount: number;
}

/** One component in breadth-first order, with the parent of each node and the half-edge from the parent. */
interface Component {
  readonly order: Int32Array;
  readonly parent: Int32Array;
  readonly toParent: Int32Array;
  readonly stamp: Int32Array;
  current: number;
  size: number;
  readonly inside: Int32Array;
  readonly outside: Int32Array;
}

/**
 * An active-set method for the dual, finite up to ties. The pairs held tight form a forest; on one of its components
 * the only freedom is a shift `u + s`, `v - s`, whose best value `e^2s = sum a e^-u / sum b e^-v` is closed. A
 * component moves there or until a new pair becomes tight, which joins two components; at its best shift the
 * multipliers are the flows of the tree with supplies `a e^-u` and demands `b e^-v`, and the most negative one
 * is released, which splits the component. Every point on the way is feasible and every move ascends.
 *
 * Cost per step O(rows moved * columns at rest), without sorting or factorization; memory O(n + m) beside the costs.
 * Source of the problem and its dual: [LieroMielkeSavare2018].
 */
export function maximizeWfrDual(problem: WfrDual): WfrDualPoint {
  const { logSource, logTarget, costs, maxIterations } = problem;
  const [n, m] = [logSource.length, logTarget.length];
  const u = new Float64Array(n);
  const v = new Float64Array(m);
  const forest = createForest(n, m);
  const component = createComponent(n + m);
  const balance = new Float64Array(n + m);
  const waiting: number[] = [];
  for (let node = n + m - 1; node >= 0; node--) waiting.push(node);
  const settled = new Uint8Array(n + m);
  let iterations = 0;
  while (waiting.length > 0 && iterations < maxIterations) {
    const node = waiting.pop() as number;
    if (settled[node]) continue;
    for (;;) {
      iterations++;
      gather(forest, component, node);
      const joined = shiftComponent({ forest, component, u, v, logSource, logTarget, costs });
      if (!joined) break;
    }
    for (let k = 0; k < component.size; k++) settled[component.order[k]] = 1;
    const worst = treeFlows({ component, n, u, v, logSource, logTarget, balance });
    if (worst < 0) continue;
    for (let k = 0; k < component.size; k++) settled[component.order[k]] = 0;
    removeEdge(forest, component.toParent[worst] >> 1);
    waiting.push(component.parent[worst], worst);
  }
  return finish(problem, { u, v, forest, component, balance, iterations, optimal: waiting.length === 0 });
}

interface Move {
  readonly forest: Forest;
  readonly component: Component;
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly logSource: Float64Array;
  readonly logTarget: Float64Array;
  readonly costs: Float64Array;
}

/** Shifts a component to its best point, or to the first pair that blocks it; true if that pair was joined. */
function shiftComponent(move: Move): boolean {
  const { forest, component, u, v, logSource, logTarget } = move;
  const { n } = forest;
  let supply = 0;
  let demand = 0;
  for (let k = 0; k < component.size; k++) {
    const node = component.order[k];
    if (node < n) supply += Math.exp(logSource[node] - u[node]);
    else demand += Math.exp(logTarget[node - n] - v[node - n]);
  }
  const best = 0.5 * (Math.log(supply) - Math.log(demand));
  const block = best > 0 ? blockedRising(move, best) : blockedFalling(move, -best);
  const shift = best > 0 ? block.length : -block.length;
  for (let k = 0; k < component.size; k++) {
    const node = component.order[k];
    if (node < n) u[node] += shift;
    else v[node - n] -= shift;
  }
  if (block.row < 0) return false;
  addEdge(forest, block.row, block.column);
  return true;
}

interface Block {
  readonly length: number;
  readonly row: number;
  readonly column: number;
}

/** How far the rows of a component may rise before a pair with a column outside is tight. */
function blockedRising({ forest, component, u, v, costs }: Move, limit: number): Block {
  const { n, m } = forest;
  const { inside, outside } = component;
  const [rows, columns] = splitNodes(component, n, m, true);
  let [length, row, column] = [limit, -1, -1];
  // Hot loop: the least slack c_ij - u_i - v_j over rows inside and columns outside.
  for (let k = 0; k < rows; k++) {
    const i = inside[k];
    const base = i * m;
    const bound = u[i];
    for (let l = 0; l < columns; l++) {
      const j = outside[l];
      const slack = costs[base + j] - v[j] - bound;
      if (slack < length) {
        length = slack;
        row = i;
        column = j;
      }
    }
  }
  return { length: Math.max(0, length), row, column };
}

/** The same for the columns of a component against rows outside. */
function blockedFalling({ forest, component, u, v, costs }: Move, limit: number): Block {
  const { n, m } = forest;
  const { inside, outside } = component;
  const [columns, rows] = splitNodes(component, n, m, false);
  let [length, row, column] = [limit, -1, -1];
  for (let k = 0; k < rows; k++) {
    const i = outside[k];
    const base = i * m;
    const bound = u[i];
    for (let l = 0; l < columns; l++) {
      const j = inside[l];
      const slack = costs[base + j] - v[j] - bound;
      if (slack < length) {
        length = slack;
        row = i;
        column = j;
      }
    }
  }
  return { length: Math.max(0, length), row, column };
}

/** Lists the rows (or columns) of the component in `inside` and the columns (rows) outside it; returns both counts. */
function splitNodes(component: Component, n: number, m: number, rowsInside: boolean): readonly [number, number] {
  const { order, stamp, inside, outside, current } = component;
  let within = 0;
  for (let k = 0; k < component.size; k++) {
    const node = order[k];
    if (node < n === rowsInside) inside[within++] = rowsInside ? node : node - n;
  }
  let beyond = 0;
  const [start, count] = rowsInside ? [n, m] : [0, n];
  if (within > 0) for (let k = 0; k < count; k++) if (stamp[start + k] !== current) outside[beyond++] = k;
  return [within, beyond];
}

/**
 * Flows of the tree from its leaves up, left in `balance` as the net supply of every subtree; returns the node whose
 * edge to its parent carries the most negative flow beyond rounding, -1 if none.
 */
function treeFlows(
  tree: Omit<Move, 'forest' | 'costs'> & { readonly n: number; readonly balance: Float64Array },
): number {
  const { component, n, u, v, logSource, logTarget, balance } = tree;
  const { order, size } = component;
  let throughput = 0;
  for (let k = 0; k < size; k++) {
    const node = order[k];
    balance[node] = node < n ? Math.exp(logSource[node] - u[node]) : -Math.exp(logTarget[node - n] - v[node - n]);
    throughput += Math.abs(balance[node]);
  }
  let worst = -1;
  let least = -flowTolerance * throughput;
  for (let k = size - 1; k > 0; k--) {
    const node = order[k];
    const flow = node < n ? balance[node] : -balance[node];
    if (flow < least) {
      least = flow;
      worst = node;
    }
    balance[component.parent[node]] += balance[node];
  }
  return worst;
}

/** Flows this far below zero, relative to the mass of their component, count as rounding. */
const flowTolerance = 1e-14;

function finish(
  { logSource, logTarget }: WfrDual,
  state: {
    readonly u: Float64Array;
    readonly v: Float64Array;
    readonly forest: Forest;
    readonly component: Component;
    readonly balance: Float64Array;
    readonly iterations: number;
    readonly optimal: boolean;
  },
): WfrDualPoint {
  const { u, v, forest, component, balance, iterations, optimal } = state;
  const { n, m } = forest;
  const seen = new Uint8Array(n + m);
  const edges: { readonly row: number; readonly column: number; readonly flow: number }[] = [];
  for (let start = 0; start < n + m; start++) {
    if (seen[start]) continue;
    gather(forest, component, start);
    treeFlows({ component, n, u, v, logSource, logTarget, balance });
    seen[start] = 1;
    for (let k = 1; k < component.size; k++) {
      const node = component.order[k];
      const parent = component.parent[node];
      seen[node] = 1;
      const flow = Math.max(0, node < n ? balance[node] : -balance[node]);
      edges.push(node < n ? { row: node, column: parent - n, flow } : { row: parent, column: node - n, flow });
    }
  }
  edges.sort((a, b) => a.row - b.row || a.column - b.column);
  return {
    u,
    v,
    rows: Int32Array.from(edges, (edge) => edge.row),
    columns: Int32Array.from(edges, (edge) => edge.column),
    flows: Float64Array.from(edges, (edge) => edge.flow),
    iterations,
    optimal,
  };
}

function createForest(n: number, m: number): Forest {
  const edges = n + m;
  const free = Int32Array.from({ length: edges }, (_, k) => edges - 1 - k);
  const links = (): Int32Array => new Int32Array(2 * edges).fill(-1);
  return { n, m, first: links(), next: links(), previous: links(), far: links(), free, freeCount: edges };
}

function createComponent(nodes: number): Component {
  const list = (): Int32Array => new Int32Array(nodes);
  return {
    order: list(),
    parent: list(),
    toParent: list(),
    stamp: list(),
    current: 0,
    size: 0,
    inside: list(),
    outside: list(),
  };
}

function addEdge(forest: Forest, row: number, column: number): void {
  const { n, first, next, previous, far, free } = forest;
  const edge = free[--forest.freeCount];
  for (let side = 0; side < 2; side++) {
    const half = 2 * edge + side;
    const node = side === 0 ? row : n + column;
    far[half] = side === 0 ? n + column : row;
    next[half] = first[node];
    previous[half] = -1;
    if (first[node] >= 0) previous[first[node]] = half;
    first[node] = half;
  }
}

function removeEdge(forest: Forest, edge: number): void {
  const { first, next, previous, far, free } = forest;
  for (let half = 2 * edge; half < 2 * edge + 2; half++) {
    const node = far[half ^ 1];
    if (previous[half] >= 0) next[previous[half]] = next[half];
    else first[node] = next[half];
    if (next[half] >= 0) previous[next[half]] = previous[half];
  }
  free[forest.freeCount++] = edge;
}

/** Lists the component of a node breadth first. */
function gather(forest: Forest, component: Component, root: number): void {
  const { order, parent, toParent, stamp } = component;
  const { first, next, far } = forest;
  const current = ++component.current;
  order[0] = root;
  parent[root] = -1;
  toParent[root] = -1;
  stamp[root] = current;
  let size = 1;
  for (let k = 0; k < size; k++) {
    const node = order[k];
    for (let half = first[node]; half >= 0; half = next[half]) {
      const other = far[half];
      if (stamp[other] === current) continue;
      stamp[other] = current;
      parent[other] = node;
      toParent[other] = half;
      order[size++] = other;
    }
  }
  component.size = size;
}
