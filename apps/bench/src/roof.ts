import type { Programs } from './programs.js';

/** What plain C++ attains on this machine; sums over threads for the stream, one thread for arithmetic. */
export interface Roof {
  /** GFLOP/s of one thread: fused multiply-add, widest vectors. */
  readonly fused: number;
  /** GFLOP/s of one thread: multiplication and addition apart, two numbers at a time, as portable WebAssembly has them. */
  readonly portable: number;
  /** GB/s read from memory by all threads. */
  readonly stream: number;
}

/** The best of three askings; null where there is no compiler. */
export async function measureRoof({ roof }: Programs): Promise<Roof | null> {
  if (roof === null) return null;
  const best = { fused: 0, portable: 0, stream: 0 };
  for (let k = 0; k < 3; k++) {
    const answer = await roof.ask<Roof>('roof');
    for (const name of ['fused', 'portable', 'stream'] as const) best[name] = Math.max(best[name], answer[name]);
  }
  return best;
}
