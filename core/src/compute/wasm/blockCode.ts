import type { Reducer } from '../backend.js';
import { type Assembly, type AssemblyOptions, assembly, type Local } from './assembly.js';
import { log } from './elementary.js';
import { importedFunctions } from './elementwise.js';
import { pairSignature, panelBytes, panelLanes, statePanelBytes, totalBytes } from './kernelCode.js';
import { doubleLanes } from './laneType.js';
import { type DefinedFunction, type Signature, types } from './module.js';
import type { KernelPlan, OutputState } from './plan.js';
import { initialState, type State, takeValue } from './reduceCode.js';

/**
 * Kernels in `f32` reduce at most so many columns in `f32`; then the state of the block joins the total in `f64`. So a sum of
 * any length loses at most 64 units of 2^-24 of the sum of sizes, and indices of columns are exact.
 */
export const blockColumns = 64;

const { i32, f64, v128 } = types;
const vectorBytes = 16;

/** The code of `pairs` in blocks: functions that follow `row` and `column` in the module. */
export function inBlocks(plan: KernelPlan, block: DefinedFunction, options: AssemblyOptions): DefinedFunction[] {
  const before = importedFunctions.length + 2;
  return [block, mergeCode(plan, options), driverCode(plan, { block: before, merge: before + 1 })];
}

/** Functions that the driver calls, by their index among imports and functions. */
interface BlockFunctions {
  readonly block: number;
  readonly merge: number;
}

/** `pairs` with the signature of {@link pairCode}: block after block of columns, each merged into the totals. */
function driverCode(plan: KernelPlan, { block, merge }: BlockFunctions): DefinedFunction {
  const asm = assembly(pairSignature);
  const [row, rowEnd, state, column, columnEnd, rest, fixed, first] = asm.params;
  const panel = panelBytes(plan, 'column');
  const perPanel = panelLanes(plan, 'column');
  const step = Math.max(1, blockColumns / perPanel) * panel;
  const pointer = asm.local(i32);
  const end = asm.local(i32);
  const mergeFrom = (start: Local): void => {
    const panels = asm.integer('divU', asm.integer('sub', start, column), panel);
    asm.call(merge, row, rowEnd, state, asm.plusInteger(first, asm.integer('mul', panels, perPanel)));
  };
  asm.assign(pointer, column);
  asm.loop(pointer, columnEnd, step, () => {
    asm.assign(end, asm.integer('add', pointer, step));
    asm.when(asm.integer('ltU', columnEnd, end), () => asm.assign(end, columnEnd));
    asm.call(block, row, rowEnd, state, pointer, end, 0, fixed, first);
    mergeFrom(pointer);
  });
  asm.when(rest, () => {
    asm.call(block, row, rowEnd, state, columnEnd, columnEnd, rest, fixed, first);
    mergeFrom(columnEnd);
  });
  return { name: 'pairs', signature: pairSignature, locals: asm.locals, code: asm.code };
}

const mergeSignature: Signature = { params: [i32, i32, i32, f64], results: [] };

/**
 * `merge(row, rowEnd, state, first)`: for every panel of rows, takes the result of its block as one value in `f64` and makes
 * the block's state the initial one. `first` is the index of the block's first column.
 */
function mergeCode(plan: KernelPlan, options: AssemblyOptions = {}): DefinedFunction {
  const asm = assembly(mergeSignature, { ...options, lane: doubleLanes });
  const [row, rowEnd, state, first] = asm.params;
  const { vectors } = plan.tile;
  const counter = asm.local(i32);
  const end = asm.local(i32);
  asm.loop(row, rowEnd, panelBytes(plan, 'row'), () => {
    for (const output of plan.outputs) {
      asm.assign(counter, 0);
      asm.assign(end, output.expression.size * vectors * vectorBytes);
      asm.loop(counter, end, vectorBytes, () => mergeVector(asm, plan, output, { state, counter, first }));
    }
    asm.assign(state, asm.integer('add', state, statePanelBytes(plan)));
  });
  return { name: 'merge', signature: mergeSignature, locals: asm.locals, code: asm.code };
}

interface MergePlace {
  readonly state: Local;
  /** Bytes from the output's first vector to this one. */
  readonly counter: Local;
  readonly first: Local;
}

/** Four rows of one component: a vector of the block, two of the total. */
function mergeVector(
  asm: Assembly,
  plan: KernelPlan,
  output: OutputState,
  { state, counter, first }: MergePlace,
): void {
  const { reduce, value, extra } = output;
  const { vectors } = plan.tile;
  const inBlock = asm.integer('add', state, counter);
  const inTotal = asm.integer('add', inBlock, counter);
  const blockOffset = (register: number): number => totalBytes(plan) + register * vectors * vectorBytes;
  const totalOffset = (register: number): number => 2 * register * vectors * vectorBytes;
  const registers = extra === null ? [value] : [value, extra];
  const inputs = registers.map((register) => asm.loadVector(inBlock, blockOffset(register)));
  for (const half of [0, 1] as const) {
    const held = registers.map((register) => {
      const local = asm.local(v128);
      asm.assign(local, asm.loadVector(inTotal, totalOffset(register) + half * vectorBytes));
      return local;
    });
    const total: State = { value: held[0], extra: extra === null ? null : held[1] };
    const [taken, second] = inputs.map((input) => asm.widened(input, half));
    takeBlock(asm, reduce, total, { taken, second, first });
    held.forEach((local, k) => {
      asm.storeVector(inTotal, totalOffset(registers[k]) + half * vectorBytes, local);
    });
  }
  registers.forEach((register, k) => {
    // Numbers of 32 bits twice in 64.
    const [word] = new Uint32Array(Float32Array.of(initialState(reduce)[k]).buffer);
    asm.storeVector(inBlock, blockOffset(register), asm.bits(word, word));
  });
}

interface BlockResult {
  readonly taken: Local;
  readonly second: Local;
  readonly first: Local;
}

function takeBlock(asm: Assembly, reduce: Reducer, total: State, { taken, second, first }: BlockResult): void {
  if (reduce === 'argmax') {
    const column = asm.vector('add', taken, asm.vector('splat', first));
    takeValue(asm, reduce, total, second, column);
  } else if (reduce === 'logSumExp') {
    // The block stands for m + log s; where m is infinite s is a count, or 0.
    takeValue(asm, reduce, total, asm.vector('add', taken, log(asm, second)), null);
  } else takeValue(asm, reduce, total, taken, null);
}
