import type { Expression, OperationNode } from '../../formula/expression.js';
import { nodesOf } from '../../formula/inspect.js';
import type { Reducer, Reduction } from '../backend.js';
import { type Stage, stagesOf } from '../program.js';
import { doubleLanes, type LaneType } from './laneType.js';

/** Values of one stage that other code reads: register of each node, and their number. */
export interface Registers {
  readonly of: ReadonlyMap<Expression, number>;
  readonly count: number;
}

/** Where the running reduction of one output lies: `value`, and `extra` for those that carry a second number. */
export interface OutputState {
  readonly expression: Expression;
  readonly reduce: Reducer;
  readonly value: number;
  readonly extra: number | null;
}

/** A tile: `vectors` vectors of rows by `columns` columns, all in registers. */
export interface TileShape {
  readonly vectors: number;
  readonly columns: number;
}

/** What a kernel computes where, before any code is written. */
export interface KernelPlan {
  readonly lane: LaneType;
  readonly stages: ReadonlyMap<Expression, Stage>;
  readonly fixed: Registers;
  readonly row: Registers;
  readonly column: Registers;
  readonly outputs: readonly OutputState[];
  readonly names: readonly string[];
  readonly stateCount: number;
  readonly tile: TileShape;
  /** Cost of a pair in additions, roughly: what decides how work is shared between threads. */
  readonly work: number;
}

/** Components that straight-line code is written for; longer vectors run in a loop. */
export const longestUnrolled = 8;

/** Assigns every node to its stage and finds what the stages hand on to each other. */
export function planKernel(reduction: Reduction, lane: LaneType = doubleLanes): KernelPlan {
  const roots = reduction.outputs.map(({ expression }) => expression);
  const order = nodesOf(...roots);
  const stages = stagesOf(order);
  const kept = { fixed: new Set<Expression>(), row: new Set<Expression>(), column: new Set<Expression>() };
  const keep = (node: Expression, reader: Stage): void => {
    const stage = stages.get(node) as Stage;
    if (node.kind === 'constant' || (stage === reader && node.kind !== 'variable') || stage === 'pair') return;
    if (node.kind === 'operation' && isTransparent(node)) {
      for (const arg of node.args) keep(arg, reader);
      return;
    }
    kept[stage].add(node);
  };
  for (const root of roots) keep(root, 'pair');
  for (const node of order) {
    if (node.kind !== 'operation' || stages.get(node) === 'fixed') continue;
    for (const arg of node.args) keep(arg, stages.get(node) as Stage);
  }
  // Transparent nodes are read through by whoever reads them, at whatever stage that is.
  let stateCount = 0;
  const outputs = reduction.outputs.map(({ expression, reduce }): OutputState => {
    const value = stateCount;
    const hasExtra = reduce === 'logSumExp' || reduce === 'argmax';
    stateCount += expression.size * (hasExtra ? 2 : 1);
    return { expression, reduce, value, extra: hasExtra ? value + expression.size : null };
  });
  return {
    lane,
    stages,
    fixed: registersOf(kept.fixed),
    row: registersOf(kept.row),
    column: registersOf(kept.column),
    outputs,
    names: reduction.outputs.map(({ name }) => name),
    stateCount,
    tile: wholeVectors(tileFor(order, stages), lane),
    work: workPerPair(order, stages),
  };
}

/** Nodes that only arrange the components of others: they are never stored. */
export function isTransparent(node: OperationNode): boolean {
  return ['component', 'broadcast', 'scatter', 'pack'].includes(node.operation);
}

/** True if component k of a vector can be computed for a k that is known only when the code runs. */
export function isIndexable(node: Expression): boolean {
  if (node.size === 1 || node.kind !== 'operation') return true;
  if (node.operation === 'scatter' || node.operation === 'pack') return false;
  return node.args.every(isIndexable);
}

function registersOf(nodes: ReadonlySet<Expression>): Registers {
  const of = new Map<Expression, number>();
  let count = 0;
  for (const node of nodes) {
    of.set(node, count);
    count += node.size;
  }
  // A panel without registers would have no bytes to step over.
  return { of, count: Math.max(1, count) };
}

/** What depends on columns only is computed in whole vectors of columns. */
function wholeVectors({ vectors, columns }: TileShape, { count }: LaneType): TileShape {
  return { vectors, columns: Math.ceil(columns / count) * count };
}

/** Long inner products gain from tiles of eight products; other formulas run out of registers before. */
function tileFor(order: readonly Expression[], stages: ReadonlyMap<Expression, Stage>): TileShape {
  const isLong = (node: Expression): boolean =>
    node.kind === 'operation' &&
    stages.get(node) === 'pair' &&
    ['dot', 'norm2', 'sum'].includes(node.operation) &&
    node.args[0].size > longestUnrolled;
  return order.some(isLong) ? { vectors: 2, columns: 4 } : { vectors: 2, columns: 2 };
}

/** Operations that cost more than one addition; inner products cost one for each component. */
const costs: Readonly<Partial<Record<OperationNode['operation'], number>>> = {
  max: 4,
  min: 4,
  divide: 4,
  sqrt: 4,
  power: 4,
  exp: 16,
  log: 20,
  sigmoid: 20,
  tanh: 24,
  sin: 30,
  cos: 30,
  softplus: 30,
  erf: 50,
};

function workPerPair(order: readonly Expression[], stages: ReadonlyMap<Expression, Stage>): number {
  let work = 1;
  for (const node of order) {
    if (node.kind !== 'operation' || stages.get(node) !== 'pair' || isTransparent(node)) continue;
    work += (costs[node.operation] ?? 1) * Math.max(node.size, node.args[0].size);
  }
  return work;
}
