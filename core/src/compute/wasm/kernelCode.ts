import type { Expression } from '../../formula/expression.js';
import { type Assembly, type AssemblyOptions, assembly, type Local } from './assembly.js';
import { doubleLanes } from './laneType.js';
import { type DefinedFunction, type Signature, types } from './module.js';
import type { KernelPlan, OutputState } from './plan.js';
import { type State, takeExponentials, takeValue } from './reduceCode.js';
import { type Index, makeValues, overPanels, type Site, type Values } from './values.js';

const { i32, f64 } = types;

/** Bytes of one vector. */
export const vectorBytes = 16;

/** Signatures that the host calls; addresses are in bytes. */
export const stageSignature: Signature = { params: [i32, i32, i32], results: [] };
export const pairSignature: Signature = { params: [i32, i32, i32, i32, i32, i32, i32, f64], results: [] };

/**
 * Memory is cut into panels. A row panel holds every row register for the rows of one tile, a column panel every
 * column register for the columns of one tile, register by register; so a tile reads consecutive addresses.
 */
export function panelBytes(plan: KernelPlan, axis: 'row' | 'column'): number {
  return plan[axis].count * panelLanes(plan, axis) * plan.lane.bytes;
}

/** Items of an axis in one of its panels. */
export function panelLanes({ tile, lane }: KernelPlan, axis: 'row' | 'column'): number {
  return axis === 'row' ? tile.vectors * lane.count : tile.columns;
}

/** Bytes of the `f64` states of a panel of rows, see {@link statePanelBytes}. */
export function totalBytes(plan: KernelPlan): number {
  return plan.stateCount * panelLanes(plan, 'row') * doubleLanes.bytes;
}

/** The states of a panel of rows: totals in `f64`; where lanes are `f32`, the states of the present block after them. */
export function statePanelBytes(plan: KernelPlan): number {
  const isDouble = plan.lane === doubleLanes;
  return totalBytes(plan) + (isDouble ? 0 : plan.stateCount * panelLanes(plan, 'row') * plan.lane.bytes);
}

/** `rows(from, to, fixed)` and `columns(from, to, fixed)`: what depends on one axis alone, panel by panel. */
export function stageCode(plan: KernelPlan, stage: 'row' | 'column', options: AssemblyOptions = {}): DefinedFunction {
  const { lane } = plan;
  const asm = assembly(stageSignature, { ...options, lane });
  const [from, to, fixed] = asm.params;
  const { of } = plan[stage];
  const lanes = panelLanes(plan, stage);
  const vectors = lanes / lane.count;
  const stride = lanes * lane.bytes;
  const atFixed = fixedReader(asm, plan, fixed);
  const siteFor = (large: Local | null): Site => ({
    stage,
    positions: vectors,
    unit: lane.bytes,
    large,
    load(node, index) {
      const register = of.get(node);
      if (register === undefined) return Array.from({ length: vectors }, () => atFixed(node, index));
      const { address, offset } = placed(asm, from, index, stride);
      const start = register * stride + offset;
      return Array.from({ length: vectors }, (_, v) => asm.loadVector(address, start + v * vectorBytes));
    },
  });
  const own = [...plan.stages].flatMap(([node, its]) => (its === stage ? [node] : []));
  overPanels(asm, { panel: from, end: to, bytes: panelBytes(plan, stage) }, own, (large) => {
    const values = makeValues(asm, plan, siteFor(large));
    for (const [node, register] of of) {
      if (node.kind !== 'operation') continue;
      values.forComponents([node], node.size, (index) => {
        const { address, offset } = placed(asm, from, index, stride);
        const start = register * stride + offset;
        values.at(node, index).forEach((value, v) => {
          asm.storeVector(address, start + v * vectorBytes, value);
        });
      });
    }
  });
  return { name: stage, signature: stageSignature, locals: asm.locals, code: asm.code };
}

/** Address and offset of a component whose neighbors lie `stride` bytes apart. */
export function placed(asm: Assembly, base: Local, index: Index, stride: number): { address: Local; offset: number } {
  if (typeof index === 'number') return { address: base, offset: index * stride };
  const key = `${base.index} ${stride}`;
  const { counter, unit, addresses } = index;
  const factor = stride / unit;
  const distance = (): Local => (factor === 1 ? counter : asm.integer('mul', counter, factor));
  const address = addresses.get(key) ?? asm.integer('add', base, distance());
  addresses.set(key, address);
  return { address, offset: 0 };
}

function fixedReader(asm: Assembly, plan: KernelPlan, fixed: Local): (node: Expression, index: Index) => Local {
  return (node, index) => {
    const { bytes } = plan.lane;
    const { address, offset } = placed(asm, fixed, index, bytes);
    return asm.loadSplat(address, (plan.fixed.of.get(node) as number) * bytes + offset);
  };
}

/**
 * `pairs(row, rowEnd, state, column, columnEnd, rest, fixed, first)`: for every tile of rows, takes the columns of
 * the panels `column .. columnEnd` and then `rest` columns of the panel after them. States are read from memory and
 * written back, so columns can come in blocks; `first` is the index of the first column.
 */
export function pairCode(plan: KernelPlan, options: AssemblyOptions = {}): DefinedFunction {
  const { lane } = plan;
  const asm = assembly(pairSignature, { ...options, lane });
  const [row, rowEnd, state, column, columnEnd, rest, fixed, first] = asm.params;
  const pointer = asm.local(i32);
  const valuesOf = tileValues(asm, plan, { row, column: pointer, fixed });
  const restEnd = asm.local(i32);
  asm.loop(row, rowEnd, panelBytes(plan, 'row'), () => {
    const taker = stateTaker(asm, plan, state);
    taker.begin(first);
    asm.assign(pointer, column);
    asm.loop(pointer, columnEnd, panelBytes(plan, 'column'), () => {
      taker.take(valuesOf(plan.tile.columns), plan.tile.columns);
    });
    asm.assign(restEnd, asm.integer('add', pointer, asm.integer('mul', rest, lane.bytes)));
    asm.loop(pointer, restEnd, lane.bytes, () => taker.take(valuesOf(1), 1));
    taker.finish();
    asm.assign(state, asm.integer('add', state, statePanelBytes(plan)));
  });
  return {
    name: lane === doubleLanes ? 'pairs' : 'block',
    signature: pairSignature,
    locals: asm.locals,
    code: asm.code,
  };
}

/** Values of the pairs of a tile: the rows of the panel at `row` with so many columns from the address `column` on. */
export function tileValues(
  asm: Assembly,
  plan: KernelPlan,
  { row, column, fixed }: { readonly row: Local; readonly column: Local; readonly fixed: Local },
): (wide: number) => Values {
  const { lane } = plan;
  const { vectors, columns } = plan.tile;
  const rowStride = vectors * vectorBytes;
  const columnStride = columns * lane.bytes;
  const atFixed = fixedReader(asm, plan, fixed);
  const site = (wide: number): Site => ({
    stage: 'pair',
    positions: vectors * wide,
    unit: lane.bytes,
    load(node, index) {
      const stage = plan.stages.get(node);
      if (stage === 'row') {
        const { address, offset } = placed(asm, row, index, rowStride);
        const start = (plan.row.of.get(node) as number) * rowStride + offset;
        const loaded = Array.from({ length: vectors }, (_, v) => asm.loadVector(address, start + v * vectorBytes));
        return spread(loaded, wide, (v) => v);
      }
      if (stage === 'column') {
        const { address, offset } = placed(asm, column, index, columnStride);
        const start = (plan.column.of.get(node) as number) * columnStride + offset;
        const loaded = Array.from({ length: wide }, (_, u) => asm.loadSplat(address, start + u * lane.bytes));
        return spread(loaded, wide, (_, u) => u);
      }
      const loaded = atFixed(node, index);
      return Array.from({ length: vectors * wide }, () => loaded);
    },
  });
  const spread = (loaded: readonly Local[], wide: number, pick: (v: number, u: number) => number): Local[] =>
    Array.from({ length: vectors * wide }, (_, p) => loaded[pick(Math.floor(p / wide), p % wide)]);
  return (wide) => makeValues(asm, plan, site(wide));
}

/** Vectors of state that stay in registers along the columns; more of them stay in memory. */
const stateVectors = 8;

/** Takes values into the states of a panel of rows. */
export interface StateTaker {
  begin(first: Local): void;
  take(values: Values, wide: number): void;
  finish(): void;
}

/** States at an address that does not change between `begin` and `finish`. */
export function stateTaker(asm: Assembly, plan: KernelPlan, base: Local): StateTaker {
  const { vectors } = plan.tile;
  const stride = vectors * vectorBytes;
  // The first state that code of these lanes changes: blocks of f32 leave the totals alone.
  const origin = statePanelBytes(plan) - plan.stateCount * stride;
  const inRegisters = plan.stateCount * vectors <= stateVectors;
  const held = new Map<number, readonly Local[]>();
  const hasIndex = plan.outputs.some(({ reduce }) => reduce === 'argmax');
  const columnIndex = asm.local(types.v128);
  const read = (register: number, index: Index): readonly Local[] => {
    const { address, offset } = placed(asm, base, index, stride);
    const start = origin + register * stride + offset;
    return Array.from({ length: vectors }, (_, v) => asm.loadVector(address, start + v * vectorBytes));
  };
  const write = (register: number, index: Index, values: readonly Local[]): void => {
    const { address, offset } = placed(asm, base, index, stride);
    const start = origin + register * stride + offset;
    values.forEach((value, v) => {
      asm.storeVector(address, start + v * vectorBytes, value);
    });
  };
  /** The state of a component: locals that keep it, or a copy that is written back. */
  const use = (output: OutputState, index: Index, change: (states: readonly State[]) => void): void => {
    const values = inRegisters
      ? (held.get(output.value + (index as number)) as readonly Local[])
      : copies(output.value, index);
    const extras =
      output.extra === null
        ? null
        : inRegisters
          ? (held.get(output.extra + (index as number)) as readonly Local[])
          : copies(output.extra, index);
    change(values.map((value, v) => ({ value, extra: extras === null ? null : extras[v] })));
    if (inRegisters) return;
    write(output.value, index, values);
    if (extras !== null && output.extra !== null) write(output.extra, index, extras);
  };
  const copies = (register: number, index: Index): readonly Local[] =>
    read(register, index).map((value) => {
      const copy = asm.local(types.v128);
      asm.assign(copy, value);
      return copy;
    });
  return {
    begin(first) {
      // Blocks of f32 count from 0: whoever merges them knows where they began.
      const start = plan.lane === doubleLanes ? asm.vector('splat', first) : asm.constant(0);
      if (hasIndex) asm.assign(columnIndex, start);
      if (!inRegisters) return;
      for (let register = 0; register < plan.stateCount; register++) held.set(register, copies(register, 0));
    },
    take(values, wide) {
      const indices = hasIndex
        ? Array.from({ length: wide }, (_, u) => asm.vector('add', columnIndex, asm.constant(u)))
        : [];
      for (const output of plan.outputs) {
        const { expression, reduce } = output;
        const takeAt = (index: Index): void => {
          const taken = values.at(expression, index);
          use(output, index, (states) => {
            if (reduce === 'logSumExp') return takeExponentials(asm, states, taken);
            states.forEach((state, v) => {
              for (let u = 0; u < wide; u++) takeValue(asm, reduce, state, taken[v * wide + u], indices[u] ?? null);
            });
          });
        };
        if (inRegisters) for (let k = 0; k < expression.size; k++) takeAt(k);
        else values.forComponents([expression], expression.size, takeAt);
      }
      if (hasIndex) asm.assign(columnIndex, asm.vector('add', columnIndex, asm.constant(wide)));
    },
    finish() {
      if (inRegisters) for (const [register, values] of held) write(register, 0, values);
    },
  };
}
