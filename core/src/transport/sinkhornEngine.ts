import { makeArena, maximumPages } from '../compute/wasm/arena.js';
import { tableEnd } from '../compute/wasm/expTable.js';
import { assemble } from '../compute/wasm/module.js';
import { hasWasmSimd } from '../compute/wasm/wasmBackend.js';
import { gibbsCode, judgeCode, panelRows, scanCode, spreadCode, sumsCode } from './sinkhornCode.js';
import { kernelEntry } from './sinkhornExp.js';

/** Below this many pairs starting a module costs more than it brings. */
const fewPairs = 5000;

/** The loops of Sinkhorn's iteration over one memory, all by address in bytes; see `sinkhornCode.ts`. */
export interface SweepLoops {
  gibbs(row: number, shift: number, shiftEnd: number, rowShift: number, scale: number): void;
  sums(panel: number, stride: number, w: number, wEnd: number, out: number): void;
  spread(panel: number, stride: number, sums: number, sumsEnd: number, t: number): void;
  scan(line: number, least: number, leastEnd: number, out: number): void;
  judge(line: number, lineEnd: number, panel: number, masses: number, lacking: number, g: number, out: number): void;
}

/** A memory with the loops that work on it; numbers from `start` bytes on are free, with whatever was there before. */
export interface SweepEngine {
  readonly numbers: Float64Array;
  readonly start: number;
  readonly loops: SweepLoops;
}

let compiled: WebAssembly.Module | null | undefined;
/** An engine whose memory nobody needs any more: fresh pages cost as much as some sweeps over them. */
let spare: SweepEngine | null = null;
/** A larger memory is given back to the host. */
const largestSpare = 2 ** 25;

/** An engine with so many bytes: by vectors of two columns, or in plain loops where there are few pairs or no vectors. */
export function sweepEngine(bytes: number, pairs: number): SweepEngine {
  if (pairs >= fewPairs) {
    if (compiled === undefined) compiled = compile();
    const start = Math.ceil(tableEnd / 64) * 64;
    if (spare !== null && spare.numbers.byteLength >= start + bytes) {
      const engine = spare;
      spare = null;
      return engine;
    }
    const arena = compiled === null ? null : makeArena();
    if (compiled !== null && arena?.reserve(start + bytes) === true) {
      const { exports } = new WebAssembly.Instance(compiled, { env: { memory: arena.memory } });
      return { numbers: arena.numbers(), start, loops: exports as unknown as SweepLoops };
    }
  }
  return plainEngine(bytes);
}

/** An engine in plain loops. */
export function plainEngine(bytes: number): SweepEngine {
  const numbers = new Float64Array(Math.ceil(bytes / 8));
  return { numbers, start: 0, loops: plainLoops(numbers) };
}

/** Takes an engine back whose views nobody will read again. */
export function giveBack(engine: SweepEngine): void {
  const { byteLength } = engine.numbers;
  if (engine.start > 0 && byteLength <= largestSpare && byteLength > (spare?.numbers.byteLength ?? 0)) spare = engine;
}

function compile(): WebAssembly.Module | null {
  if (!hasWasmSimd()) return null;
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared: false },
    imports: [],
    functions: [gibbsCode(), sumsCode(), spreadCode(), scanCode(), judgeCode()],
  });
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    // Some hosts limit what may be compiled at once on a page's main thread.
    if (error instanceof WebAssembly.CompileError || error instanceof RangeError) return null;
    throw error;
  }
}

/** The same loops, with the same order of summation, on an array. */
function plainLoops(numbers: Float64Array): SweepLoops {
  return {
    gibbs(row, shift, shiftEnd, rowShift, scale) {
      for (let j = shift >>> 3, at = row >>> 3; j < shiftEnd >>> 3; j++, at++) {
        numbers[at] = kernelEntry((rowShift + numbers[j] - numbers[at]) * scale);
      }
    },
    sums(panel, stride, w, wEnd, out) {
      const [first, last, results] = [w >>> 3, wEnd >>> 3, out >>> 3];
      for (let r = 0; r < panelRows; r++) {
        let even = 0;
        let odd = 0;
        for (let j = first, at = (panel + r * stride) >>> 3; j < last; j += 2, at += 2) {
          even += numbers[at] * numbers[j];
          odd += numbers[at + 1] * numbers[j + 1];
        }
        numbers[results + 2 * r] = even;
        numbers[results + 2 * r + 1] = odd;
      }
    },
    spread(panel, stride, sums, sumsEnd, t) {
      const [t0, t1, t2, t3, t4, t5, t6, t7] = numbers.subarray(t >>> 3, (t >>> 3) + panelRows);
      const s = stride >>> 3;
      for (let j = sums >>> 3, k = panel >>> 3; j < sumsEnd >>> 3; j++, k++) {
        const low = t0 * numbers[k] + t1 * numbers[k + s] + (t2 * numbers[k + 2 * s] + t3 * numbers[k + 3 * s]);
        const high =
          t4 * numbers[k + 4 * s] + t5 * numbers[k + 5 * s] + (t6 * numbers[k + 6 * s] + t7 * numbers[k + 7 * s]);
        numbers[j] += low + high;
      }
    },
    scan(line, least, leastEnd, out) {
      const [first, start, place] = [line >>> 3, least >>> 3, out >>> 3];
      const count = (leastEnd >>> 3) - start;
      const [low, high, sums] = [place, place + 2, place + 4];
      numbers[low] = numbers[low + 1] = numbers[high] = numbers[high + 1] = numbers[first];
      numbers[sums] = numbers[sums + 1] = 0;
      for (let j = 0; j < count; j++) {
        const cost = numbers[first + j];
        const lane = j % 2;
        if (cost < numbers[low + lane]) numbers[low + lane] = cost;
        if (cost > numbers[high + lane]) numbers[high + lane] = cost;
        numbers[sums + lane] += cost;
      }
      const lowest = Math.min(numbers[low], numbers[low + 1]);
      for (let j = 0; j < count; j++) {
        const rest = numbers[first + j] - lowest;
        if (rest < numbers[start + j]) numbers[start + j] = rest;
      }
    },
    judge(line, lineEnd, row, masses, lacking, g, out) {
      const [first, count, place] = [line >>> 3, (lineEnd - line) >>> 3, out >>> 3];
      for (let k = 0; k < 10; k++) numbers[place + k] = k === 6 || k === 7 ? Number.POSITIVE_INFINITY : 0;
      for (let j = 0, at = row >>> 3; j < count; j++, at++) {
        const sums = place + (j % 2);
        const cost = numbers[first + j];
        const entry = numbers[at] * numbers[(masses >>> 3) + j];
        numbers[sums] += entry;
        numbers[sums + 2] += entry * cost;
        numbers[sums + 4] += numbers[(lacking >>> 3) + j] * cost;
        numbers[sums + 6] = Math.min(numbers[sums + 6], cost - numbers[(g >>> 3) + j]);
        numbers[sums + 8] = Math.max(numbers[sums + 8], Math.abs(cost));
      }
    },
  };
}
