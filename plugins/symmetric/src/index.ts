import { definePlugin } from '@muflow/core';

export * from './fit/index.js';
export * from './network/index.js';
export * from './sets/index.js';
export * from './targets/index.js';

/** Permutation-invariant functions as functions of an empirical measure: networks, norms, bounds and studies. */
export const plugin = definePlugin({
  id: 'symmetric',
  version: '0.1.0',
  requires: { core: '^0.1.0' },
  studies: [],
});
