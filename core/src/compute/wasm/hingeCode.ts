import { type AssemblyOptions, assembly, type Local } from './assembly.js';
import {
  bytesAtOnce,
  gatherWords,
  type HingeShape,
  halves,
  type Packing,
  pointBytes,
  sixes,
  tableBytes,
  vectorsOf,
} from './hingeShape.js';
import { pairSignature, vectorBytes } from './kernelCode.js';
import { type DefinedFunction, types } from './module.js';

const { i32, v128 } = types;

/** Splits numbers of half a byte. */
const nibble = 4;

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/**
 * `build(item, end, factor, table)`: for every four items, times a factor each, a table of the sums of their sixteen subsets,
 * by the bits of the index.
 */
export function buildHalvesCode({ width }: HingeShape, options: AssemblyOptions): DefinedFunction {
  const { tableItems } = halves;
  const signature = { params: [i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [item, end, factor, table] = asm.params;
  const bytes = pointBytes(width);
  asm.loop(item, end, tableItems * bytes, () => {
    const factors = range(tableItems).map((k) => asm.loadSplat(factor, 8 * k));
    for (const v of range(vectorsOf(width))) {
      const sums = [asm.constant(0)];
      for (const k of range(tableItems)) {
        const value = asm.vector('mul', factors[k], asm.loadVector(item, k * bytes + v * vectorBytes));
        for (const sum of [...sums]) sums.push(sums.length === 2 ** k ? value : asm.vector('add', sum, value));
      }
      sums.forEach((sum, entry) => {
        asm.storeVector(table, entry * bytes + v * vectorBytes, sum);
      });
    }
    asm.assign(table, asm.integer('add', table, 2 ** tableItems * bytes));
    asm.assign(factor, asm.integer('add', factor, 8 * tableItems));
  });
  return { name: 'buildHalves', signature, locals: asm.locals, code: asm.code };
}

/** The same for every six items and their 64 subsets: the sums without an item, and the same with it. */
export function buildSixesCode({ width }: HingeShape, options: AssemblyOptions): DefinedFunction {
  const { tableItems } = sixes;
  const signature = { params: [i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [item, end, factor, table] = asm.params;
  const bytes = pointBytes(width);
  const vectors = range(vectorsOf(width));
  const [at, without] = [asm.local(i32), asm.local(i32)];
  const values = vectors.map(() => asm.local(v128));
  asm.loop(item, end, tableItems * bytes, () => {
    for (const v of vectors) asm.storeVector(table, v * vectorBytes, asm.constant(0));
    for (const k of range(tableItems)) {
      const times = asm.loadSplat(factor, 8 * k);
      for (const v of vectors) {
        asm.assign(values[v], asm.vector('mul', times, asm.loadVector(item, k * bytes + v * vectorBytes)));
      }
      asm.assign(at, table);
      asm.assign(without, asm.integer('add', table, 2 ** k * bytes));
      asm.loop(at, without, bytes, () => {
        for (const v of vectors) {
          const sum = asm.vector('add', asm.loadVector(at, v * vectorBytes), values[v]);
          asm.storeVector(at, 2 ** k * bytes + v * vectorBytes, sum);
        }
      });
    }
    asm.assign(table, asm.integer('add', table, 2 ** tableItems * bytes));
    asm.assign(factor, asm.integer('add', factor, 8 * tableItems));
  });
  return { name: 'buildSixes', signature, locals: asm.locals, code: asm.code };
}

/**
 * `add(sum, end, bits, stride, table, tableEnd)`: adds to every sum the items whose bits are set; its bytes of bits begin
 * `stride` behind those of the sum before. As `begin`, every sum begins with zero.
 */
export function addCode(
  name: 'begin' | 'add',
  { width, packing }: HingeShape & { readonly packing: Packing },
  options: AssemblyOptions,
): DefinedFunction {
  const signature = { params: [i32, i32, i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [sum, end, bits, stride, table, tableEnd] = asm.params;
  const vectors = range(vectorsOf(width));
  const bytes = pointBytes(width);
  const [at, place] = [asm.local(i32), asm.local(i32)];
  const sums = vectors.map(() => asm.local(v128));
  asm.loop(sum, end, bytes, () => {
    for (const v of vectors)
      asm.assign(sums[v], name === 'add' ? asm.loadVector(sum, v * vectorBytes) : asm.constant(0));
    asm.assign(at, table);
    asm.assign(place, bits);
    asm.loop(at, tableEnd, tableBytes(width, packing), () => {
      const byte = asm.loadByte(place, 0);
      const entry = (index: Local): Local => asm.integer('add', at, asm.integer('mul', index, bytes));
      const isWhole = packing === sixes;
      const low = entry(isWhole ? byte : asm.integer('and', byte, 2 ** nibble - 1));
      const high = isWhole ? null : entry(asm.integer('shiftRight', byte, nibble));
      for (const v of vectors) {
        let value = asm.loadVector(low, v * vectorBytes);
        if (high !== null) {
          const upper = asm.loadVector(high, tableBytes(width, packing) / 2 + v * vectorBytes);
          value = asm.vector('add', value, upper);
        }
        asm.assign(sums[v], asm.vector('add', sums[v], value));
      }
      asm.assign(place, asm.integer('add', place, 1));
    });
    for (const v of vectors) asm.storeVector(sum, v * vectorBytes, sums[v]);
    asm.assign(bits, asm.integer('add', bits, stride));
  });
  return { name: `${name}${packing.perByte}`, signature, locals: asm.locals, code: asm.code };
}

/** Where functions stand in the module. */
interface Indices {
  readonly build: number;
  readonly begin: number;
  readonly add: number;
}

/** `gather(part, partEnd, words)`: the sums of parts of the items, some tables at a time. */
export function gatherCode(
  { width, packing }: HingeShape & { readonly packing: Packing },
  indices: Indices,
  options: AssemblyOptions,
): DefinedFunction {
  const signature = { params: [i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [part, partEnd, words] = asm.params;
  const word = (name: keyof typeof gatherWords): Local => asm.loadInteger(words, 4 * gatherWords[name]);
  const [end, at, next, isFirst] = range(4).map(() => asm.local(i32));
  const clip = (value: Local, to: Local): void => asm.when(asm.integer('ltU', to, value), () => asm.assign(value, to));
  const scaled = (start: Local, index: Local, bytes: number | Local): Local =>
    asm.integer('add', start, asm.integer('mul', index, bytes));
  const step = bytesAtOnce(width, packing);
  const { perByte } = packing;
  asm.loop(part, partEnd, 1, () => {
    const sums = scaled(word('sums'), part, word('sumsPerPart'));
    const sumsEnd = asm.integer('add', sums, word('sumsPerPart'));
    const table = scaled(word('tables'), part, word('tablesPerPart'));
    asm.assign(at, asm.integer('mul', part, word('bytesPerPart')));
    asm.assign(end, asm.integer('add', at, word('bytesPerPart')));
    clip(end, word('bytes'));
    asm.assign(isFirst, 1);
    asm.loop(at, end, step, () => {
      asm.assign(next, asm.integer('add', at, step));
      clip(next, end);
      const item = scaled(word('items'), at, perByte * pointBytes(width));
      const itemEnd = scaled(word('items'), next, perByte * pointBytes(width));
      asm.call(indices.build, item, itemEnd, scaled(word('factors'), at, 8 * perByte), table);
      const tableEnd = scaled(table, asm.integer('sub', next, at), tableBytes(width, packing));
      const args = [sums, sumsEnd, asm.integer('add', word('bits'), at), word('stride'), table, tableEnd];
      asm.when(isFirst, () => asm.call(indices.begin, ...args));
      asm.when(asm.integer('xor', isFirst, 1), () => asm.call(indices.add, ...args));
      asm.assign(isFirst, 0);
    });
  });
  return { name: `gather${perByte}`, signature, locals: asm.locals, code: asm.code };
}

/** `project(sum, sumEnd, sumsEnd, perPart, item, out)`: inner products of items and sums, as two numbers that add up to them. */
export function projectCode({ width }: HingeShape, options: AssemblyOptions): DefinedFunction {
  const signature = { params: [i32, i32, i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [sum, sumEnd, sumsEnd, perPart, item, out] = asm.params;
  const join = joiner(asm, width);
  asm.loop(sum, sumEnd, pointBytes(width), () => {
    const products = join(sum, sumsEnd, perPart).map((total, v) =>
      asm.vector('mul', asm.loadVector(item, v * vectorBytes), total),
    );
    const both = products.reduce((total, product) => asm.vector('add', total, product));
    asm.storeVector(out, 0, both);
    asm.assign(item, asm.integer('add', item, pointBytes(width)));
    asm.assign(out, asm.integer('add', out, vectorBytes));
  });
  return { name: 'project', signature, locals: asm.locals, code: asm.code };
}

/** Sums of parts, added up in their order. */
function joiner(asm: ReturnType<typeof assembly>, width: number) {
  const sums = range(vectorsOf(width)).map(() => asm.local(v128));
  const at = asm.local(i32);
  return (sum: Local, sumsEnd: Local, perPart: Local): readonly Local[] => {
    sums.forEach((total, v) => {
      asm.assign(total, asm.loadVector(sum, v * vectorBytes));
    });
    asm.assign(at, asm.integer('add', sum, perPart));
    asm.loop(at, sumsEnd, perPart, () => {
      sums.forEach((total, v) => {
        asm.assign(total, asm.vector('add', total, asm.loadVector(at, v * vectorBytes)));
      });
    });
    return sums;
  };
}

/**
 * `spread(sum, sumEnd, sumsEnd, perPart, item, out, atom, scale)`: as `project`, and the sums times a scale each at the
 * coordinates of their atoms.
 */
export function spreadCode({ width, atom: { dim, offsets } }: HingeShape, options: AssemblyOptions): DefinedFunction {
  const signature = { params: [i32, i32, i32, i32, i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [sum, sumEnd, sumsEnd, perPart, item, out, atom, scale] = asm.params;
  const join = joiner(asm, width);
  asm.loop(sum, sumEnd, pointBytes(width), () => {
    const sums = join(sum, sumsEnd, perPart);
    const products = sums.map((total, v) => asm.vector('mul', asm.loadVector(item, v * vectorBytes), total));
    const both = products.reduce((total, product) => asm.vector('add', total, product));
    asm.storeVector(out, 0, both);
    const factor = asm.loadSplat(scale, 0);
    sums.forEach((total, v) => {
      const [lower, upper] = [offsets[2 * v], offsets[2 * v + 1]];
      const value = asm.vector('mul', factor, total);
      if (upper === lower + 1) {
        asm.storeVector(atom, 8 * lower, value);
      } else {
        asm.storeLane(0, atom, 8 * lower, value);
        if (upper !== undefined) asm.storeLane(1, atom, 8 * upper, value);
      }
    });
    asm.assign(item, asm.integer('add', item, pointBytes(width)));
    asm.assign(out, asm.integer('add', out, vectorBytes));
    asm.assign(atom, asm.integer('add', atom, 8 * dim));
    asm.assign(scale, asm.integer('add', scale, 8));
  });
  return { name: 'spread', signature, locals: asm.locals, code: asm.code };
}

/** `pairs(first, last, words, task, ...)`: what threads share, by the number of the task. */
export function shareCode(tasks: readonly number[], options: AssemblyOptions): DefinedFunction {
  const asm = assembly(pairSignature, options);
  const [first, last, words, task] = asm.params;
  const [isOther, one] = [asm.local(i32), asm.local(i32)];
  asm.assign(one, 1);
  tasks.forEach((index, k) => {
    asm.assign(isOther, asm.integer('xor', task, k));
    asm.when(asm.integer('ltU', isOther, one), () => asm.call(index, first, last, words));
  });
  return { name: 'pairs', signature: pairSignature, locals: asm.locals, code: asm.code };
}
