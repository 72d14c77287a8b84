import { corePlugin, type EntryKind, type RandomStream, type Workbench } from '@muflow/core';
import { exampleParams, registeredIn } from '@muflow/core/testing';
import { plugins } from '../plugins.js';
import { chance, pick } from './random.js';

type Json = Record<string, unknown>;

interface Choice {
  readonly id: string;
  readonly params: unknown;
}

/** Every registered thing with its default and example parameters, by kind. */
const choices = new Map<EntryKind | 'study', readonly Choice[]>();
for (const registered of [corePlugin, ...plugins].flatMap(registeredIn)) {
  const { kind, id } = registered;
  const made = exampleParams(registered).map((params) => ({ id, params }));
  choices.set(kind, [...(choices.get(kind) ?? []), ...made]);
}

export const choicesOf = (kind: EntryKind | 'study'): readonly Choice[] => choices.get(kind) ?? [];

/** Everything that is made by a factory, with a copy of its parameters in full. */
export function allChoices(): readonly (readonly [EntryKind, { readonly id: string; readonly params: unknown }])[] {
  return [corePlugin, ...plugins].flatMap(registeredIn).flatMap((registered) => {
    const { kind, id, params } = registered;
    if (kind === 'study') return [];
    return exampleParams(registered).map(
      (given) => [kind, { id, params: structuredClone(params.parse(given)) }] as const,
    );
  });
}

/** A config that reads well, of random registered parts; the parts need not go together. */
export function randomConfig(random: RandomStream, workbench: Workbench): Json {
  if (chance(random, 0.12)) return studyConfig(random);
  const byGame = chance(random, 0.35);
  const problem = byGame ? gameProblem(random, workbench) : energyProblem(random, workbench);
  const noise = chance(random, 0.15);
  const [jump, recorder] = [pick(random, choicesOf('jump')), pick(random, choicesOf('recorder'))];
  const config: Json = {
    problem: { ...problem, ...(noise && { noise: 0.1 }), ...(chance(random, 0.25) && { jumps: [reference(jump)] }) },
    stepper: reference(noise ? { id: 'core/euler-maruyama', params: {} } : pick(random, choicesOf('stepper'))),
    dt: 0.01,
    maxSteps: 3,
    seed: random.integer(100),
    ...(chance(random, 0.3) && { record: { every: 2, recorders: [reference(recorder)] } }),
    ...(chance(random, 0.2) && {
      stop: pick(random, [{ stationary: 1e-6 }, { massLost: 0.5 }, { below: { column: 'energy', value: 0 } }]),
    }),
  };
  return config;
}

function studyConfig(random: RandomStream): Json {
  return { study: pick(random, choicesOf('study')).id, params: {}, seed: random.integer(100) };
}

const reference = ({ id, params }: Choice): unknown => ({ id, params: structuredClone(params) });

function energyProblem(random: RandomStream, workbench: Workbench): Json {
  const energy = pick(random, choicesOf('energy'));
  const { dim, space } = workbench.create('energy', energy.id, energy.params);
  const finite = space?.kind === 'finite';
  const starts: readonly Choice[] = [
    { id: 'core/gaussian', params: { dim, count: 20 } },
    { id: 'core/uniform', params: { space: new Array<string>(dim).fill('[-1,1]').join(','), count: 20 } },
    { id: 'core/diracs', params: { points: [new Array<number>(dim).fill(0.5), new Array<number>(dim).fill(-0.5)] } },
  ];
  const initial = finite
    ? { id: 'core/grid', params: { space: space.name, perAxis: space.volume } }
    : pick(random, starts);
  return {
    ...(chance(random, 0.3) && { space: space?.name ?? `euclidean(${dim})` }),
    energy: reference(energy),
    metric: reference(finite ? { id: 'core/fisher-rao', params: {} } : pick(random, choicesOf('metric'))),
    initial: reference(chance(random, 0.9) ? initial : pick(random, choicesOf('initial'))),
  };
}

function gameProblem(random: RandomStream, workbench: Workbench): Json {
  const game = pick(random, choicesOf('game'));
  const { spaces } = workbench.create('game', game.id, game.params);
  const finite = spaces.every(({ kind }) => kind === 'finite');
  const metric = reference(finite ? { id: 'core/fisher-rao', params: {} } : pick(random, choicesOf('metric')));
  return {
    game: reference(game),
    ...(chance(random, 0.5) ? { metric } : { metrics: spaces.map(() => structuredClone(metric)) }),
    initials: spaces.map((space) =>
      reference(
        space.kind === 'finite'
          ? { id: 'core/grid', params: { space: space.name, perAxis: space.volume } }
          : { id: 'core/uniform', params: { space: space.name, count: 8 } },
      ),
    ),
  };
}
