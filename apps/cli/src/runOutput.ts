import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Claim, type NpyArray, npyArray, type Profile, type StudyResult, writeNpz } from '@muflow/core';
import { writeFileAtomically } from './files.js';
import { drawFigure } from './report/draw.js';
import { type ReportSection, renderReport } from './report/html.js';
import { version } from './version.js';

/** A finished run with everything that its files say about it. */
export interface FinishedRun extends ReportSection {
  readonly status: 'done' | 'claim failed' | 'diverged' | 'aborted';
}

/** The files that a run leaves in its folder, in the order in which they are written; the last one says that all are there. */
export const runFiles = ['config.json', 'metrics.csv', 'frames.npz', 'report.html', 'result.json'] as const;

/** Writes one run; every file appears whole or not at all, `result.json` last. Returns the paths. */
export function writeRun(folder: string, run: FinishedRun): readonly string[] {
  const { result } = run;
  const contents: Record<string, string | Uint8Array> = {
    'config.json': `${JSON.stringify(run.config, null, 2)}\n`,
    'metrics.csv': metricsCsv(result.metrics ?? {}),
    'frames.npz': writeNpz(profileArrays(result.profiles ?? {})),
  };
  for (const figure of result.figures) contents[`figures/${figure.id}.svg`] = drawFigure(figure);
  contents['report.html'] = renderReport({ title: run.title, version, node: process.versions.node, sections: [run] });
  contents['result.json'] = `${JSON.stringify(resultJson(run), null, 2)}\n`;
  return Object.entries(contents).map(([name, content]) => {
    const path = join(folder, name);
    writeFileAtomically(path, content);
    return path;
  });
}

/** What `--json` prints and `result.json` holds. */
export function resultJson(run: FinishedRun): Record<string, unknown> {
  return {
    muflow: version,
    id: run.id,
    title: run.title,
    status: run.status,
    claims: run.result.claims,
    tables: run.result.tables,
    notes: run.result.notes ?? [],
    seconds: run.seconds,
    configHash: hashConfig(run.config),
  };
}

/** A short hash of a complete config, by which a finished run is known again. */
export function hashConfig(config: unknown): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
}

/** The result of an earlier run of the same config in this folder, if it finished. */
export function finishedResult(
  folder: string,
  config: unknown,
): { readonly claims: readonly Claim[]; readonly status: string } | undefined {
  const path = join(folder, 'result.json');
  if (!existsSync(path)) return undefined;
  try {
    const found = JSON.parse(readFileSync(path, 'utf8')) as {
      configHash?: string;
      claims: readonly Claim[];
      status: string;
    };
    return found.configHash === hashConfig(config) ? found : undefined;
  } catch {
    return undefined;
  }
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
