import type { Energy, Field } from '../energy/energy.js';
import { fail, isMuflowError } from '../errors.js';
import { gameFlow } from '../flow/fieldFlow.js';
import type { Flow } from '../flow/flow.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { minibatch, type RowEnergy } from '../flow/minibatch.js';
import { failConfig, isStudyConfig, type ProblemConfig, type Reference, type StudyConfig } from '../run/config.js';
import { type ConfigProblem, keysAt } from '../run/configProblems.js';
import type { Plan, Problem, StopRule } from '../run/problem.js';
import { whenStalled } from '../run/stalled.js';
import { anyOf, whenBelow, whenMassLost, whenStationary } from '../run/stop.js';
import { parseSpace } from '../space/parse.js';
import { tryParameters } from '../study/parameters.js';
import type { Study } from '../study/study.js';
import type { CreateContext, EntryKind, EntryProduct } from './plugin.js';
import type { Registry } from './registry.js';
import { rehearse } from './rehearse.js';

/** What a config stands for, as plain values: no container, no ids. */
export type Resolved =
  | { readonly kind: 'study'; readonly study: Study; readonly params: unknown; readonly seed: number | string }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly plan: Plan };

/**
 * Looks up and makes everything a config names. Where the parameters of a part ask for `space`, `dim` or `seed`
 * and the config leaves them out, the problem's space, its number of coordinates and the seed of the run are
 * taken; the initial measures of several players draw from distinct seeds `<seed>/<player>`.
 *
 * @throws one `invalid-config` whose `details.problems` lists unknown ids, wrong parameters and what the
 * factories refuse, each with its path.
 */
export function resolveConfig(
  config: StudyConfig | ProblemConfig,
  registry: Registry,
  context: CreateContext,
): Resolved {
  const collector = collect(registry, context);
  if (isStudyConfig(config)) {
    const study = collector.attempt('study', () => registry.study(config.study));
    const outcome = study && tryParameters(study.params, config.params, 'params');
    if (outcome && 'problems' in outcome) collector.problems.push(...outcome.problems);
    if (study && outcome && 'params' in outcome)
      return { kind: 'study', study, params: outcome.params, seed: config.seed };
    return failConfig('resolve', collector.problems, config);
  }
  const problem = problemOf(config, collector);
  const plan = planOf(config, collector);
  if (problem && plan && collector.problems.length === 0) {
    rehearse(problem, plan, (path, check) => collector.attempt(path, () => check() ?? true) === true);
    if (collector.problems.length === 0) return { kind: 'problem', problem, plan };
  }
  return failConfig('resolve', collector.problems, config);
}

/** Makes parts and remembers what went wrong instead of stopping at the first problem. */
interface Collector {
  readonly problems: ConfigProblem[];
  make<K extends EntryKind>(
    kind: K,
    part: Reference | undefined,
    path: string,
    defaults?: Defaults,
  ): EntryProduct[K] | undefined;
  attempt<T>(path: string, make: () => T): T | undefined;
}

/** Values for parameters that a config leaves out; those a part does not ask for are not passed. */
interface Defaults {
  readonly space?: string;
  readonly dim?: number;
  readonly seed?: number | string;
}

function collect(registry: Registry, context: CreateContext): Collector {
  const problems: ConfigProblem[] = [];
  const attempt = <T>(path: string, make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      if (!isMuflowError(error)) throw error;
      problems.push({ path, message: `${error.failure.problem}, got ${error.failure.got}`, failure: error.failure });
      return undefined;
    }
  };
  return {
    problems,
    attempt,
    make(kind, part, path, defaults = {}) {
      if (part === undefined) return undefined;
      const entry = attempt(`${path}.id`, () => registry.entry(kind, part.id));
      if (entry === undefined) return undefined;
      const known = keysAt(entry.params, []);
      const missing = Object.entries(defaults).filter(([key]) => known.includes(key) && !(key in part.params));
      const outcome = tryParameters(entry.params, { ...Object.fromEntries(missing), ...part.params }, `${path}.params`);
      if ('params' in outcome) return attempt(`${path}.params`, () => entry.create(outcome.params, context));
      problems.push(...outcome.problems);
      return undefined;
    },
  };
}

function problemOf({ problem, seed }: ProblemConfig, collector: Collector): Problem | undefined {
  const text = problem.space;
  const space = text === undefined ? undefined : collector.attempt('problem.space', () => parseSpace(text));
  const defaults: Defaults = space === undefined ? {} : { space: space.name, dim: space.dim };
  const flow = flowOf(problem, collector, defaults);
  const starts = problem.initials ?? (problem.initial === undefined ? [] : [problem.initial]);
  const initial = starts.map((part, player) => {
    const path = problem.initials ? `problem.initials[${player}]` : 'problem.initial';
    return collector.make('initial', part, path, {
      ...defaults,
      seed: starts.length === 1 ? seed : `${seed}/${player}`,
    });
  });
  if (flow === undefined || !isComplete(initial)) return undefined;
  return { flow, initial, ...(problem.time !== undefined && { time: problem.time }) };
}

function flowOf(parts: ProblemConfig['problem'], collector: Collector, defaults: Defaults): Flow | undefined {
  const { noise } = parts;
  const energy = collector.make('energy', parts.energy, 'problem.energy', defaults);
  const game = collector.make('game', parts.game, 'problem.game', defaults);
  const metric = collector.make('metric', parts.metric, 'problem.metric');
  const several =
    parts.metrics?.map((part, player) => collector.make('metric', part, `problem.metrics[${player}]`)) ?? [];
  const jumps = parts.jumps.map((part, k) => collector.make('jump', part, `problem.jumps[${k}]`));
  if (parts.energy && parts.metrics) {
    collector.problems.push({
      path: 'problem.metrics',
      message: 'an energy has one player: give one metric under the key metric',
    });
  }
  if (!isComplete(jumps) || !isComplete(several)) return undefined;
  const options = { jumps, ...(noise !== undefined && { noise }) };
  if (parts.minibatch && parts.game) {
    collector.problems.push({ path: 'problem.minibatch', message: 'a game has no data rows: leave it out' });
  }
  const metrics = metric ?? (several.length > 0 ? several : undefined);
  if (game && metrics) return collector.attempt('problem', () => gameFlow(game, metrics, options));
  if (energy === undefined || metric === undefined) return undefined;
  const estimate = collector.attempt('problem.minibatch', () => ({ field: estimateOf(energy, parts.minibatch) }));
  if (estimate === undefined) return undefined;
  const { field } = estimate;
  return collector.attempt('problem', () =>
    gradientFlow(energy, metric, { ...options, ...(field && { estimate: field }) }),
  );
}

/** The minibatch that a config asks for, undefined where it asks for none. */
function estimateOf(energy: Energy, given: ProblemConfig['problem']['minibatch']): Field | undefined {
  if (given === undefined) return undefined;
  if (hasRows(energy)) return minibatch(energy, given);
  return fail({
    code: 'unsupported',
    where: 'resolve',
    problem: 'the energy is no mean over data rows',
    got: energy.name,
    expected: 'an energy with rows, such as the risk of a network',
    fix: 'leave minibatch out',
  });
}

const hasRows = (energy: Energy): energy is RowEnergy => 'rowCount' in energy && 'firstVariationOnRowsInto' in energy;

function planOf(config: ProblemConfig, collector: Collector): Plan | undefined {
  const { dt, maxSteps, maxTime, seed, record } = config;
  const stepper = collector.make('stepper', config.stepper, 'stepper');
  const recorders = record.recorders.map((part, k) => collector.make('recorder', part, `record.recorders[${k}]`));
  const stop = collector.attempt('stop', () => stopOf(config.stop));
  if (stepper === undefined || !isComplete(recorders)) return undefined;
  return {
    stepper,
    dt,
    seed,
    record: { every: record.every, recorders },
    ...(maxSteps !== undefined && { maxSteps }),
    ...(maxTime !== undefined && { maxTime }),
    ...(stop && { stop }),
  };
}

function stopOf(stop: ProblemConfig['stop']): StopRule | undefined {
  if (stop === undefined) return undefined;
  const rules = [
    ...(stop.stationary === undefined ? [] : [whenStationary({ tolerance: stop.stationary })]),
    ...(stop.below === undefined ? [] : [whenBelow(stop.below.column, stop.below.value)]),
    ...(stop.stalled === undefined ? [] : [stalledRule(stop.stalled)]),
    ...(stop.massLost === undefined ? [] : [whenMassLost(stop.massLost)]),
  ];
  return rules.length === 1 ? rules[0] : anyOf(...rules);
}

function stalledRule({
  column,
  steps,
  keepBest,
}: NonNullable<NonNullable<ProblemConfig['stop']>['stalled']>): StopRule {
  return whenStalled(column, steps, keepBest === undefined ? {} : { keepBest });
}

function isComplete<T>(items: readonly (T | undefined)[]): items is readonly T[] {
  return items.every((item) => item !== undefined);
}
