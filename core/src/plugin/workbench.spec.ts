import { ContainerModule } from 'inversify';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Backend } from '../compute/backend.js';
import { referenceBackend } from '../compute/reference.js';
import type { MuflowError } from '../errors.js';
import { wasserstein } from '../metric/wasserstein.js';
import { isProblemConfig, isStudyConfig, type ProblemConfig, parseRunConfig, type StudyConfig } from '../run/config.js';
import { claimAtMost } from '../study/claims.js';
import { defineEntry, definePlugin, defineStudy } from './define.js';
import type { CreateContext } from './plugin.js';
import { tokens } from './tokens.js';
import { type Completed, createWorkbench } from './workbench.js';

const contexts: CreateContext[] = [];
const tool = (): Backend => ({ ...referenceBackend(), name: 'tool' });
const mine = definePlugin({
  id: 'mine',
  version: '1.0.0',
  metrics: [
    defineEntry({
      id: 'mine/scaled',
      title: 'Wasserstein at a rate',
      reference: 'None',
      params: z.strictObject({ rate: z.number().positive().default(2), of: z.string().default('wasserstein') }),
      create: ({ rate, of }, context) => {
        contexts.push(context);
        return wasserstein({ rate: rate * (context.resolve('metric', of).conservesMass('probability') ? 1 : 2) });
      },
    }),
  ],
  backends: [
    defineEntry({ id: 'mine/tool', title: 'A backend', reference: 'None', params: z.strictObject({}), create: tool }),
  ],
  studies: [
    defineStudy({
      id: 'mine/count',
      title: 'Counts to a bound',
      reference: 'None',
      params: z.strictObject({ bound: z.int().min(1).default(3) }),
      run: ({ bound }, { seed, backend }) =>
        Promise.resolve({
          claims: [claimAtMost({ statement: `seed ${seed} on ${backend.name}`, bound, measured: 1 })],
          tables: [],
          figures: [],
        }),
    }),
  ],
});

const read = (value: unknown): StudyConfig | ProblemConfig => {
  const config = parseRunConfig(value);
  return isStudyConfig(config) || isProblemConfig(config) ? config : expect.unreachable();
};
const refusalOf = (make: () => unknown): MuflowError => {
  try {
    make();
  } catch (error) {
    return error as MuflowError;
  }
  return expect.unreachable();
};
const problem = {
  problem: {
    energy: { id: 'potential', params: { potential: 'norm2(x)/2 + sin(x[0])', dim: 2 } },
    metric: 'wasserstein-fisher-rao',
    initial: { id: 'gaussian', params: { dim: 2, count: 12 } },
    noise: 0.1,
  },
  stepper: 'euler-maruyama',
  dt: 0.05,
  maxSteps: 8,
  record: { every: 4, recorders: ['mass'] },
  seed: 5,
};

describe('create', () => {
  const workbench = createWorkbench({ plugins: [mine] });

  test('defaults are filled in, and a factory gets the backend and can resolve others', () => {
    const metric = workbench.create('metric', 'mine/scaled');
    expect(metric.name).toBe(wasserstein({ rate: 2 }).name);
    expect(contexts.at(-1)?.backend).toBe(workbench.backend);
    expect(workbench.create('stepper', 'heun').order).toBe(2);
  });

  test('wrong parameters are told all at once, each with its path', () => {
    const error = refusalOf(() => workbench.create('metric', 'mine/scaled', { rate: -1, off: 'x' }));
    expect(error).toMatchObject({ code: 'invalid-config', where: 'mine/scaled' });
    expect((error.details.problems as { path: string }[]).map(({ path }) => path).sort()).toEqual([
      'params.off',
      'params.rate',
    ]);
    expect(error.message).toMatch(/2 parameters are not valid.*there is no such key; did you mean of\?/);
  });

  test('an unknown id inside a factory is told as one', () => {
    expect(refusalOf(() => workbench.create('metric', 'mine/scaled', { of: 'waserstein' })).code).toBe('unknown-id');
  });
});

describe('services', () => {
  test('the backend is the reference unless an id names another; an unknown id is refused at once', () => {
    expect(createWorkbench({ plugins: [mine], backend: 'mine/tool' }).backend.name).toBe('tool');
    expect(refusalOf(() => createWorkbench({ plugins: [mine], backend: 'mine/tol' })).code).toBe('unknown-id');
  });

  test('a module of a plugin sees logger, clock and registry, and what it made is ended by dispose, once', async () => {
    const told: string[] = [];
    const ended: string[] = [];
    const store = Symbol.for('mine/store');
    const module = new ContainerModule(({ bind, onActivation, onDeactivation }) => {
      bind(store).toResolvedValue(
        (logger, clock, registry) => {
          logger.notice(`made at ${clock()} with ${registry.plugins.length} plugins`);
          return 'the store';
        },
        [tokens.logger, tokens.clock, tokens.registry],
      );
      onDeactivation(store, (made) => {
        ended.push(String(made));
      });
      // A service comes to life with the first thing that asks for it: here the backend.
      onActivation(tokens.backend, (context, backend) => {
        context.get(store);
        return backend;
      });
    });
    const workbench = createWorkbench({
      plugins: [{ ...mine, module }],
      logger: { notice: (message) => told.push(message) },
      clock: () => 7,
    });
    expect(told).toEqual(['made at 7 with 2 plugins']);
    expect(ended).toEqual([]);
    await workbench.dispose();
    expect(ended).toEqual(['the store']);
  });

  test('the backend is disposed with the workbench', async () => {
    let disposed = 0;
    const disposable = defineEntry({
      id: 'own/backend',
      title: 'A backend to dispose',
      reference: 'None',
      params: z.strictObject({}),
      create: () => ({ ...tool(), dispose: () => void disposed++ }),
    });
    const workbench = createWorkbench({
      plugins: [{ id: 'own', version: '1.0.0', backends: [disposable] }],
      backend: 'own/backend',
    });
    await workbench.dispose();
    expect(disposed).toBe(1);
  });

  test('plugins are checked when the workbench is made', () => {
    expect(refusalOf(() => createWorkbench({ plugins: [mine, mine] })).code).toBe('duplicate-id');
    expect(refusalOf(() => createWorkbench({ plugins: [{ ...mine, requires: { other: '*' } }] })).code).toBe(
      'missing-requirement',
    );
  });
});

describe('run', () => {
  const workbench = createWorkbench({ plugins: [mine] });

  test('a study runs with its parameters, the seed and the backend', async () => {
    const done = await workbench.run(read({ study: 'count', params: { bound: 5 }, seed: 'abc' }));
    expect(done.kind === 'study' && done.result.claims[0]).toMatchObject({
      statement: `seed abc on ${workbench.backend.name}`,
      prediction: 'at most 5',
      verdict: 'holds',
    });
    expect((await workbench.runStudy('mine/count')).claims).toHaveLength(1);
    await expect(workbench.runStudy('mine/count', { bound: 0 })).rejects.toMatchObject({ code: 'invalid-config' });
  });

  test('a problem runs; the same seed gives the same bytes, another seed others', async () => {
    const positions = async (value: unknown): Promise<readonly number[]> => {
      const done = await workbench.run(read(value));
      return done.kind === 'problem' ? [...done.result.profile[0].positions, ...done.result.profile[0].masses] : [];
    };
    const first = await positions(problem);
    expect(first).toHaveLength(12 * 3);
    expect(await positions(problem)).toEqual(first);
    expect(await positions({ ...problem, seed: 6 })).not.toEqual(first);
  });

  test('a config read back from JSON after defaults runs to the same result', async () => {
    const config = read(problem);
    const back = read(JSON.parse(JSON.stringify(config)));
    const [a, b] = [await workbench.run(config), await workbench.run(back)];
    const numbers = ({ kind, result }: Completed): unknown =>
      kind === 'problem' && result.profile.map(({ positions, logMasses, ids }) => ({ positions, logMasses, ids }));
    expect(numbers(b)).toEqual(numbers(a));
    expect(a.kind === 'problem' && a.result.frames.map(({ step }) => step)).toEqual([0, 4, 8]);
    expect(a.kind === 'problem' && a.result.status).toBe('maxSteps');
  });

  test('an aborted problem is an outcome', async () => {
    const done = await workbench.run(read(problem), { signal: AbortSignal.abort() });
    expect(done).toMatchObject({ kind: 'problem', result: { status: 'aborted' } });
  });

  test('frames are seen as they are recorded', async () => {
    const seen: number[] = [];
    await workbench.run(read(problem), { open: { onFrame: ({ step }) => seen.push(step), keepFrames: false } });
    expect(seen).toEqual([0, 4, 8]);
  });
});
