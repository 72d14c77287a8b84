import { type Assembly, assembly, type Local } from '../compute/wasm/assembly.js';
import { exp } from '../compute/wasm/elementary.js';
import { type DefinedFunction, type Signature, types } from '../compute/wasm/module.js';

const { i32, f64, v128 } = types;
const vectorBytes = 16;

/** Rows of the kernel that lie in one panel: for every two columns, the pairs of entries of all its rows. */
export const panelRows = 8;
/** Bytes from a pair of columns to the next within a panel. */
export const panelBytes = panelRows * vectorBytes;
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

/**
 * `gibbs(panel, shift, shiftEnd, rowShifts, scale)`: a panel from costs to entries of the kernel in place,
 * `exp((rowShift_i + shift_j - c_ij) scale)`.
 */
export function gibbsCode(): DefinedFunction {
  return defined('gibbs', { params: [i32, i32, i32, i32, f64], results: [] }, (asm) => {
    const [panel, shift, shiftEnd, rowShifts, scale] = asm.params;
    const factor = asm.vector('splat', scale);
    const [row, rowEnd] = [asm.local(i32), asm.integer('add', rowShifts, 8 * panelRows)];
    asm.loop(shift, shiftEnd, vectorBytes, () => {
      const columns = asm.loadVector(shift, 0);
      asm.assign(row, rowShifts);
      asm.loop(row, rowEnd, 8, () => {
        const height = asm.vector('add', asm.loadSplat(row, 0), columns);
        const exponent = asm.vector('mul', asm.vector('sub', height, asm.loadVector(panel, 0)), factor);
        const tiny = asm.vector('lt', exponent, asm.constant(leastExponent));
        asm.storeVector(panel, 0, asm.vector('andNot', exp(asm, exponent), tiny));
        advance(asm, panel, vectorBytes);
      });
    });
  });
}

/** `place(line, lineEnd, to)`: copies a line of costs to its place in a panel. */
export function placeCode(): DefinedFunction {
  return defined('place', { params: [i32, i32, i32], results: [] }, (asm) => {
    const [line, lineEnd, to] = asm.params;
    asm.loop(line, lineEnd, vectorBytes, () => {
      asm.storeVector(to, 0, asm.loadVector(line, 0));
      advance(asm, to, panelBytes);
    });
  });
}

/** `sums(panel, w, wEnd, out)`: `sum_j K_ij w_j` of the rows of a panel, each as two numbers that add up to it. */
export function sumsCode(): DefinedFunction {
  return defined('sums', { params: [i32, i32, i32, i32], results: [] }, (asm) => {
    const [panel, w, wEnd, out] = asm.params;
    const sums = range(panelRows).map(() => asm.local(v128));
    for (const sum of sums) asm.assign(sum, asm.constant(0));
    asm.loop(w, wEnd, vectorBytes, () => {
      const mass = asm.loadVector(w, 0);
      sums.forEach((sum, r) => {
        asm.assign(sum, asm.vector('add', sum, asm.vector('mul', asm.loadVector(panel, r * vectorBytes), mass)));
      });
      advance(asm, panel, panelBytes);
    });
    sums.forEach((sum, r) => {
      asm.storeVector(out, r * vectorBytes, sum);
    });
  });
}

/** `spread(panel, sums, sumsEnd, t)`: adds `t_i K_ij` of the rows of a panel to the column sums. */
export function spreadCode(): DefinedFunction {
  return defined('spread', { params: [i32, i32, i32, i32], results: [] }, (asm) => {
    const [panel, sums, sumsEnd, t] = asm.params;
    const scales = range(panelRows).map((r) => asm.loadSplat(t, 8 * r));
    asm.loop(sums, sumsEnd, vectorBytes, () => {
      const terms = scales.map((scale, r) => asm.vector('mul', scale, asm.loadVector(panel, r * vectorBytes)));
      const add = (a: Local, b: Local): Local => asm.vector('add', a, b);
      const half = (from: number): Local =>
        add(add(terms[from], terms[from + 1]), add(terms[from + 2], terms[from + 3]));
      asm.storeVector(sums, 0, add(asm.loadVector(sums, 0), add(half(0), half(4))));
      advance(asm, panel, panelBytes);
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
 * `judge(line, lineEnd, panel, masses, lacking, g, out)`: of a row of costs c and of the kernel K, two numbers each of `sum K m`, `sum K m c`,
 * `sum lacking c`, `min c - g` and `max |c|`.
 */
export function judgeCode(): DefinedFunction {
  return defined('judge', { params: [i32, i32, i32, i32, i32, i32, i32], results: [] }, (asm) => {
    const [line, lineEnd, panel, masses, lacking, g, out] = asm.params;
    const sums = range(5).map(() => asm.local(v128));
    const [mass, moved, repair, least, largest] = sums;
    for (const sum of sums) asm.assign(sum, asm.constant(sum === least ? Number.POSITIVE_INFINITY : 0));
    asm.loop(line, lineEnd, vectorBytes, () => {
      const cost = asm.loadVector(line, 0);
      const entry = asm.vector('mul', asm.loadVector(panel, 0), asm.loadVector(masses, 0));
      const more = (sum: Local, term: Local): void => asm.assign(sum, asm.vector('add', sum, term));
      more(mass, entry);
      more(moved, asm.vector('mul', entry, cost));
      more(repair, asm.vector('mul', asm.loadVector(lacking, 0), cost));
      asm.assign(least, asm.vector('pmin', least, asm.vector('sub', cost, asm.loadVector(g, 0))));
      asm.assign(largest, asm.vector('pmax', largest, asm.vector('abs', cost)));
      advance(asm, panel, panelBytes);
      for (const address of [masses, lacking, g]) advance(asm, address, vectorBytes);
    });
    sums.forEach((sum, k) => {
      asm.storeVector(out, k * vectorBytes, sum);
    });
  });
}
