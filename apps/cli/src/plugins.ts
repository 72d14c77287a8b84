import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadPlugin, type Plugin } from '@muflow/core';
import { plugin as depthSeparation } from '@muflow/depth-separation';
import { plugin as supervised } from '@muflow/supervised';
import { plugin as symmetric } from '@muflow/symmetric';
import { plugin as zeroSum } from '@muflow/zero-sum';

/** The plugins that come with the command. */
export const ownPlugins: readonly Plugin[] = [supervised, symmetric, depthSeparation, zeroSum];

/** Loads third-party plugins by package name or path, relative to `folder`. */
export async function loadPlugins(specifiers: readonly string[], folder: string): Promise<Plugin[]> {
  const loaded: Plugin[] = [];
  for (const specifier of specifiers) loaded.push(await loadPlugin(specifier, (name) => importFrom(name, folder)));
  return loaded;
}

let hooked = false;

/**
 * Imports a package or a path. A plugin in development has no node_modules of its own: what it imports of
 * muflow then comes from this command, so that it needs no installation to be checked.
 */
async function importFrom(specifier: string, folder: string): Promise<unknown> {
  if (!hooked) {
    register(new URL('./resolveHook.js', import.meta.url), { data: { fallback: import.meta.url } });
    hooked = true;
  }
  return import(pathToFileURL(locate(specifier, folder)).href);
}

function locate(specifier: string, folder: string): string {
  const path = isAbsolute(specifier) ? specifier : resolve(folder, specifier);
  const isPath = /^[./]/.test(specifier) || isAbsolute(specifier) || existsSync(path);
  if (!isPath) return createRequire(join(folder, 'package.json')).resolve(specifier);
  return existsSync(path) && statSync(path).isDirectory() ? entryOf(path) : path;
}

/** The main file of a package folder: its `exports` or `main`, if that is one file, else index.js. */
function entryOf(folder: string): string {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return join(folder, 'index.js');
  const { exports, main } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown; main?: unknown };
  const dot = typeof exports === 'object' && exports !== null ? (exports as Record<string, unknown>)['.'] : exports;
  const target = typeof dot === 'object' && dot !== null ? (dot as Record<string, unknown>).default : dot;
  const entry = [target, main].find((value): value is string => typeof value === 'string') ?? 'index.js';
  return join(folder, entry);
}
