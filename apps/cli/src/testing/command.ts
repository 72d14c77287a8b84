import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../main.js';
import type { Terminal } from '../terminal.js';

/** What a command left on its two streams. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in this process, from the sources. */
export async function muflow(...argv: readonly string[]): Promise<Outcome> {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    log: {
      isTTY: false,
      columns: 100,
      write: (text) => {
        err += text;
      },
    },
    color: false,
    columns: 100,
  };
  const code = await main(argv, terminal);
  return { code, out, err };
}

const bin = fileURLToPath(new URL('../../bin/muflow.js', import.meta.url));

/** How a command is spawned. */
export interface SpawnOptions {
  readonly cwd: string;
  /** Asked every millisecond: ends it by SIGKILL once it says so. */
  readonly killWhen?: () => boolean;
}

/** Runs the built command in a process of its own. */
export function spawnMuflow(argv: readonly string[], { cwd, killWhen }: SpawnOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...argv], { cwd });
    let out = '';
    let err = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      err += data.toString();
    });
    const timer = setInterval(() => {
      if (killWhen?.()) child.kill('SIGKILL');
    }, 1);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      resolve({ code, out, err });
    });
  });
}

/** Calls `use` with a new empty folder that is removed afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'muflow-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A small explicit problem: a WFR flow of a double well on the line. */
export const wellProblem = {
  problem: {
    space: '[-2,2]',
    energy: { id: 'potential', params: { potential: '(x^2-1)^2+0.2*x' } },
    metric: 'wasserstein-fisher-rao',
    initial: { id: 'uniform', params: { count: 30 } },
  },
  stepper: 'heun',
  dt: 0.01,
  maxSteps: 100,
  record: { every: 10 },
  seed: 4,
};
