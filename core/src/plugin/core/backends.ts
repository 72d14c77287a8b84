import { z } from 'zod';
import type { Backend } from '../../compute/backend.js';
import { referenceBackend } from '../../compute/reference.js';
import { precisions } from '../../compute/wasm/laneType.js';
import { hasWasmSimd, wasmBackend } from '../../compute/wasm/wasmBackend.js';
import { defineEntry } from '../define.js';
import type { Entry } from '../plugin.js';

export const backends: readonly Entry<Backend>[] = [
  defineEntry({
    id: 'core/reference',
    title: 'Blocked interpreter on typed arrays, one thread',
    reference: 'GriewankWalther2008',
    params: z.strictObject({}),
    create: () => referenceBackend(),
  }),
  defineEntry({
    id: 'core/wasm',
    title: 'Formulas compiled to WebAssembly SIMD, on one thread or several',
    reference: 'HaasEtAl2017',
    params: z.strictObject({
      threads: z.int().min(1).max(256).default(1),
      relaxed: z.boolean().default(false).describe('fused multiply-add: faster, bits differ between machines'),
      precision: z.enum(precisions).default('float64').describe('float32: faster, results to about 1e-5'),
    }),
    create({ threads, relaxed, precision }, { notice }) {
      if (hasWasmSimd()) return wasmBackend({ threads, relaxed, precision, notice });
      notice('this host has no WebAssembly with vector instructions: the reference backend takes over');
      return referenceBackend();
    },
  }),
];
