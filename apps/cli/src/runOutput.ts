import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NpyArray, npyArray, type Profile, type StudyResult, writeNpz } from '@muflow/core';
import { writeFileAtomically } from './files.js';
import { drawFigure } from './report/draw.js';
import { type ReportSection, renderReport } from './report/html.js';
import { storedConfig } from './storedConfig.js';
import { version } from './version.js';

/** A finished run with everything that its files say about it. */
export interface FinishedRun extends ReportSection {
  readonly status: 'done' | 'claim failed' | 'diverged';
  /** Of the complete config. */
  readonly hash: string;
  /** Name of the backend that ran it. */
  readonly backend: string;
}

/** The files that a run leaves in its folder, in the order in which they are written; the last one says that all are there. */
export const runFiles = ['config.json', 'metrics.csv', 'frames.npz', 'report.html', 'result.json'] as const;

/** Writes one run; every file appears whole or not at all, `result.json` last. Returns the paths. */
export function writeRun(folder: string, run: FinishedRun): readonly string[] {
  const { result } = run;
  const { config, files } = storedConfig(run.config);
  const contents: Record<string, string | Uint8Array> = {
    ...files,
    'config.json': json(config),
    'metrics.csv': metricsCsv(result.metrics ?? {}),
    'frames.npz': writeNpz(profileArrays(result.profiles ?? {})),
    ...result.files,
  };
  for (const figure of result.figures) contents[`figures/${figure.id}.svg`] = drawFigure(figure);
  contents['report.html'] = renderReport({ title: run.title, version, node: process.versions.node, sections: [run] });
  contents['result.json'] = json(storedResult(run));
  return writeAll(folder, contents);
}

/** What `--json` prints. */
export function resultJson(run: FinishedRun): Record<string, unknown> {
  const { id, title, reference, status, seconds, command, hash, backend } = run;
  const { claims, tables, notes = [] } = run.result;
  return {
    muflow: version,
    id,
    title,
    reference,
    status,
    claims,
    tables,
    notes,
    seconds,
    command,
    backend,
    configHash: hash,
  };
}

/** The same with the figures as data: what `result.json` holds. */
const storedResult = (run: FinishedRun): unknown => ({ ...resultJson(run), figures: run.result.figures });

/** A short hash of a complete config, by which a finished run is known again. */
export function hashConfig(config: unknown): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
}

/** The finished run of the same config in this folder, without the arrays that its other files hold. */
export function finishedRun(folder: string, config: unknown): FinishedRun | undefined {
  const path = join(folder, 'result.json');
  if (!existsSync(path)) return undefined;
  const found = JSON.parse(readFileSync(path, 'utf8')) as FinishedRun['result'] & FinishedRun & { configHash: string };
  if (found.configHash !== hashConfig(config)) return undefined;
  const {
    id,
    title,
    reference,
    status,
    seconds,
    command,
    backend,
    configHash,
    claims,
    tables,
    notes = [],
    figures,
  } = found;
  const result = { claims, tables, notes, figures };
  return { id, title, reference, status, seconds, command, backend, config, hash: configHash, result };
}

/** Writes what belongs to a batch as a whole: one report of all its runs, the config, and the result last. */
export function writeBatch(folder: string, title: string, runs: readonly FinishedRun[]): readonly string[] {
  const report = renderReport({ title, version, node: process.versions.node, sections: runs });
  const status = runs.find((run) => run.status !== 'done')?.status ?? 'done';
  const { config, files } = storedConfig({ title, runs: runs.map(({ config }) => config) });
  const contents: Record<string, string> = {
    ...files,
    'config.json': json(config),
    'report.html': report,
    'result.json': json({ title, status, runs: runs.map(resultJson) }),
  };
  return writeAll(folder, contents);
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function writeAll(folder: string, contents: Readonly<Record<string, string | Uint8Array>>): readonly string[] {
  return Object.entries(contents).map(([name, content]) => {
    const path = join(folder, name);
    writeFileAtomically(path, content);
    return path;
  });
}

function metricsCsv(metrics: NonNullable<StudyResult['metrics']>): string {
  const names = Object.keys(metrics);
  const length = Math.max(0, ...names.map((name) => metrics[name].length));
  const quote = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = [names.map(quote).join(',')];
  for (let i = 0; i < length; i++) lines.push(names.map((name) => String(metrics[name][i])).join(','));
  return `${lines.join('\n')}\n`;
}

/** Positions (n x d), masses (n) and ids (n) of every measure, named `<profile>/<player>/<array>`. */
function profileArrays(profiles: Readonly<Record<string, Profile>>): Record<string, NpyArray> {
  const arrays: Record<string, NpyArray> = {};
  for (const [name, profile] of Object.entries(profiles)) {
    profile.forEach((mu, player) => {
      const place = `${name}/${player}`;
      arrays[`${place}/positions`] = npyArray(mu.positions.slice(), [mu.count, mu.dim]);
      arrays[`${place}/masses`] = npyArray(mu.masses.slice());
      arrays[`${place}/ids`] = npyArray(mu.ids.slice());
    });
  }
  return arrays;
}
