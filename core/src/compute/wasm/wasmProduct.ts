import type { Expression } from '../../formula/expression.js';
import { nodesOf } from '../../formula/inspect.js';
import type { ProductCall, ProductMap } from '../backend.js';
import { maximumPages } from './arena.js';
import type { Assembly } from './assembly.js';
import { importedFunctions } from './elementwise.js';
import { tableEnd } from './expTable.js';
import { type FinishTile, matmulCode, matmulTile } from './matmulCode.js';
import { assemble } from './module.js';
import { makeValues, type Site } from './values.js';
import { type Host, hostFunctions, signatureOf } from './wasmKernel.js';

/** What is packed at a time; the whole inner index is, up to the most that fits. */
const block = { rows: 1536, columns: 1020, inner: 256 } as const;
const panelsPerChunk = 16;
const productsForTeam = 1 << 18;
const vectorBytes = 16;
const numberBytes = 8;

/** Kernels of formulas count upwards from 1 and hinges downwards from -1: these numbers are far from both. */
let products = -1_000_000;

type Pairs = (...args: readonly number[]) => void;

interface Machine {
  readonly host: Host;
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly pairs: Pairs;
}

/**
 * The tile of the product of matrices with a formula of `t`, the sum, `p`, the number of its row, and `q`, that of its column,
 * where sums are in registers still. Null for formulas with other variables or vectors.
 */
export function compileProduct(expression: Expression, host: Host): ProductMap | null {
  const nodes = nodesOf(expression);
  const names = nodes.flatMap((node) => (node.kind === 'variable' ? [node.variable.name] : []));
  if (nodes.some(({ size }) => size !== 1) || !names.every((name) => ['t', 'p', 'q'].includes(name))) return null;
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared: host.shared },
    imports: importedFunctions.map((name) => ({ name, signature: signatureOf(name) })),
    functions: [matmulCode(host, finishing(expression))],
  });
  const env = { memory: host.arena.memory, ...hostFunctions };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  const machine = { host, id: --products, bytes, pairs: exports.pairs as Pairs };
  return { tryRun: (call) => multiply(machine, call) };
}

/** Writes the formula for the 8 vectors of a tile. */
function finishing(expression: Expression): FinishTile {
  const stages = new Map(nodesOf(expression).map((node) => [node, 'pair' as const]));
  const { rows, vectors } = matmulTile;
  // Row by row: values of all 8 vectors at once would not stay in registers.
  return (asm: Assembly, sums, numbers) => {
    const others = Array.from({ length: vectors }, (_, v) => asm.loadVector(numbers.columns, v * vectorBytes));
    return Array.from({ length: rows }, (_, r) => {
      const own = asm.loadSplat(numbers.rows, r * numberBytes);
      const site: Site = {
        stage: 'pair',
        positions: vectors,
        unit: numberBytes,
        load: (node) =>
          others.map((other, v) => {
            const name = node.kind === 'variable' ? node.variable.name : 't';
            return name === 'p' ? own : name === 'q' ? other : sums[r * vectors + v];
          }),
      };
      return makeValues(asm, { stages }, site).at(expression, 0);
    }).flat();
  };
}

const padded = (count: number, unit: number): number => Math.ceil(count / unit) * unit;

/** False, with nothing written, where the inner index is too long or the host has no memory for the blocks. */
function multiply(machine: Machine, call: ProductCall): boolean {
  const { host, bytes } = machine;
  const { n, k, m } = call;
  if (k > block.inner) return false;
  const rows = padded(Math.min(n, block.rows), matmulTile.rows);
  const columns = padded(Math.min(m, block.columns), matmulTile.columns);
  const a = 64 * Math.ceil(tableEnd / 64);
  const b = a + numberBytes * padded(rows * (k + 1), 8);
  const out = b + numberBytes * padded(columns * (k + 1), 8);
  const module = out + numberBytes * padded(rows * columns, 8);
  if (!host.arena.reserve(module + bytes.length)) return false;
  const isLarge = n * m * (k + 16) >= productsForTeam;
  if (isLarge) new Uint8Array(host.arena.memory.buffer, module, bytes.length).set(bytes);
  for (let j = 0; j < m; j += block.columns) {
    const width = Math.min(block.columns, m - j);
    packInto(host.arena.numbers(), b / 8, call.b, { first: j, count: width, depth: k, own: call.q });
    for (let i = 0; i < n; i += block.rows) {
      const height = Math.min(block.rows, n - i);
      packInto(host.arena.numbers(), a / 8, call.a, { first: i, count: height, depth: k, own: call.p });
      multiplyBlock(machine, call, { ...{ i, j, height, width, isLarge }, places: { a, b, out, module } });
    }
  }
  return true;
}

interface Block {
  readonly i: number;
  readonly j: number;
  readonly height: number;
  readonly width: number;
  readonly isLarge: boolean;
  readonly places: { readonly a: number; readonly b: number; readonly out: number; readonly module: number };
}

function multiplyBlock({ host, id, bytes, pairs }: Machine, { out, k, m, stride = m }: ProductCall, part: Block): void {
  const { i, j, height, width, places } = part;
  const columns = padded(width, matmulTile.columns);
  const panels = Math.ceil(height / matmulTile.rows);
  const job = {
    kernel: id,
    moduleAddress: places.module,
    moduleBytes: bytes.length,
    panels,
    panelsPerChunk,
    row: places.a,
    rowPanel: numberBytes * matmulTile.rows * (k + 1),
    state: places.out,
    statePanel: numberBytes * matmulTile.rows * columns,
    column: places.b,
    columnEnd: places.b + numberBytes * columns * (k + 1),
    rest: numberBytes * k,
    fixed: numberBytes * columns,
    firstColumn: 0,
  };
  const work = (from: number, to: number): void => {
    const [row, rowEnd] = [job.row + from * job.rowPanel, job.row + to * job.rowPanel];
    pairs(row, rowEnd, job.state + from * job.statePanel, job.column, job.columnEnd, job.rest, job.fixed, 0);
  };
  const team = part.isLarge ? host.team() : null;
  if (team !== null) team.run(job, work);
  else for (let p = 0; p < panels; p += panelsPerChunk) work(p, Math.min(panels, p + panelsPerChunk));
  const numbers = host.arena.numbers();
  for (let r = 0; r < height; r++) {
    const from = places.out / 8 + r * columns;
    out.set(numbers.subarray(from, from + width), (i + r) * stride + j);
  }
}

/** Items whose numbers lie one after the other, and the number that belongs to each. */
interface Items {
  readonly first: number;
  readonly count: number;
  readonly depth: number;
  readonly own: Float64Array;
}

/** Panels of four items, the inner index running slowest, then the four numbers; what lacks to a whole panel is 0. */
function packInto(numbers: Float64Array, at: number, values: Float64Array, { first, count, depth, own }: Items): void {
  const unit = matmulTile.rows;
  for (let item = 0; item < count; item += unit) {
    const panel = at + item * (depth + 1);
    const present = Math.min(unit, count - item);
    if (present < unit) numbers.fill(0, panel, panel + unit * (depth + 1));
    for (let u = 0; u < present; u++) {
      const from = (first + item + u) * depth;
      for (let l = 0; l < depth; l++) numbers[panel + l * unit + u] = values[from + l];
      numbers[panel + depth * unit + u] = own[first + item + u];
    }
  }
}
