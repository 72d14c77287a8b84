import { afterEach, expect, test, vi } from 'vitest';
import { parseFormula } from '../../formula/parse.js';
import { createWorkbench } from '../../plugin/workbench.js';
import { referenceBackend } from '../reference.js';
import { hasWasmSimd, wasmBackend } from './wasmBackend.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const expression = parseFormula('max(x, y)', { variables: { x: { role: 'row' }, y: { role: 'column' } } });
const reduction = { outputs: [{ name: 'out', expression, reduce: 'sum' as const }] };

/** Runs the reduction on a new backend and says what it told. */
function run(threads: number, count: number): { out: Float64Array; told: string[] } {
  const told: string[] = [];
  const backend = wasmBackend({ threads, notice: (message) => told.push(message) });
  const x = Float64Array.from({ length: count }, (_, i) => Math.sin(i));
  const out = new Float64Array(count);
  for (const _ of [1, 2])
    backend.compile(reduction).run({ rows: count, columns: count, inputs: { x, y: x }, out: { out } });
  backend.dispose?.();
  const wanted = new Float64Array(count);
  referenceBackend()
    .compile(reduction)
    .run({ rows: count, columns: count, inputs: { x, y: x }, out: { out: wanted } });
  expect(out).toEqual(wanted);
  return { out, told };
}

test('without shared memory kernels run on one thread, told once', () => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  expect(run(2, 600).told).toEqual(['this host shares no memory between threads: kernels run on one']);
});

test('where no worker can be started kernels run on one thread, told once', () => {
  vi.stubGlobal('process', undefined);
  expect(run(2, 600).told).toEqual(['this host gives no worker threads here: kernels run on one']);
});

test('where memory is refused the reference takes over, told once', () => {
  vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
    throw new RangeError('refused');
  });
  expect(run(1, 2000).told).toEqual([]);
  const variables = { x: { role: 'row', size: 40 }, y: { role: 'column', size: 40 } } as const;
  const wide = parseFormula('max(x, y)', { variables });
  const told: string[] = [];
  const backend = wasmBackend({ notice: (message) => told.push(message) });
  const x = Float64Array.from({ length: 40 * 3000 }, (_, i) => Math.sin(i));
  const out = new Float64Array(40 * 3000);
  const call = { rows: 3000, columns: 2, inputs: { x, y: x }, out: { out } };
  for (const _ of [1, 2]) backend.compile({ outputs: [{ name: 'out', expression: wide, reduce: 'sum' }] }).run(call);
  expect(told).toEqual(['this host gives no more memory to WebAssembly: the reference backend takes over']);
  expect(out[0]).toBe(Math.max(x[0], x[0]) + Math.max(x[0], x[40]));
});

test('where compiling is refused the reference takes over, told once', () => {
  const refuse = function refuse(): never {
    throw new RangeError('too large for the main thread');
  };
  vi.stubGlobal('WebAssembly', {
    ...WebAssembly,
    validate: () => true,
    Memory: WebAssembly.Memory,
    Module: refuse,
    CompileError: WebAssembly.CompileError,
  });
  expect(run(1, 50).told).toEqual(['this host does not compile a kernel here: the reference backend takes over']);
});

test('without vector instructions the backend is refused, and the registered one is the reference, told once', async () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
  expect(hasWasmSimd()).toBe(false);
  expect(() => wasmBackend()).toThrow(/\[wasmBackend\] the host has no WebAssembly with vector instructions/);
  const told: string[] = [];
  const workbench = createWorkbench({ backend: 'core/wasm', logger: { notice: (message) => told.push(message) } });
  expect(workbench.backend.name).toBe('reference');
  expect(told).toEqual(['this host has no WebAssembly with vector instructions: the reference backend takes over']);
  await workbench.dispose();
});
