import { backends } from './core/backends.js';
import { energies } from './core/energies.js';
import { initials } from './core/initials.js';
import { jumps } from './core/jumps.js';
import { metrics } from './core/metrics.js';
import { recorders } from './core/recorders.js';
import { spaces } from './core/spaces.js';
import { steppers } from './core/steppers.js';
import { definePlugin } from './define.js';
import type { Plugin } from './plugin.js';
import { coreVersion } from './version.js';

/** What muflow brings itself, registered like any plugin. */
export const corePlugin: Plugin = definePlugin({
  id: 'core',
  version: coreVersion,
  spaces,
  energies,
  metrics,
  steppers,
  initials,
  jumps,
  recorders,
  backends,
});
