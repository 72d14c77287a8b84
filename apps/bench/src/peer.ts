import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Workload } from './workloads.js';

const script = fileURLToPath(new URL('../peers/peers.py', import.meta.url));

/** One answer of a peer. */
export interface PeerAnswer {
  /** One time for each repetition of its turn. */
  readonly seconds: readonly number[];
  readonly check: readonly number[];
}

/** Another program that does the same work, in a process of its own. */
export interface Peer {
  readonly name: string;
  ask(workload: Workload, more?: Readonly<Record<string, unknown>>): Promise<PeerAnswer>;
  close(): void;
}

/** Starts a peer; null where its library is not installed. */
export async function startPeer(library: 'numpy' | 'torch', threads: number): Promise<Peer | null> {
  const child: ChildProcessWithoutNullStreams = spawn('python3', [script, library, String(threads)]);
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<null>((resolve) => {
    child.on('error', () => resolve(null));
    child.on('close', () => resolve(null));
  });
  const next = async (): Promise<string | null> => {
    const line = await Promise.race([lines.next(), ended]);
    return line === null || line.done ? null : line.value;
  };
  const hello = await next();
  if (hello === null) return null;
  const { version } = JSON.parse(hello) as { version: string };
  return {
    name: `${library} ${version}`,
    async ask({ kind, params }, more = {}) {
      child.stdin.write(`${JSON.stringify({ kind, params: { ...params, ...more } })}\n`);
      const answer = await next();
      if (answer === null) throw new Error(`${library} stopped while it worked on ${kind}`);
      return JSON.parse(answer) as PeerAnswer;
    },
    close: () => child.kill(),
  };
}
