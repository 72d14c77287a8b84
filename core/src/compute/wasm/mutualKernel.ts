import type { KernelCall, MutualOutput } from '../backend.js';
import { callChecker, mutualMoments } from '../mutual.js';
import { maximumPages } from './arena.js';
import { importedFunctions } from './elementwise.js';
import { tableEnd } from './expTable.js';
import { vectorBytes } from './kernelCode.js';
import { doubleLanes } from './laneType.js';
import { assemble } from './module.js';
import { type AxisPlan, axisCode, mutualLanes, planAxis } from './mutualCode.js';
import { type Host, hostFunctions, longestCode, signatureOf, type WasmKernel } from './wasmKernel.js';

/** Points of an axis whose panels are kept between the passes; beyond it two kernels are as fast. */
const mostPoints = 1 << 15;

/** What the module of an axis exports. */
interface Passes {
  first(start: number, end: number, unused: number): void;
  sum(start: number, end: number, rest: number, sums: number): void;
  second(start: number, end: number, sums: number): void;
}

interface Axis {
  readonly plan: AxisPlan;
  readonly passes: Passes;
}

/**
 * Compiles mutual sums of separable formulas: each axis computes its waves once, adds up its moments, and takes them with
 * the moments of the other axis to its outputs. Sums take their terms in the order of the points.
 *
 * @returns null where the outputs do not separate, the code grows too long, or numbers have 32 bits.
 */
export function compileMutualKernel(outputs: readonly MutualOutput[], host: Host): WasmKernel | null {
  const moments = host.lane === doubleLanes ? mutualMoments(outputs) : null;
  if (moments === null) return null;
  const plans = { rows: planAxis(moments.rows), columns: planAxis(moments.columns) };
  const code = {
    rows: axisCode('rows', plans.rows, placesOf(plans.columns), host),
    columns: axisCode('columns', plans.columns, placesOf(plans.rows), host),
  };
  const functions = [code.rows, code.columns].flatMap(({ first, sum, second }) => [first, sum, second]);
  if (functions.some((one) => one.code.length > longestCode)) return null;
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared: host.shared },
    imports: importedFunctions.map((name) => ({ name, signature: signatureOf(name) })),
    functions,
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory: host.arena.memory, ...hostFunctions },
  });
  const exported = instance.exports as unknown as Readonly<Record<string, Passes['sum']>>;
  const axisOf = (name: 'rows' | 'columns'): Axis => ({
    plan: plans[name],
    passes: {
      first: exported[`${name}First`] as Passes['first'],
      sum: exported[`${name}Sum`],
      second: exported[`${name}Second`] as Passes['second'],
    },
  });
  const [rows, columns] = [axisOf('rows'), axisOf('columns')];
  const check = callChecker(outputs);
  return {
    tryRun(call) {
      check(call);
      if (!(fits(call.rows) && fits(call.columns))) return false;
      return runPasses(rows, columns, call, host);
    },
  };
}

const fits = (count: number): boolean => count > 0 && count <= mostPoints;

/** Where the moments of an axis lie among its sums. */
function placesOf({ moments }: AxisPlan): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  let at = 0;
  for (const { name, size } of moments) {
    places.set(name, at);
    at += size;
  }
  return places;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

function runPasses(rows: Axis, columns: Axis, call: KernelCall, { arena }: Host): boolean {
  const rowPanels = Math.ceil(call.rows / mutualLanes);
  const columnPanels = Math.ceil(call.columns / mutualLanes);
  const rowSums = aligned(tableEnd);
  const columnSums = rowSums + rows.plan.sums * vectorBytes;
  const rowStart = aligned(columnSums + columns.plan.sums * vectorBytes);
  const rowEnd = rowStart + rowPanels * rows.plan.panelBytes;
  const columnStart = aligned(rowEnd);
  const columnEnd = columnStart + columnPanels * columns.plan.panelBytes;
  if (!arena.reserve(columnEnd)) return false;
  const numbers = arena.numbers();
  pack(numbers, rows.plan, rowStart, call.inputs, call.rows);
  pack(numbers, columns.plan, columnStart, call.inputs, call.columns);
  rows.passes.first(rowStart, rowEnd, 0);
  columns.passes.first(columnStart, columnEnd, 0);
  sum(rows, rowStart, call.rows, rowSums);
  sum(columns, columnStart, call.columns, columnSums);
  rows.passes.second(rowStart, rowEnd, columnSums);
  columns.passes.second(columnStart, columnEnd, rowSums);
  unpack(numbers, rows.plan, rowStart, call.out, call.rows);
  unpack(numbers, columns.plan, columnStart, call.out, call.columns);
  return true;
}

function sum({ plan, passes }: Axis, start: number, count: number, sums: number): void {
  const whole = Math.floor(count / mutualLanes);
  passes.sum(start, start + whole * plan.panelBytes, count - whole * mutualLanes, sums);
}

type Buffers = KernelCall['inputs'];

/** Copies the variables of an axis into its panels of two points; a lane beyond the last point repeats it. */
function pack(numbers: Float64Array, plan: AxisPlan, start: number, inputs: Buffers, count: number): void {
  const perPanel = plan.panelBytes / 8;
  for (let v = 0; v < plan.leaves.length; v++) {
    const { name, size, register } = plan.leaves[v];
    const values = inputs[name];
    for (let k = 0; k < size; k++) {
      let panel = start / 8 + (register + k) * mutualLanes;
      let from = k;
      for (let left = count; left > 1; left -= mutualLanes, panel += perPanel, from += 2 * size) {
        numbers[panel] = values[from];
        numbers[panel + 1] = values[from + size];
      }
      if (count % mutualLanes === 0) continue;
      numbers[panel] = values[from];
      numbers[panel + 1] = values[from];
    }
  }
}

function unpack(numbers: Float64Array, plan: AxisPlan, start: number, out: Buffers, count: number): void {
  const perPanel = plan.panelBytes / 8;
  for (let o = 0; o < plan.outputs.length; o++) {
    const { name, size, register } = plan.outputs[o];
    const target = out[name];
    for (let k = 0; k < size; k++) {
      let panel = start / 8 + (register + k) * mutualLanes;
      let to = k;
      for (let left = count; left > 1; left -= mutualLanes, panel += perPanel, to += 2 * size) {
        target[to] = numbers[panel];
        target[to + size] = numbers[panel + 1];
      }
      if (count % mutualLanes !== 0) target[to] = numbers[panel];
    }
  }
}
