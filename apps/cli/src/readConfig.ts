import { existsSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import {
  fail,
  isProblemConfig,
  isStudyConfig,
  type ProblemConfig,
  parseRunConfig,
  type StudyConfig,
} from '@muflow/core';
import { readTextFile } from './files.js';
import { applySettings, includeFiles } from './settings.js';

/** What `muflow run` is asked to do. */
export interface Job {
  /** Title of a batch; null for a single run. */
  readonly title: string | null;
  readonly runs: readonly (StudyConfig | ProblemConfig)[];
  /** Folder that paths in the config are relative to. */
  readonly folder: string;
}

export interface JobOptions {
  readonly set: readonly string[];
  readonly seed?: string;
  /** Settings that are texts even where they look like JSON. */
  readonly texts?: ReadonlySet<string>;
}

/** Where paths of `--set` begin: at the parameters of a study that is named, at the top of a config file. */
export const settingsPrefix = (target: string): string => (isConfigFile(target) ? '' : 'params.');

const isConfigFile = (target: string): boolean =>
  target.endsWith('.json') || (existsSync(target) && !/^[a-z0-9-]+(\/[a-z0-9-]+)?$/.test(target));

/** Reads a config file, or makes the config of a study from its id; applies `--set` and `--seed`. */
export function readJob(target: string, options: JobOptions): Job {
  const isFile = isConfigFile(target);
  const value = isFile ? readJsonFile(target) : { study: target, params: {} };
  const settings = isFile ? value : (value as { params: Record<string, unknown> }).params;
  applySettings(settings as Record<string, unknown>, options.set, options.texts);
  const config = parseRunConfig(withSeed(value, options.seed));
  const folder = isFile ? dirname(resolve(target)) : process.cwd();
  if (isStudyConfig(config) || isProblemConfig(config)) return { title: null, runs: [withRecorders(config)], folder };
  return { title: config.title ?? 'muflow runs', runs: config.runs.map(withRecorders), folder };
}

function readJsonFile(path: string): Record<string, unknown> {
  const text = readTextFile(path, 'muflow run');
  let value: unknown;
  try {
    value = includeFiles(JSON.parse(text), path);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    fail({
      code: 'parse',
      where: 'muflow run',
      problem: 'the config is not JSON',
      path: placeOf(text, cause.message),
      got: `${path} (${cause.message})`,
      expected: 'a JSON document without comments or trailing commas',
      fix: 'correct the text at that place',
      cause,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return fail({
    code: 'invalid-config',
    where: 'muflow run',
    problem: 'the config is not an object',
    path: '(top)',
    got: `${Array.isArray(value) ? 'an array' : typeof value} in ${path}`,
    expected: '{ "study": ... }, { "problem": ... } or { "runs": [...] }',
    fix: 'put the config into braces',
  });
}

/** Line and column of a syntax error, as far as the engine tells the position; else the end of the text. */
function placeOf(text: string, message: string): string {
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, position).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/** A whole number is a number, anything else a text: `--seed 7` and `"seed": 7` are one seed. */
function withSeed(value: unknown, text: string | undefined): unknown {
  if (text === undefined) return value;
  const seed = /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text;
  const config = value as { readonly runs?: unknown };
  if (!Array.isArray(config.runs)) return { ...config, seed };
  return {
    ...config,
    runs: config.runs.map((run: unknown) => (typeof run === 'object' && run !== null ? { ...run, seed } : run)),
  };
}

/** A problem that names no recorders gets those that a terminal line shows: energy or gap, and mass drift. */
function withRecorders(config: StudyConfig | ProblemConfig): StudyConfig | ProblemConfig {
  if (isStudyConfig(config) || config.record.recorders.length > 0) return config;
  const { initials, metrics, energy } = config.problem;
  const players = initials?.length ?? metrics?.length ?? 2;
  const main = energy ? { id: 'core/energy', params: {} } : { id: 'core/potential-gap', params: { players } };
  return { ...config, record: { ...config.record, recorders: [main, { id: 'core/mass-drift', params: {} }] } };
}

/** A config as it is written to `to`: paths of plugins lead from there. */
export function movedConfig<T extends { readonly plugins: readonly string[] }>(config: T, from: string, to: string): T {
  const moved = config.plugins.map((specifier) => {
    const isPath = isAbsolute(specifier) || /^\.{1,2}(\/|$)/.test(specifier) || existsSync(resolve(from, specifier));
    if (!isPath) return specifier;
    const path = relative(to, resolve(from, specifier));
    return path.startsWith('.') ? path : `./${path}`;
  });
  return { ...config, plugins: moved };
}
