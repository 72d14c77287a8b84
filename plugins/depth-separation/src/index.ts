import { definePlugin } from '@muflow/core';
import {
  pairProductStudy,
  radialStudy,
  rateAgainstDimensionStudy,
  sawtoothStudy,
  sphereHomogeneousStudy,
  tubeStudy,
} from './studies/index.js';

export * from './constructions/index.js';
export * from './fits/index.js';
export * from './laws/index.js';
export * from './probe/index.js';
export * from './radial/index.js';
export * from './sawtooth/index.js';
export * from './spheres/index.js';
export * from './studies/index.js';
export * from './targets/index.js';
export * from './tube/index.js';

/** What shallow networks cannot do and deeper ones can: targets, floors, ceilings and the band between. */
export const plugin = definePlugin({
  id: 'depth-separation',
  version: '0.1.0',
  requires: { core: '^0.1.0' },
  studies: [pairProductStudy, radialStudy, rateAgainstDimensionStudy, sawtoothStudy, sphereHomogeneousStudy, tubeStudy],
});
