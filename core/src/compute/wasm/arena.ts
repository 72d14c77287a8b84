/** A WebAssembly memory that grows; kernels lay out their buffers in it anew at every call. */
export interface Arena {
  readonly memory: WebAssembly.Memory;
  /** Makes room for so many bytes. False where the host refuses. */
  reserve(bytes: number): boolean;
  /** Views of all of it; gone after the next `reserve`. */
  numbers(): Float64Array;
  singles(): Float32Array;
}

const pageBytes = 65_536;
/** Kernels work in blocks far below this; it is the most that 32-bit addresses reach. */
export const maximumPages = 65_536;

export function makeArena(shared = false): Arena {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: maximumPages, shared });
  let view = new Float64Array(memory.buffer);
  let singles = new Float32Array(memory.buffer);
  return {
    memory,
    reserve(bytes) {
      const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
      if (missing <= 0) return true;
      try {
        memory.grow(missing);
      } catch {
        return false;
      }
      view = new Float64Array(memory.buffer);
      singles = new Float32Array(memory.buffer);
      return true;
    },
    numbers: () => view,
    singles: () => singles,
  };
}
