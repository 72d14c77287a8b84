import { definePlugin } from '@muflow/core';
import { doubleWell } from './doubleWell.js';
import { escapeStudy } from './escapeStudy.js';
import { frictionMetric } from './frictionMetric.js';

/** What this package adds to muflow. Ids are prefixed by the plugin's own. */
export const plugin = definePlugin({
  id: '__NAME__',
  version: '0.1.0',
  requires: { core: '^0.1.0' },
  energies: [doubleWell],
  metrics: [frictionMetric],
  studies: [escapeStudy],
});
