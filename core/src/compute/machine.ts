import type { VariableNode } from '../formula/expression.js';
import { type Accumulator, accumulateColumns, accumulateRows, resetAccumulator, storeInto } from './accumulate.js';
import type { KernelCall, Reduction } from './backend.js';
import { bindStep, type Step } from './execute.js';
import type { Operand } from './operand.js';
import { blockLanes, type Instruction, type Program, type Slot, type Stage } from './program.js';

/** An operand whose place follows the block, or the index, that is being worked on. */
interface Placed {
  readonly operand: Operand;
  readonly register: number;
}

/** A program bound to memory with lanes along rows or along columns; buffers are kept between calls and grow. */
export interface Machine {
  readonly program: Program;
  readonly reduction: Reduction;
  /** The axis along which instructions run; the other one is looped over. */
  readonly lanes: 'row' | 'column';
  readonly loop: 'row' | 'column';
  readonly memory: Record<Stage, Float64Array>;
  readonly steps: Readonly<Record<Stage, readonly Step[]>>;
  readonly outputs: readonly Operand[];
  /** Operands of the looped axis: of its own instructions, and read as single numbers by the others. */
  readonly inBlock: readonly Placed[];
  readonly atIndex: readonly Placed[];
  readonly accumulators: readonly Accumulator[];
  /** One block of memory, for outputs that do not vary over the lanes. */
  readonly spread: Float64Array;
  /** The call and the place in it: its rows, the block of lanes, and the index on the looped axis. */
  readonly cursor: { rows: number; first: number; count: number; index: number };
}

const stages: readonly Stage[] = ['fixed', 'row', 'column', 'pair'];

export function buildMachine(reduction: Reduction, program: Program, lanes: 'row' | 'column'): Machine {
  const loop = lanes === 'row' ? 'column' : 'row';
  const memory = Object.fromEntries(
    stages.map((stage) => [
      stage,
      new Float64Array(stage === loop ? 0 : program.registers[stage] * (stage === 'fixed' ? 1 : blockLanes)),
    ]),
  ) as Record<Stage, Float64Array>;
  const inBlock: Placed[] = [];
  const atIndex: Placed[] = [];
  const resolve = (slot: Slot, user: Stage): Operand => {
    const between = slot.stage === 'fixed' ? 1 : blockLanes;
    const operand: Operand = {
      memory: memory[slot.stage],
      offset: slot.register * between,
      stride: slot.stride * between,
      size: slot.size,
      varies: slot.stage === user || (slot.stage !== 'fixed' && slot.stage !== loop),
    };
    if (slot.stage === loop) (user === loop ? inBlock : atIndex).push({ operand, register: slot.register });
    return operand;
  };
  const bind = (instruction: Instruction): Step => {
    const user = instruction.out.stage;
    return bindStep(
      instruction,
      resolve(instruction.out, user),
      instruction.args.map((arg) => resolve(arg, user)),
    );
  };
  return {
    program,
    reduction,
    lanes,
    loop,
    memory,
    steps: Object.fromEntries(stages.map((stage) => [stage, program.code[stage].map(bind)])) as unknown as Record<
      Stage,
      Step[]
    >,
    outputs: program.outputs.map((slot) => resolve(slot, 'pair')),
    inBlock,
    atIndex,
    accumulators: reduction.outputs.map(() => ({ value: new Float64Array(0), extra: new Float64Array(0) })),
    spread: new Float64Array(blockLanes),
    cursor: { rows: 0, first: 0, count: 0, index: 0 },
  };
}

/** One evaluation; sizes have been checked. */
export function runMachine(machine: Machine, call: KernelCall): void {
  const { reduction, accumulators, steps, lanes, loop, cursor } = machine;
  const { rows, columns, inputs } = call;
  for (let o = 0; o < accumulators.length; o++) {
    const { reduce, expression } = reduction.outputs[o];
    resetAccumulator(reduce, accumulators[o], rows * expression.size);
  }
  runFixed(machine, inputs);
  const laneCount = lanes === 'row' ? rows : columns;
  const loopCount = loop === 'row' ? rows : columns;
  prepareLoop(machine, inputs, loopCount);
  cursor.rows = rows;
  for (let first = 0; first < laneCount; first += blockLanes) {
    cursor.first = first;
    cursor.count = Math.min(blockLanes, laneCount - first);
    loadBlock(machine, lanes, { base: 0, first, count: cursor.count }, inputs);
    for (const step of steps[lanes]) step(cursor.count);
    runBlock(machine, loopCount);
  }
  for (let o = 0; o < accumulators.length; o++) {
    const { name, reduce, expression } = reduction.outputs[o];
    storeInto(call.out[name], reduce, accumulators[o], rows, expression.size);
  }
}

/** All pairs of one block of lanes with the looped axis. */
function runBlock(machine: Machine, loopCount: number): void {
  const { cursor, outputs } = machine;
  const { pair } = machine.steps;
  const perBlock = machine.program.registers[machine.loop] * blockLanes;
  for (let t = 0; t < loopCount; t++) {
    const lane = t % blockLanes;
    place(machine.atIndex, ((t - lane) / blockLanes) * perBlock + lane);
    for (let s = 0; s < pair.length; s++) pair[s](cursor.count);
    cursor.index = t;
    for (let o = 0; o < outputs.length; o++) takeOutput(machine, o);
  }
}

/** Hands the lanes of one output to its accumulator, component by component. */
function takeOutput(machine: Machine, o: number): void {
  const { rows, first, count, index } = machine.cursor;
  const { reduce } = machine.reduction.outputs[o];
  const operand = machine.outputs[o];
  const state = machine.accumulators[o];
  const values = operand.varies ? operand.memory : machine.spread;
  for (let k = 0; k < operand.size; k++) {
    const offset = operand.offset + k * operand.stride;
    if (!operand.varies) values.fill(operand.memory[offset], 0, count);
    const from = operand.varies ? offset : 0;
    if (machine.lanes === 'row') accumulateRows(reduce, state, k * rows + first, values, from, count, index);
    else accumulateColumns(reduce, state, k * rows + index, values, from, count, first);
  }
}

function place(list: readonly Placed[], base: number): void {
  for (let p = 0; p < list.length; p++) list[p].operand.offset = base + list[p].register * blockLanes;
}

/** Computes everything that depends on the looped axis alone, block by block; the values stay for all indices. */
function prepareLoop(machine: Machine, inputs: KernelCall['inputs'], loopCount: number): void {
  const { loop, memory, steps, program } = machine;
  const perBlock = program.registers[loop] * blockLanes;
  const needed = Math.ceil(loopCount / blockLanes) * perBlock;
  if (memory[loop].length < needed) {
    memory[loop] = new Float64Array(needed);
    for (const { operand } of machine.inBlock) operand.memory = memory[loop];
    for (const { operand } of machine.atIndex) operand.memory = memory[loop];
  }
  for (let first = 0, base = 0; first < loopCount; first += blockLanes, base += perBlock) {
    const count = Math.min(blockLanes, loopCount - first);
    loadBlock(machine, loop, { base, first, count }, inputs);
    place(machine.inBlock, base);
    for (const step of steps[loop]) step(count);
  }
}

/** Computes what depends on constants and uniforms alone. */
export function runFixed(machine: Machine, inputs: KernelCall['inputs']): void {
  const { fixed } = machine.memory;
  const { leaves } = machine.program;
  for (let n = 0; n < leaves.length; n++) {
    const { node, slot } = leaves[n];
    if (slot.stage !== 'fixed') continue;
    if (node.kind === 'constant') {
      fixed[slot.register] = node.value;
    } else {
      const values = inputs[node.variable.name];
      for (let k = 0; k < slot.size; k++) fixed[slot.register + k] = values[k];
    }
  }
  const steps = machine.steps.fixed;
  for (let s = 0; s < steps.length; s++) steps[s](1);
}

/** Copies the variables of one axis into its registers: item `first + l` to lane l, component by component. */
function loadBlock(
  machine: Machine,
  stage: 'row' | 'column',
  block: { base: number; first: number; count: number },
  inputs: KernelCall['inputs'],
): void {
  const memory = machine.memory[stage];
  for (const { node, slot } of machine.program.leaves) {
    if (slot.stage !== stage) continue;
    const values = inputs[(node as VariableNode).variable.name];
    const { size } = slot;
    for (let k = 0; k < size; k++) {
      const to = block.base + (slot.register + k) * blockLanes;
      const from = block.first * size + k;
      for (let l = 0; l < block.count; l++) memory[to + l] = values[from + l * size];
    }
  }
}
