import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defaultBackend } from '../compute/defaultBackend.js';
import { referenceBackend } from '../compute/reference.js';
import { potentialEnergy } from '../energy/potentialEnergy.js';
import type { MuflowError } from '../errors.js';
import { gradientFlow } from '../flow/gradientFlow.js';
import { gaussian } from '../measure/initialMeasures.js';
import { wasserstein } from '../metric/wasserstein.js';
import { energyRecorder } from '../run/recorders.js';
import { euler } from '../stepper/rungeKutta.js';
import { claimAtMost } from './claims.js';
import { parseParameters, tryParameters } from './parameters.js';
import { runStudy } from './runStudy.js';
import type { Study, StudyContext, StudyProgress } from './study.js';

const params = z.strictObject({ steps: z.int().min(1).default(5), name: z.string().default('descent') });
type Params = z.output<typeof params>;
const contexts: StudyContext[] = [];
const descent: Study<Params> = {
  id: 'mine/descent',
  title: 'Descent in a bowl',
  reference: 'None',
  params,
  async run({ steps, name }, context) {
    contexts.push(context);
    const energy = potentialEnergy({ potential: 'norm2(x)/2', dim: 1, backend: context.backend });
    const initial = gaussian({ dim: 1, n: 4, key: context.seed });
    const result = await context.simulate(
      name,
      { flow: gradientFlow(energy, wasserstein()), initial },
      { stepper: euler(), dt: 0.1, maxSteps: steps, record: { every: steps, recorders: [energyRecorder()] } },
    );
    const [first, last] = result.frames.map(({ values }) => values.energy);
    return {
      claims: [claimAtMost({ statement: 'the energy falls', bound: first, measured: last })],
      tables: [],
      figures: [],
      metrics: { position: [...result.profile[0].positions] },
    };
  },
};
const refusalOf = (running: Promise<unknown>): Promise<MuflowError> =>
  running.then(
    () => expect.unreachable(),
    (error: unknown) => error as MuflowError,
  );

describe('runStudy', () => {
  test('fills in defaults, runs and hands back what the study found', async () => {
    const result = await runStudy(descent, {});
    expect(result.claims).toMatchObject([{ verdict: 'holds' }]);
    expect(contexts.at(-1)).toMatchObject({ seed: 0, backend: { name: defaultBackend().name } });
  });

  test('the same seed gives the same numbers, another seed others', async () => {
    const numbers = async (seed: number | string): Promise<unknown> => (await runStudy(descent, {}, { seed })).metrics;
    expect(await numbers(3)).toEqual(await numbers(3));
    expect(await numbers(3)).not.toEqual(await numbers(4));
    expect(await numbers('three')).toEqual(await numbers('three'));
  });

  test('the backend and the signal of the caller arrive', async () => {
    const [backend, { signal }] = [referenceBackend(), new AbortController()];
    await runStudy(descent, {}, { backend, signal });
    expect(contexts.at(-1)?.backend).toBe(backend);
    expect(contexts.at(-1)?.signal).toBe(signal);
  });

  test('wrong parameters are refused before anything runs, all at once', async () => {
    const before = contexts.length;
    const error = await refusalOf(runStudy(descent, { steps: 0, nam: 'x' }));
    expect(error).toMatchObject({ code: 'invalid-config', where: 'mine/descent' });
    expect((error.details.problems as { path: string }[]).map(({ path }) => path)).toEqual([
      'params.steps',
      'params.nam',
    ]);
    expect(error.message).toMatch(/did you mean name\?/);
    expect(contexts).toHaveLength(before);
  });

  test('progress names the run and its share, which never falls', async () => {
    const seen: StudyProgress[] = [];
    await runStudy(descent, { steps: 20_000 }, { onProgress: (progress) => seen.push({ ...progress }) });
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen.map(({ label }) => label))).toEqual(new Set(['descent']));
    const fractions = seen.map(({ fraction }) => fraction ?? Number.NaN);
    for (const [k, fraction] of fractions.entries()) {
      expect(fraction).toBeGreaterThanOrEqual(fractions[k - 1] ?? 0);
      expect(fraction).toBeLessThanOrEqual(1);
    }
  });

  test('a signal that has fired, or fires on the way, ends the study with what was reached', async () => {
    const at = await refusalOf(runStudy(descent, {}, { signal: AbortSignal.abort() }));
    expect(at).toMatchObject({ code: 'aborted', where: 'mine/descent' });
    expect(at.message).toMatch(/the run "descent" was stopped, got 0 steps/);
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort() };
    const later = await refusalOf(runStudy(descent, { steps: 50_000_000 }, options));
    const { step } = later.details.result as { step: number };
    expect(later.code).toBe('aborted');
    expect(step > 0 && step < 50_000_000).toBe(true);
  });

  test('pieces of work that are no simulation report, let the host have its turn, and can be stopped between', async () => {
    const counting: Study<Params> = {
      ...descent,
      async run(_, context) {
        for (let step = 0; step < 1e9; step++) await context.pause({ label: 'counting', step });
        return { claims: [], tables: [], figures: [] };
      },
    };
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 15);
    const steps: number[] = [];
    const options = { signal: controller.signal, onProgress: ({ step }: StudyProgress) => void steps.push(step) };
    const at = await refusalOf(runStudy(counting, {}, options));
    clearTimeout(timer);
    expect(at).toMatchObject({ code: 'aborted', where: 'mine/descent' });
    expect(at.message).toMatch(/the run "counting" was stopped, got \d+ steps/);
    expect(steps.length).toBeGreaterThan(1);
    expect(steps).toEqual(steps.map((_, k) => k));
  });

  test('a result that is not in order is told as a fault of the study', async () => {
    const empty: Study<Params> = { ...descent, run: () => Promise.resolve({ claims: [], tables: [], figures: [] }) };
    expect(await refusalOf(runStudy(empty, {}))).toMatchObject({ code: 'internal', where: 'mine/descent' });
  });

  test('what a study throws itself goes through', async () => {
    const broken: Study<Params> = { ...descent, run: () => Promise.reject(new RangeError('own')) };
    await expect(runStudy(broken, {})).rejects.toThrow(RangeError);
  });
});

describe('parameters', () => {
  test('nothing at all stands for the defaults', () => {
    for (const value of [undefined, null, {}])
      expect(parseParameters('mine', params, value)).toEqual({ steps: 5, name: 'descent' });
  });

  test.each([[3], ['text'], [[1]], [Number.NaN]])('%j is no set of parameters', (value) => {
    expect(() => parseParameters('mine', params, value)).toThrow(/\[mine\] a parameter is not valid.*at params, got/);
  });

  test('problems carry the prefix, or are left to the caller', () => {
    expect(tryParameters(params, { steps: 'x' }, 'runs[2].params')).toMatchObject({
      problems: [{ path: 'runs[2].params.steps' }],
    });
    expect(tryParameters(params, { steps: 2 })).toEqual({ params: { steps: 2, name: 'descent' } });
  });
});

test('the pieces of a longer run are told as one run', async () => {
  const told: StudyProgress[] = [];
  const pieces: Study<Params> = {
    ...descent,
    async run(given, context) {
      const energy = potentialEnergy({ potential: 'norm2(x)/2', dim: 1, backend: context.backend });
      const initial = gaussian({ dim: 1, n: 4, key: 1 });
      for (const stepsBefore of [0, 300]) {
        const problem = { flow: gradientFlow(energy, wasserstein()), initial };
        await context.simulate(
          'both',
          problem,
          { stepper: euler(), dt: 0.1, maxSteps: 300 },
          { stepsBefore, stepsInAll: 600 },
        );
      }
      return descent.run(given, context);
    },
  };
  await runStudy(pieces, {}, { onProgress: (progress) => told.push(progress) });
  const both = told.filter(({ label }) => label === 'both');
  expect(both.map(({ step }) => step)).toEqual(both.map(({ step }) => step).sort((a, b) => a - b));
  expect(both.at(-1)?.step).toBeGreaterThan(300);
  for (const { step, fraction } of both) expect(fraction).toBe(step / 600);
});
