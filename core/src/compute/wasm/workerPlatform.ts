import { serveJobs } from './workerSource.js';

/** A running worker, as far as this library needs it. */
export interface StartedWorker {
  terminate(): void;
}

interface NodeWorker {
  unref(): void;
  terminate(): Promise<number>;
  on(event: 'error', listener: (error: unknown) => void): void;
}

interface WorkerThreads {
  readonly Worker: new (source: string, options: { eval: boolean; workerData: unknown }) => NodeWorker;
}

interface HostProcess {
  readonly getBuiltinModule?: (name: string) => unknown;
}

/**
 * Starts a worker that serves jobs from shared memory; null where the host has none. Node's module is asked for when
 * the code runs, so that the same file loads in browsers. There, workers need an isolated page.
 */
export function startWorker(data: unknown): StartedWorker | null {
  const { process } = globalThis as { readonly process?: HostProcess };
  const threads = process?.getBuiltinModule?.('node:worker_threads') as WorkerThreads | undefined;
  if (threads !== undefined) {
    const source = `(${serveJobs})(require('node:worker_threads').workerData)`;
    const worker = new threads.Worker(source, { eval: true, workerData: data });
    // A worker that fails leaves its chunk undone: the caller's deadline finds it. It does not keep a program alive.
    worker.on('error', () => undefined);
    worker.unref();
    return { terminate: () => void worker.terminate() };
  }
  if (typeof Worker === 'undefined' || typeof Blob === 'undefined') return null;
  const source = `onmessage = (event) => (${serveJobs})(event.data)`;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  worker.postMessage(data);
  return { terminate: () => worker.terminate() };
}
