import { logAddExp } from '../math/sums.js';
import {
  addEdge,
  type Component,
  createComponent,
  createForest,
  type Forest,
  gather,
  removeEdge,
} from './wfrForest.js';
import { createSlackSearch, leastSlack, type SlackSearch } from './wfrSlacks.js';

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
  const search = createSlackSearch(costs, u, v);
  // First come, first served keeps components small for long, which halves the steps of last in, first out.
  const waiting = Array.from({ length: n + m }, (_, node) => node);
  const settled = new Uint8Array(n + m);
  let head = 0;
  let iterations = 0;
  while (head < waiting.length && iterations < maxIterations) {
    const node = waiting[head++];
    if (settled[node]) continue;
    do {
      iterations++;
      gather(forest, component, node);
    } while (shiftComponent({ forest, component, search, logSource, logTarget }));
    const worst = treeFlows({ component, n, u, v, logSource, logTarget, balance });
    for (let k = 0; k < component.size; k++) settled[component.order[k]] = worst < 0 ? 1 : 0;
    if (worst < 0) continue;
    removeEdge(forest, component.toParent[worst] >> 1);
    waiting.push(component.parent[worst], worst);
  }
  return finish(problem, { u, v, forest, component, balance, iterations, optimal: head === waiting.length });
}

interface Move {
  readonly forest: Forest;
  readonly component: Component;
  readonly search: SlackSearch;
  readonly logSource: Float64Array;
  readonly logTarget: Float64Array;
}

/** Shifts a component to its best point, or to the first pair that blocks it; true if that pair was joined. */
function shiftComponent({ forest, component, search, logSource, logTarget }: Move): boolean {
  const { n } = forest;
  const { u, v } = search;
  let supply = 0;
  let demand = 0;
  for (let k = 0; k < component.size; k++) {
    const node = component.order[k];
    if (node < n) supply += Math.exp(logSource[node] - u[node]);
    else demand += Math.exp(logTarget[node - n] - v[node - n]);
  }
  const plain = 0.5 * (Math.log(supply) - Math.log(demand));
  const finite = Number.isFinite(plain);
  const best = finite ? plain : balanceByLogs({ component, n, u, v, logSource, logTarget });
  // A rising component is blocked at its rows by columns outside, a falling one at its columns by rows outside.
  const block = leastSlack(search, component, best > 0, Math.abs(best));
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

/** The best shift where sums underflow or overflow or a side is missing (then infinite): by logarithms. */
function balanceByLogs({ component, n, u, v, logSource, logTarget }: Omit<Tree, 'balance'>): number {
  let supply = Number.NEGATIVE_INFINITY;
  let demand = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < component.size; k++) {
    const node = component.order[k];
    if (node < n) supply = logAddExp(supply, logSource[node] - u[node]);
    else demand = logAddExp(demand, logTarget[node - n] - v[node - n]);
  }
  return 0.5 * (supply - demand);
}

interface Tree {
  readonly component: Component;
  readonly n: number;
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly logSource: Float64Array;
  readonly logTarget: Float64Array;
  readonly balance: Float64Array;
}

/**
 * Flows of the tree from its leaves up, left in `balance` as the net supply of every subtree; returns the node whose
 * edge to its parent carries the most negative flow beyond rounding, -1 if none.
 */
function treeFlows(tree: Tree): number {
  const { component, n, u, v, logSource, logTarget, balance } = tree;
  const { order, size } = component;
  // Each term carries the rounding of its exponent, so of its potential and logarithm.
  let rounding = 0;
  for (let k = 0; k < size; k++) {
    const node = order[k];
    const [logMass, potential] = node < n ? [logSource[node], u[node]] : [logTarget[node - n], v[node - n]];
    const term = Math.exp(logMass - potential);
    balance[node] = node < n ? term : -term;
    rounding += term * (flowRoundings + Math.abs(logMass) + Math.abs(potential));
  }
  let worst = -1;
  let least = -rounding * Number.EPSILON;
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

/** A flow this many roundings of the terms of its component below zero counts as zero. */
const flowRoundings = 40;

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
