import { describe, expect, test } from 'vitest';
import type { MuflowError } from '../errors.js';
import { configSchema, parseRunConfig } from './config.js';

const good = {
  problem: {
    space: '[-1,1]',
    energy: { id: 'potential', params: { potential: 'x^2' } },
    metric: 'wasserstein',
    initial: 'uniform',
  },
  stepper: 'heun',
  dt: 0.1,
  maxTime: 1,
};
const problemsOf = (value: unknown): Record<string, string> => {
  try {
    parseRunConfig(value);
  } catch (error) {
    const { code, details } = error as MuflowError;
    const problems = details.problems as readonly { path: string; message: string }[];
    return { ...Object.fromEntries(problems.map(({ path, message }) => [path, message])), code };
  }
  return {};
};
const without = (key: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));

describe('parseRunConfig', () => {
  test('defaults are filled in, bare ids are expanded, and the result reads back as itself', () => {
    const config = parseRunConfig(good);
    expect(config).toMatchObject({
      stepper: { id: 'heun', params: {} },
      seed: 0,
      plugins: [],
      record: { every: 1, recorders: [] },
      problem: { jumps: [], metric: { id: 'wasserstein' } },
    });
    expect(parseRunConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(parseRunConfig({ study: 'zero-sum/guessing' })).toEqual({
      study: 'zero-sum/guessing',
      params: {},
      seed: 0,
      plugins: [],
    });
    expect(parseRunConfig({ title: 'all', runs: [{ study: 'a/b' }, good] })).toMatchObject({
      title: 'all',
      runs: [{ study: 'a/b' }, { dt: 0.1 }],
    });
  });

  const wrong: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['no object', 3, '(top)', /object, not 3/],
    ['neither study nor problem, misspelled', { studdy: 'a/b' }, 'studdy', /did you mean study/],
    ['study and problem', { ...good, study: 'a/b' }, '(top)', /either a study or a problem/],
    ['a study that is a number', { study: 7 }, 'study', /expected string/],
    ['an unknown key, with the nearest one', { ...good, maxStep: 5 }, 'maxStep', /did you mean maxSteps/],
    [
      'an unknown key inside',
      { ...good, problem: { ...good.problem, metrik: 'x' } },
      'problem.metrik',
      /did you mean metric/,
    ],
    ['a step of the wrong sign', { ...good, dt: -1 }, 'dt', /> ?0|>0/],
    ['a step that is missing', without('dt'), 'dt', /expected number/],
    ['a stepper that is missing', without('stepper'), 'stepper', /expected object/],
    ['a stepper without id', { ...good, stepper: { params: {} } }, 'stepper.id', /expected string/],
    ['no bound', without('maxTime'), '(top)', /nothing bounds the run/],
    ['two drivers', { ...good, problem: { ...good.problem, game: 'x' } }, 'problem', /energy and game exclude/],
    [
      'no initial',
      { ...good, problem: { energy: 'potential', metric: 'wasserstein' } },
      'problem',
      /initial or initials is missing/,
    ],
    [
      'a jump that is no reference',
      { ...good, problem: { ...good.problem, jumps: ['merge', 3] } },
      'problem.jumps[1]',
      /expected object/,
    ],
    ['frames every half step', { ...good, record: { every: 0.5 } }, 'record.every', /int/],
    ['an unknown key of the record', { ...good, record: { evry: 2 } }, 'record.evry', /did you mean every/],
    ['a negative seed', { ...good, seed: -3 }, 'seed', /./],
    ['a run of a batch', { runs: [{ study: 'a/b' }, { ...good, dt: 'small' }] }, 'runs[1].dt', /expected number/],
    ['an empty batch', { runs: [] }, 'runs', />=1/],
  ];
  test.each(wrong)('%s is refused with its path', (_, value, path, message) => {
    const problems = problemsOf(value);
    expect(problems.code).toBe('invalid-config');
    expect(Object.keys(problems)).toContain(path);
    expect(problems[path]).toMatch(message);
  });

  test('all problems are told at once', () => {
    const problems = problemsOf({
      ...good,
      dt: 0,
      sed: 1,
      stepper: 4,
      problem: { energy: 'e', game: 'g', initial: {}, metrics: [] },
    });
    expect(Object.keys(problems).sort()).toEqual([
      'code',
      'dt',
      'problem',
      'problem.initial.id',
      'problem.metrics',
      'sed',
      'stepper',
    ]);
  });

  test('keys that are there but undefined count as missing, and no key of a config reaches a prototype', () => {
    expect(problemsOf({ ...good, problem: { ...good.problem, energy: undefined } })).toMatchObject({
      problem: 'energy or game is missing',
    });
    expect(problemsOf({ ...good, maxTime: undefined })['(top)']).toMatch(/nothing bounds the run/);
    const jumps = Object.assign(['merge'], { constructor: 3 });
    expect(parseRunConfig({ ...good, problem: { ...good.problem, jumps } })).toMatchObject({
      problem: { jumps: [{ id: 'merge' }] },
    });
    const polluting: unknown = JSON.parse('{"__proto__": {"study": "a/b"}}');
    expect(problemsOf(polluting)['(top)']).toMatch(/there is none of them/);
    expect(({} as Record<string, unknown>).study).toBeUndefined();
  });

  test('the message names the place when there is one problem, and all places when there are several', () => {
    expect(() => parseRunConfig({ ...good, dt: 0 })).toThrow(/at dt, got/);
    expect(() => parseRunConfig({ ...good, dt: 0, sed: 1 })).toThrow(/2 problems: dt: .*; sed: /);
  });
});

describe('configSchema', () => {
  test('is JSON Schema that knows every key and lets an id stand for a reference', () => {
    const schema = JSON.parse(JSON.stringify(configSchema())) as {
      anyOf: { properties: object }[];
      $defs: { reference: { anyOf: { type: string }[] } };
    };
    expect(schema.anyOf.map(({ properties }) => Object.keys(properties))).toEqual([
      ['study', 'params', 'seed', 'plugins'],
      ['problem', 'stepper', 'dt', 'maxSteps', 'maxTime', 'stop', 'record', 'seed', 'plugins'],
      ['title', 'runs'],
    ]);
    expect(schema.$defs.reference.anyOf.map(({ type }) => type)).toEqual(['string', 'object']);
  });
});
