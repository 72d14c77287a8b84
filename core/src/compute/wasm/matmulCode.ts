import { type Assembly, type AssemblyOptions, assembly, type Local } from './assembly.js';
import { pairSignature } from './kernelCode.js';
import { doubleLanes } from './laneType.js';
import { type DefinedFunction, types } from './module.js';

/**
 * The tile of the product that stays in registers: 8 sums, 2 vectors of b, one number of a and one product. With 3 by 3 vectors
 * V8 runs out of registers unless multiply-add is fused: 7 GFLOP/s where this makes 10 to 12.
 */
export const matmulTile = { rows: 4, vectors: 2, columns: 4 } as const;

const { i32, v128 } = types;
const vectorBytes = 16;
const numberBytes = 8;

/** Where the numbers of the four rows and the four columns of a tile lie, when its sums are done. */
export interface TileNumbers {
  readonly rows: Local;
  readonly columns: Local;
}

/** Values that take the place of the sums of a tile: two vectors for each of its rows. */
export type FinishTile = (asm: Assembly, sums: readonly Local[], numbers: TileNumbers) => readonly Local[];

/**
 * `pairs(row, rowEnd, state, column, columnEnd, depth, stride, _)` adds a block of the product to what is there. From `row` to
 * `rowEnd` lie panels of four rows of a, from `column` to `columnEnd` panels of four columns of b, both with the inner index
 * running slowest and `depth` bytes per row of a; `state` is the row-major product with `stride` bytes from row to row. Each
 * entry takes its products in the order of the inner index, beginning with what the entry was. With `finish` entries begin at 0,
 * every panel ends with one number for each of its rows or columns, and what is stored is what `finish` makes of the sums.
 */
export function matmulCode(options: AssemblyOptions = {}, finish?: FinishTile): DefinedFunction {
  const asm = assembly(pairSignature, { ...options, lane: doubleLanes });
  const [row, rowEnd, state, column, columnEnd, depth, stride] = asm.params;
  const { rows, vectors, columns } = matmulTile;
  const [b, a, end, out, entry, panelOfA, panelOfB, corner] = Array.from({ length: 8 }, () => asm.local(i32));
  asm.assign(panelOfA, asm.integer('mul', depth, rows));
  asm.assign(panelOfB, asm.integer('mul', depth, columns));
  if (finish !== undefined) asm.assign(panelOfB, asm.integer('add', panelOfB, columns * numberBytes));
  asm.assign(corner, state);
  // The panel of b stays in the first cache while the panels of a, in the second, pass by.
  asm.loop(column, columnEnd, panelOfB, () => {
    asm.assign(a, row);
    asm.assign(out, corner);
    asm.loop(a, rowEnd, 0, () => {
      const sums = Array.from({ length: rows * vectors }, () => asm.local(v128));
      const addresses: Local[] = [];
      asm.assign(entry, out);
      for (let r = 0; r < rows; r++) {
        addresses.push(asm.integer('add', entry, 0));
        for (let v = 0; v < vectors; v++) {
          const before = finish === undefined ? asm.loadVector(entry, v * vectorBytes) : asm.constant(0);
          asm.assign(sums[r * vectors + v], before);
        }
        asm.assign(entry, asm.integer('add', entry, stride));
      }
      asm.assign(end, asm.integer('add', a, panelOfA));
      asm.assign(b, column);
      asm.loop(a, end, rows * numberBytes, () => {
        const wide = Array.from({ length: vectors }, (_, v) => asm.loadVector(b, v * vectorBytes));
        for (let r = 0; r < rows; r++) {
          const factor = asm.loadSplat(a, r * numberBytes);
          for (let v = 0; v < vectors; v++) {
            const sum = sums[r * vectors + v];
            asm.assign(sum, asm.multiplyAdd(factor, wide[v], sum));
          }
        }
        asm.assign(b, asm.integer('add', b, columns * numberBytes));
      });
      const values = finish?.(asm, sums, { rows: a, columns: b }) ?? sums;
      addresses.forEach((address, r) => {
        for (let v = 0; v < vectors; v++) asm.storeVector(address, v * vectorBytes, values[r * vectors + v]);
      });
      if (finish !== undefined) asm.assign(a, asm.integer('add', a, rows * numberBytes));
      asm.assign(out, entry);
    });
    asm.assign(corner, asm.integer('add', corner, columns * numberBytes));
  });
  return { name: 'pairs', signature: pairSignature, locals: asm.locals, code: asm.code };
}
