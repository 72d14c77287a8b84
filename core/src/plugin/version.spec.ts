import { describe, expect, test } from 'vitest';
import { coreVersion, isVersion, satisfies } from './version.js';

test.each([
  ['1.2.3', true],
  ['0.0.0', true],
  ['10.20.30', true],
  ['1.2.3-rc.1', true],
  ['1.2', false],
  ['v1.2.3', false],
  ['1.2.3.4', false],
  ['', false],
  ['1.2.x', false],
])('%j is a version: %s', (text, expected) => {
  expect(isVersion(text)).toBe(expected);
});

describe('satisfies', () => {
  test.each([
    ['1.2.3', '*', true],
    ['1.2.3', '1.2.3', true],
    ['1.2.4', '1.2.3', false],
    ['1.2.3', '^1.2.3', true],
    ['1.9.0', '^1.2.3', true],
    ['1.2.2', '^1.2.3', false],
    ['2.0.0', '^1.2.3', false],
    ['0.1.9', '^0.1.2', true],
    ['0.2.0', '^0.1.2', false],
    ['0.0.3', '^0.0.3', true],
    ['0.0.4', '^0.0.3', false],
    ['1.2.9', '~1.2.3', true],
    ['1.3.0', '~1.2.3', false],
    ['9.0.0', '>=1.2.3', true],
    ['1.2.2', '>=1.2.3', false],
    ['1.10.0', '^1.9.0', true],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(satisfies(version, range)).toBe(expected);
  });

  test.each(['1.x', '<2.0.0', '^1', '', '1.2.3 || 2.0.0'])('the range %j is refused', (range) => {
    expect(() => satisfies('1.2.3', range)).toThrow(/\[plugin requires\].*cannot be read.*ranges \^1\.2\.3, ~1\.2\.3/);
  });

  test('the version of core is one', () => {
    expect(isVersion(coreVersion)).toBe(true);
    expect(satisfies(coreVersion, `^${coreVersion}`)).toBe(true);
  });
});
