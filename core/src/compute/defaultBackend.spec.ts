import { expect, test } from 'vitest';
import { defaultBackend } from './defaultBackend.js';

test('the default backend is one, shared, and WebAssembly where the host has it', () => {
  expect(defaultBackend()).toBe(defaultBackend());
  expect(defaultBackend().name).toBe('wasm');
});
