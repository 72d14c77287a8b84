import type { Backend, MatmulShape } from '../backend.js';
import { checkMatmul, referenceMatmul } from '../matmul.js';
import { maximumPages } from './arena.js';
import { importedFunctions } from './elementwise.js';
import { tableEnd } from './expTable.js';
import { matmulCode, matmulTile } from './matmulCode.js';
import { assemble } from './module.js';
import { type Host, hostFunctions, signatureOf } from './wasmKernel.js';

/** What is packed at a time: rows of a, columns of b (a multiple of the tile's) and the inner index. */
const block = { rows: 1536, columns: 1020, inner: 256 } as const;
/** Panels of rows that fit the second cache, 128 KB: a thread takes so many at a time. */
const panelsPerChunk = 16;
/** Below this many products, and for vectors, packing costs more than it brings; below the second, waking a worker does. */
const productsForPacking = 1 << 12;
const productsForTeam = 1 << 20;
/** Kernels of formulas count from 1. */
const kernelId = 0;

interface MatmulModule {
  readonly bytes: Uint8Array;
  readonly pairs: (...args: readonly number[]) => void;
}

/** A product of matrices on one host. `refuses` is told once why the reference takes over. */
export interface MatmulHost extends Host {
  refuses(message: string): void;
}

/**
 * `out = a b` in panels: blocks of 256 of the inner index are packed, tiles of 4 by 4 entries stay in registers
 * [GotoVanDeGeijn2008]. Every entry takes its products in the order of the inner index and is computed by one thread, so it
 * has the bits of the reference, whatever the number of threads, unless multiply-add is fused. Cost n k m multiplications;
 * up to 18 MB of packed blocks, kept. Where the host refuses memory or code, the reference takes over.
 */
export function wasmMatmul(host: MatmulHost): Backend['matmulInto'] {
  let compiled: MatmulModule | null | undefined;
  return (out, a, b, shape) => {
    checkMatmul(out, a, b, shape);
    const { n, k, m } = shape;
    // A column is the same numbers in the same order as a row: inner products are the fast way to take it.
    if (m === 1) return referenceMatmul(out, a, b, { ...shape, transposeB: true });
    if (n === 1 || n * k * m < productsForPacking) return referenceMatmul(out, a, b, shape);
    if (compiled === undefined) compiled = compileMatmul(host);
    if (compiled !== null && multiply(host, compiled, { out, a, b, shape })) return;
    referenceMatmul(out, a, b, shape);
  };
}

function compileMatmul(host: MatmulHost): MatmulModule | null {
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared: host.shared },
    imports: importedFunctions.map((name) => ({ name, signature: signatureOf(name) })),
    functions: [matmulCode(host)],
  });
  try {
    const env = { memory: host.arena.memory, ...hostFunctions };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
    return { bytes, pairs: (exports as unknown as Pick<MatmulModule, 'pairs'>).pairs };
  } catch (error) {
    // Some hosts limit what may be compiled at once on a page's main thread.
    if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error;
    host.refuses('this host does not compile the product of matrices here: the reference backend takes over');
    return null;
  }
}

interface Product {
  readonly out: Float64Array;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly shape: MatmulShape;
}

/** Where the packed blocks begin, in bytes. */
interface Places {
  readonly a: number;
  readonly b: number;
  readonly out: number;
  readonly module: number;
}

/** False, with nothing written, where the host has no memory for the blocks. */
function multiply(host: MatmulHost, module: MatmulModule, product: Product): boolean {
  const { n, k, m } = product.shape;
  const depth = Math.min(k, block.inner);
  const rows = padded(Math.min(n, block.rows), matmulTile.rows);
  const columns = padded(Math.min(m, block.columns), matmulTile.columns);
  const a = 64 * Math.ceil(tableEnd / 64);
  const b = a + 8 * padded(rows * depth, 8);
  const out = b + 8 * padded(columns * depth, 8);
  const places = { a, b, out, module: out + 8 * padded(rows * columns, 8) };
  if (!host.arena.reserve(places.module + module.bytes.length)) {
    host.refuses('this host gives no more memory to WebAssembly: the reference backend takes over');
    return false;
  }
  const isLarge = n * k * m >= productsForTeam;
  if (isLarge) new Uint8Array(host.arena.memory.buffer, places.module, module.bytes.length).set(module.bytes);
  for (let i = 0; i < n; i += block.rows) {
    for (let j = 0; j < m; j += block.columns) {
      const part = { i, j, rows: Math.min(block.rows, n - i), columns: Math.min(block.columns, m - j) };
      multiplyBlock(host, module, product, { ...part, places, isLarge });
    }
  }
  return true;
}

const padded = (count: number, unit: number): number => Math.ceil(count / unit) * unit;

interface Block {
  readonly i: number;
  readonly j: number;
  readonly rows: number;
  readonly columns: number;
  readonly places: Places;
  readonly isLarge: boolean;
}

function multiplyBlock(host: MatmulHost, module: MatmulModule, product: Product, part: Block): void {
  const { out, a, b, shape } = product;
  const { n, k, m, transposeA = false, transposeB = false } = shape;
  const { i, j, rows, columns, places } = part;
  const numbers = host.arena.numbers();
  const width = padded(columns, matmulTile.columns);
  const panels = Math.ceil(rows / matmulTile.rows);
  numbers.fill(0, places.out / 8, places.out / 8 + panels * matmulTile.rows * width);
  const team = part.isLarge ? host.team() : null;
  for (let l = 0; l < k; l += block.inner) {
    const depth = Math.min(block.inner, k - l);
    const ofA = transposeA ? { item: 1, inner: n } : { item: k, inner: 1 };
    const ofB = transposeB ? { item: k, inner: 1 } : { item: 1, inner: m };
    const fromA = { ...ofA, start: i * ofA.item + l * ofA.inner, count: rows, depth };
    const fromB = { ...ofB, start: j * ofB.item + l * ofB.inner, count: columns, depth };
    packPanels(numbers, places.a / 8, matmulTile.rows, { ...fromA, values: a });
    packPanels(numbers, places.b / 8, matmulTile.columns, { ...fromB, values: b });
    const job = {
      kernel: kernelId,
      moduleAddress: places.module,
      moduleBytes: module.bytes.length,
      panels,
      panelsPerChunk,
      row: places.a,
      rowPanel: 8 * matmulTile.rows * depth,
      state: places.out,
      statePanel: 8 * matmulTile.rows * width,
      column: places.b,
      columnEnd: places.b + 8 * width * depth,
      rest: 8 * depth,
      fixed: 8 * width,
      firstColumn: 0,
    };
    const work = (from: number, to: number): void => {
      const row = job.row + from * job.rowPanel;
      const rowEnd = job.row + to * job.rowPanel;
      module.pairs(row, rowEnd, job.state + from * job.statePanel, job.column, job.columnEnd, job.rest, job.fixed, 0);
    };
    if (team !== null) team.run(job, work);
    else for (let p = 0; p < panels; p += panelsPerChunk) work(p, Math.min(panels, p + panelsPerChunk));
  }
  for (let r = 0; r < rows; r++) {
    const from = places.out / 8 + r * width;
    out.set(numbers.subarray(from, from + columns), (i + r) * m + j);
  }
}

/** Items (rows of a, columns of b) and how far their numbers lie apart. */
interface Items {
  readonly values: Float64Array;
  readonly start: number;
  readonly item: number;
  readonly inner: number;
  readonly count: number;
  readonly depth: number;
}

/** Writes panels of `unit` items, the inner index running slowest; what lacks to a whole panel is 0. */
function packPanels(numbers: Float64Array, at: number, unit: number, items: Items): void {
  const { values, start, item, inner, count, depth } = items;
  for (let first = 0; first < count; first += unit) {
    const panel = at + first * depth;
    const present = Math.min(unit, count - first);
    if (present < unit) numbers.fill(0, panel, panel + unit * depth);
    const from = start + first * item;
    if (present === 4 && unit === 4) {
      packFour(numbers, panel, values, { from, item, inner, depth });
      continue;
    }
    for (let l = 0; l < depth; l++) {
      for (let u = 0; u < present; u++) numbers[panel + l * unit + u] = values[from + u * item + l * inner];
    }
  }
}

/** A whole panel of four items; written out it takes a third of the time of two loops. */
function packFour(
  numbers: Float64Array,
  panel: number,
  values: Float64Array,
  { from, item, inner, depth }: Pick<Items, 'item' | 'inner' | 'depth'> & { readonly from: number },
): void {
  const [second, third, fourth] = [item, 2 * item, 3 * item];
  for (let l = 0, to = panel, at = from; l < depth; l++, to += 4, at += inner) {
    numbers[to] = values[at];
    numbers[to + 1] = values[at + second];
    numbers[to + 2] = values[at + third];
    numbers[to + 3] = values[at + fourth];
  }
}
