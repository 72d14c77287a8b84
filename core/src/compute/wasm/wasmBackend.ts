import { fail, show } from '../../errors.js';
import {
  type Backend,
  checkReduction,
  type Kernel,
  type MutualKernel,
  type MutualOutput,
  type Reduction,
  type SegmentKernel,
  type SegmentMode,
  type SegmentOutput,
} from '../backend.js';
import { momentKernel } from '../moments.js';
import { inTwoKernels } from '../mutual.js';
import { referenceBackend } from '../reference.js';
import { segmentBySegment } from '../segments.js';
import { type Arena, makeArena } from './arena.js';
import { compileHingeSums, type HingeHost } from './hingeKernel.js';
import { doubleLanes, type Precision, precisions, singleLanes } from './laneType.js';
import { compileMutualKernel } from './mutualKernel.js';
import { compileSegmentKernel } from './segmentKernel.js';
import { startTeam, type Team } from './team.js';
import { compileWasmKernel, type Host, type WasmKernel } from './wasmKernel.js';
import { wasmMatmul } from './wasmMatmul.js';
import { compileProduct } from './wasmProduct.js';

const cacheSize = 256;

export interface WasmBackendOptions {
  /** Threads in all, this one included; default 1. Results do not depend on it. */
  readonly threads?: number;
  /**
   * Fused multiply-add, where the host has relaxed instructions: up to twice as fast, but the bits depend on the
   * machine. Default false: portable kernels give the same bits on every host.
   */
  readonly relaxed?: boolean;
  /**
   * Numbers of 64 bits, the default, or of 32: four at a time and half the memory. Inputs are rounded to 24 bits, and each pair
   * is computed with those; elementary functions are within 4 units of the last place of 24 bits. Columns are reduced in
   * blocks of 64 in 32 bits and blocks join in 64, so a sum of any length agrees with the reference to 1e-5 of the sum of sizes
   * for well-conditioned formulas; inner products over d components lose up to d 6e-8 of the sum of their products. Numbers,
   * and sums of a block, beyond 3.4e38 are infinite; argmax takes the first among those that are equal in 24 bits. Products
   * of matrices stay in 64 bits.
   */
  readonly precision?: Precision;
  /** Told once for each thing that the host lacks, with what is used instead. */
  readonly notice?: (message: string) => void;
}

/**
 * Kernels compiled to WebAssembly at run time: two lanes of float64 along the rows, tiles of rows by columns in
 * registers, shared work once [HaasEtAl2017]. A row takes its columns in their order and is computed by one thread, so
 * its bits depend on its own inputs only. Formulas too long to compile go to the reference backend; where the host has
 * no threads, one is used. Sums of separable formulas go through moments, see `separate`. Memory grows with the largest call and is kept: a block of rows, one of columns, the states.
 *
 * @throws `unsupported` where the host has no WebAssembly SIMD, `invalid-argument` for a number of threads that is none.
 *
 * @example
 * import { parseFormula, wasmBackend } from '@muflow/core';
 * const variables = { x: { role: 'row' }, y: { role: 'column' } } as const;
 * const expression = parseFormula('exp(-(x - y)^2)', { variables });
 * const kernel = wasmBackend().compile({ outputs: [{ name: 'f', expression, reduce: 'sum' }] });
 * const f = new Float64Array(1);
 * kernel.run({ rows: 1, columns: 2, inputs: { x: Float64Array.of(0), y: Float64Array.of(0, 1) }, out: { f } });
 * console.log(f[0] === 1 + Math.exp(-1)); // => true
 */
export function wasmBackend(options: WasmBackendOptions = {}): Backend {
  const { threads = 1, precision = 'float64', notice = () => undefined } = options;
  checkThreads(threads);
  checkPrecision(precision);
  if (!hasWasmSimd()) refuseHost();
  const reference = referenceBackend();
  const cache = new Map<string, Kernel>();
  const segments = new Map<string, SegmentKernel | null>();
  const relaxed = options.relaxed === true && hasRelaxedSimd();
  if (options.relaxed && !relaxed) notice('this host has no relaxed vector instructions: the portable ones are used');
  const host = makeHost({ threads, relaxed, precision, notice });
  const backend: Backend = {
    name: ['wasm', ...(precision === 'float32' ? [precision] : []), ...(relaxed ? ['relaxed'] : [])].join(', '),
    matmulInto: wasmMatmul(host),
    compile(reduction) {
      checkReduction(reduction);
      const key = JSON.stringify(
        reduction.outputs.map(({ name, reduce, expression }) => [name, reduce, expression.key]),
      );
      const plain = (part: Reduction): Kernel => withFallback(part, host, reference);
      const kernel = cache.get(key) ?? momentKernel(reduction, plain) ?? plain(reduction);
      cache.delete(key);
      cache.set(key, kernel);
      if (cache.size > cacheSize) cache.delete(cache.keys().next().value as string);
      return kernel;
    },
    compileHinges: (rows) => (host.lane === doubleLanes ? orNull(() => compileHingeSums(rows, host.hinges)) : null),
    compileProduct: (expression) => orNull(() => compileProduct(expression, host)),
    compileMutual: (outputs) => mutualWithFallback(outputs, host, backend),
    compileSegments(outputs, mode) {
      const key = JSON.stringify([mode, ...outputs.map(({ name, expression }) => [name, expression.key])]);
      return cached(segments, key, () => segmentsWithFallback(outputs, mode, host, backend));
    },
    dispose: () => host.dispose(),
  };
  return backend;
}

/** What was made for a key, made now if it was not; the one used longest ago leaves first. */
function cached<Made>(cache: Map<string, Made>, key: string, make: () => Made): Made {
  const known = cache.get(key);
  const made = known === undefined ? make() : known;
  cache.delete(key);
  cache.set(key, made);
  if (cache.size > cacheSize) cache.delete(cache.keys().next().value as string);
  return made;
}

/** A mutual kernel that goes to two plain ones where it does not fit; null where there is none. */
function mutualWithFallback(outputs: readonly MutualOutput[], host: Host, backend: Backend): MutualKernel | null {
  const kernel = orNull(() => compileMutualKernel(outputs, host));
  if (kernel === null) return null;
  let plain: MutualKernel | undefined;
  return {
    run(call) {
      if (kernel.tryRun(call)) return;
      plain ??= inTwoKernels(outputs, (reduction) => backend.compile(reduction));
      plain.run(call);
    },
  };
}

/** Sums over segments that go to plain kernels where they do not fit; null where there is no kernel. */
function segmentsWithFallback(
  outputs: readonly SegmentOutput[],
  mode: SegmentMode,
  host: Host,
  backend: Backend,
): SegmentKernel | null {
  const kernel = orNull(() => compileSegmentKernel(outputs, mode, host));
  if (kernel === null) return null;
  let plain: SegmentKernel | undefined;
  return {
    run(call) {
      if (kernel.tryRun(call)) return;
      plain ??= segmentBySegment(outputs, mode, backend);
      plain.run(call);
    },
  };
}

/** Null where the host refuses to compile: some limit what may be compiled at once on a page's main thread. */
function orNull<Compiled>(compile: () => Compiled | null): Compiled | null {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error;
    return null;
  }
}

/** A kernel that goes to the reference where the host refuses to compile it or to give it memory. */
function withFallback(reduction: Reduction, host: Host & Refusals, reference: Backend): Kernel {
  let kernel: WasmKernel | null = null;
  try {
    kernel = compileWasmKernel(reduction, host);
  } catch (error) {
    // Some hosts limit what may be compiled at once on a page's main thread.
    if (!(error instanceof WebAssembly.CompileError || error instanceof RangeError)) throw error;
    host.refuses('this host does not compile a kernel here: the reference backend takes over');
  }
  if (kernel === null) return reference.compile(reduction);
  const { tryRun } = kernel;
  return {
    reduction,
    run(call) {
      if (tryRun(call)) return;
      host.refuses('this host gives no more memory to WebAssembly: the reference backend takes over');
      reference.compile(reduction).run(call);
    },
  };
}

interface Refusals {
  /** Tells what the host lacks, each thing once. */
  refuses(message: string): void;
}

function makeHost(options: Required<WasmBackendOptions>): Host & Refusals & { hinges: HingeHost; dispose(): void } {
  const { threads, relaxed, precision, notice } = options;
  const shared = threads > 1 && typeof SharedArrayBuffer !== 'undefined';
  if (threads > 1 && !shared) notice('this host shares no memory between threads: kernels run on one');
  const arena = makeArena(shared);
  let team: Team | null | undefined = shared ? undefined : null;
  const told = new Set<string>();
  // Workers know it from their start; until rows settle there it takes addresses and a megabyte.
  let second: Arena | undefined;
  const secondArena = (): Arena => (second ??= makeArena(shared));
  const getTeam = (): Team | null => {
    if (team !== undefined) return team;
    team = startTeam(threads - 1, arena.memory, { second: secondArena().memory });
    if (team === null) notice('this host gives no worker threads here: kernels run on one');
    return team;
  };
  return {
    arena,
    hinges: { shared, arena: secondArena, team: getTeam, tenancy: { tenant: null, waiting: 0 }, modules: new Map() },
    shared,
    relaxed,
    lane: precision === 'float32' ? singleLanes : doubleLanes,
    refuses(message) {
      if (!told.has(message)) notice(message);
      told.add(message);
    },
    team: getTeam,
    dispose() {
      team?.dispose();
      team = null;
    },
  };
}

/** True where the host compiles vector instructions. */
export function hasWasmSimd(): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(smallestVectorModule);
}

/** True where the host has fused multiply-add among its relaxed vector instructions. */
export function hasRelaxedSimd(): boolean {
  return hasWasmSimd() && WebAssembly.validate(smallestRelaxedModule);
}

/** A module with one function that multiplies and adds vectors and drops the result. */
const smallestRelaxedModule = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 20, 1, 18, 0],
  ...[0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x87, 0x02, 0x1a, 0x0b],
);

/** A module with one function that makes a vector and drops it. */
const smallestVectorModule = Uint8Array.of(
  ...[
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 0x41, 0, 0xfd, 0x0f, 0x1a, 0x0b,
  ],
);

function checkThreads(threads: number): void {
  if (Number.isSafeInteger(threads) && threads >= 1 && threads <= 256) return;
  fail({
    code: 'invalid-argument',
    where: 'wasmBackend',
    problem: 'the number of threads is not usable',
    got: show(threads),
    expected: 'an integer from 1 to 256',
    fix: 'pass the number of cores, or leave it out',
  });
}

function checkPrecision(precision: Precision): void {
  if (precisions.includes(precision)) return;
  fail({
    code: 'invalid-argument',
    where: 'wasmBackend',
    problem: 'the precision is not known',
    got: show(precision),
    expected: precisions.join(' or '),
    fix: 'choose one of these, or leave it out',
  });
}

function refuseHost(): never {
  return fail({
    code: 'unsupported',
    where: 'wasmBackend',
    problem: 'the host has no WebAssembly with vector instructions',
    got: typeof WebAssembly === 'undefined' ? 'no WebAssembly' : 'WebAssembly without them',
    expected: 'Node, or a browser since 2023',
    fix: 'use the reference backend',
  });
}
