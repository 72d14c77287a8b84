import { describe, expect, test } from 'vitest';
import { fail, isMuflowError, MuflowError, nearest, show } from './errors.js';

const failure = {
  code: 'parse',
  where: 'here',
  problem: 'it is wrong',
  got: '3',
  expected: '4',
  fix: 'add 1',
} as const;
const thrownBy = (make: () => unknown): unknown => {
  try {
    return make();
  } catch (error) {
    return error;
  }
};

describe('a refusal', () => {
  test('says where, what, what came, what was expected and what to do', () => {
    expect(thrownBy(() => fail(failure))).toMatchObject({
      message: '[here] it is wrong, got 3, expected 4. Fix: add 1.',
      code: 'parse',
      where: 'here',
      path: undefined,
      details: {},
      failure,
    });
    expect(new MuflowError({ ...failure, path: 'column 7' }).message).toMatch(/^\[here\] it is wrong at column 7, got/);
  });

  test('keeps its cause, and is known across copies of the package', () => {
    const cause = new TypeError('below');
    expect(new MuflowError({ ...failure, cause }).cause).toBe(cause);
    expect('cause' in new MuflowError(failure)).toBe(false);
    expect(isMuflowError(Object.assign(new Error('x'), { name: 'MuflowError', code: 'parse' }))).toBe(true);
    for (const other of [new Error('x'), null, undefined, 'MuflowError', { name: 'MuflowError', code: 'parse' }])
      expect(isMuflowError(other)).toBe(false);
  });
});

describe('show', () => {
  test.each<readonly [unknown, string]>([
    ['text', '"text"'],
    ['two\nlines', '"two\\nlines"'],
    [3, '3'],
    [Number.NaN, 'NaN'],
    [null, 'null'],
    [undefined, 'undefined'],
    [10n, '10'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, 'a function'],
    [[], 'array(0) []'],
    [[1, 2], 'array(2) [1, 2]'],
    [new Float64Array(6), 'Float64Array(6) [0, 0, 0, 0, …]'],
    [{ a: 1, b: 2 }, 'object {a, b}'],
    [[{ id: 1 }], 'array(1) [object {id}]'],
  ])('of %o is %s', (value, text) => {
    expect(show(value)).toBe(text);
  });

  test('is short whatever comes, and says how long it was', () => {
    expect(show('a'.repeat(20_000))).toMatch(/^"a{55}…" \(20000 characters\)$/);
    expect(show(new Array(9).fill('a'.repeat(20_000))).length).toBeLessThan(300);
    expect(show(2n ** 4000n)).toMatch(/characters\)$/);
  });
});

describe('nearest', () => {
  const known = ['core/heun', 'core/euler', 'core/rk4', 'mine/heun-like'];

  test('lists the closest first, at most three', () => {
    expect(nearest('core/huen', known)[0]).toBe('core/heun');
    expect(nearest('core/x', known).length).toBeLessThanOrEqual(3);
    expect(nearest('heun', known)).toContain('core/heun');
  });

  test('has nothing to say to what is far off, and does not measure thousands of letters', () => {
    expect(nearest('something else altogether', ['a', 'b'])).toEqual([]);
    expect(nearest('x'.repeat(1_000_000), new Array(1000).fill('y'.repeat(50)))).toEqual([]);
  });
});
