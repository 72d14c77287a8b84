/** Words of the control block that threads share. Counters wrap around together, so only differences count. */
export const control = {
  /** Grows with every job: idle workers wait for it. */
  sequence: 0,
  /** Chunks handed out, and the number up to which there are any. */
  next: 1,
  end: 2,
  /** Chunks done. */
  done: 3,
  stop: 4,
  failed: 5,
  /** Arguments of the present job. */
  kernel: 6,
  moduleAddress: 7,
  moduleBytes: 8,
  firstChunk: 9,
  panels: 10,
  panelsPerChunk: 11,
  row: 12,
  rowPanel: 13,
  state: 14,
  statePanel: 15,
  column: 16,
  columnEnd: 17,
  rest: 18,
  fixed: 19,
  firstColumn: 20,
  /** Workers that sleep, and whether the caller does: nobody else needs to be woken. */
  sleepers: 21,
  callerSleeps: 22,
  /** Which memory the addresses of the present job are of. */
  memory: 23,
  words: 32,
} as const;

/** Looks at a word before going to sleep: some tens of microseconds, less than being woken takes. */
export const looks = 4000;

/**
 * The code of a worker, as text: a worker has no module loader, and this needs none. It takes chunks of the present job
 * while there are any; the arguments are read after a chunk is taken, since no new job begins before it is done.
 */
export const serveJobs = `function serve({ memories, words }) {
  const kernels = new Map();
  let seen = 0;
  const rest = () => {
    for (let look = 0; look < ${looks}; look++) if (Atomics.load(words, 0) !== seen) return;
    Atomics.add(words, 21, 1);
    Atomics.wait(words, 0, seen);
    Atomics.sub(words, 21, 1);
  };
  const instantiate = (id) => {
    const memory = memories[words[23]];
    const start = words[7];
    const bytes = new Uint8Array(memory.buffer).slice(start, start + words[8]);
    const env = { memory, sin: Math.sin, cos: Math.cos, pow: (x, y) => x ** y };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
    kernels.set(id, exports);
    return exports;
  };
  for (;;) {
    const next = Atomics.load(words, 1);
    if (((Atomics.load(words, 2) - next) | 0) > 0) {
      if (Atomics.compareExchange(words, 1, next, (next + 1) | 0) !== next) continue;
      try {
        const kernel = kernels.get(words[6]) ?? instantiate(words[6]);
        const first = ((next - words[9]) | 0) * words[11];
        const last = Math.min(words[10], first + words[11]);
        kernel.pairs(
          words[12] + first * words[13], words[12] + last * words[13], words[14] + first * words[15],
          words[16], words[17], words[18], words[19], words[20]);
      } catch {
        Atomics.store(words, 5, 1);
      }
      Atomics.add(words, 3, 1);
      if (Atomics.load(words, 22) === 1) Atomics.notify(words, 3);
      continue;
    }
    if (Atomics.load(words, 4) === 1) return;
    if (Atomics.load(words, 0) === seen) rest();
    seen = Atomics.load(words, 0);
  }
}`;
