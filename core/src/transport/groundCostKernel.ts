import { assembly } from '../compute/wasm/assembly.js';
import { assemble, type Signature, types } from '../compute/wasm/module.js';
import { hasWasmSimd } from '../compute/wasm/wasmBackend.js';

const { i32, v128 } = types;
const numberBytes = 8;
const vectorBytes = 16;
/** Columns of one panel: four vectors of two, so that eight sums stay in registers. */
const panelColumns = 8;
const pageBytes = 65_536;
/** Below this many pairs compiling costs more than it brings. */
const fewPairs = 10_000;

type Rows = (panel: number, out: number, outEnd: number, x: number, xEnd: number) => void;

let compiled: WebAssembly.Module | null | undefined;

/**
 * `out_j = sum_c (x_ic - y_jc)^2` by vectors of two columns, in the order of the coordinates: the bits of the plain loop,
 * several times faster. Takes (m + 8) (d + 1) numbers of memory, held as long as the function is.
 *
 * @param points - x with n rows and y with m rows of d coordinates.
 * @returns null where there are few pairs, or the host compiles no vector instructions.
 */
export function squaredDistanceRows(points: {
  readonly rows: number;
  readonly columns: number;
  readonly dim: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
}): ((out: Float64Array, i: number) => void) | null {
  const { rows, columns, dim, x, y } = points;
  if (rows * columns < fewPairs) return null;
  if (compiled === undefined) compiled = compile();
  if (compiled === null) return null;
  const panels = Math.ceil(columns / panelColumns);
  const outStart = dim * numberBytes;
  const panelStart = outStart + panels * panelColumns * numberBytes;
  const bytes = panelStart + panels * panelColumns * dim * numberBytes;
  const pages = Math.ceil(bytes / pageBytes);
  // The module declares at most this many pages.
  if (pages > mostPages) return null;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: mostPages });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const { rows: run } = exports as unknown as { readonly rows: Rows };
  const point = new Float64Array(memory.buffer, 0, dim);
  const line = new Float64Array(memory.buffer, outStart, columns);
  const packed = new Float64Array(memory.buffer, panelStart);
  for (let j = 0; j < columns; j++) {
    const start = (j - (j % panelColumns)) * dim + (j % panelColumns);
    for (let c = 0; c < dim; c++) packed[start + c * panelColumns] = y[j * dim + c];
  }
  return (out, i) => {
    for (let c = 0; c < dim; c++) point[c] = x[i * dim + c];
    run(panelStart, outStart, panelStart, 0, outStart);
    out.set(line);
  };
}

const mostPages = 65_536;

function compile(): WebAssembly.Module | null {
  if (!hasWasmSimd()) return null;
  const signature: Signature = { params: [i32, i32, i32, i32, i32], results: [] };
  const asm = assembly(signature);
  const [panel, out, outEnd, x, xEnd] = asm.params;
  const at = asm.local(i32);
  const sums = Array.from({ length: panelColumns / 2 }, () => asm.local(v128));
  asm.loop(out, outEnd, panelColumns * numberBytes, () => {
    for (const sum of sums) asm.assign(sum, asm.constant(0));
    asm.assign(at, x);
    asm.loop(at, xEnd, numberBytes, () => {
      const coordinate = asm.loadSplat(at, 0);
      sums.forEach((sum, v) => {
        const difference = asm.vector('sub', coordinate, asm.loadVector(panel, v * vectorBytes));
        asm.assign(sum, asm.vector('add', sum, asm.vector('mul', difference, difference)));
      });
      asm.assign(panel, asm.integer('add', panel, panelColumns * numberBytes));
    });
    for (let v = 0; v < sums.length; v++) asm.storeVector(out, v * vectorBytes, sums[v]);
  });
  const bytes = assemble({
    memory: { minimum: 1, maximum: mostPages, shared: false },
    imports: [],
    functions: [{ name: 'rows', signature, locals: asm.locals, code: asm.code }],
  });
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    // Some hosts limit what may be compiled at once on a page's main thread.
    if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return null;
    throw error;
  }
}
