import type { Expression, VariableNode } from '../../formula/expression.js';
import { checkCall, type KernelCall, type Reduction, reductionVariables } from '../backend.js';
import { type PointFunction, pointFunction } from '../evaluate.js';
import { type Arena, maximumPages } from './arena.js';
import { inBlocks } from './blockCode.js';
import { importedFunctions } from './elementwise.js';
import { tableEnd } from './expTable.js';
import { pairCode, panelBytes, panelLanes, stageCode, statePanelBytes, totalBytes } from './kernelCode.js';
import { doubleLanes, type LaneType } from './laneType.js';
import { assemble, type DefinedFunction, type Signature, types } from './module.js';
import { type KernelPlan, planKernel, type Registers } from './plan.js';
import { initialState } from './reduceCode.js';
import type { Team } from './team.js';

/** What a compiled module exports. */
interface Exports {
  row(from: number, to: number, fixed: number): void;
  column(from: number, to: number, fixed: number): void;
  pairs(
    row: number,
    rowEnd: number,
    state: number,
    column: number,
    columnEnd: number,
    rest: number,
    fixed: number,
    first: number,
  ): void;
}

const { f64 } = types;
export const hostFunctions: Readonly<Record<(typeof importedFunctions)[number], (x: number, y: number) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  pow: (x, y) => x ** y,
};

export const signatureOf = (name: string): Signature => ({
  params: name === 'pow' ? [f64, f64] : [f64],
  results: [f64],
});

/** Bytes of column panels that stay in the second cache while tiles of rows go over them. */
export const columnBlockBytes = 192 * 1024;
/** Rows that are packed at a time. */
export const rowBlock = 8192;
/**
 * Work (pairs times their cost) per call of the module and per chunk of a thread, some 50 microseconds: threads end
 * together, and a call runs to its end in the code it began with.
 */
export const workPerChunk = 1 << 18;
/** Below this, some 0.2 milliseconds, waking a worker costs more than it brings. */
export const workForTeam = 1 << 20;

/** What kernels of one backend share. */
export interface Host {
  readonly arena: Arena;
  readonly shared: boolean;
  /** Whether code may use relaxed instructions. */
  readonly relaxed: boolean;
  /** What the vectors of all kernels hold. */
  readonly lane: LaneType;
  /** Workers, started when the first call is large enough to need them. */
  readonly team: () => Team | null;
}

/** A compiled module, ready to run. */
export interface WasmKernel {
  /** Runs a call; false, with nothing written, where the host has no memory for it. */
  tryRun(call: KernelCall): boolean;
}

let kernels = 0;

/**
 * Compiles a reduction to a WebAssembly module: the plan, its code, and the instance bound to the arena.
 * @returns null where the code grows too long to be worth it.
 */
export function compileWasmKernel(reduction: Reduction, host: Host): WasmKernel | null {
  const variables = reductionVariables(reduction);
  const plan = planKernel(reduction, host.lane);
  const pairs = pairCode(plan, host);
  const machine = makeMachine(reduction, plan, host, host.lane === doubleLanes ? [pairs] : inBlocks(plan, pairs, host));
  if (machine === null) return null;
  return {
    tryRun(call) {
      checkCall(reduction, variables, call);
      return call.rows > rowBlock && sharesMemory(call) ? runAside(machine, call) : runBlocks(machine, call);
    },
  };
}

/** The module of a plan with its stages and what goes over pairs; null where the code grows too long. */
export function makeMachine(
  reduction: Reduction,
  plan: KernelPlan,
  host: Host,
  pairs: readonly DefinedFunction[],
): Machine | null {
  const functions = [stageCode(plan, 'row', host), stageCode(plan, 'column', host), ...pairs];
  if (functions.some(({ code }) => code.length > longestCode)) return null;
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared: host.shared },
    imports: importedFunctions.map((name) => ({ name, signature: signatureOf(name) })),
    functions,
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory: host.arena.memory, ...hostFunctions },
  });
  return {
    plan,
    exports: instance.exports as unknown as Exports,
    fixed: fixedValues(plan),
    host,
    arena: host.arena,
    bytes,
    id: ++kernels,
    outputs: reduction.outputs,
    leaves: { row: leavesOf(plan.row), column: leavesOf(plan.column) },
    places: { fixed: tableEnd, rows: 0, states: 0, columns: 0, module: 0 },
  };
}

/** Code beyond this many bytes compiles slowly and falls out of the instruction cache. */
export const longestCode = 400_000;

interface FixedValue {
  readonly register: number;
  readonly evaluate: PointFunction | null;
  readonly node: Expression;
}

function fixedValues(plan: KernelPlan): readonly FixedValue[] {
  return [...plan.fixed.of].map(([node, register]) => ({
    node,
    register,
    evaluate: node.kind === 'operation' ? pointFunction(node) : null,
  }));
}

/** A module in the arena of its host. */
export interface Machine {
  readonly plan: KernelPlan;
  readonly exports: Exports;
  readonly arena: Arena;
  readonly fixed: readonly FixedValue[];
  readonly host: Host;
  /** The module, for workers that have not seen it. */
  readonly bytes: Uint8Array;
  readonly id: number;
  readonly outputs: Reduction['outputs'];
  /** Variables of an axis with their registers. */
  readonly leaves: Readonly<Record<'row' | 'column', readonly Leaf[]>>;
  readonly places: Places;
}

interface Leaf {
  readonly name: string;
  readonly size: number;
  readonly register: number;
}

function leavesOf({ of }: Registers): readonly Leaf[] {
  return [...of].flatMap(([node, register]) =>
    node.kind === 'variable' ? [{ name: node.variable.name, size: node.size, register }] : [],
  );
}

/** Where the parts of a call begin, in bytes; written anew by every call, so that a call allocates nothing. */
interface Places {
  readonly fixed: number;
  rows: number;
  states: number;
  columns: number;
  module: number;
}

/** An output in the memory of an input: later blocks of rows must not read what earlier ones have written. */
function sharesMemory({ inputs, out }: KernelCall): boolean {
  const buffers = new Set(Object.values(inputs).map(({ buffer }) => buffer));
  return Object.values(out).some(({ buffer }) => buffers.has(buffer));
}

function runAside(machine: Machine, call: KernelCall): boolean {
  const aside = Object.fromEntries(
    Object.entries(call.out).map(([name, { length }]) => [name, new Float64Array(length)]),
  );
  if (!runBlocks(machine, { ...call, out: aside })) return false;
  for (const { expression, name } of machine.outputs) {
    call.out[name].set(aside[name].subarray(0, call.rows * expression.size));
  }
  return true;
}

function runBlocks(machine: Machine, call: KernelCall): boolean {
  const { plan, arena, exports } = machine;
  const { rows, columns } = call;
  const rowLanes = panelLanes(plan, 'row');
  const columnLanes = panelLanes(plan, 'column');
  const rowPanel = panelBytes(plan, 'row');
  const columnPanel = panelBytes(plan, 'column');
  const statePanel = statePanelBytes(plan);
  const panelsPerColumnBlock = Math.max(1, Math.floor(columnBlockBytes / Math.max(8, columnPanel)));
  const columnPanels = Math.min(panelsPerColumnBlock, Math.ceil(columns / columnLanes)) + 1;
  const rowPanels = Math.ceil(Math.min(rows, rowBlock) / rowLanes);
  const { places } = machine;
  places.rows = aligned(places.fixed + plan.lane.bytes * plan.fixed.count);
  places.states = aligned(places.rows + rowPanels * rowPanel);
  places.columns = aligned(places.states + rowPanels * statePanel);
  places.module = aligned(places.columns + columnPanels * columnPanel);
  if (!arena.reserve(places.module + machine.bytes.length)) return false;
  const team = rows * columns * plan.work >= workForTeam ? machine.host.team() : null;
  if (team !== null) new Uint8Array(arena.memory.buffer, places.module, machine.bytes.length).set(machine.bytes);
  writeFixed(machine, call, places);
  for (let firstRow = 0; firstRow < rows; firstRow += rowBlock) {
    const rowCount = Math.min(rowBlock, rows - firstRow);
    const panels = Math.ceil(rowCount / rowLanes);
    pack(machine, call, 'row', { first: firstRow, count: rowCount, at: places.rows });
    exports.row(places.rows, places.rows + panels * rowPanel, places.fixed);
    writeStates(machine, panels);
    for (let first = 0; first < columns; first += panelsPerColumnBlock * columnLanes) {
      const count = Math.min(panelsPerColumnBlock * columnLanes, columns - first);
      const whole = Math.floor(count / columnLanes);
      const rest = count - whole * columnLanes;
      pack(machine, call, 'column', { first, count, at: places.columns });
      const end = places.columns + whole * columnPanel;
      exports.column(places.columns, end + (rest > 0 ? columnPanel : 0), places.fixed);
      const panelsPerChunk = Math.max(1, Math.floor(workPerChunk / (count * rowLanes * plan.work)));
      if (team === null) {
        for (let p = 0; p < panels; p += panelsPerChunk) {
          const row = places.rows + p * rowPanel;
          const rowEnd = places.rows + Math.min(panels, p + panelsPerChunk) * rowPanel;
          exports.pairs(row, rowEnd, places.states + p * statePanel, places.columns, end, rest, places.fixed, first);
        }
        continue;
      }
      const work = (from: number, to: number): void => {
        const row = places.rows + from * rowPanel;
        const rowEnd = places.rows + to * rowPanel;
        exports.pairs(row, rowEnd, places.states + from * statePanel, places.columns, end, rest, places.fixed, first);
      };
      team.run(
        {
          kernel: machine.id,
          moduleAddress: places.module,
          moduleBytes: machine.bytes.length,
          panels,
          panelsPerChunk,
          row: places.rows,
          rowPanel,
          state: places.states,
          statePanel,
          column: places.columns,
          columnEnd: end,
          rest,
          fixed: places.fixed,
          firstColumn: first,
        },
        work,
      );
    }
    readStates(machine, call, firstRow, rowCount);
  }
  return true;
}

export const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** The arena's memory as the numbers that kernels compute with; gone when it grows. */
const laneNumbers = ({ plan, arena }: Machine): Float64Array | Float32Array =>
  plan.lane === doubleLanes ? arena.numbers() : arena.singles();

/** Writes what depends on uniforms only. */
export function writeFixed(machine: Machine, { inputs }: KernelCall, places: Places): void {
  const numbers = laneNumbers(machine);
  for (const { node, register, evaluate } of machine.fixed) {
    const at = places.fixed / machine.plan.lane.bytes + register;
    if (evaluate === null) {
      const values = inputs[(node as VariableNode).variable.name];
      for (let k = 0; k < node.size; k++) numbers[at + k] = values[k];
      continue;
    }
    for (const name of Object.keys(evaluate.inputs)) {
      const buffer = evaluate.inputs[name];
      for (let k = 0; k < buffer.length; k++) buffer[k] = inputs[name][k];
    }
    evaluate.run();
    for (let k = 0; k < node.size; k++) numbers[at + k] = evaluate.value[k];
  }
}

/** Copies variables of items into panels from an address on; lanes beyond the last item repeat it, so that they hold ordinary numbers. */
export function pack(
  machine: Machine,
  { inputs }: KernelCall,
  stage: 'row' | 'column',
  { first, count, at }: { readonly first: number; readonly count: number; readonly at: number },
): void {
  const { plan, leaves } = machine;
  const numbers = laneNumbers(machine);
  const lanes = panelLanes(plan, stage);
  const start = at / plan.lane.bytes;
  const perPanel = plan[stage].count * lanes;
  for (const { name, size, register } of leaves[stage]) {
    const values = inputs[name];
    let panel = start + register * lanes;
    for (let item = 0; item < count; item += lanes, panel += perPanel) {
      const last = count - 1 - item;
      if (lanes === 4 && last >= 3) {
        // Written out, the usual panel takes a third of the time.
        const a = (first + item) * size;
        const [b, c, d] = [a + size, a + 2 * size, a + 3 * size];
        for (let k = 0, to = panel; k < size; k++, to += 4) {
          numbers[to] = values[a + k];
          numbers[to + 1] = values[b + k];
          numbers[to + 2] = values[c + k];
          numbers[to + 3] = values[d + k];
        }
        continue;
      }
      for (let lane = 0; lane < lanes; lane++) {
        const from = (first + item + Math.min(lane, last)) * size;
        for (let k = 0; k < size; k++) numbers[panel + k * lanes + lane] = values[from + k];
      }
    }
  }
}

function writeStates({ plan, arena, places }: Machine, panels: number): void {
  fillStates(plan, arena.numbers(), places.states / 8, panels);
  if (plan.lane === doubleLanes) return;
  fillStates(plan, arena.singles(), (places.states + totalBytes(plan)) / plan.lane.bytes, panels);
}

/** The states of panels, as numbers of one kind; `start` is where the first panel's begin. */
function fillStates(plan: KernelPlan, numbers: Float64Array | Float32Array, start: number, panels: number): void {
  const lanes = panelLanes(plan, 'row');
  const stride = statePanelBytes(plan) / numbers.BYTES_PER_ELEMENT;
  for (const { reduce, value, extra, expression } of plan.outputs) {
    const [first, second] = initialState(reduce);
    const length = expression.size * lanes;
    for (let panel = start; panel < start + panels * stride; panel += stride) {
      for (let k = 0; k < length; k++) numbers[panel + value * lanes + k] = first;
      if (extra === null) continue;
      for (let k = 0; k < length; k++) numbers[panel + extra * lanes + k] = second;
    }
  }
}

function readStates({ plan, arena, places }: Machine, { out }: KernelCall, first: number, count: number): void {
  const numbers = arena.numbers();
  const lanes = panelLanes(plan, 'row');
  const perPanel = statePanelBytes(plan) / 8;
  for (let o = 0; o < plan.outputs.length; o++) {
    const { reduce, value, extra, expression } = plan.outputs[o];
    const { size } = expression;
    const target = out[plan.names[o]];
    const isLog = reduce === 'logSumExp' && extra !== null;
    let panel = places.states / 8;
    for (let item = 0; item < count; item += lanes, panel += perPanel) {
      const present = Math.min(lanes, count - item);
      for (let lane = 0; lane < present; lane++) {
        const to = (first + item + lane) * size;
        for (let k = 0; k < size; k++) {
          const number = numbers[panel + (value + k) * lanes + lane];
          target[to + k] = isLog ? number + Math.log(numbers[panel + (extra + k) * lanes + lane]) : number;
        }
      }
    }
  }
}
