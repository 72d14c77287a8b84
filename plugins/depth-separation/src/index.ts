import { definePlugin } from '@muflow/core';

export * from './laws/index.js';
export * from './probe/index.js';
export * from './targets/index.js';

/** What shallow networks cannot do and deeper ones can: targets, floors, ceilings and the band between. */
export const plugin = definePlugin({
  id: 'depth-separation',
  version: '0.1.0',
  requires: { core: '^0.1.0' },
  studies: [],
});
