import 'reflect-metadata';
import { Container, type ContainerModule } from 'inversify';
import type { Backend } from '../compute/backend.js';
import { defaultBackend } from '../compute/defaultBackend.js';
import { hasWasmSimd } from '../compute/wasm/wasmBackend.js';
import type { ProblemConfig, StudyConfig } from '../run/config.js';
import { keysAt } from '../run/configProblems.js';
import type { OpenOptions } from '../run/loop.js';
import type { RunResult, RunView } from '../run/problem.js';
import { runAsync } from '../run/runAsync.js';
import { parseParameters } from '../study/parameters.js';
import { progressOf, type RunStudyOptions, runStudy } from '../study/runStudy.js';
import type { StudyProgress, StudyResult } from '../study/study.js';
import { corePlugin } from './corePlugin.js';
import type { CreateContext, EntryKind, EntryProduct, Plugin } from './plugin.js';
import { createRegistry, type Registry } from './registry.js';
import { type Resolved, resolveConfig } from './resolve.js';
import { type Logger, tokens } from './tokens.js';

export interface WorkbenchOptions {
  /** Plugins besides `core`, which is always there. */
  readonly plugins?: readonly Plugin[];
  /** Id of a registered backend; default WebAssembly where the host has it, else the reference. */
  readonly backend?: string;
  /** Threads of the backend, 1 by default; results do not depend on it. */
  readonly threads?: number;
  readonly logger?: Logger;
  readonly clock?: () => number;
}

/** Registered things, ready to be made: the one place where the container is touched. */
export interface Workbench {
  readonly registry: Registry;
  readonly backend: Backend;
  /** Makes a registered thing; parameters are validated and defaults filled in. */
  create<K extends EntryKind>(kind: K, id: string, params?: unknown): EntryProduct[K];
  /** Runs a registered study. */
  runStudy(id: string, params?: unknown, options?: Omit<RunStudyOptions, 'backend'>): Promise<StudyResult>;
  /**
   * What a config stands for, as plain values.
   * @throws one `invalid-config` listing everything that is wrong, each with its path.
   */
  resolve(config: StudyConfig | ProblemConfig): Resolved;
  /** Runs what a config stands for: a study to its result, a problem to its outcome, both in short slices. */
  run(config: StudyConfig | ProblemConfig, options?: RunConfigOptions): Promise<Completed>;
  /** Ends the services that plugins brought. */
  dispose(): Promise<void>;
}

/** How a config is run. */
export interface RunConfigOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: StudyProgress) => void;
  /** For problems: an observer of frames, and a checkpoint to go on from. */
  readonly open?: OpenOptions;
}

/** What came of a config. */
export type Completed =
  | { readonly kind: 'study'; readonly result: StudyResult }
  | { readonly kind: 'problem'; readonly result: RunResult };

/**
 * Puts plugins together: checks them, binds the backend, clock, logger and registry, and loads the modules
 * that plugins bring. The container is used here and never inside a run.
 *
 * @throws `duplicate-id`, `missing-requirement`, `version-mismatch`, `unknown-id`.
 * @example
 * const workbench = createWorkbench({ plugins: [zeroSum] });
 * const result = await workbench.runStudy('zero-sum/guessing');
 */
export function createWorkbench(options: WorkbenchOptions = {}): Workbench {
  const registry = createRegistry([corePlugin, ...(options.plugins ?? [])]);
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(tokens.registry).toConstantValue(registry);
  container.bind(tokens.clock).toConstantValue(options.clock ?? (() => performance.now()));
  container.bind(tokens.logger).toConstantValue(options.logger ?? { notice: () => undefined });
  container
    .bind(tokens.backend)
    .toResolvedValue((found, logger) => chooseBackend(found, logger, options), [tokens.registry, tokens.logger]);
  const modules = registry.plugins.flatMap((plugin): ContainerModule[] => (plugin.module ? [plugin.module] : []));
  container.load(...modules);
  const backend = container.get(tokens.backend);

  const { notice } = container.get(tokens.logger);
  const context: CreateContext = { backend, notice, resolve: create };
  function create<K extends EntryKind>(kind: K, id: string, params: unknown = {}): EntryProduct[K] {
    const entry = registry.entry(kind, id);
    return entry.create(parseParameters(entry.id, entry.params, params), context);
  }
  return {
    registry,
    backend,
    create,
    resolve: (config) => resolveConfig(config, registry, context),
    run: (config, runOptions = {}) => runResolved(resolveConfig(config, registry, context), backend, runOptions),
    runStudy: (id, params, runOptions = {}) => runStudy(registry.study(id), params, { ...runOptions, backend }),
    async dispose() {
      await container.unbindAll();
      // The default backend is everybody's.
      if (backend !== defaultBackend()) backend.dispose?.();
    },
  };
}

async function runResolved(resolved: Resolved, backend: Backend, options: RunConfigOptions): Promise<Completed> {
  const { signal, onProgress } = options;
  if (resolved.kind === 'study') {
    const { study, params, seed } = resolved;
    const shared = { seed, backend, ...(signal && { signal }), ...(onProgress && { onProgress }) };
    return { kind: 'study', result: await runStudy(study, params, shared) };
  }
  const { problem, plan } = resolved;
  const report = (view: RunView): void => onProgress?.(progressOf('run', view, problem, plan));
  const result = await runAsync(problem, plan, { ...options.open, onProgress: report, ...(signal && { signal }) });
  return { kind: 'problem', result };
}

/** The backend that is named, with as many threads as are asked for; a shared one where nothing is asked for. */
function chooseBackend(registry: Registry, { notice }: Logger, { backend, threads = 1 }: WorkbenchOptions): Backend {
  const several = threads !== 1;
  if (backend === undefined && !(several && hasWasmSimd())) {
    if (several) notice(`the ${defaultBackend().name} backend runs on one thread`);
    return defaultBackend();
  }
  const entry = registry.entry('backend', backend ?? 'core/wasm');
  const takesThreads = keysAt(entry.params, []).includes('threads');
  if (several && !takesThreads) notice(`the backend ${entry.id} runs on one thread`);
  const params = parseParameters(entry.id, entry.params, takesThreads ? { threads } : {});
  // A backend is made before there is one to give it: what its factory resolves gets the default.
  const context: CreateContext = {
    backend: defaultBackend(),
    notice,
    resolve(kind, id, given) {
      const wanted = registry.entry(kind, id);
      return wanted.create(parseParameters(wanted.id, wanted.params, given), context);
    },
  };
  return entry.create(params, context);
}
