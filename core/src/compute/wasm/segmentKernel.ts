import {
  type Reduction,
  reductionVariables,
  type SegmentCall,
  type SegmentMode,
  type SegmentOutput,
} from '../backend.js';
import { checkSegmentCall } from '../segments.js';
import { panelBytes, panelLanes, totalBytes } from './kernelCode.js';
import { doubleLanes } from './laneType.js';
import { planKernel } from './plan.js';
import { segmentCode, segmentEntryBytes, segmentStateBytes } from './segmentCode.js';
import {
  aligned,
  columnBlockBytes,
  type Host,
  type Machine,
  makeMachine,
  pack,
  rowBlock,
  workForTeam,
  workPerChunk,
  writeFixed,
} from './wasmKernel.js';

/** A compiled sum over segments; false, with nothing written, where the host has no memory for a call. */
export interface WasmSegmentKernel {
  tryRun(call: SegmentCall): boolean;
}

/**
 * Compiles sums over segments of the columns: rows are packed once, columns in blocks of whole segments, and threads share the
 * panels of rows. @returns null where numbers have 32 bits or the code grows too long.
 */
export function compileSegmentKernel(
  outputs: readonly SegmentOutput[],
  mode: SegmentMode,
  host: Host,
): WasmSegmentKernel | null {
  if (host.lane !== doubleLanes) return null;
  const reduction: Reduction = { outputs: outputs.map((output) => ({ ...output, reduce: 'sum' })) };
  const variables = reductionVariables(reduction);
  const plan = planKernel(reduction, host.lane);
  const machine = makeMachine(reduction, plan, host, [segmentCode(plan, mode, host)]);
  if (machine === null) return null;
  return {
    tryRun(call) {
      checkSegmentCall(reduction, mode, variables, call);
      const blocks = segmentBlocks(machine, call);
      for (let first = 0; first < call.rows; first += rowBlock) {
        const rows = { first, count: Math.min(rowBlock, call.rows - first) };
        if (!runRows(machine, mode, call, { rows, blocks })) return false;
      }
      return true;
    },
  };
}

/** Consecutive things from `first` on. */
interface Range {
  readonly first: number;
  readonly count: number;
}

/** Cuts the segments into blocks whose columns stay in cache, each of one segment at least. */
function segmentBlocks({ plan }: Machine, { offsets }: SegmentCall): readonly Range[] {
  const lanes = panelLanes(plan, 'column');
  const most = Math.max(1, Math.floor(columnBlockBytes / panelBytes(plan, 'column')));
  const blocks: Range[] = [];
  let [first, panels] = [0, 0];
  for (let s = 0; s < offsets.length - 1; s++) {
    const own = Math.ceil((offsets[s + 1] - offsets[s]) / lanes);
    if (s > first && panels + own > most) {
      blocks.push({ first, count: s - first });
      [first, panels] = [s, 0];
    }
    panels += own;
  }
  if (offsets.length - 1 > first) blocks.push({ first, count: offsets.length - 1 - first });
  return blocks;
}

interface Blocks {
  readonly rows: Range;
  readonly blocks: readonly Range[];
}

/** Where a call keeps the table of segments, and what the blocks need at most. */
interface Extent {
  readonly table: number;
  readonly stride: number;
  readonly panels: number;
}

function runRows(machine: Machine, mode: SegmentMode, call: SegmentCall, { rows, blocks }: Blocks): boolean {
  const { plan, exports, places } = machine;
  const extent = layOut(machine, mode, call, { rows, blocks });
  if (extent === null) return false;
  const rowPanel = panelBytes(plan, 'row');
  writeFixed(machine, call, places);
  pack(machine, call, 'row', { ...rows, at: places.rows });
  exports.row(places.rows, places.rows + extent.panels * rowPanel, places.fixed);
  if (mode === 'weighted') zeroTotals(machine, extent);
  for (const block of blocks) {
    const end = writeColumns(machine, call, block, extent);
    exports.column(places.columns, end, places.fixed);
    if (mode === 'weighted') writeWeights(machine, call, { rows, block }, extent);
    runPairs(machine, call, block, extent);
    if (mode === 'each') readSums(machine, call, { rows, block }, extent);
  }
  if (mode === 'weighted') readTotals(machine, call, rows, extent);
  return true;
}

/** Lays out a call in the arena; null where the host refuses memory. */
function layOut(
  machine: Machine,
  mode: SegmentMode,
  { offsets }: SegmentCall,
  { rows, blocks }: Blocks,
): Extent | null {
  const { plan, places, arena, bytes } = machine;
  const lanes = panelLanes(plan, 'column');
  let [segments, columnPanels] = [0, 0];
  for (const { first, count } of blocks) {
    let panels = 0;
    for (let s = first; s < first + count; s++) panels += Math.ceil((offsets[s + 1] - offsets[s]) / lanes);
    [segments, columnPanels] = [Math.max(segments, count), Math.max(columnPanels, panels)];
  }
  const panels = Math.ceil(rows.count / panelLanes(plan, 'row'));
  const stride = segmentStateBytes(plan, mode, segments);
  places.rows = aligned(places.fixed + plan.lane.bytes * plan.fixed.count);
  places.states = aligned(places.rows + panels * panelBytes(plan, 'row'));
  const table = aligned(places.states + panels * stride);
  places.columns = aligned(table + segments * segmentEntryBytes);
  places.module = aligned(places.columns + (columnPanels + 1) * panelBytes(plan, 'column'));
  return arena.reserve(places.module + bytes.length) ? { table, stride, panels } : null;
}

/** Packs the columns of a block, every segment from a panel of its own on, and writes the table; returns where panels end. */
function writeColumns(machine: Machine, call: SegmentCall, { first, count }: Range, { table }: Extent): number {
  const { plan, places, arena } = machine;
  const lanes = panelLanes(plan, 'column');
  const panel = panelBytes(plan, 'column');
  const words = arena.integers();
  let at = places.columns;
  for (let s = first, word = table / 4; s < first + count; s++, word += segmentEntryBytes / 4) {
    const columns = call.offsets[s + 1] - call.offsets[s];
    const whole = Math.floor(columns / lanes);
    words[word] = at;
    words[word + 1] = at + whole * panel;
    words[word + 2] = words[word + 1] + (columns - whole * lanes) * plan.lane.bytes;
    if (columns > 0) pack(machine, call, 'column', { first: call.offsets[s], count: columns, at });
    at += Math.ceil(columns / lanes) * panel;
  }
  return at;
}

function runPairs(machine: Machine, { offsets }: SegmentCall, { first, count }: Range, extent: Extent): void {
  const { plan, places, exports, host, arena, bytes } = machine;
  const { table, stride, panels } = extent;
  const rowPanel = panelBytes(plan, 'row');
  const tableEnd = table + count * segmentEntryBytes;
  // A segment costs something even where it is empty.
  const workOfPanel = (offsets[first + count] - offsets[first] + count) * panelLanes(plan, 'row') * plan.work;
  const panelsPerChunk = Math.max(1, Math.floor(workPerChunk / workOfPanel));
  const work = (from: number, to: number): void => {
    const row = places.rows + from * rowPanel;
    const rowEnd = places.rows + to * rowPanel;
    exports.pairs(row, rowEnd, places.states + from * stride, table, tableEnd, stride, places.fixed, 0);
  };
  const team = panels * workOfPanel >= workForTeam ? host.team() : null;
  if (team === null) {
    for (let p = 0; p < panels; p += panelsPerChunk) work(p, Math.min(panels, p + panelsPerChunk));
    return;
  }
  new Uint8Array(arena.memory.buffer, places.module, bytes.length).set(bytes);
  const job = {
    kernel: machine.id,
    moduleAddress: places.module,
    moduleBytes: bytes.length,
    panels,
    panelsPerChunk,
    row: places.rows,
    rowPanel,
    state: places.states,
    statePanel: stride,
    column: table,
    columnEnd: tableEnd,
    rest: stride,
    fixed: places.fixed,
    firstColumn: 0,
  };
  team.run(job, work);
}

/** The rows and the segments of a piece of work. */
interface Piece {
  readonly rows: Range;
  readonly block: Range;
}

function zeroTotals({ plan, places, arena }: Machine, { stride, panels }: Extent): void {
  for (let p = 0; p < panels; p++) {
    const at = (places.states + p * stride) / 8;
    arena.numbers().fill(0, at, at + totalBytes(plan) / 8);
  }
}

/** Weights, segments*rows, behind the states of their panels; 0 for lanes beyond the last row. */
function writeWeights(
  { plan, places, arena }: Machine,
  call: SegmentCall,
  { rows, block }: Piece,
  extent: Extent,
): void {
  const numbers = arena.numbers();
  const lanes = panelLanes(plan, 'row');
  const weights = call.weights as Float64Array;
  for (let p = 0; p < extent.panels; p++) {
    const present = Math.min(lanes, rows.count - p * lanes);
    let at = (places.states + p * extent.stride + 2 * totalBytes(plan)) / 8;
    for (let s = block.first; s < block.first + block.count; s++, at += lanes) {
      const from = s * call.rows + rows.first + p * lanes;
      for (let lane = 0; lane < lanes; lane++) numbers[at + lane] = lane < present ? weights[from + lane] : 0;
    }
  }
}

function readSums(machine: Machine, call: SegmentCall, { rows, block }: Piece, { stride }: Extent): void {
  const bytes = totalBytes(machine.plan);
  for (let s = 0; s < block.count; s++) {
    const to = (block.first + s) * call.rows + rows.first;
    readPanels(machine, call, { at: machine.places.states + s * bytes, stride }, { to, count: rows.count });
  }
}

function readTotals(machine: Machine, call: SegmentCall, rows: Range, { stride }: Extent): void {
  readPanels(machine, call, { at: machine.places.states, stride }, { to: rows.first, count: rows.count });
}

/** Copies sums of panels that lie `stride` bytes apart to the outputs, from item `to` on. */
function readPanels(
  { plan, arena }: Machine,
  { out }: SegmentCall,
  { at, stride }: { readonly at: number; readonly stride: number },
  { to, count }: { readonly to: number; readonly count: number },
): void {
  const numbers = arena.numbers();
  const lanes = panelLanes(plan, 'row');
  for (let o = 0; o < plan.outputs.length; o++) {
    const { value, expression } = plan.outputs[o];
    const { size } = expression;
    const target = out[plan.names[o]];
    for (let item = 0, panel = at / 8; item < count; item += lanes, panel += stride / 8) {
      const present = Math.min(lanes, count - item);
      for (let lane = 0; lane < present; lane++) {
        const first = (to + item + lane) * size;
        for (let k = 0; k < size; k++) target[first + k] = numbers[panel + (value + k) * lanes + lane];
      }
    }
  }
}
