import { fail, isMuflowError, show } from '../errors.js';
import { definePlugin } from './define.js';
import type { Plugin } from './plugin.js';

/** Imports a module by package name or path; the app brings it, since core runs in browsers too. */
export type Importer = (specifier: string) => Promise<unknown>;

/**
 * Loads a third-party plugin by package name or path: the module exports it as `plugin`.
 * @throws `missing-requirement` where nothing can be imported, `invalid-argument` where the export is no plugin.
 */
export async function loadPlugin(specifier: string, importer: Importer): Promise<Plugin> {
  let module: unknown;
  try {
    module = await importer(specifier);
  } catch (cause) {
    if (isMuflowError(cause)) throw cause;
    fail({
      code: 'missing-requirement',
      where: 'loadPlugin',
      problem: `the plugin ${show(specifier)} cannot be imported`,
      got: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
      expected: 'an installed package or the path of one',
      fix: 'install it, or check the path',
      cause,
    });
  }
  const plugin = (module as { readonly plugin?: unknown } | null)?.plugin;
  if (!isPluginShape(plugin)) {
    fail({
      code: 'invalid-argument',
      where: 'loadPlugin',
      problem: `the module ${show(specifier)} exports no plugin`,
      got: plugin === undefined ? `exports ${Object.keys(Object(module)).join(', ') || 'nothing'}` : show(plugin),
      expected: 'a named export `plugin` with id and version',
      fix: 'export const plugin = definePlugin({ id, version, … })',
    });
  }
  return definePlugin(plugin);
}

const lists = [
  'spaces',
  'energies',
  'metrics',
  'steppers',
  'games',
  'initials',
  'recorders',
  'jumps',
  'backends',
  'studies',
] as const;

function isPluginShape(value: unknown): value is Plugin {
  if (typeof value !== 'object' || value === null) return false;
  const plugin = value as Record<string, unknown>;
  return (
    typeof plugin.id === 'string' &&
    typeof plugin.version === 'string' &&
    lists.every(
      (list) => plugin[list] === undefined || (Array.isArray(plugin[list]) && plugin[list].every(isEntryShape)),
    )
  );
}

function isEntryShape(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  const hasParams = typeof (entry.params as { safeParse?: unknown } | undefined)?.safeParse === 'function';
  const makes = typeof entry.create === 'function' || typeof entry.run === 'function';
  return (
    typeof entry.id === 'string' &&
    typeof entry.title === 'string' &&
    typeof entry.reference === 'string' &&
    hasParams &&
    makes
  );
}
