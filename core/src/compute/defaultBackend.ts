import type { Backend } from './backend.js';
import { referenceBackend } from './reference.js';
import { hasWasmSimd, wasmBackend } from './wasm/wasmBackend.js';

let shared: Backend | undefined;

/**
 * The backend that is used where none is named: WebAssembly on one thread where the host compiles it, else the reference
 * interpreter. There is one, shared, so that compiled kernels are too.
 */
export function defaultBackend(): Backend {
  shared ??= hasWasmSimd() ? wasmBackend() : referenceBackend();
  return shared;
}
