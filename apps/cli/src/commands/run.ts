import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import {
  type Claim,
  type ConfigProblem,
  createWorkbench,
  fail,
  isMuflowError,
  isStudyConfig,
  type Plugin,
  show,
  type Workbench,
} from '@muflow/core';
import { claimsTable } from '../claimsTable.js';
import { completeConfig, execute, Interrupted } from '../execute.js';
import { removeStaleTemporaries } from '../files.js';
import { loadPlugins, ownPlugins } from '../plugins.js';
import { progressLine } from '../progress.js';
import { type Job, movedConfig, readJob, settingsPrefix } from '../readConfig.js';
import { type FinishedRun, finishedRun, resultJson, writeBatch, writeRun } from '../runOutput.js';
import { settingsToReadAsText, wholeNumber } from '../settings.js';
import { summaryTable } from '../summaryTable.js';
import type { Terminal } from '../terminal.js';
import { mainPlot } from '../textPlot.js';

/** Flags of `muflow run`. */
export interface RunOptions {
  readonly set: readonly string[];
  readonly plugin: readonly string[];
  readonly seed?: string;
  readonly threads?: string;
  readonly backend?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly resume?: boolean;
}

/**
 * `muflow run <study id | config.json>`: runs it, shows progress and claims, writes the files of `--out`.
 * @returns 0 done, 1 a claim failed or a run diverged, 130 interrupted.
 */
export async function run(target: string, options: RunOptions, terminal: Terminal): Promise<number> {
  const out = options.out === undefined ? null : resolve(options.out);
  const { job, workbench } = await prepareJob(target, options, terminal);
  if (out !== null) prepareFolder(out);
  const controller = new AbortController();
  const onInterrupt = (): void => controller.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    const places = placesOf(job, out);
    const finished: FinishedRun[] = [];
    for (const { config, folder } of places) {
      const kept = options.resume && folder !== null ? finishedRun(folder, config) : undefined;
      if (kept) terminal.log.write(`${kept.id} has been run before and is kept\n`);
      const done = kept ?? (await runOne(config, { workbench, controller, folder, options, terminal }));
      finished.push(done);
      const written = folder === null || kept ? [] : writeRun(folder, movedRun(done, job.folder, folder));
      if (!options.json) showRun(done, written, terminal);
    }
    const paths = out === null || job.title === null ? [] : writeBatch(out, job.title, finished);
    if (!options.json && paths.length > 0) showPaths(paths, terminal);
    if (options.json) terminal.out(`${JSON.stringify(document(job, finished), null, 2)}\n`);
    else showTally(finished, terminal);
    return finished.every(({ status }) => status === 'done') ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    const hint = out === null ? 'nothing was written' : 'run the same command with --resume to go on';
    terminal.log.write(`interrupted: ${hint}\n`);
    if (options.json) terminal.out(`${JSON.stringify({ status: 'aborted' })}\n`);
    return 130;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    await workbench.dispose();
  }
}

interface Prepared {
  readonly job: Job;
  readonly workbench: Workbench;
}

/**
 * Reads the config and makes everything once before anything runs: a mistake in the last run is told at once, not after
 * an hour. A setting that looks like JSON where the schema wants a text is read as text, in a second attempt.
 */
async function prepareJob(target: string, options: RunOptions, terminal: Terminal): Promise<Prepared> {
  try {
    return await attemptJob(target, options, terminal);
  } catch (error) {
    const texts = settingsToReadAsText(error, options.set, settingsPrefix(target));
    if (texts.length === 0) throw error;
    return attemptJob(target, { ...options, texts: new Set(texts) }, terminal);
  }
}

async function attemptJob(
  target: string,
  options: RunOptions & { readonly texts?: ReadonlySet<string> },
  terminal: Terminal,
): Promise<Prepared> {
  const job = readJob(target, options);
  const workbench = await openWorkbench(job, options, terminal);
  try {
    const runs = job.runs.map((config, k) => {
      const prefix = job.title === null ? '' : `runs[${k}].`;
      return withPrefix(prefix, () => completeConfig(config, workbench));
    });
    return { job: { ...job, runs }, workbench };
  } catch (error) {
    await workbench.dispose();
    throw error;
  }
}

/** Puts the place of a run in a batch before the paths of what is wrong with it. */
function withPrefix<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (prefix === '' || !isMuflowError(error) || error.path === undefined) throw error;
    const { problems = [] } = error.details as { readonly problems?: readonly ConfigProblem[] };
    const details = {
      ...error.details,
      problems: problems.map((problem) => ({ ...problem, path: `${prefix}${problem.path}` })),
    };
    return fail({ ...error.failure, path: `${prefix}${error.path}`, details });
  }
}

interface Place {
  readonly config: Job['runs'][number];
  readonly folder: string | null;
}

/** A single run lives in the folder itself, those of a batch in one folder each, named by study. */
function placesOf({ runs, title }: Job, out: string | null): readonly Place[] {
  if (out === null || title === null) return runs.map((config) => ({ config, folder: out }));
  const names = runs.map((config) => (isStudyConfig(config) ? config.study.replaceAll('/', '-') : 'run'));
  return runs.map((config, k) => {
    const earlier = names.slice(0, k).filter((name) => name === names[k]).length;
    return { config, folder: join(out, earlier === 0 ? names[k] : `${names[k]}-${earlier + 1}`) };
  });
}

interface RunOne {
  readonly workbench: Workbench;
  readonly controller: AbortController;
  readonly folder: string | null;
  readonly options: RunOptions;
  readonly terminal: Terminal;
}

async function runOne(config: Place['config'], place: RunOne): Promise<FinishedRun> {
  const { workbench, controller, folder, options, terminal } = place;
  const line = progressLine(terminal.log);
  const name = isStudyConfig(config) ? config.study : 'run';
  if (!terminal.log.isTTY) terminal.log.write(`running ${name}\n`);
  try {
    return await execute(config, {
      workbench,
      folder,
      signal: controller.signal,
      resume: options.resume === true,
      notice: (text) => terminal.log.write(`${text}\n`),
      onProgress: (progress) =>
        line.update(progress.label === 'run' ? progress : { ...progress, label: `${name}: ${progress.label}` }),
    });
  } finally {
    line.done();
  }
}

async function openWorkbench(job: Job, options: RunOptions, terminal: Terminal): Promise<Workbench> {
  const named = await loadPlugins(options.plugin, process.cwd());
  const inConfig = await loadPlugins([...new Set(job.runs.flatMap(({ plugins }) => plugins))], job.folder);
  const others = [...new Map([...named, ...inConfig].map((plugin): [string, Plugin] => [plugin.id, plugin])).values()];
  return createWorkbench({
    plugins: [...ownPlugins, ...others.filter((plugin) => !ownPlugins.includes(plugin))],
    logger: { notice: (message) => terminal.log.write(`${message}\n`) },
    ...(options.backend !== undefined && { backend: options.backend }),
    ...(options.threads !== undefined && { threads: wholeNumber(options.threads, 'run --threads', 1) }),
  });
}

function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    readdirSync(folder);
  } catch (cause) {
    fail({
      code: 'file',
      where: 'muflow run --out',
      problem: 'the folder cannot be made or read',
      got: `${show(folder)} (${cause instanceof Error ? cause.message : String(cause)})`,
      expected: 'a folder that can be written to',
      fix: 'name another folder',
      cause,
    });
  }
  removeStaleTemporaries(folder);
}

/** The run as its config is written: paths of plugins lead from the folder of the run. */
function movedRun(done: FinishedRun, from: string, to: string): FinishedRun {
  const config = done.config as Job['runs'][number];
  return { ...done, config: movedConfig(config, from, to) };
}

function document(job: Job, finished: readonly FinishedRun[]): unknown {
  if (job.title === null) return resultJson(finished[0]);
  return { title: job.title, status: statusOf(finished), runs: finished.map(resultJson) };
}

export function statusOf(finished: readonly FinishedRun[]): FinishedRun['status'] {
  return finished.find(({ status }) => status !== 'done')?.status ?? 'done';
}

function showRun(done: FinishedRun, written: readonly string[], terminal: Terminal): void {
  const { result } = done;
  const plot = mainPlot(result.metrics ?? {});
  terminal.out(`\n${done.title} (${done.id}, ${done.seconds.toFixed(1)} s)\n`);
  if (plot !== '') terminal.out(`${plot}\n`);
  if (result.claims.length > 0) terminal.out(`${claimsTable(result.claims, terminal)}\n`);
  for (const table of result.tables.filter(({ summary }) => summary)) terminal.out(`${summaryTable(table)}\n`);
  // How a problem ended; the notes of studies are for the report.
  if (done.id === 'run') for (const note of result.notes ?? []) terminal.out(`  ${note}\n`);
  showPaths(written, terminal);
}

function showPaths(paths: readonly string[], terminal: Terminal): void {
  const folder = paths.length > 0 ? dirname(paths[0]) : '';
  const names = paths.map((path) => relative(folder, path)).join(', ');
  if (paths.length > 0) terminal.out(`  wrote ${relative(process.cwd(), folder) || '.'}: ${names}\n`);
}

function showTally(finished: readonly FinishedRun[], terminal: Terminal): void {
  const claims = finished.flatMap(({ result }): readonly Claim[] => result.claims);
  const count = (verdict: Claim['verdict']): number => claims.filter((claim) => claim.verdict === verdict).length;
  if (claims.length === 0) return;
  const parts = [`${count('holds')} of ${claims.length} claims hold`];
  if (count('fails') > 0) parts.push(`${count('fails')} fail`);
  if (count('undecided') > 0) parts.push(`${count('undecided')} undecided`);
  terminal.out(`\n${parts.join(', ')}\n`);
}
