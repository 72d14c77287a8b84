import { fail, nearest, show } from '../errors.js';
import type { Study } from '../study/study.js';
import type { Entry, EntryKind, EntryProduct, Plugin } from './plugin.js';
import { coreVersion, isVersion, satisfies } from './version.js';

/** The list of a plugin that holds each kind of entry. */
export const listOfKind = {
  space: 'spaces',
  energy: 'energies',
  metric: 'metrics',
  stepper: 'steppers',
  game: 'games',
  initial: 'initials',
  recorder: 'recorders',
  jump: 'jumps',
  backend: 'backends',
} as const satisfies Record<EntryKind, keyof Plugin>;

export const entryKinds = Object.keys(listOfKind) as readonly EntryKind[];

/** Everything that plugins have registered, by kind and id. */
export interface Registry {
  readonly plugins: readonly Plugin[];
  entries<K extends EntryKind>(kind: K): readonly Entry<EntryProduct[K]>[];
  studies(): readonly Study[];
  /** @throws `unknown-id` with the nearest ids. An id without prefix is looked up in `core` first. */
  entry<K extends EntryKind>(kind: K, id: string): Entry<EntryProduct[K]>;
  study(id: string): Study;
}

const kebab = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Collects plugins and checks them: ids, versions, requirements, and that no id is claimed twice.
 * @throws `duplicate-id`, `missing-requirement`, `version-mismatch` or `invalid-argument`, naming the plugins.
 */
export function createRegistry(plugins: readonly Plugin[]): Registry {
  checkPlugins(plugins);
  const studies = collect(plugins, 'study', (plugin) => plugin.studies ?? []);
  const byKind = new Map(
    entryKinds.map((kind) => [
      kind,
      collect(plugins, kind, (plugin) => (plugin[listOfKind[kind]] ?? []) as readonly Entry<unknown>[]),
    ]),
  );
  const find = <T>(kind: string, table: ReadonlyMap<string, T>, id: string): T => {
    const found = table.get(id) ?? table.get(`core/${id}`) ?? unique(table, id);
    if (found !== undefined) return found;
    const near = nearestIds(id, [...table.keys()]);
    return fail({
      code: 'unknown-id',
      where: 'registry',
      problem: `there is no ${kind} of this id`,
      got: show(id),
      expected: table.size === 0 ? `a registered ${kind} (there is none)` : `one of ${[...table.keys()].join(', ')}`,
      fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'load the plugin that registers it',
      details: { near },
    });
  };
  return {
    plugins,
    entries: <K extends EntryKind>(kind: K) => [
      ...(byKind.get(kind) as ReadonlyMap<string, Entry<EntryProduct[K]>>).values(),
    ],
    studies: () => [...studies.values()],
    entry: <K extends EntryKind>(kind: K, id: string) =>
      find(kind, byKind.get(kind) as ReadonlyMap<string, Entry<EntryProduct[K]>>, id),
    study: (id) => find('study', studies, id),
  };
}

/** The only entry whose id ends in `/<id>`, if there is exactly one. */
function unique<T>(table: ReadonlyMap<string, T>, id: string): T | undefined {
  const matches = [...table].filter(([key]) => key.endsWith(`/${id}`));
  return matches.length === 1 ? matches[0][1] : undefined;
}

function collect<T extends { readonly id: string }>(
  plugins: readonly Plugin[],
  kind: string,
  list: (plugin: Plugin) => readonly T[],
): ReadonlyMap<string, T> {
  const owners = new Map<string, string>();
  const table = new Map<string, T>();
  for (const plugin of plugins) {
    for (const item of list(plugin)) {
      const owner = owners.get(item.id);
      if (owner !== undefined) {
        fail({
          code: 'duplicate-id',
          where: 'registry',
          problem: `two plugins claim the ${kind} id ${show(item.id)}`,
          got: `${owner} and ${plugin.id}`,
          expected: 'one owner for each id',
          fix: 'rename one of them, or load one of the plugins only',
        });
      }
      const [prefix, name, ...more] = item.id.split('/');
      if (prefix !== plugin.id || name === undefined || more.length > 0 || !kebab.test(name)) {
        refuse(
          plugin,
          `the ${kind} id ${show(item.id)} is not usable`,
          show(item.id),
          `${plugin.id}/<name in kebab-case>`,
        );
      }
      owners.set(item.id, plugin.id);
      table.set(item.id, item);
    }
  }
  return table;
}

function refuse(plugin: Plugin, problem: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where: `plugin ${plugin.id}`,
    problem,
    got,
    expected,
    fix: 'correct the plugin object',
  });
}

/** Ids near a mistyped one; one without prefix is compared with what follows the prefixes. */
function nearestIds(id: string, known: readonly string[]): readonly string[] {
  if (id.includes('/')) return nearest(id, known);
  const bare = known.map((candidate) => candidate.slice(candidate.indexOf('/') + 1));
  const near = nearest(id, [...new Set(bare)]);
  return near.flatMap((name) => known.filter((_, k) => bare[k] === name));
}

function checkPlugins(plugins: readonly Plugin[]): void {
  const versions = new Map<string, string>([['core', coreVersion]]);
  for (const plugin of plugins) {
    if (!kebab.test(plugin.id)) refuse(plugin, 'the plugin id is not usable', show(plugin.id), 'kebab-case');
    if (!isVersion(plugin.version))
      refuse(plugin, 'the version is not usable', show(plugin.version), 'a semantic version such as 1.0.0');
    if (versions.has(plugin.id) && plugin.id !== 'core') {
      fail({
        code: 'duplicate-id',
        where: 'registry',
        problem: `two plugins are called ${show(plugin.id)}`,
        got: `versions ${versions.get(plugin.id)} and ${plugin.version}`,
        expected: 'one plugin of each id',
        fix: 'load one of them only',
      });
    }
    versions.set(plugin.id, plugin.version);
  }
  for (const plugin of plugins) {
    for (const [id, range] of Object.entries(plugin.requires ?? {}))
      checkRequirement(plugin, id, range, versions.get(id));
  }
}

function checkRequirement(plugin: Plugin, id: string, range: string, version: string | undefined): void {
  if (version === undefined) {
    fail({
      code: 'missing-requirement',
      where: `plugin ${plugin.id}`,
      problem: `a plugin that it requires is not loaded: ${id}`,
      got: 'nothing',
      expected: `${id} ${range}`,
      fix: `load ${id} as well`,
    });
  }
  if (!satisfies(version, range)) {
    fail({
      code: 'version-mismatch',
      where: `plugin ${plugin.id}`,
      problem: `it does not fit the loaded version of ${id}`,
      got: `${id} ${version}`,
      expected: `${id} ${range}`,
      fix: `install a version of ${id} in that range, or a newer ${plugin.id}`,
    });
  }
}
