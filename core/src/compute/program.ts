import type { ConstantNode, Expression, OperationName, OperationNode, VariableNode } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import type { Reduction } from './backend.js';

/** Numbers that one instruction handles in one go. */
export const blockLanes = 256;

/**
 * When a value is computed: `fixed` once per call (constants and uniforms), `row` once per row,
 * `column` once per column, `pair` once per row and column.
 */
export type Stage = 'fixed' | 'row' | 'column' | 'pair';

/** Where a value lies: component k in register `register + k * stride` of its stage; stride 0 repeats a scalar. */
export interface Slot {
  readonly stage: Stage;
  readonly register: number;
  readonly stride: 0 | 1;
  readonly size: number;
}

/** One operation with the slots of its value and of its arguments. */
export interface Instruction {
  readonly operation: OperationName;
  readonly parameter: number;
  readonly out: Slot;
  readonly args: readonly Slot[];
}

/** A constant or a variable with its slot. */
export interface Leaf {
  readonly node: ConstantNode | VariableNode;
  readonly slot: Slot;
}

/** A reduction as straight-line code for each stage; instructions of a stage read that stage and the ones it depends on. */
export interface Program {
  readonly code: Readonly<Record<Stage, readonly Instruction[]>>;
  readonly leaves: readonly Leaf[];
  readonly outputs: readonly Slot[];
  /** Numbers of registers by stage. */
  readonly registers: Readonly<Record<Stage, number>>;
}

/**
 * Orders the nodes of a reduction (each once, arguments first), assigns stages and allots registers.
 * A register is used again after the last use of its value; a value that another stage reads, or that is an
 * output, keeps its register. Cost O(nodes + edges).
 */
export function compileProgram(reduction: Reduction): Program {
  const roots = reduction.outputs.map((output) => output.expression);
  const order = nodesOf(...roots);
  const stages = stagesOf(order);
  const last = lastUses(order, roots, stages);
  const allocators = {
    fixed: registerAllocator(),
    row: registerAllocator(),
    column: registerAllocator(),
    pair: registerAllocator(),
  };
  const code = {
    fixed: [] as Instruction[],
    row: [] as Instruction[],
    column: [] as Instruction[],
    pair: [] as Instruction[],
  };
  const slots = new Map<Expression, Slot>();
  const slotOf = (node: Expression): Slot => slots.get(node) as Slot;
  const allot = (node: Expression): Slot => {
    const stage = stages.get(node) as Stage;
    const slot: Slot = {
      stage,
      register: allocators[stage].take(node.size),
      stride: node.size === 1 ? 0 : 1,
      size: node.size,
    };
    slots.set(node, slot);
    return slot;
  };
  // Leaves are loaded before the code of their stage runs, so they take their registers before any other value.
  const leaves = order.flatMap((node): Leaf[] => (node.kind === 'operation' ? [] : [{ node, slot: allot(node) }]));
  order.forEach((node, k) => {
    if (node.kind !== 'operation') return;
    if (isView(node)) {
      slots.set(node, viewOf(node, slotOf(node.args[0])));
      return;
    }
    const out = allot(node);
    code[out.stage].push({
      operation: node.operation,
      parameter: node.parameter ?? 0,
      out,
      args: node.args.map(slotOf),
    });
    for (const arg of new Set(node.args)) {
      if (last.get(arg) === k) allocators[slotOf(arg).stage].release(slotOf(arg).register, arg.size);
    }
  });
  return {
    code,
    leaves,
    outputs: roots.map(slotOf),
    registers: {
      fixed: allocators.fixed.count(),
      row: allocators.row.count(),
      column: allocators.column.count(),
      pair: allocators.pair.count(),
    },
  };
}

/** The stage of every node; arguments come before what uses them. */
export function stagesOf(order: readonly Expression[]): ReadonlyMap<Expression, Stage> {
  const stages = new Map<Expression, Stage>();
  for (const node of order) stages.set(node, stageOf(node, stages));
  return stages;
}

function stageOf(node: Expression, stages: ReadonlyMap<Expression, Stage>): Stage {
  if (node.kind === 'constant') return 'fixed';
  if (node.kind === 'variable') return node.variable.role === 'uniform' ? 'fixed' : node.variable.role;
  const below = new Set(node.args.map((arg) => stages.get(arg) as Stage));
  if (below.has('pair') || (below.has('row') && below.has('column'))) return 'pair';
  return below.has('row') ? 'row' : below.has('column') ? 'column' : 'fixed';
}

/** Components and repetitions are other ways to read registers that exist: they cost no instruction. */
const isView = (node: OperationNode): boolean => node.operation === 'component' || node.operation === 'broadcast';

function viewOf(node: OperationNode, arg: Slot): Slot {
  if (node.operation === 'broadcast') return { ...arg, size: node.size, stride: arg.size === 1 ? 0 : arg.stride };
  return { ...arg, register: arg.register + (node.parameter ?? 0) * arg.stride, size: 1, stride: 0 };
}

/** The position after which the register of a value is free; absent for values that keep theirs. */
function lastUses(
  order: readonly Expression[],
  roots: readonly Expression[],
  stages: ReadonlyMap<Expression, Stage>,
): Map<Expression, number> {
  const last = new Map<Expression, number>();
  const kept = new Set<Expression>(roots);
  order.forEach((node, k) => {
    if (node.kind !== 'operation') return;
    for (const arg of node.args) {
      last.set(arg, k);
      if (isView(node) || stages.get(arg) !== stages.get(node)) kept.add(arg);
    }
    if (isView(node)) kept.add(node);
  });
  for (const node of kept) last.delete(node);
  return last;
}

interface RegisterAllocator {
  take(size: number): number;
  release(register: number, size: number): void;
  count(): number;
}

/** Runs of registers come back after their last use and go to the next value of the same size. */
function registerAllocator(): RegisterAllocator {
  const free = new Map<number, number[]>();
  let count = 0;
  return {
    take(size) {
      const known = free.get(size)?.pop();
      if (known !== undefined) return known;
      count += size;
      return count - size;
    },
    release(register, size) {
      const list = free.get(size);
      if (list === undefined) free.set(size, [register]);
      else list.push(register);
    },
    count: () => count,
  };
}
