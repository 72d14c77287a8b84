import type { Study } from '../study/study.js';
import type { Entry, Plugin } from './plugin.js';
import { createRegistry } from './registry.js';

/**
 * An entry with its parameters checked against its schema by the compiler.
 * @example
 * const half = defineEntry({
 *   id: 'mine/half', title: 'Half rate', reference: 'AmbrosioGigliSavare2008',
 *   params: z.strictObject({}), create: () => wasserstein({ rate: 0.5 }),
 * });
 */
export function defineEntry<Product, Params>(entry: Entry<Product, Params>): Entry<Product> {
  return entry;
}

/** A study with its parameters checked against its schema by the compiler. */
export function defineStudy<Params>(study: Study<Params>): Study {
  return study;
}

/**
 * A plugin whose ids, version and prefixes are checked at once; requirements are checked when it is loaded.
 * @throws `invalid-argument` or `duplicate-id`.
 */
export function definePlugin(plugin: Plugin): Plugin {
  createRegistry([{ ...plugin, requires: {} }]);
  return plugin;
}
