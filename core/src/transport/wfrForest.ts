/** The forest of tight pairs: half-edges 2e (at the row) and 2e + 1 (at the column) in doubly linked lists. */
export interface Forest {
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
export interface Component {
  readonly order: Int32Array;
  readonly parent: Int32Array;
  readonly toParent: Int32Array;
  readonly stamp: Int32Array;
  current: number;
  size: number;
}

/** A forest of n rows and m columns without edges. */
export function createForest(n: number, m: number): Forest {
  const edges = n + m;
  const free = Int32Array.from({ length: edges }, (_, k) => edges - 1 - k);
  const links = (): Int32Array => new Int32Array(2 * edges).fill(-1);
  return { n, m, first: links(), next: links(), previous: links(), far: links(), free, freeCount: edges };
}

/** Room for a component of that many nodes. */
export function createComponent(nodes: number): Component {
  const list = (): Int32Array => new Int32Array(nodes);
  return {
    order: list(),
    parent: list(),
    toParent: list(),
    stamp: list(),
    current: 0,
    size: 0,
  };
}

/** Joins two components. */
export function addEdge(forest: Forest, row: number, column: number): void {
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

/** Splits a component. */
export function removeEdge(forest: Forest, edge: number): void {
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
export function gather(forest: Forest, component: Component, root: number): void {
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
