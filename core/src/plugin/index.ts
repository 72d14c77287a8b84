/** What the layer `plugin` shows to users: named exports only. */

export { corePlugin } from './corePlugin.js';
export { defineEntry, definePlugin, defineStudy } from './define.js';
export { type Importer, loadPlugin } from './load.js';
export type { CreateContext, Entry, EntryKind, EntryProduct, Plugin } from './plugin.js';
export { createRegistry, entryKinds, listOfKind, type Registry } from './registry.js';
export type { Resolved } from './resolve.js';
export { type Logger, tokens } from './tokens.js';
export { coreVersion, isVersion, satisfies } from './version.js';
export {
  type Completed,
  createWorkbench,
  type RunConfigOptions,
  type Workbench,
  type WorkbenchOptions,
} from './workbench.js';
