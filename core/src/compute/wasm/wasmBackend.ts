import { type Backend, checkReduction, type Kernel } from '../backend.js';
import { referenceBackend } from '../reference.js';
import { makeArena } from './arena.js';
import { compileWasmKernel } from './wasmKernel.js';

const cacheSize = 256;

/**
 * Kernels compiled to WebAssembly at run time: two lanes of float64 along the rows, tiles of rows by columns in
 * registers, shared work once. A row takes its columns in their order, so its bits depend on nothing but its inputs.
 * Few rows, where lanes would stay empty, and formulas too long to compile go to the reference backend.
 */
export function wasmBackend(): Backend {
  const reference = referenceBackend();
  const arena = makeArena();
  const cache = new Map<string, Kernel>();
  return {
    name: 'wasm',
    matmulInto: reference.matmulInto,
    compile(reduction) {
      checkReduction(reduction);
      const key = JSON.stringify(
        reduction.outputs.map(({ name, reduce, expression }) => [name, reduce, expression.key]),
      );
      const kernel = cache.get(key) ?? compileWasmKernel(reduction, arena) ?? reference.compile(reduction);
      cache.delete(key);
      cache.set(key, kernel);
      if (cache.size > cacheSize) cache.delete(cache.keys().next().value as string);
      return kernel;
    },
  };
}
