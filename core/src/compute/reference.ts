import type { Variable } from '../formula/expression.js';
import { type Accumulator, accumulate, finish, resetAccumulator } from './accumulate.js';
import { type Backend, checkCall, checkReduction, type Kernel, type KernelCall, type Reduction, reductionVariables } from './backend.js';
import { executeStep, type Operand, type Step } from './execute.js';
import { referenceMatmul } from './matmul.js';
import { compileProgram, type Instruction, type Program, type Slot } from './program.js';

/** Lanes per block. Part of the arithmetic: logSumExp rescales once a block, so another size could change the last bit. */
export const blockLanes = 256;

/** The memory of one compiled program, kept between calls and grown when a call has more columns than any before. */
interface Memory {
  readonly scalars: Float64Array;
  readonly pairs: Float64Array;
  columns: Float64Array;
}

/** Operands by stage, so that column operands can be moved from block to block. */
interface Machine {
  readonly program: Program;
  readonly memory: Memory;
  readonly fixed: readonly Step[];
  readonly row: readonly Step[];
  readonly column: readonly Step[];
  readonly pair: readonly Step[];
  readonly outputs: readonly Operand[];
  readonly columnOperands: readonly { readonly operand: Operand; readonly register: number }[];
  readonly accumulators: readonly Accumulator[];
}

/**
 * The reference backend: a blocked interpreter on typed arrays, one thread, no n*m storage. Work that
 * depends on rows only is done once per row, on columns only once per column; the rest runs over blocks
 * of 256 lanes. Memory O((rows + columns) * width of the formula); nothing is allocated per pair.
 */
export function referenceBackend(): Backend {
  const cache = new Map<string, Kernel>();
  return {
    name: 'reference',
    matmulInto: referenceMatmul,
    compile(reduction) {
      checkReduction(reduction);
      const key = reduction.outputs.map((o) => `${o.name} ${o.reduce} ${o.expression.key}`).join('|');
      const known = cache.get(key);
      if (known) return known;
      const kernel = compileKernel(reduction);
      cache.set(key, kernel);
      return kernel;
    },
  };
}

let shared: Backend | undefined;

/** The backend that is used where none is named. */
export function defaultBackend(): Backend {
  return (shared ??= referenceBackend());
}

function compileKernel(reduction: Reduction): Kernel {
  const variables = reductionVariables(reduction);
  // Without column variables, lanes run over the rows: one pass instead of one interpreter round per row.
  const flat = ![...variables.values()].some((variable) => variable.role === 'column');
  const machine = buildMachine(reduction, compileProgram(reduction), flat);
  return {
    reduction,
    run(call) {
      checkCall(reduction, variables, call);
      if (flat) runFlat(machine, reduction, variables, call);
      else runPairs(machine, reduction, call);
    },
  };
}

function buildMachine(reduction: Reduction, program: Program, flat: boolean): Machine {
  const memory: Memory = {
    scalars: new Float64Array(program.scalarRegisters * (flat ? blockLanes : 1)),
    pairs: new Float64Array(program.pairRegisters * blockLanes),
    columns: new Float64Array(0),
  };
  const columnOperands: { operand: Operand; register: number }[] = [];
  const splatRegister = new Map(program.splats.map(({ from, register }) => [from, register]));
  const resolve = (slot: Slot, inPair: boolean, operation?: string): Operand => {
    const size = slot.node.size;
    if (slot.stage === 'column') {
      const operand = { memory: memory.columns, offset: 0, stride: blockLanes, size, lanes: true };
      columnOperands.push({ operand, register: slot.register });
      return operand;
    }
    const splat = inPair && operation !== 'dot' ? splatRegister.get(slot) : undefined;
    if (slot.stage === 'pair' || splat !== undefined) {
      return { memory: memory.pairs, offset: (splat ?? slot.register) * blockLanes, stride: blockLanes, size, lanes: true };
    }
    const stride = flat ? blockLanes : 1;
    return { memory: memory.scalars, offset: slot.register * stride, stride, size, lanes: flat };
  };
  const build = (instruction: Instruction): Step => ({
    operation: instruction.node.operation,
    parameter: instruction.node.parameter ?? 0,
    out: resolve(instruction.out, instruction.out.stage === 'pair'),
    args: instruction.args.map((arg) => resolve(arg, instruction.out.stage === 'pair', instruction.node.operation)),
  });
  return {
    program,
    memory,
    fixed: program.fixed.map(build),
    row: program.row.map(build),
    column: program.column.map(build),
    pair: program.pair.map(build),
    outputs: program.outputs.map((slot) => resolve(slot, false)),
    columnOperands,
    accumulators: reduction.outputs.map(({ expression: { size } }) => ({ value: new Float64Array(size), extra: new Float64Array(size) })),
  };
}

/** Writes constants and variables of one stage; `index` is the row for row variables. */
function loadScalars(machine: Machine, call: KernelCall, stage: 'fixed' | 'row', index: number): void {
  for (const { node, stage: at, register } of machine.program.leaves) {
    if (at !== stage) continue;
    if (node.kind === 'constant') machine.memory.scalars[register] = node.value;
    else if (node.kind === 'variable') {
      const values = call.inputs[node.variable.name];
      for (let k = 0; k < node.size; k++) machine.memory.scalars[register + k] = values[index * node.size + k];
    }
  }
}

/** Packs column variables component by component into blocks, and computes all column values once. */
function prepareColumns(machine: Machine, call: KernelCall): void {
  const { program, memory } = machine;
  const perBlock = program.columnRegisters * blockLanes;
  const needed = Math.ceil(call.columns / blockLanes) * perBlock;
  if (memory.columns.length < needed) memory.columns = new Float64Array(needed);
  for (const { operand } of machine.columnOperands) operand.memory = memory.columns;
  for (const { node, stage, register } of program.leaves) {
    if (stage !== 'column' || node.kind !== 'variable') continue;
    const values = call.inputs[node.variable.name];
    for (let j = 0; j < call.columns; j++) {
      const base = Math.floor(j / blockLanes) * perBlock + register * blockLanes + (j % blockLanes);
      for (let k = 0; k < node.size; k++) memory.columns[base + k * blockLanes] = values[j * node.size + k];
    }
  }
  for (let first = 0, block = 0; first < call.columns; first += blockLanes, block++) {
    moveColumns(machine, block * perBlock);
    const lanes = Math.min(blockLanes, call.columns - first);
    for (const step of machine.column) executeStep(step, lanes);
  }
}

function moveColumns(machine: Machine, base: number): void {
  const list = machine.columnOperands;
  for (let k = 0; k < list.length; k++) list[k].operand.offset = base + list[k].register * blockLanes;
}

/** Repeats the row values that pair instructions read, over as many lanes as the call has. */
function splatRow(machine: Machine, lanes: number): void {
  const { scalars, pairs } = machine.memory;
  for (const { from, register } of machine.program.splats) {
    for (let k = 0; k < from.node.size; k++) {
      const start = (register + k) * blockLanes;
      pairs.fill(scalars[from.register + k], start, start + lanes);
    }
  }
}

function runPairs(machine: Machine, reduction: Reduction, call: KernelCall): void {
  const { program } = machine;
  const perBlock = program.columnRegisters * blockLanes;
  loadScalars(machine, call, 'fixed', 0);
  for (const step of machine.fixed) executeStep(step, 1);
  prepareColumns(machine, call);
  for (let i = 0; i < call.rows; i++) {
    loadScalars(machine, call, 'row', i);
    for (const step of machine.row) executeStep(step, 1);
    splatRow(machine, Math.min(blockLanes, call.columns));
    for (let o = 0; o < reduction.outputs.length; o++) resetAccumulator(reduction.outputs[o].reduce, machine.accumulators[o]);
    for (let first = 0, block = 0; first < call.columns; first += blockLanes, block++) {
      moveColumns(machine, block * perBlock);
      const lanes = Math.min(blockLanes, call.columns - first);
      for (let s = 0; s < machine.pair.length; s++) executeStep(machine.pair[s], lanes);
      takeBlock(machine, reduction, lanes, first);
    }
    storeRow(machine, reduction, call, i);
  }
}

/** Takes the lanes of one block into the accumulators; values without lanes count once per column. */
function takeBlock(machine: Machine, reduction: Reduction, lanes: number, first: number): void {
  for (let o = 0; o < reduction.outputs.length; o++) {
    const operand = machine.outputs[o];
    const { reduce } = reduction.outputs[o];
    for (let k = 0; k < operand.size; k++) {
      const offset = operand.offset + k * operand.stride;
      if (operand.lanes) {
        accumulate(reduce, machine.accumulators[o], k, operand.memory, offset, lanes, first);
      } else {
        for (let l = 0; l < lanes; l++) accumulate(reduce, machine.accumulators[o], k, operand.memory, offset, 1, first + l);
      }
    }
  }
}

function storeRow(machine: Machine, reduction: Reduction, call: KernelCall, i: number): void {
  for (let o = 0; o < reduction.outputs.length; o++) {
    const { name, reduce, expression } = reduction.outputs[o];
    const out = call.out[name];
    for (let k = 0; k < expression.size; k++) out[i * expression.size + k] = finish(reduce, machine.accumulators[o], k);
  }
}

/** Formulas without columns: lanes are rows, and each value is reduced with itself `columns` times. */
function runFlat(machine: Machine, reduction: Reduction, variables: ReadonlyMap<string, Variable>, call: KernelCall): void {
  const { scalars } = machine.memory;
  for (let first = 0; first < call.rows; first += blockLanes) {
    const lanes = Math.min(blockLanes, call.rows - first);
    for (const { node, register } of machine.program.leaves) {
      if (node.kind === 'constant') scalars.fill(node.value, register * blockLanes, register * blockLanes + lanes);
      else if (node.kind === 'variable') {
        const values = call.inputs[node.variable.name];
        const perRow = variables.get(node.variable.name)?.role === 'row' ? node.size : 0;
        for (let l = 0; l < lanes; l++) {
          for (let k = 0; k < node.size; k++) scalars[(register + k) * blockLanes + l] = values[(first + l) * perRow + k];
        }
      }
    }
    for (const step of machine.fixed) executeStep(step, lanes);
    for (const step of machine.row) executeStep(step, lanes);
    for (let o = 0; o < reduction.outputs.length; o++) storeFlat(machine.outputs[o], reduction, o, call, first, lanes);
  }
}

function storeFlat(operand: Operand, reduction: Reduction, o: number, call: KernelCall, first: number, lanes: number): void {
  const { name, reduce } = reduction.outputs[o];
  const out = call.out[name];
  for (let k = 0; k < operand.size; k++) {
    const offset = operand.offset + k * operand.stride;
    for (let l = 0; l < lanes; l++) {
      out[(first + l) * operand.size + k] = repeatReduce(reduce, operand.memory[offset + l], call.columns);
    }
  }
}

/** The reduction of `columns` equal values. */
function repeatReduce(reduce: Kernel['reduction']['outputs'][number]['reduce'], value: number, columns: number): number {
  if (columns === 0) return reduce === 'sum' ? 0 : reduce === 'argmax' ? -1 : Number.NEGATIVE_INFINITY;
  if (reduce === 'sum') return columns === 1 ? value : columns * value;
  if (reduce === 'logSumExp') return value + Math.log(columns);
  return reduce === 'argmax' ? 0 : value;
}
