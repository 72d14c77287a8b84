import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fail, type MuflowError } from '../errors.js';
import { wasserstein } from '../metric/wasserstein.js';
import { loadPlugin } from './load.js';

const entry = {
  id: 'mine/half',
  title: 'Half',
  reference: 'None',
  params: z.strictObject({}),
  create: () => wasserstein(),
};
const plugin = { id: 'mine', version: '1.0.0', metrics: [entry] };
const load = (module: unknown) => loadPlugin('some-package', () => Promise.resolve(module));
const refusalOf = async (loading: Promise<unknown>): Promise<MuflowError> =>
  loading.then(
    () => expect.unreachable(),
    (error: unknown) => error as MuflowError,
  );

test('the named export `plugin` is the plugin, whatever else there is', async () => {
  expect(await load({ plugin, default: 3, other: 'x' })).toBe(plugin);
});

test('the importer is asked for the name as it was given', async () => {
  const asked: string[] = [];
  await loadPlugin('./a/b.js', (specifier) => {
    asked.push(specifier);
    return Promise.resolve({ plugin });
  });
  expect(asked).toEqual(['./a/b.js']);
});

describe('a wrong shape is refused', () => {
  test.each<readonly [string, unknown, RegExp]>([
    ['no export', {}, /exports no plugin, got exports nothing/],
    ['another name', { plugn: plugin }, /got exports plugn/],
    ['a default export only', { default: plugin }, /got exports default/],
    ['a module that is null', null, /exports no plugin/],
    ['a module that is undefined', undefined, /exports no plugin/],
    ['a module that is a number', 3, /exports no plugin/],
    ['a plugin that is a string', { plugin: 'mine' }, /got "mine"/],
    ['a plugin without version', { plugin: { id: 'mine' } }, /expected a named export `plugin` with id and version/],
    ['a list that is an object', { plugin: { ...plugin, metrics: {} } }, /exports no plugin/],
    [
      'an entry without title',
      { plugin: { ...plugin, metrics: [{ ...entry, title: undefined }] } },
      /exports no plugin/,
    ],
    ['an entry without schema', { plugin: { ...plugin, metrics: [{ ...entry, params: {} }] } }, /exports no plugin/],
    ['an entry that makes nothing', { plugin: { ...plugin, metrics: [{ ...entry, create: 3 }] } }, /exports no plugin/],
    ['an entry that is null', { plugin: { ...plugin, metrics: [null] } }, /exports no plugin/],
    ['an id of another prefix', { plugin: { ...plugin, metrics: [{ ...entry, id: 'core/half' }] } }, /"core\/half"/],
  ])('%s', async (_, module, message) => {
    const error = await refusalOf(load(module));
    expect(error).toMatchObject({ name: 'MuflowError', code: 'invalid-argument' });
    expect(error.message).toMatch(message);
  });
});

test('a failing import is a missing requirement with its cause, on one line', async () => {
  const cause = new Error('Cannot find package\nRequire stack: …');
  const error = await refusalOf(loadPlugin('nowhere', () => Promise.reject(cause)));
  expect(error).toMatchObject({ code: 'missing-requirement', where: 'loadPlugin', cause });
  expect(error.message).toMatch(/"nowhere" cannot be imported, got Cannot find package, expected/);
});

test('what fails without being an Error is told too, and a refusal keeps its own words', async () => {
  const thrown = await refusalOf(loadPlugin('odd', () => Promise.reject('broken')));
  expect(thrown).toMatchObject({ code: 'missing-requirement', cause: 'broken' });
  const own = await refusalOf(
    loadPlugin('own', async () =>
      fail({ code: 'file', where: 'importer', problem: 'no file', got: 'a', expected: 'b', fix: 'c' }),
    ),
  );
  expect(own).toMatchObject({ code: 'file', where: 'importer' });
});
