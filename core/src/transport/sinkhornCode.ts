import { type Assembly, assembly, type Local } from '../compute/wasm/assembly.js';
import { exp } from '../compute/wasm/elementary.js';
import { type DefinedFunction, type Signature, types } from '../compute/wasm/module.js';

const { i32, f64, v128 } = types;
const vectorBytes = 16;

/** Rows of the kernel that are swept together. */
export const panelRows = 8;
/** Columns are padded to a multiple of this, so that loops take two vectors at a time. */
export const columnStep = 4;
/** Exponents below this give 0: the kernel has no subnormal entries, with which processors are slow. */
export const leastExponent = -700;

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

function defined(name: string, signature: Signature, write: (asm: Assembly) => void): DefinedFunction {
  const asm = assembly(signature);
  write(asm);
  return { name, signature, locals: asm.locals, code: asm.code };
}

/** Adds a step to an address. */
const advance = (asm: Assembly, address: Local, step: number): void =>
  asm.assign(address, asm.integer('add', address, step));

/** `gibbs(row, shift, shiftEnd, rowShift, scale)`: a row from costs to entries of the kernel in place, `exp((rowShift + shift_j - c_j) scale)`. */
export function gibbsCode(): DefinedFunction {
  return defined('gibbs', { params: [i32, i32, i32, f64, f64], results: [] }, (asm) => {
    const [row, shift, shiftEnd, rowShift, scale] = asm.params;
    const [start, factor] = [asm.vector('splat', rowShift), asm.vector('splat', scale)];
    asm.loop(shift, shiftEnd, 2 * vectorBytes, () => {
      for (const offset of [0, vectorBytes]) {
        const height = asm.vector('add', start, asm.loadVector(shift, offset));
        const exponent = asm.vector('mul', asm.vector('sub', height, asm.loadVector(row, offset)), factor);
        const tiny = asm.vector('lt', exponent, asm.constant(leastExponent));
        asm.storeVector(row, offset, asm.vector('andNot', exp(asm, exponent), tiny));
      }
      advance(asm, row, 2 * vectorBytes);
    });
  });
}

/** Addresses of the rows of a panel that begins at one and has a stride. */
function panelOf(asm: Assembly, first: Local, stride: Local): Local[] {
  const rows = [first];
  while (rows.length < panelRows) {
    const row = asm.local(i32);
    asm.assign(row, asm.integer('add', rows[rows.length - 1], stride));
    rows.push(row);
  }
  return rows;
}

/** `sums(panel, stride, w, wEnd, out)`: `sum_j K_ij w_j` of the rows of a panel, each as two numbers that add up to it. */
export function sumsCode(): DefinedFunction {
  return defined('sums', { params: [i32, i32, i32, i32, i32], results: [] }, (asm) => {
    const [panel, stride, w, wEnd, out] = asm.params;
    const rows = panelOf(asm, panel, stride);
    const sums = rows.map(() => asm.local(v128));
    for (const sum of sums) asm.assign(sum, asm.constant(0));
    asm.loop(w, wEnd, 2 * vectorBytes, () => {
      for (const offset of [0, vectorBytes]) {
        const mass = asm.loadVector(w, offset);
        sums.forEach((sum, r) => {
          asm.assign(sum, asm.vector('add', sum, asm.vector('mul', asm.loadVector(rows[r], offset), mass)));
        });
      }
      for (const row of rows) advance(asm, row, 2 * vectorBytes);
    });
    sums.forEach((sum, r) => {
      asm.storeVector(out, r * vectorBytes, sum);
    });
  });
}

/** `spread(panel, stride, sums, sumsEnd, t)`: adds `t_i K_ij` of the rows of a panel to the column sums. */
export function spreadCode(): DefinedFunction {
  return defined('spread', { params: [i32, i32, i32, i32, i32], results: [] }, (asm) => {
    const [panel, stride, sums, sumsEnd, t] = asm.params;
    const rows = panelOf(asm, panel, stride);
    const scales = rows.map((_, r) => asm.loadSplat(t, 8 * r));
    const add = (a: Local, b: Local): Local => asm.vector('add', a, b);
    asm.loop(sums, sumsEnd, 2 * vectorBytes, () => {
      for (const offset of [0, vectorBytes]) {
        const term = (r: number): Local => asm.vector('mul', scales[r], asm.loadVector(rows[r], offset));
        const half = (r: number): Local => add(add(term(r), term(r + 1)), add(term(r + 2), term(r + 3)));
        asm.storeVector(sums, offset, add(asm.loadVector(sums, offset), add(half(0), half(4))));
      }
      for (const row of rows) advance(asm, row, 2 * vectorBytes);
    });
  });
}

/**
 * `scan(line, least, leastEnd, out)`: of a line of costs, `least_j <- min(least_j, c_j - min c)`, and two numbers each of the
 * least, the largest and the sum of the costs.
 */
export function scanCode(): DefinedFunction {
  return defined('scan', { params: [i32, i32, i32, i32], results: [] }, (asm) => {
    const [line, least, leastEnd, out] = asm.params;
    const at = asm.local(i32);
    const end = asm.local(i32);
    const [low, high, sum] = [asm.local(v128), asm.local(v128), asm.local(v128)];
    asm.assign(low, asm.loadSplat(line, 0));
    asm.assign(high, low);
    asm.assign(sum, asm.constant(0));
    asm.assign(at, line);
    asm.assign(end, asm.integer('add', line, asm.integer('sub', leastEnd, least)));
    asm.loop(at, end, vectorBytes, () => {
      const cost = asm.loadVector(at, 0);
      asm.assign(low, asm.vector('pmin', low, cost));
      asm.assign(high, asm.vector('pmax', high, cost));
      asm.assign(sum, asm.vector('add', sum, cost));
    });
    asm.storeVector(out, 0, low);
    asm.storeVector(out, vectorBytes, high);
    asm.storeVector(out, 2 * vectorBytes, sum);
    const lowest = asm.vector('pmin', asm.loadSplat(out, 0), asm.loadSplat(out, 8));
    asm.loop(least, leastEnd, vectorBytes, () => {
      const rest = asm.vector('sub', asm.loadVector(line, 0), lowest);
      asm.storeVector(least, 0, asm.vector('pmin', asm.loadVector(least, 0), rest));
      advance(asm, line, vectorBytes);
    });
  });
}

/**
 * `judge(line, lineEnd, row, masses, lacking, g, out)`: of a row of costs c and of the kernel K, two numbers each of `sum K m`, `sum K m c`,
 * `sum lacking c`, `min c - g` and `max |c|`.
 */
export function judgeCode(): DefinedFunction {
  return defined('judge', { params: [i32, i32, i32, i32, i32, i32, i32], results: [] }, (asm) => {
    const [line, lineEnd, row, masses, lacking, g, out] = asm.params;
    const sums = range(5).map(() => asm.local(v128));
    const [mass, moved, repair, least, largest] = sums;
    for (const sum of sums) asm.assign(sum, asm.constant(sum === least ? Number.POSITIVE_INFINITY : 0));
    asm.loop(line, lineEnd, vectorBytes, () => {
      const cost = asm.loadVector(line, 0);
      const entry = asm.vector('mul', asm.loadVector(row, 0), asm.loadVector(masses, 0));
      const more = (sum: Local, term: Local): void => asm.assign(sum, asm.vector('add', sum, term));
      more(mass, entry);
      more(moved, asm.vector('mul', entry, cost));
      more(repair, asm.vector('mul', asm.loadVector(lacking, 0), cost));
      asm.assign(least, asm.vector('pmin', least, asm.vector('sub', cost, asm.loadVector(g, 0))));
      asm.assign(largest, asm.vector('pmax', largest, asm.vector('abs', cost)));
      for (const address of [row, masses, lacking, g]) advance(asm, address, vectorBytes);
    });
    sums.forEach((sum, k) => {
      asm.storeVector(out, k * vectorBytes, sum);
    });
  });
}
