import type { Expression, OperationNode } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import type { Reduction } from './backend.js';

/**
 * When a value is computed: `fixed` once per call (uniforms and constants), `row` once per row,
 * `column` once per column, `pair` once per row and column.
 */
export type Stage = 'fixed' | 'row' | 'column' | 'pair';

/** A value of the program: its stage and where its components lie in the memory of that stage. */
export interface Slot {
  readonly node: Expression;
  readonly stage: Stage;
  /** First register; component k lies in register `register + k`. */
  readonly register: number;
}

/** One operation with the slots of its arguments. */
export interface Instruction {
  readonly node: OperationNode;
  readonly out: Slot;
  readonly args: readonly Slot[];
}

/** A reduction as straight-line code for each stage. */
export interface Program {
  readonly fixed: readonly Instruction[];
  readonly row: readonly Instruction[];
  readonly column: readonly Instruction[];
  readonly pair: readonly Instruction[];
  /** Constants and variables with their slots. */
  readonly leaves: readonly Slot[];
  /** Values of stages fixed and row that pair instructions read lane by lane, with the pair register they are repeated in. */
  readonly splats: readonly { readonly from: Slot; readonly register: number }[];
  readonly outputs: readonly Slot[];
  /** Numbers of registers: scalars (fixed and row), column lanes, pair lanes. */
  readonly scalarRegisters: number;
  readonly columnRegisters: number;
  readonly pairRegisters: number;
}

const stageOf = (node: Expression, stages: ReadonlyMap<Expression, Stage>): Stage => {
  if (node.kind === 'constant') return 'fixed';
  if (node.kind === 'variable') return node.variable.role === 'uniform' ? 'fixed' : node.variable.role;
  const below = new Set(node.args.map((arg) => stages.get(arg) as Stage));
  if (below.has('pair') || (below.has('row') && below.has('column'))) return 'pair';
  return below.has('row') ? 'row' : below.has('column') ? 'column' : 'fixed';
};

/** Operations that read a row value as one number, without repeating it over the lanes. */
const readsScalars = (operation: OperationNode['operation']): boolean => operation === 'dot';

/** Orders the nodes of a reduction, assigns stages, and allots registers; pair registers are reused after their last use. */
export function compileProgram(reduction: Reduction): Program {
  const order = nodesOf(...reduction.outputs.map((output) => output.expression));
  const stages = new Map<Expression, Stage>();
  for (const node of order) stages.set(node, stageOf(node, stages));
  const lastUse = new Map<Expression, number>();
  order.forEach((node, k) => {
    if (node.kind === 'operation') for (const arg of node.args) lastUse.set(arg, k);
  });
  for (const output of reduction.outputs) lastUse.set(output.expression, order.length);

  const allocator = registerAllocator();
  let scalarRegisters = 0;
  let columnRegisters = 0;
  const slots = new Map<Expression, Slot>();
  const splats = new Map<Expression, { from: Slot; register: number }>();
  const leaves: Slot[] = [];
  const code: Record<Stage, Instruction[]> = { fixed: [], row: [], column: [], pair: [] };

  // Splats live through the whole row, so they take their registers before any temporary does.
  order.forEach((node) => {
    const stage = stages.get(node) as Stage;
    if (stage === 'pair') return;
    const register = stage === 'column' ? columnRegisters : scalarRegisters;
    if (stage === 'column') columnRegisters += node.size;
    else scalarRegisters += node.size;
    slots.set(node, { node, stage, register });
  });
  order.forEach((node) => {
    if (stages.get(node) !== 'pair' || node.kind !== 'operation' || readsScalars(node.operation)) return;
    for (const arg of node.args) {
      const slot = slots.get(arg);
      if (slot === undefined || slot.stage === 'column' || splats.has(arg)) continue;
      splats.set(arg, { from: slot, register: allocator.take(arg.size) });
    }
  });
  order.forEach((node, k) => {
    const stage = stages.get(node) as Stage;
    if (stage === 'pair') slots.set(node, { node, stage, register: allocator.take(node.size) });
    const out = slots.get(node) as Slot;
    if (node.kind !== 'operation') {
      leaves.push(out);
      return;
    }
    code[stage].push({ node, out, args: node.args.map((arg) => slots.get(arg) as Slot) });
    if (stage !== 'pair') return;
    for (const arg of new Set(node.args)) {
      const slot = slots.get(arg) as Slot;
      if (slot.stage === 'pair' && lastUse.get(arg) === k) allocator.release(slot.register, arg.size);
    }
  });
  return {
    ...code,
    leaves,
    splats: [...splats.values()],
    outputs: reduction.outputs.map((output) => slots.get(output.expression) as Slot),
    scalarRegisters,
    columnRegisters,
    pairRegisters: allocator.count(),
  };
}

/** First-fit by size: runs of registers come back after their last use and go to the next value of the same size. */
function registerAllocator(): { take(size: number): number; release(register: number, size: number): void; count(): number } {
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
