import { dirname, resolve } from 'node:path';
import { type ConfigProblem, fail, isMuflowError, show } from '@muflow/core';
import { readTextOrTable } from './tableFile.js';

/**
 * Applies `--set path=value` to a config: dots descend into objects, numbers into arrays; the value is
 * read as JSON where it is JSON, as text otherwise, and `@file` stands for the text of that file
 * (of an array of NumPy, the table).
 *
 * @param texts - paths whose values are texts even where they look like JSON, such as `x=[-1,1]` for a space.
 */
export function applySettings(
  target: Record<string, unknown>,
  settings: readonly string[],
  texts: ReadonlySet<string> = new Set(),
): void {
  for (const setting of settings) {
    const split = setting.indexOf('=');
    if (split <= 0) {
      fail({
        code: 'invalid-config',
        where: 'muflow run --set',
        problem: 'a setting has no name or no value',
        got: show(setting),
        expected: 'path=value, such as width=200 or table=@data.csv',
        fix: 'write the name, an equals sign and the value without spaces, or put quotes around the whole',
      });
    }
    const path = setting.slice(0, split);
    assign(target, path, readValue(setting.slice(split + 1), texts.has(path)));
  }
}

/** The settings that a schema wants to be texts, among the problems of a config; their paths begin with `prefix`. */
export function settingsToReadAsText(error: unknown, settings: readonly string[], prefix: string): readonly string[] {
  if (!isMuflowError(error)) return [];
  const { problems } = error.details as { readonly problems?: readonly ConfigProblem[] };
  const wanted = new Set(
    (problems ?? []).filter(({ message }) => message.includes('expected string')).map(({ path }) => path),
  );
  const paths = settings.map((setting) => setting.slice(0, setting.indexOf('=')));
  return paths.filter((path) => wanted.has(`${prefix}${path}`.replace(/\.(\d+)(?=\.|$)/g, '[$1]')));
}

function readValue(text: string, asText: boolean): unknown {
  if (text.startsWith('@')) return readTextOrTable(text.slice(1), 'muflow run --set');
  if (asText) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Names that would reach into the prototype of an object. */
const forbidden = new Set(['__proto__', 'prototype', 'constructor']);

function assign(target: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.');
  let node = target;
  names.forEach((name, depth) => {
    const here = names.slice(0, depth + 1).join('.');
    const isIndex = !Array.isArray(node) || /^\d+$/.test(name);
    if (name === '' || forbidden.has(name) || !isIndex) {
      fail({
        code: 'invalid-config',
        where: 'muflow run --set',
        problem: 'a setting names no place in the config',
        path: here,
        got: show(name),
        expected: Array.isArray(node) ? `an index below ${(node as unknown[]).length}` : 'a parameter name',
        fix: 'separate names by single dots, as in problem.metric.params.alpha',
      });
    }
    if (depth === names.length - 1) {
      node[name] = value;
      return;
    }
    const child = Object.hasOwn(node, name) ? node[name] : undefined;
    if (child === undefined) node[name] = {};
    else if (typeof child !== 'object' || child === null) {
      fail({
        code: 'invalid-config',
        where: 'muflow run --set',
        problem: 'a setting descends into a value that has no parts',
        path: here,
        got: show(child),
        expected: 'an object or an array',
        fix: `set ${here} itself`,
      });
    }
    node = node[name] as Record<string, unknown>;
  });
}

/** Replaces `{ "$file": "path" }` anywhere in a config by the text of that file, relative to the config. */
export function includeFiles(value: unknown, configPath: string): unknown {
  if (Array.isArray(value)) return value.map((item) => includeFiles(item, configPath));
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  const file = (value as Record<string, unknown>).$file;
  if (keys.length === 1 && typeof file === 'string')
    return readTextOrTable(resolve(dirname(configPath), file), configPath);
  return Object.fromEntries(
    keys.map((key) => [key, includeFiles((value as Record<string, unknown>)[key], configPath)]),
  );
}

/** The value of a flag that takes a whole number. */
export function wholeNumber(text: string, flag: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  return fail({
    code: 'invalid-argument',
    where: `muflow ${flag}`,
    problem: 'the number is not usable',
    got: JSON.stringify(text),
    expected: `an integer >= ${least}`,
    fix: `pass for instance ${flag.split(' ').at(-1)} ${least + 1}`,
  });
}
