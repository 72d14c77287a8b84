import { type AssemblyOptions, assembly, type Local } from './assembly.js';
import { vectorBytes } from './kernelCode.js';
import { type DefinedFunction, types } from './module.js';

const { i32, f64, v128 } = types;

/** Items whose subset sums one table has. */
export const tableItems = 4;
/** Rows whose signs one byte holds. */
export const groupRows = 8;
/** Groups whose thresholds are looked at together. */
export const groupsAtOnce = 4;

/** Vectors of an item of `width` numbers. */
export const vectorsOf = (width: number): number => Math.ceil(width / 2);
/** Bytes of the coordinates of a group of rows, coordinate by coordinate, and of the inverses of their norms. */
export const groupBytes = (width: number): number => (width + 1) * groupRows * 8;

/** Splits numbers of half a byte. */
const nibble = 4;

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** `weigh(item, end, out, factor)`: items times a factor each. */
export function weighCode(width: number, options: AssemblyOptions): DefinedFunction {
  const signature = { params: [i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [item, end, out, factor] = asm.params;
  const bytes = vectorsOf(width) * vectorBytes;
  asm.loop(item, end, bytes, () => {
    const times = asm.loadSplat(factor, 0);
    for (const v of range(vectorsOf(width))) {
      asm.storeVector(out, v * vectorBytes, asm.vector('mul', times, asm.loadVector(item, v * vectorBytes)));
    }
    asm.assign(out, asm.integer('add', out, bytes));
    asm.assign(factor, asm.integer('add', factor, 8));
  });
  return { name: 'weigh', signature, locals: asm.locals, code: asm.code };
}

/** `project(item, end, sum, out)`: inner products of items and sums, as two numbers that add up to them. */
export function projectCode(width: number, options: AssemblyOptions): DefinedFunction {
  const signature = { params: [i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [item, end, sum, out] = asm.params;
  const bytes = vectorsOf(width) * vectorBytes;
  asm.loop(item, end, bytes, () => {
    const products = range(vectorsOf(width)).map((v) =>
      asm.vector('mul', asm.loadVector(item, v * vectorBytes), asm.loadVector(sum, v * vectorBytes)),
    );
    asm.storeVector(
      out,
      0,
      products.reduce((total, product) => asm.vector('add', total, product)),
    );
    asm.assign(sum, asm.integer('add', sum, bytes));
    asm.assign(out, asm.integer('add', out, vectorBytes));
  });
  return { name: 'project', signature, locals: asm.locals, code: asm.code };
}

/** `build(item, end, table)`: for every four items a table of the sums of their sixteen subsets, by the bits of the index. */
export function buildCode(width: number, options: AssemblyOptions): DefinedFunction {
  const signature = { params: [i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [item, end, table] = asm.params;
  const bytes = vectorsOf(width) * vectorBytes;
  asm.loop(item, end, tableItems * bytes, () => {
    for (const v of range(vectorsOf(width))) {
      const sums = [asm.constant(0)];
      for (const k of range(tableItems)) {
        const value = asm.loadVector(item, k * bytes + v * vectorBytes);
        for (const sum of [...sums]) sums.push(sums.length === 2 ** k ? value : asm.vector('add', sum, value));
      }
      sums.forEach((sum, entry) => {
        asm.storeVector(table, entry * bytes + v * vectorBytes, sum);
      });
    }
    asm.assign(table, asm.integer('add', table, 2 ** tableItems * bytes));
  });
  return { name: 'build', signature, locals: asm.locals, code: asm.code };
}

/**
 * `gather(out, end, bits, stride, table, tableEnd)`: adds to every item of `out` the items whose bits are set; its bytes of
 * bits begin `stride` behind those of the item before.
 */
export function gatherCode(width: number, options: AssemblyOptions): DefinedFunction {
  const signature = { params: [i32, i32, i32, i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [out, end, bits, stride, table, tableEnd] = asm.params;
  const vectors = range(vectorsOf(width));
  const bytes = vectors.length * vectorBytes;
  const [at, place] = [asm.local(i32), asm.local(i32)];
  const sums = vectors.map(() => asm.local(v128));
  const tableBytes = 2 ** tableItems * bytes;
  asm.loop(out, end, bytes, () => {
    for (const v of vectors) asm.assign(sums[v], asm.loadVector(out, v * vectorBytes));
    asm.assign(at, table);
    asm.assign(place, bits);
    asm.loop(at, tableEnd, 2 * tableBytes, () => {
      const byte = asm.loadByte(place, 0);
      const entry = (index: Local): Local => asm.integer('add', at, asm.integer('mul', index, bytes));
      const low = entry(asm.integer('and', byte, 2 ** nibble - 1));
      const high = entry(asm.integer('shiftRight', byte, nibble));
      for (const v of vectors) {
        const pair = asm.vector(
          'add',
          asm.loadVector(low, v * vectorBytes),
          asm.loadVector(high, tableBytes + v * vectorBytes),
        );
        asm.assign(sums[v], asm.vector('add', sums[v], pair));
      }
      asm.assign(place, asm.integer('add', place, 1));
    });
    for (const v of vectors) asm.storeVector(out, v * vectorBytes, sums[v]);
    asm.assign(bits, asm.integer('add', bits, stride));
  });
  return { name: 'gather', signature, locals: asm.locals, code: asm.code };
}

/**
 * `signs(group, end, point, threshold, bits, turned, stride, shift, moved, base)`: for every group of rows whose threshold
 * is below `moved`, the bits of `<x_l, p> > 0`, and as its new threshold `base` plus the least `|<x_l, p>| / |x_l|`. Bits that
 * change are changed in `turned` as well, where the rows of a group lie `stride` bytes apart and the point has bit `shift`.
 */
export function signsCode(width: number, options: AssemblyOptions): DefinedFunction {
  const signature = { params: [i32, i32, i32, i32, i32, i32, i32, i32, f64, f64], results: [] };
  const asm = assembly(signature, options);
  const [group, end, point, threshold, bits, turned, stride, shift, moved, base] = asm.params;
  const [last, place] = [asm.local(i32), asm.local(i32)];
  const [way, from] = [asm.vector('splat', moved), asm.vector('splat', base)];
  const bytes = groupBytes(width);
  const isDue = (value: Local): Local => asm.anyTrue(asm.vector('lt', value, way));
  const vectors = range(groupRows / 2);
  const evaluate = (): void => {
    const at = (k: number, v: number): Local => asm.loadVector(group, k * groupRows * 8 + v * vectorBytes);
    const products = vectors.map((v) => {
      let sum: Local | null = null;
      for (const k of range(width)) {
        const product = asm.vector('mul', asm.loadSplat(point, k * 8), at(k, v));
        sum = sum === null ? product : asm.vector('add', sum, product);
      }
      return sum as Local;
    });
    const margins = products.map((z, v) => asm.vector('mul', asm.vector('abs', z), at(width, v)));
    // Norms of rows that are not there are infinite: 0 times their inverse is NaN, which `pmin` passes over as a second.
    const least = margins.reduce((some, one) => asm.vector('pmin', some, one), asm.constant(Number.MAX_VALUE));
    asm.storeVector(threshold, 0, least);
    const margin = asm.vector('pmin', asm.loadSplat(threshold, 0), asm.loadSplat(threshold, 8));
    asm.storeVector(threshold, 0, asm.vector('add', from, margin));
    const found = products
      .map((z, v) => {
        const pair = asm.signBits(asm.vector('gt', z, asm.constant(0)));
        return v === 0 ? pair : asm.integer('shiftLeft', pair, 2 * v);
      })
      .reduce((some, one) => asm.integer('or', some, one));
    const changes = asm.integer('xor', found, asm.loadByte(bits, 0));
    asm.when(changes, () => {
      asm.storeByte(bits, 0, found);
      asm.assign(place, turned);
      for (const r of range(groupRows)) {
        const bit = asm.integer('and', asm.integer('shiftRight', changes, r), 1);
        const flipped = asm.integer('xor', asm.loadByte(place, 0), asm.integer('shiftLeft', bit, shift));
        asm.storeByte(place, 0, flipped);
        asm.assign(place, asm.integer('add', place, stride));
      }
    });
  };
  asm.assign(last, group);
  asm.loop(group, end, 0, () => {
    asm.assign(last, asm.integer('add', last, groupsAtOnce * bytes));
    const all = range(groupsAtOnce).map((k) => asm.loadVector(threshold, k * vectorBytes));
    const least = all.reduce((some, one) => asm.vector('pmin', some, one));
    const due = asm.local(i32);
    asm.assign(due, isDue(least));
    asm.when(due, () => {
      asm.loop(group, last, bytes, () => {
        asm.when(isDue(asm.loadVector(threshold, 0)), evaluate);
        asm.assign(threshold, asm.integer('add', threshold, vectorBytes));
        asm.assign(bits, asm.integer('add', bits, 1));
        asm.assign(turned, asm.integer('add', turned, asm.integer('mul', stride, groupRows)));
      });
    });
    asm.when(asm.integer('ltU', group, last), () => {
      asm.assign(group, last);
      asm.assign(threshold, asm.integer('add', threshold, groupsAtOnce * vectorBytes));
      asm.assign(bits, asm.integer('add', bits, groupsAtOnce));
      asm.assign(turned, asm.integer('add', turned, asm.integer('mul', stride, groupRows * groupsAtOnce)));
    });
  });
  return { name: 'signs', signature, locals: asm.locals, code: asm.code };
}
