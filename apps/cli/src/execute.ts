import { existsSync } from 'node:fs';
import {
  type Frame,
  isMuflowError,
  isStudyConfig,
  type ProblemConfig,
  progressOf,
  runAsync,
  runStudy,
  type StudyConfig,
  type StudyProgress,
  type Workbench,
} from '@muflow/core';
import { problemResult } from './problemResult.js';
import { type FinishedRun, hashConfig } from './runOutput.js';
import { forgetRun, loadRun, saveRun } from './savedRun.js';

/** How one run of a job is executed. */
export interface ExecuteOptions {
  readonly workbench: Workbench;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StudyProgress) => void;
  readonly notice: (text: string) => void;
  /** Where checkpoints go; null without --out. */
  readonly folder: string | null;
  readonly resume: boolean;
  /** Milliseconds between checkpoints of a problem; default 5000. */
  readonly saveEvery?: number;
}

/** A run that a signal has ended; what it leaves can be resumed where there is a folder. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Runs one study or problem to the end. @throws `Interrupted` where the signal fires. */
export function execute(config: StudyConfig | ProblemConfig, options: ExecuteOptions): Promise<FinishedRun> {
  return isStudyConfig(config) ? executeStudy(config, options) : executeProblem(config, options);
}

/** A config with every default of a study's parameters filled in; also finds all mistakes before anything runs. */
export function completeConfig<T extends StudyConfig | ProblemConfig>(config: T, workbench: Workbench): T {
  const resolved = workbench.resolve(config);
  if (resolved.kind !== 'study') return config;
  return { ...config, study: resolved.study.id, params: resolved.params };
}

async function executeStudy(config: StudyConfig, options: ExecuteOptions): Promise<FinishedRun> {
  const { workbench, signal, onProgress } = options;
  const resolved = workbench.resolve(config);
  if (resolved.kind !== 'study') throw new Error('a study config resolves to a study');
  const { study, params, seed } = resolved;
  const started = performance.now();
  try {
    const result = await runStudy(study, params, { seed, backend: workbench.backend, signal, onProgress });
    return {
      id: study.id,
      title: study.title,
      reference: study.reference,
      config,
      hash: hashConfig(config),
      backend: workbench.backend.name,
      command: commandOf(config),
      seconds: (performance.now() - started) / 1000,
      status: result.claims.some(({ verdict }) => verdict === 'fails') ? 'claim failed' : 'done',
      result,
    };
  } catch (error) {
    if (signal.aborted && isMuflowError(error) && error.code === 'aborted') throw new Interrupted(study.id);
    throw error;
  }
}

async function executeProblem(config: ProblemConfig, options: ExecuteOptions): Promise<FinishedRun> {
  const { workbench, signal, folder, saveEvery = 5000 } = options;
  const resolved = workbench.resolve(config);
  if (resolved.kind !== 'problem') throw new Error('a problem config resolves to a problem');
  const { problem, plan } = resolved;
  const hash = hashConfig(config);
  const saved = options.resume && folder !== null && existsSync(folder) ? loadRun(folder, hash) : null;
  if (saved) options.notice(`going on from step ${saved.checkpoint.step}, time ${saved.checkpoint.time}`);
  const frames: Frame[] = [...(saved?.frames ?? [])];
  const started = performance.now();
  let lastSaved = started;
  const result = await runAsync(problem, plan, {
    ...(saved && { from: saved.checkpoint }),
    keepFrames: false,
    onFrame: (frame) => frames.push(frame),
    signal,
    onProgress: (view, checkpoint) => {
      options.onProgress(progressOf('run', view, problem, plan));
      const stopped = signal.aborted;
      if (folder === null || stopped || performance.now() - lastSaved < saveEvery) return;
      lastSaved = performance.now();
      saveRun(folder, hash, { checkpoint: checkpoint(), frames });
    },
  });
  if (result.status === 'aborted') throw new Interrupted('run');
  if (folder !== null) forgetRun(folder);
  const failed = result.status === 'diverged' || result.status === 'massLost';
  const study = problemResult(config, problem, { result, frames });
  const claimFailed = study.claims.some(({ verdict }) => verdict === 'fails');
  return {
    id: 'run',
    title: problem.flow.name,
    reference: '',
    config,
    hash,
    backend: workbench.backend.name,
    command: commandOf(config),
    seconds: (performance.now() - started) / 1000,
    status: failed ? 'diverged' : claimFailed ? 'claim failed' : 'done',
    result: study,
  };
}

/** The command that makes a run again; what does not fit on a line is run from the config that it leaves. */
function commandOf(config: StudyConfig | ProblemConfig): string {
  if (!isStudyConfig(config)) return 'npx muflow run config.json';
  const settings = Object.entries(config.params).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return /^[\w.,:/+-]{1,80}$/.test(text) ? `--set ${name}=${text}` : null;
  });
  if (settings.includes(null)) return 'npx muflow run config.json';
  return ['npx muflow run', config.study, ...settings, `--seed ${config.seed}`].join(' ');
}
