import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Command, type Program, startProgram } from './program.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const python = (name: string, library: string, threads: number, kinds: readonly string[] = []): Command => ({
  name,
  file: 'python3',
  args: [here('../peers/peers.py'), library, String(threads)],
  kinds,
});
const node = (name: string, script: string, args: readonly string[], more: Partial<Command> = {}): Command => ({
  name,
  file: process.execPath,
  args: ['--expose-gc', here(`programs/${script}.js`), ...args],
  ...more,
});

/** What fused multiply-add needs before Node 22. */
const relaxedFlag = Number(process.versions.node.split('.')[0]) < 22 ? ['--experimental-wasm-relaxed-simd'] : [];

export interface Programs {
  readonly running: readonly Program[];
  /** Names of those that are not here, with the reason. */
  readonly missing: readonly string[];
  readonly roof: Program | null;
  close(): Promise<void>;
}

export interface ProgramsOptions {
  readonly threads: number;
  /** Adds the interpreter in plain JavaScript. */
  readonly reference: boolean;
}

/** The names of the two columns that ratios are taken from. */
export const oneThread = 'muflow, 1 thread';
export const severalThreads = (threads: number): string => `muflow, ${threads} threads`;

/** Starts every program of the table that this machine has. */
export async function startPrograms({ threads, reference }: ProgramsOptions): Promise<Programs> {
  const some = ['network', 'gaussian', 'sinkhorn', 'run', 'training'];
  const fused = [...some, 'sets'];
  const roofBinary = await buildRoof();
  const commands: Command[] = [
    node(oneThread, 'ours', ['1', 'wasm']),
    node(severalThreads(threads), 'ours', [String(threads), 'wasm']),
    python('NumPy', 'numpy', threads),
    python('PyTorch', 'torch', threads),
    python('JAX', 'jax', threads),
    ...(typeof roofBinary === 'string' ? [{ name: 'C++', file: roofBinary, args: [String(threads)] }] : []),
    python('POT', 'pot', threads, ['sinkhorn', 'distance', 'entropic']),
    python('SciPy HiGHS', 'highs', threads, ['matrixGame']),
    python('Nashpy', 'nashpy', threads, ['matrixGame']),
    python('OpenSpiel', 'openspiel', threads, ['matrixGame']),
    node(`muflow f32, ${threads} threads`, 'ours', [String(threads), 'float32'], { precision: 'float32', kinds: some }),
    node('muflow f32, 1 thread', 'ours', ['1', 'float32'], { precision: 'float32', kinds: some }),
    {
      ...node(`muflow relaxed, ${threads} threads`, 'ours', [String(threads), 'relaxed'], { kinds: fused }),
      ...(relaxedFlag.length > 0 && {
        args: [...relaxedFlag, '--expose-gc', here('programs/ours.js'), String(threads), 'relaxed'],
      }),
    },
    node('muflow fast sum, 1 thread', 'ours', ['1', 'fast'], { kinds: ['gaussian'] }),
    node('TensorFlow.js f32, 1 thread', 'tfjs', [], {
      precision: 'float32',
      kinds: ['network', 'gaussian', 'sinkhorn'],
    }),
    node('ml-matrix, 1 thread', 'mlMatrix', [], { kinds: ['network', 'sinkhorn'] }),
    ...(reference ? [node('muflow, plain JavaScript', 'ours', ['1', 'reference'])] : []),
  ];
  const running: Program[] = [];
  const missing: string[] = typeof roofBinary === 'string' ? [] : [`C++: ${roofBinary.reason}`];
  for (const command of commands) {
    const program = await startProgram(command);
    if (typeof program === 'string') missing.push(`${command.name}: ${program}`);
    else running.push(program);
  }
  // A program that runs needs its file no more: nothing is left behind, however this one ends.
  if (typeof roofBinary === 'string') await rm(join(roofBinary, '..'), { recursive: true, force: true });
  return {
    running,
    missing,
    roof: running.find(({ name }) => name === 'C++') ?? null,
    close: async () => void (await Promise.all(running.map((program) => program.close()))),
  };
}

/** Builds peers/roof.cpp in a folder of its own with the first compiler that does it. */
async function buildRoof(): Promise<string | { readonly reason: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'muflow-bench-'));
  const binary = join(folder, 'roof');
  const flags = [
    '-O3',
    '-march=native',
    '-ffast-math',
    '-std=c++20',
    '-pthread',
    here('../peers/roof.cpp'),
    '-o',
    binary,
  ];
  for (const compiler of ['g++', 'clang++', 'c++']) {
    try {
      await promisify(execFile)(compiler, flags);
      return binary;
    } catch {
      // The next one may be here.
    }
  }
  await rm(folder, { recursive: true, force: true });
  return { reason: 'no compiler here that builds it' };
}
