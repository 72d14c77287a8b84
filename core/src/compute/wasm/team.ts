import { fail } from '../../errors.js';
import { type StartedWorker, startWorker } from './workerPlatform.js';
import { control, looks } from './workerSource.js';

/** One call of `pairs`, cut into chunks of row panels; addresses in bytes. */
export interface PairsJob {
  readonly kernel: number;
  readonly moduleAddress: number;
  readonly moduleBytes: number;
  readonly panels: number;
  readonly panelsPerChunk: number;
  readonly row: number;
  readonly rowPanel: number;
  readonly state: number;
  readonly statePanel: number;
  readonly column: number;
  readonly columnEnd: number;
  readonly rest: number;
  readonly fixed: number;
  readonly firstColumn: number;
  /** Which memory the addresses are of: the first, or the second where it is 1. */
  readonly memory?: 0 | 1;
}

/** Threads that share the arena's memory and work on chunks with the caller. */
export interface Team {
  /** The control block. */
  readonly words: Int32Array;
  /** Does the job; `work` does the panels from `first` up to `last` on this thread. Returns when all are done. */
  run(job: PairsJob, work: (first: number, last: number) => void): void;
  dispose(): void;
}

export interface TeamOptions {
  /** A chunk takes milliseconds; when none is done for so many milliseconds a worker has died. */
  readonly patience?: number;
  /** A second memory, for jobs that say so. */
  readonly second?: WebAssembly.Memory;
}

/**
 * Starts `count` workers beside the calling thread; null where the host has no workers or no thread may wait. Every row
 * is computed by one thread in one order, so the results do not depend on how many there are.
 */
export function startTeam(count: number, memory: WebAssembly.Memory, options: TeamOptions = {}): Team | null {
  const { patience = 20_000, second = memory } = options;
  if (typeof SharedArrayBuffer === 'undefined' || !mayWait()) return null;
  const words = new Int32Array(new SharedArrayBuffer(4 * control.words));
  const workers: StartedWorker[] = [];
  for (let k = 0; k < count; k++) {
    const worker = startWorker({ memories: [memory, second], words });
    if (worker === null) return null;
    workers.push(worker);
  }
  return {
    words,
    run(job, work) {
      publish(words, job);
      const end = Atomics.load(words, control.end);
      const first = words[control.firstChunk];
      for (;;) {
        const next = Atomics.load(words, control.next);
        if (((end - next) | 0) <= 0) break;
        if (Atomics.compareExchange(words, control.next, next, (next + 1) | 0) !== next) continue;
        const from = ((next - first) | 0) * job.panelsPerChunk;
        work(from, Math.min(job.panels, from + job.panelsPerChunk));
        Atomics.add(words, control.done, 1);
      }
      awaitDone(words, end, patience);
    },
    dispose() {
      Atomics.store(words, control.stop, 1);
      Atomics.add(words, control.sequence, 1);
      Atomics.notify(words, control.sequence);
      for (const worker of workers) worker.terminate();
    },
  };
}

function publish(words: Int32Array, job: PairsJob): void {
  for (const name of jobWords) words[control[name]] = job[name];
  words[control.memory] = job.memory ?? 0;
  const start = Atomics.load(words, control.end);
  words[control.firstChunk] = start;
  const chunks = Math.ceil(job.panels / job.panelsPerChunk);
  Atomics.store(words, control.end, (start + chunks) | 0);
  Atomics.add(words, control.sequence, 1);
  // A worker counts itself among the sleepers before it looks at the sequence for the last time.
  if (Atomics.load(words, control.sleepers) > 0) Atomics.notify(words, control.sequence);
}

const jobWords = [
  'kernel',
  'moduleAddress',
  'moduleBytes',
  'panels',
  'panelsPerChunk',
  'row',
  'rowPanel',
  'state',
  'statePanel',
  'column',
  'columnEnd',
  'rest',
  'fixed',
  'firstColumn',
] as const satisfies readonly (keyof PairsJob & keyof typeof control)[];

function awaitDone(words: Int32Array, end: number, patience: number): void {
  for (let look = 0; look < looks; look++) if (Atomics.load(words, control.done) === end) break;
  Atomics.store(words, control.callerSleeps, 1);
  for (;;) {
    const done = Atomics.load(words, control.done);
    if (done === end) break;
    if (
      Atomics.wait(words, control.done, done, patience) === 'timed-out' &&
      Atomics.load(words, control.done) === done
    ) {
      lost(`${(end - done) | 0} chunks not done after ${patience / 1000} s`);
    }
  }
  Atomics.store(words, control.callerSleeps, 0);
  if (Atomics.load(words, control.failed) === 1) lost('an error in a worker');
}

function lost(got: string): never {
  return fail({
    code: 'internal',
    where: 'wasm threads',
    problem: 'a worker has died',
    got,
    expected: 'every worker to finish its chunks',
    fix: 'run on one thread; if memory ran out, use fewer atoms at a time',
  });
}

/** A page's main thread may not wait; asking tells. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
}
