import { definePlugin } from '@muflow/core';
import { middleLayerEntry, middleLayerRiskEntry } from './entries/middleLayer.js';
import { f1AgainstF2Study } from './studies/f1AgainstF2.js';
import { generalisationInLStudy } from './studies/generalisationInL.js';
import { hierarchyStudy } from './studies/hierarchy.js';
import { optimiserConfoundStudy } from './studies/optimiserConfound.js';
import { pairwiseProbeStudy } from './studies/pairwiseProbe.js';
import { pointCloudsStudy } from './studies/pointClouds.js';
import { sizeTransferStudy } from './studies/sizeTransfer.js';

export * from './bounds/index.js';
export { middleLayerEntry, middleLayerRiskEntry } from './entries/middleLayer.js';
export * from './fit/index.js';
export * from './model/index.js';
export * from './network/index.js';
export * from './norms/index.js';
export * from './sets/index.js';
export * from './targets/index.js';

/** Permutation-invariant functions as functions of an empirical measure: networks, norms, bounds and studies. */
export const plugin = definePlugin({
  id: 'symmetric',
  version: '0.1.0',
  requires: { core: '^0.1.0' },
  energies: [middleLayerRiskEntry],
  initials: [middleLayerEntry],
  studies: [
    f1AgainstF2Study,
    hierarchyStudy,
    generalisationInLStudy,
    optimiserConfoundStudy,
    pairwiseProbeStudy,
    pointCloudsStudy,
    sizeTransferStudy,
  ],
});
