import { expTable, tableAddress } from './expTable.js';

/** A WebAssembly memory that grows, with the table of `exp` at its place; behind it calls lay out their buffers anew. */
export interface Arena {
  readonly memory: WebAssembly.Memory;
  /** Makes room for so many bytes. False where the host refuses. */
  reserve(bytes: number): boolean;
  /** Views of all of it; gone after the next `reserve`. */
  numbers(): Float64Array;
  singles(): Float32Array;
  integers(): Int32Array;
}

const pageBytes = 65_536;
/** Kernels work in blocks far below this; it is the most that 32-bit addresses reach. */
export const maximumPages = 65_536;

export function makeArena(shared = false): Arena {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: maximumPages, shared });
  let view = new Float64Array(memory.buffer);
  let singles = new Float32Array(memory.buffer);
  let integers = new Int32Array(memory.buffer);
  view.set(expTable, tableAddress / 8);
  return {
    memory,
    reserve(bytes) {
      // Only here does it grow; the view is faster to ask than the memory.
      if (bytes <= view.byteLength) return true;
      const missing = Math.ceil((bytes - view.byteLength) / pageBytes);
      try {
        memory.grow(missing);
      } catch {
        return false;
      }
      view = new Float64Array(memory.buffer);
      singles = new Float32Array(memory.buffer);
      integers = new Int32Array(memory.buffer);
      return true;
    },
    numbers: () => view,
    singles: () => singles,
    integers: () => integers,
  };
}
