import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { risk } from '../energy/risk.js';
import { zeroSumGame } from '../energy/zeroSumGame.js';
import type { MuflowError } from '../errors.js';
import { isProblemConfig, isStudyConfig, parseRunConfig } from '../run/config.js';
import type { Plan, Problem } from '../run/problem.js';
import { simulate } from '../run/simulate.js';
import { box } from '../space/box.js';
import { defineEntry, definePlugin, defineStudy } from './define.js';
import type { Resolved } from './resolve.js';
import { createWorkbench } from './workbench.js';

const games = definePlugin({
  id: 'games',
  version: '1.0.0',
  games: [
    defineEntry({
      id: 'games/hide',
      title: 'Hide and seek',
      reference: 'None',
      params: z.strictObject({}),
      create: () => zeroSumGame({ payoff: '(x - y)^2', spaces: [box([[-1, 1]]), box([[-1, 1]])] }),
    }),
  ],
  studies: [
    defineStudy({
      id: 'games/none',
      title: 'Nothing',
      reference: 'None',
      params: z.strictObject({ depth: z.int().min(1).default(3), name: z.string().default('a') }),
      run: () => Promise.resolve({ claims: [], tables: [], figures: [] }),
    }),
  ],
});
const rows = definePlugin({
  id: 'rows',
  version: '1.0.0',
  energies: [
    defineEntry({
      id: 'rows/line',
      title: 'Risk of a line through the origin',
      reference: 'None',
      params: z.strictObject({}),
      create: () =>
        risk({
          unit: { formula: 'a * x', atom: { a: 1 } },
          inputs: Float64Array.of(1, 2, 3),
          targets: Float64Array.of(2, 4, 7),
        }),
    }),
  ],
});
const workbench = createWorkbench({ plugins: [games, rows] });

function resolve(value: unknown): Resolved {
  const config = parseRunConfig(value);
  return isStudyConfig(config) || isProblemConfig(config) ? workbench.resolve(config) : expect.unreachable();
}
const problemOf = (value: unknown): { readonly problem: Problem; readonly plan: Plan } => {
  const resolved = resolve(value);
  return resolved.kind === 'problem' ? resolved : expect.unreachable();
};
const refusalOf = (value: unknown): MuflowError => {
  try {
    resolve(value);
  } catch (error) {
    return error as MuflowError;
  }
  return expect.unreachable();
};
const pathsOf = ({ details }: MuflowError): string[] =>
  (details.problems as readonly { path: string }[]).map(({ path }) => path);

const learning = {
  problem: { energy: 'potential', metric: 'wasserstein', initial: 'uniform' },
  stepper: 'heun',
  dt: 0.1,
  maxTime: 1,
};
const playing = {
  problem: { space: '[-1,1]', game: 'games/hide', metric: 'fisher-rao', initials: ['uniform', 'uniform'] },
  stepper: 'euler',
  dt: 0.1,
  maxSteps: 4,
};
const within = (part: object) => ({ ...learning, problem: { ...learning.problem, ...part } });

describe('what a config stands for', () => {
  test('a study with its defaults and the seed', () => {
    expect(resolve({ study: 'games/none', params: { depth: 4 }, seed: 9 })).toMatchObject({
      kind: 'study',
      study: { id: 'games/none' },
      params: { depth: 4, name: 'a' },
      seed: 9,
    });
  });

  test('energy, metric and initial make a flow with its plan', () => {
    const { problem, plan } = problemOf(learning);
    expect(problem.flow.energy?.name).toMatch(/potential/);
    expect(plan).toMatchObject({ dt: 0.1, maxTime: 1, seed: 0, record: { every: 1, recorders: [] } });
    expect(simulate(problem, plan)).toMatchObject({ status: 'maxTime', time: 1 });
  });

  test('a game takes one metric for all, or one per player', () => {
    const several = {
      ...playing,
      problem: { ...playing.problem, metric: undefined, metrics: ['fisher-rao', 'fisher-rao'] },
    };
    for (const config of [playing, several]) {
      const { problem, plan } = problemOf(config);
      expect(problem.flow.game?.spaces).toHaveLength(2);
      expect(simulate(problem, plan).status).toBe('maxSteps');
    }
  });

  test('the space and its dimension are the defaults of what asks for them and leaves them out', () => {
    const { problem } = problemOf({
      ...learning,
      problem: { ...learning.problem, space: '[0,1],[0,2]', initial: { id: 'uniform', params: { count: 5 } } },
    });
    const [mu] = problem.initial as readonly { dim: number; count: number; space: { name: string } }[];
    expect(mu).toMatchObject({ dim: 2, count: 5, space: { name: '[0,1],[0,2]' } });
    expect(problem.flow.dims).toEqual([2]);
  });

  test('the seed of the run is that of one initial measure; players draw from seeds of their own', () => {
    const positions = (value: unknown): number[][] =>
      (problemOf(value).problem.initial as readonly { positions: Float64Array }[]).map((mu) => [...mu.positions]);
    const alone = (seed: number, own?: number) =>
      positions({
        ...within({ initial: { id: 'uniform', params: { count: 3, ...(own !== undefined && { seed: own }) } } }),
        seed,
      })[0];
    expect(alone(1)).not.toEqual(alone(2));
    expect(alone(1, 2)).toEqual(alone(2));
    const [first, second] = positions(playing);
    expect(first).not.toEqual(second);
  });

  test('noise, jumps, time and stop arrive', () => {
    const { problem, plan } = problemOf({
      ...within({ noise: 0.5, jumps: ['merge', { id: 'prune', params: { threshold: 0.01 } }], time: 3 }),
      stepper: 'euler-maruyama',
      maxTime: 4,
      record: { recorders: ['energy'] },
      stop: { stationary: 1e-3, stalled: { column: 'energy', steps: 5 }, massLost: 0.5 },
    });
    expect(problem.flow.noise).toEqual([{ player: 0, temperature: 0.5 }]);
    expect(problem.flow.jumps.map(({ name }) => name)).toEqual(['merge', 'prune']);
    expect(problem.time).toBe(3);
    expect(plan.stop?.name).toMatch(/whenStationary, whenStalled, whenMassLost/);
  });

  test('a minibatch is an estimate from that many rows a step', () => {
    const asked = (minibatch: unknown) => ({
      ...within({ energy: 'rows/line', initial: 'gaussian', minibatch }),
      maxTime: 1,
    });
    const path = (minibatch: unknown): number[] => {
      const { problem, plan } = problemOf(asked(minibatch));
      return [...simulate(problem, plan).profile[0].positions];
    };
    expect(problemOf(asked({ size: 2 })).problem.flow.field?.name).toMatch(/on 2 of 3 rows/);
    expect(path({ size: 1 })).toEqual(path({ size: 1 }));
    expect(path({ size: 1 })).not.toEqual(path({ size: 3 }));
    expect(path({ size: 3 })).toEqual(path(undefined));
    expect(pathsOf(refusalOf(asked({ size: 4 })))).toEqual(['problem.minibatch']);
    expect(refusalOf(within({ minibatch: { size: 1 } })).message).toMatch(
      /no mean over data rows at problem.minibatch, got potential/,
    );
    const inGame = { ...playing, problem: { ...playing.problem, minibatch: { size: 1 } } };
    expect(refusalOf(inGame).message).toMatch(/a game has no data rows/);
  });

  test('a column to reach is read from the recorder that fills it', () => {
    const { problem, plan } = problemOf({
      ...learning,
      maxTime: 50,
      record: { recorders: ['energy'] },
      stop: { below: { column: 'energy', value: 1e-3 } },
    });
    expect(simulate(problem, plan)).toMatchObject({ status: 'converged' });
  });
});

describe('what is wrong', () => {
  test('every wrong id and parameter is told in one refusal, each with its path', () => {
    const error = refusalOf({
      problem: {
        space: '[1,-1]',
        energy: { id: 'potental' },
        metric: { id: 'wasserstein', params: { rate: -1, rat: 1 } },
        initial: { id: 'uniform', params: { count: 1e9 } },
        jumps: ['merge', 'marge'],
      },
      stepper: 'hein',
      dt: 0.1,
      maxSteps: 3,
      record: { recorders: ['mass', { id: 'mass', params: { players: 0 } }, 'massive'] },
    });
    expect(error).toMatchObject({ code: 'invalid-config', where: 'resolve' });
    expect(pathsOf(error).sort()).toEqual([
      'problem.energy.id',
      'problem.initial.params.count',
      'problem.jumps[1].id',
      'problem.metric.params.rat',
      'problem.metric.params.rate',
      'problem.space',
      'record.recorders[1].params.players',
      'record.recorders[2].id',
      'stepper.id',
    ]);
  });

  const wrong: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['a study that is not there', { study: 'games/nome' }, 'study', /did you mean games\/none/],
    ['a parameter of a study', { study: 'games/none', params: { depth: 0 } }, 'params.depth', /./],
    ['a space', within({ space: 'tours(2)' }), 'problem.space', /column 1.*did you mean torus/],
    [
      'a formula, with its column',
      within({ energy: { id: 'potential', params: { potential: 'x + z' } } }),
      'problem.energy.params',
      /"z" is unknown at problem\.energy\.params, column 5/,
    ],
    [
      'an energy with several metrics',
      within({ metric: undefined, metrics: ['wasserstein', 'wasserstein'] }),
      'problem.metrics',
      /one player/,
    ],
    [
      'an initial of other coordinates',
      within({ initial: { id: 'gaussian', params: { dim: 2 } } }),
      'problem.initial',
      /does not fit/,
    ],
    [
      'a space other than the game has',
      { ...playing, problem: { ...playing.problem, space: '[0,1]' } },
      'problem.initials',
      /another space/,
    ],
    [
      'one measure for two players',
      { ...playing, problem: { ...playing.problem, initials: ['uniform'] } },
      'problem.initial',
      /players/,
    ],
    ['a stepper that follows no noise', within({ noise: 1 }), 'stepper', /cannot follow noise/],
    [
      'a jump of a player that is not there',
      within({ jumps: [{ id: 'merge', params: { player: 1 } }] }),
      'problem',
      /player that does not exist/,
    ],
    [
      'births where nothing is uniform',
      within({ initial: 'gaussian', jumps: ['reinjection'] }),
      'problem.jumps[0]',
      /unbounded/,
    ],
    [
      'a jump that is too strong',
      { ...within({ jumps: ['merge', { id: 'birth-death', params: { rate: 1e9 } }] }) },
      'problem.jumps[1]',
      /rate is too high/,
    ],
    [
      'an energy that cannot take the start',
      within({
        space: 'euclidean(1)',
        energy: {
          id: 'distance',
          params: { distance: 'sinkhorn-divergence', epsilon: 1, points: [[0], [1e15]], masses: [0.5, 0.5] },
        },
        initial: 'gaussian',
      }),
      'problem.energy',
      /epsilon is lost in the rounding/,
    ],
    [
      'a recorder of energies of a game',
      { ...playing, record: { recorders: ['mass-drift', 'energy'] } },
      'record.recorders[1]',
      /no energy/,
    ],
    [
      'two recorders of one column',
      { ...learning, record: { recorders: ['energy', 'energy'] } },
      'record.recorders',
      /one column/,
    ],
    [
      'a column that nothing records',
      { ...learning, stop: { below: { column: 'enrgy', value: 0 } } },
      'stop',
      /nothing records/,
    ],
    ['an end before the start', { ...within({ time: 2 }) }, 'maxTime', /final time is not usable/],
    ['an energy that is undefined', within({ energy: undefined }), 'problem', /energy or game is missing/],
    [
      'more numbers than fit',
      within({
        space: new Array(40).fill('[0,1]').join(','),
        initial: { id: 'uniform', params: { count: 10_000_000 } },
      }),
      'problem.initial.params',
      /too large/,
    ],
    [
      'a grid of more points than fit',
      within({ initial: { id: 'grid', params: { space: 'torus(3)', perAxis: 10_000 } } }),
      'problem.initial.params',
      /too large/,
    ],
    [
      'a recorder of a billion players',
      { ...learning, record: { recorders: [{ id: 'mass', params: { players: 1e9 } }] } },
      'record.recorders[0].params.players',
      /./,
    ],
  ];
  test.each(wrong)('%s', (_, value, path, message) => {
    const error = refusalOf(value);
    expect(error.code).toBe('invalid-config');
    expect(pathsOf(error)).toContain(path);
    expect(error.message).toMatch(message);
  });

  test('thousands of problems are counted, ten are told, all are listed', () => {
    const error = refusalOf(within({ jumps: new Array(2000).fill('marge') }));
    expect(error.message).toMatch(/2000 problems: problem\.jumps\[0\]\.id.*and 1990 more/);
    expect(error.message.length).toBeLessThan(3000);
    expect(pathsOf(error)).toHaveLength(2000);
  });

  test('a key of thousands of letters does not fill the message', () => {
    const error = refusalOf({ ...learning, ['k'.repeat(5000)]: 1 });
    expect(error.message).toMatch(/no such key.* at k{59}…, got a value,/);
    expect(error.message.length).toBeLessThan(500);
  });
});
