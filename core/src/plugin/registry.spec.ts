import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { MuflowError } from '../errors.js';
import { wasserstein } from '../metric/wasserstein.js';
import type { Study } from '../study/study.js';
import { corePlugin } from './corePlugin.js';
import { defineEntry, definePlugin, defineStudy } from './define.js';
import type { Plugin } from './plugin.js';
import { createRegistry, entryKinds } from './registry.js';

const metric = (id: string) =>
  defineEntry({ id, title: 'A metric', reference: 'None', params: z.strictObject({}), create: () => wasserstein() });
const study = (id: string): Study =>
  defineStudy({
    id,
    title: 'A study',
    reference: 'None',
    params: z.strictObject({}),
    run: () => Promise.resolve({ claims: [], tables: [], figures: [] }),
  });
const mine: Plugin = { id: 'mine', version: '1.0.0', metrics: [metric('mine/half')], studies: [study('mine/first')] };
const refusalOf = (make: () => unknown): MuflowError => {
  try {
    make();
  } catch (error) {
    return error as MuflowError;
  }
  return expect.unreachable();
};

describe('what is found', () => {
  const registry = createRegistry([corePlugin, mine]);

  test('an entry by its full id, one of core without prefix, one of a plugin by its name alone', () => {
    expect(registry.entry('metric', 'mine/half').id).toBe('mine/half');
    expect(registry.entry('metric', 'wasserstein').id).toBe('core/wasserstein');
    expect(registry.entry('metric', 'half').id).toBe('mine/half');
    expect(registry.study('first').id).toBe('mine/first');
  });

  test('core goes before a plugin of the same name, and two plugins of one name ask for the prefix', () => {
    const other = (id: string): Plugin => ({
      id,
      version: '1.0.0',
      metrics: [metric(`${id}/wasserstein`), metric(`${id}/twin`)],
    });
    const several = createRegistry([corePlugin, other('one'), other('two')]);
    expect(several.entry('metric', 'wasserstein').id).toBe('core/wasserstein');
    const error = refusalOf(() => several.entry('metric', 'twin'));
    expect(error.code).toBe('unknown-id');
    expect(error.failure.fix).toMatch(/one\/twin.*two\/twin/);
  });

  test('every kind is listed, in the order of registration', () => {
    for (const kind of entryKinds) expect(Array.isArray(registry.entries(kind))).toBe(true);
    expect(registry.entries('metric').map(({ id }) => id)).toEqual([
      ...(corePlugin.metrics ?? []).map(({ id }) => id),
      'mine/half',
    ]);
    expect(registry.studies().map(({ id }) => id)).toEqual(['mine/first']);
    expect(registry.plugins.map(({ id }) => id)).toEqual(['core', 'mine']);
  });

  test.each([
    ['wassertein', 'core/wasserstein'],
    ['core/fisher-roa', 'core/fisher-rao'],
    ['mine/hlaf', 'mine/half'],
  ])('for %j the refusal asks: did you mean %s?', (id, near) => {
    const error = refusalOf(() => registry.entry('metric', id));
    expect(error).toMatchObject({ code: 'unknown-id', where: 'registry' });
    expect(error.failure.fix).toContain(near);
    expect(error.failure.expected).toContain('core/wasserstein');
    expect(error.details.near).toContain(near);
  });

  test('names of object members are no ids', () => {
    for (const id of ['constructor', '__proto__', 'toString', ''])
      expect(refusalOf(() => registry.entry('metric', id)).code).toBe('unknown-id');
  });

  test('a kind of which there is none says so', () => {
    expect(refusalOf(() => createRegistry([mine]).entry('stepper', 'heun')).failure.expected).toMatch(/there is none/);
  });
});

describe('what is refused', () => {
  const wrong: readonly (readonly [string, () => unknown, string, RegExp])[] = [
    [
      'an id claimed twice within a plugin',
      () => definePlugin({ ...mine, metrics: [metric('mine/half'), metric('mine/half')] }),
      'duplicate-id',
      /"mine\/half", got mine and mine/,
    ],
    [
      'two plugins of one id, with both versions',
      () => createRegistry([corePlugin, mine, { ...mine, version: '2.0.0' }]),
      'duplicate-id',
      /"mine", got versions 1\.0\.0 and 2\.0\.0/,
    ],
    [
      'an id with the prefix of another plugin',
      () => definePlugin({ ...mine, metrics: [metric('core/half')] }),
      'invalid-argument',
      /plugin mine\].*"core\/half".*expected mine\/<name/,
    ],
    ['an id without prefix', () => definePlugin({ ...mine, metrics: [metric('half')] }), 'invalid-argument', /"half"/],
    [
      'an id of three parts',
      () => definePlugin({ ...mine, metrics: [metric('mine/a/b')] }),
      'invalid-argument',
      /a\/b/,
    ],
    ['an id in capitals', () => definePlugin({ ...mine, metrics: [metric('mine/Half')] }), 'invalid-argument', /Half/],
    [
      'a study without prefix',
      () => definePlugin({ ...mine, studies: [study('first')] }),
      'invalid-argument',
      /study id/,
    ],
    ['a plugin id in capitals', () => definePlugin({ id: 'Mine', version: '1.0.0' }), 'invalid-argument', /kebab-case/],
    [
      'a version of two parts',
      () => definePlugin({ id: 'mine', version: '1.0' }),
      'invalid-argument',
      /"1\.0".*semantic/,
    ],
    [
      'a plugin whose requirement is not loaded',
      () => createRegistry([corePlugin, { ...mine, requires: { other: '^1.0.0' } }]),
      'missing-requirement',
      /plugin mine\].*not loaded: other.*other \^1\.0\.0.*load other as well/,
    ],
    [
      'a plugin for another version of core',
      () => createRegistry([corePlugin, { ...mine, requires: { core: '^99.0.0' } }]),
      'version-mismatch',
      /plugin mine\].*got core 0\..*expected core \^99\.0\.0/,
    ],
    [
      'a range that cannot be read',
      () => createRegistry([corePlugin, { ...mine, requires: { core: 'latest' } }]),
      'version-mismatch',
      /"latest"/,
    ],
  ];
  test.each(wrong)('%s', (_, make, code, message) => {
    const error = refusalOf(make);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('definePlugin leaves requirements to the loading, and gives the plugin back as it is', () => {
    const needy: Plugin = { ...mine, requires: { other: '^1.0.0' } };
    expect(definePlugin(needy)).toBe(needy);
    expect(createRegistry([{ id: 'other', version: '1.4.0' }, needy]).plugins).toHaveLength(2);
  });
});
