import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Layers of core, lowest first: a file may import from its own layer and the ones before it. */
const layers = [
  ['math'],
  ['formula'],
  ['compute'],
  ['network'],
  ['space'],
  ['measure'],
  ['transport', 'certify'],
  ['energy'],
  ['metric'],
  ['flow'],
  ['stepper'],
  ['run'],
  ['study'],
  ['plugin'],
] as const;

/** The only files that may import a guarded package, by its name. */
const homes: Readonly<Record<string, readonly RegExp[]>> = {
  rxjs: [/^core\/src\/run\/stream[A-Za-z]*\.ts$/],
  inversify: [/^core\/src\/plugin\/(workbench|plugin|tokens)\.ts$/],
  'reflect-metadata': [/^core\/src\/plugin\/workbench\.ts$/],
  // As a peer, it is measured by apps/bench in a process of its own.
  'ml-matrix': [/^core\/src\/math\/linalg\.ts$/, /^apps\/bench\/src\/programs\/mlMatrix\.ts$/],
  'fast-check': [/^core\/src\/testing\//],
};

const maxLines = 400;
const root = normalize(join(import.meta.dirname, '..'));

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist') return [];
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

/** The text without comments, so that words in prose are not read as code. */
function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function importsOf(text: string): string[] {
  const code = codeOf(text);
  const patterns = [
    /^\s*(?:import|export)\s[^'"`;]*?from\s+['"]([^'"]+)['"]/gm,
    /^\s*import\s+['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] as string));
}

function readSources(...folders: string[]): Source[] {
  return folders
    .flatMap((folder) => filesBelow(join(root, folder)))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = readFileSync(file, 'utf8');
      return { path: relative(root, file).split(sep).join('/'), text, imports: importsOf(text) };
    });
}

const everything = readSources('core/src', 'plugins', 'apps', 'test', 'examples');
const product = everything.filter(({ path }) => /^(core|plugins|apps)\//.test(path));
const sources = product.filter(({ path }) => !path.endsWith('.spec.ts'));
const core = sources.filter(({ path }) => path.startsWith('core/src/'));

const layerOf = (path: string): string => path.split('/')[2] as string;
const rankOf = (layer: string): number => layers.findIndex((names) => (names as readonly string[]).includes(layer));
/** The public names of a layer of core. */
const isList = (path: string): boolean => /^core\/src\/(?!testing\/)\w+\/index\.ts$/.test(path);
const isRelative = (specifier: string): boolean => specifier.startsWith('.');
const targetOf = (from: string, specifier: string): string =>
  normalize(join(dirname(from), specifier))
    .split(sep)
    .join('/')
    .replace(/\.js$/, '.ts');
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Every import that breaks `allowed`, as a line that names both ends. */
function breaches(files: readonly Source[], allowed: (file: Source, specifier: string) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter((specifier) => !allowed(file, specifier))
      .map((specifier) => `${file.path} imports ${specifier}`),
  );
}

function findCycle(files: readonly Source[]): string[] | null {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, 'open' | 'done'>();
  const visit = (path: string, trail: readonly string[]): string[] | null => {
    if (state.get(path) === 'done') return null;
    if (state.get(path) === 'open') return [...trail.slice(trail.indexOf(path)), path];
    state.set(path, 'open');
    for (const specifier of byPath.get(path)?.imports.filter(isRelative) ?? []) {
      const target = targetOf(path, specifier);
      const cycle = byPath.has(target) ? visit(target, [...trail, path]) : null;
      if (cycle) return cycle;
    }
    state.set(path, 'done');
    return null;
  };
  for (const { path } of files) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}

describe('the house', () => {
  test('the sources of core, plugins and apps are all read', () => {
    expect(core.length).toBeGreaterThan(60);
    expect(new Set(sources.map(({ path }) => path.split('/')[0]))).toEqual(new Set(['core', 'plugins', 'apps']));
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(200);
  });

  test('layers of core import one way', () => {
    const wrong = breaches(core, (file, specifier) => {
      if (!isRelative(specifier)) return true;
      const target = targetOf(file.path, specifier);
      if (target === 'core/src/errors.ts') return true;
      const from = layerOf(file.path);
      const to = layerOf(target);
      if (from === 'index.ts') return to !== 'testing';
      if (from === 'testing') return to !== 'index.ts';
      return rankOf(to) >= 0 && rankOf(to) <= rankOf(from) && (rankOf(to) < rankOf(from) || to === from);
    });
    expect(wrong).toEqual([]);
  });

  test('every folder of core is a layer', () => {
    const folders = new Set(core.map(({ path }) => layerOf(path)).filter((layer) => !layer.endsWith('.ts')));
    folders.delete('testing');
    expect([...folders].filter((folder) => rankOf(folder) < 0)).toEqual([]);
  });

  test('there are no import cycles', () => {
    expect(findCycle(sources)).toBeNull();
  });

  test('rxjs, inversify, ml-matrix and fast-check stay where the design puts them', () => {
    const wrong = breaches(sources, (file, specifier) => {
      const home = homes[packageOf(specifier)];
      return isRelative(specifier) || home === undefined || home.some((pattern) => pattern.test(file.path));
    });
    expect(wrong).toEqual([]);
  });

  test('core and plugins import nothing of Node', () => {
    const portable = sources.filter(({ path }) => !path.startsWith('apps/'));
    expect(breaches(portable, (_, specifier) => !specifier.startsWith('node:'))).toEqual([]);
  });

  test('plugins import core and their declared packages, never each other', () => {
    const plugins = product.filter(({ path }) => path.startsWith('plugins/'));
    const wrong = breaches(plugins, (file, specifier) => {
      if (isRelative(specifier)) {
        return targetOf(file.path, specifier).startsWith(file.path.split('/').slice(0, 2).join('/'));
      }
      const spec = file.path.endsWith('.spec.ts');
      const allowed = ['@muflow/core', 'zod', ...(spec ? ['vitest', 'fast-check', '@fast-check/vitest'] : [])];
      return allowed.includes(packageOf(specifier)) || (spec && specifier.startsWith('node:'));
    });
    expect(wrong).toEqual([]);
    expect(breaches(plugins, (file, s) => file.path.endsWith('.spec.ts') || s !== '@muflow/core/testing')).toEqual([]);
  });

  test('nobody imports apps, and nobody reaches into another package by path', () => {
    const wrong = breaches(everything, (file, specifier) => {
      if (!isRelative(specifier)) return packageOf(specifier) !== 'muflow';
      const home = file.path.split('/').slice(0, file.path.startsWith('core/') ? 1 : 2);
      const target = targetOf(file.path, specifier);
      const outside = !target.startsWith(`${home.join('/')}/`);
      return !outside || /^(test|examples)\//.test(file.path) || target.startsWith('test/vectors/');
    });
    expect(wrong).toEqual([]);
  });

  test(`no file is longer than ${maxLines} lines`, () => {
    const isTable = (path: string): boolean => path.includes('/data/');
    const long = everything
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > maxLines && !isTable(path));
    expect(long).toEqual([]);
  });

  test('exports are named and types are never `any`', () => {
    const wrong = sources.filter(
      ({ text }) => /^export default\b/m.test(text) || /(:|<|\bas) any\b/.test(codeOf(text)),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('the public surface of core has named exports only, listed by each layer', () => {
    const lists = core.filter(({ path }) => isList(path));
    const stars = lists.map(({ path }) => `export * from './${layerOf(path)}/index.js';`);
    const index = core.find(({ path }) => path === 'core/src/index.ts');
    expect(index?.text.match(/^export \* from .*$/gm)?.sort()).toEqual(stars.sort());
    const named = /^(\/\*\*.*\*\/|export (type )?\{[^}]*\} from '[^']+';|\s)*$/;
    expect(lists.filter(({ text }) => !named.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('nobody but the public surface imports the list of a layer', () => {
    const wrong = breaches(core, ({ path }, specifier) => {
      return path === 'core/src/index.ts' || !isRelative(specifier) || !isList(targetOf(path, specifier));
    });
    expect(wrong).toEqual([]);
  });
});
