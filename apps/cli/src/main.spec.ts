import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inFolder, muflow, wellProblem } from './testing/command.js';

const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

/** One line on stderr, in the form of all errors. */
const errorLine = /^\[[^\]]+\] .+, got .+, expected .+\. Fix: .+\n$/;

test('list shows every kind with ids, titles and references', async () => {
  const { code, out, err } = await muflow('list');
  expect(code).toBe(0);
  expect(err).toBe('');
  for (const kind of ['spaces', 'energies', 'metrics', 'steppers', 'games', 'initials', 'recorders', 'studies']) {
    expect(out).toContain(`${kind}\n`);
  }
  expect(out).toMatch(/core\/wasserstein-fisher-rao +Wasserstein-Fisher-Rao metric.+\[ChizatPeyre/);
});

test('list --json is one document with the schemas of the parameters', async () => {
  const { code, out } = await muflow('list', 'metrics', '--json');
  expect(code).toBe(0);
  const items = JSON.parse(out) as { id: string; kind: string; params: { properties: object } }[];
  expect(items.map(({ kind }) => kind)).toEqual(items.map(() => 'metrics'));
  const metric = items.find(({ id }) => id === 'core/wasserstein-fisher-rao');
  expect(Object.keys(metric?.params.properties ?? {})).toContain('alpha');
});

test.each([
  [['lits'], /"lits".*did you mean muflow list/],
  [['sovle', 'x*y'], /no such command.*"sovle".*did you mean muflow solve/],
  [['list', 'steper'], /did you mean steppers/],
  [['run'], /missing required argument/],
  [['run', 'zero-sum/dobule-well'], /at study, got "zero-sum\/dobule-well".*did you mean zero-sum\/double-well/],
  [['run', 'nowhere.json'], /cannot read the file, got "nowhere.json" \(ENOENT\)/],
  [['run', 'zero-sum/guessing', '--set', 'stps=3'], /at params.stps, got 3.*/],
  [['run', 'zero-sum/guessing', '--set', 'steps=many'], /at params.steps, got "many"/],
  [['run', 'zero-sum/guessing', '--set', 'steps'], /no name or no value, got "steps"/],
  [['run', 'zero-sum/guessing', '--set', '__proto__.x=1'], /names no place in the config at __proto__/],
  [['run', 'zero-sum/guessing', '--seed', '-3', '--set', 'steps=0'], /at params.steps, got 0/],
  [['run', 'zero-sum/guessing', '--threads', '0'], /run --threads\].*got "0".*integer >= 1/],
  [['run', 'zero-sum/guessing', '--backend', 'gpu'], /no backend of this id, got "gpu"/],
  [['run', 'zero-sum/guessing', '--plugin', './none'], /cannot be imported/],
  [['run', 'zero-sum/guessing', '--out', '/dev/null/x'], /run --out\] the folder cannot be made/],
  [['run', 'zero-sum/guessing', '--fast'], /unknown option '--fast'/],
  [['check'], /missing required argument/],
  [['check', 'zero-sum', '--runs', 'x'], /check --runs\].*got "x"/],
  [['new', 'plugin', 'My Plugin'], /the name is not usable, got "My Plugin".*kebab-case/],
] as const)('a wrong command line is one line on stderr and exit code 2: %j', async (argv, message) => {
  const { code, out, err } = await muflow(...argv);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(errorLine);
  expect(err).toMatch(message);
});

test('with --json an error is one document on stdout too', async () => {
  const { code, out, err } = await muflow('run', 'zero-sum/guessing', '--set', 'stps=3', '--json');
  expect(code).toBe(2);
  expect(err).toMatch(errorLine);
  expect(json(out).error).toMatchObject({ code: 'invalid-config', path: 'params.stps' });
});

test.each([
  ['{ "study": "zero-sum/guessing", }', /the config is not JSON at line 1, column \d+/],
  ['[1, 2]', /the config is not an object.*got an array/],
  ['{ "stduy": "zero-sum/guessing" }', /did you mean study/],
  [JSON.stringify({ ...wellProblem, dt: -1 }), /at dt, got -1/],
  [
    JSON.stringify({ ...wellProblem, stepper: 'hen' }),
    /no stepper of this id at stepper.id, got "hen".*did you mean core\/heun/,
  ],
  [
    JSON.stringify({
      ...wellProblem,
      problem: { ...wellProblem.problem, energy: { id: 'potential', params: { potential: 'x^^2' } } },
    }),
    /at problem.energy.params, column 3/,
  ],
  [
    JSON.stringify({ runs: [{ study: 'zero-sum/guessing' }, { study: 'zero-sum/guessing', params: [] }] }),
    /at runs\[1\].params/,
  ],
] as const)('a wrong config file names the place: %s', async (text, message) => {
  await inFolder(async (folder) => {
    const path = join(folder, 'config.json');
    writeFileSync(path, text);
    const { code, err } = await muflow('run', path);
    expect(err).toMatch(message);
    expect(err).toMatch(errorLine);
    expect(code).toBe(2);
  });
});

test('a mistake in the last run of a batch is told before the first one starts', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'batch.json');
    writeFileSync(path, JSON.stringify({ runs: [{ study: 'zero-sum/guessing' }, { study: 'zero-sum/gessing' }] }));
    const { code, err } = await muflow('run', path);
    expect(code).toBe(2);
    expect(err).not.toContain('running');
  });
});

test('run --json is one document on stdout; progress goes to stderr', async () => {
  const { code, out, err } = await muflow(
    'run',
    'zero-sum/guessing',
    '--seed',
    '3',
    '--threads',
    '2',
    '--backend',
    'core/reference',
    '--json',
  );
  expect(code).toBe(0);
  const result = json(out);
  expect(result).toMatchObject({ id: 'zero-sum/guessing', status: 'done' });
  expect((result.claims as unknown[]).length).toBeGreaterThan(2);
  expect(err).toContain('running zero-sum/guessing');
  expect(err).toContain('one thread');
});

test('a setting that looks like JSON is a text where a text is wanted', async () => {
  const game = ['formula-game', '--set', 'payoff=x*y', '--set', 'x=[-1,1]', '--set', 'y=[-1,1]', '--set', 'steps=20'];
  expect((await muflow('run', ...game, '--json')).code).toBe(0);
  await inFolder(async (folder) => {
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify({ runs: [wellProblem] }));
    const set = ['--set', 'runs.0.problem.space=[-1,1]', '--set', 'runs.0.maxSteps=3'];
    expect((await muflow('run', path, ...set, '--json')).code).toBe(0);
    const wrong = await muflow('run', path, '--set', 'runs.0.problem.space=[1]');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('runs[0].problem.space')]);
  });
});

test('a claim that fails is exit code 1, with its figures', async () => {
  const { code, out } = await muflow('run', 'zero-sum/guessing', '--set', 'massStep=1e-4');
  expect(code).toBe(1);
  expect(out).toMatch(/✗ Nikaido-Isoda error.*\n +predicted at most 1e-14; measured 0\.\d+/);
  expect(out).toMatch(/\d of 4 claims hold, \d fail/);
});

test('a run that diverges is exit code 1 and says what stopped being finite', async () => {
  await inFolder(async (folder) => {
    const path = join(folder, 'config.json');
    const problem = {
      ...wellProblem.problem,
      space: 'euclidean(1)',
      initial: { id: 'gaussian', params: { count: 5, std: 3 } },
    };
    writeFileSync(path, JSON.stringify({ ...wellProblem, problem, stepper: 'euler', dt: 1 }));
    const { code, out } = await muflow('run', path, '--json');
    expect(json(out)).toMatchObject({ status: 'diverged' });
    expect(JSON.stringify(json(out).notes)).toMatch(/not finite|infinite|NaN/i);
    expect(code).toBe(1);
  });
});

test('check runs the laws of a plugin that comes with the command', async () => {
  const { code, out } = await muflow('check', 'core', '--runs', '2', '--seed', '3');
  expect(out).toMatch(/metric core\/fisher-rao\n(.+\n)+/);
  expect(out).toMatch(/\d{3} laws hold, 0 fail, \d+ say nothing about their subject\n$/);
  expect(code).toBe(0);
});
