import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Another process that answers requests, one line each; muflow is measured in one too, so that all are alike. */
export interface Program {
  /** How tables call it. */
  readonly name: string;
  /** What it says of itself. */
  readonly version: string;
  readonly precision: 'float64' | 'float32';
  /** Kinds of workloads that it is asked for; none named means all. */
  readonly kinds: readonly string[];
  ask<T>(line: string): Promise<T>;
  close(): Promise<void>;
}

/** How a program is started. */
export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly precision?: 'float32';
  readonly kinds?: readonly string[];
}

/** Starts a program; a text that says why not where it does not run here. */
export async function startProgram({ name, file, args, precision, kinds = [] }: Command): Promise<Program | string> {
  const child: ChildProcessWithoutNullStreams = spawn(file, args);
  child.stdin.on('error', () => undefined);
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<null>((resolve) => {
    child.on('error', (error) => {
      complaint += error.message;
      resolve(null);
    });
    child.on('close', () => resolve(null));
  });
  const next = async (): Promise<string> => {
    const line = await Promise.race([lines.next(), ended]);
    if (line === null || line.done) throw new Error(complaint.trim().split('\n').pop() || 'it stopped');
    return line.value;
  };
  try {
    const { version } = JSON.parse(await next()) as { version: string };
    return {
      name,
      version,
      precision: precision ?? 'float64',
      kinds,
      async ask(line) {
        child.stdin.write(`${line}\n`);
        return JSON.parse(await next());
      },
      async close() {
        child.stdin.end();
        const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
        await ended;
        clearTimeout(timer);
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    return (error as Error).message;
  }
}
