import type { Backend } from '../compute/backend.js';
import type { Energy, Game } from '../energy/energy.js';
import type { Jump } from '../flow/flow.js';
import type { Metric } from '../metric/metric.js';
import type { EntryKind, EntryProduct, Plugin } from '../plugin/plugin.js';
import { createWorkbench, type Workbench } from '../plugin/workbench.js';
import type { Recorder } from '../run/problem.js';
import type { Space } from '../space/space.js';
import type { Stepper } from '../stepper/stepper.js';
import { backendLaws } from './backendLaws.js';
import { energyLaws } from './energyLaws.js';
import { gameLaws } from './gameLaws.js';
import { type InitialFactory, initialLaws } from './initialLaws.js';
import { jumpLaws } from './jumpLaws.js';
import type { Law, LawOptions } from './law.js';
import { type LawResult, runLaws } from './matchers.js';
import { metricLaws } from './metricLaws.js';
import { contractLaw, exampleParams, pluginLaws, type Registered, registeredIn, registeredLaws } from './pluginLaws.js';
import { recorderLaws } from './recorderLaws.js';
import { spaceLaws } from './spaceLaws.js';
import { stepperLaws } from './stepperLaws.js';

/** What the laws of each kind are about. */
export interface LawSubject {
  readonly space: Space;
  readonly energy: Energy;
  readonly metric: Metric;
  readonly stepper: Stepper;
  readonly game: Game;
  readonly initial: InitialFactory;
  readonly jump: Jump;
  readonly recorder: Recorder;
  readonly backend: Backend;
}

/** The laws of every kind of entry: a kind without a suite does not compile. */
export const lawSuites: { readonly [K in EntryKind]: readonly Law<LawSubject[K]>[] } = {
  space: spaceLaws,
  energy: energyLaws,
  metric: metricLaws,
  stepper: stepperLaws,
  game: gameLaws,
  initial: initialLaws,
  jump: jumpLaws,
  recorder: recorderLaws,
  backend: backendLaws,
};

export interface CheckPluginOptions extends LawOptions {
  /** Plugins that this one requires, besides `core`. */
  readonly plugins?: readonly Plugin[];
}

/** What one law said about one registered thing. */
export interface LawReport extends LawResult {
  readonly kind: EntryKind | 'study' | 'plugin';
  readonly id: string;
  /** The parameters it was made with, where the law needs it made. */
  readonly params?: unknown;
}

/**
 * Runs every law on everything a plugin registers, each thing made by a workbench with its default and its example
 * parameters. Studies are held to the contract of what is registered; their claims are their own tests.
 *
 * @param options - `seed`, and `runs` random cases per law (default 50).
 * @returns one report per law and set of parameters, in order; failures are data.
 * @throws what a workbench throws, where the plugin cannot be loaded at all.
 *
 * @example
 * const failures = (await checkPlugin(plugin, { seed: 1 })).filter(({ holds }) => !holds);
 */
export async function checkPlugin(plugin: Plugin, options: CheckPluginOptions): Promise<readonly LawReport[]> {
  const about = (await runLaws(plugin, pluginLaws, options)).map(
    (result): LawReport => ({ ...result, kind: 'plugin', id: plugin.id }),
  );
  if (about.some(({ holds }) => !holds)) return about;
  const others = options.plugins ?? [];
  const workbench = createWorkbench({ plugins: plugin.id === 'core' ? others : [...others, plugin] });
  try {
    const reports = [...about];
    for (const registered of registeredIn(plugin)) reports.push(...(await reportsOn(registered, workbench, options)));
    return reports;
  } finally {
    await workbench.dispose();
  }
}

async function reportsOn(
  registered: Registered,
  workbench: Workbench,
  options: LawOptions,
): Promise<readonly LawReport[]> {
  const { kind, id } = registered;
  const report = (result: LawResult): LawReport => ({ ...result, kind, id });
  const whole = (await runLaws(registered, [contractLaw], options)).map(report);
  if (whole.some(({ holds }) => !holds)) return whole;
  const reports = [...whole, ...(await runLaws(registered, registeredLaws, options)).map(report)];
  if (kind === 'study') return reports;
  const ofKind: LawReport[] = [];
  for (const params of exampleParams(registered)) {
    const results = await lawsOf(kind, { registered, params, workbench, options });
    ofKind.push(...results.map((result): LawReport => ({ ...report(result), params })));
  }
  return [...reports, ...ofKind, report(someLawSpeaks(kind, ofKind))];
}

/** Silence is no proof: an entry about which every law of its kind is silent has failed. */
function someLawSpeaks(kind: EntryKind, results: readonly LawResult[]): LawResult {
  const spoken = new Set(results.filter(({ skipped }) => skipped === undefined).map(({ law }) => law)).size;
  return {
    law: 'some-law-speaks',
    title: 'at least one law of its kind says something about it',
    holds: spoken > 0,
    measurement: `${spoken} of ${lawSuites[kind].length} laws of a ${kind}`,
    ...(spoken > 0
      ? {}
      : { counterexample: results.length === 0 ? 'no parameters to make it with' : 'all are silent' }),
  };
}

interface Making {
  readonly registered: Registered;
  readonly params: unknown;
  readonly workbench: Workbench;
  readonly options: LawOptions;
}

async function lawsOf<K extends EntryKind>(
  kind: K,
  { registered, params, workbench, options }: Making,
): Promise<readonly LawResult[]> {
  try {
    const product: EntryProduct[K] = workbench.create(kind, registered.id, params);
    // The subject of an initial measure is its making, of anything else the thing made.
    const subject = (kind === 'initial' ? initialFactory(registered, params, workbench) : product) as LawSubject[K];
    return await runLaws(subject, lawSuites[kind], options);
  } catch (error) {
    const counterexample = error instanceof Error ? error.message : String(error);
    const title = 'it can be made with its default and example parameters';
    return [{ law: 'can-be-made', title, holds: false, measurement: 'its factory refuses', counterexample }];
  }
}

/** Makes an initial measure again and again; it takes a seed exactly where the parameters have one. */
function initialFactory({ id, params: schema }: Registered, params: unknown, workbench: Workbench): InitialFactory {
  const seeded = (seed: number): unknown => ({ ...(params as object), seed });
  if (!schema.safeParse(seeded(1)).success) return () => workbench.create('initial', id, params);
  return (seed?: number) => workbench.create('initial', id, seed === undefined ? params : seeded(seed));
}
