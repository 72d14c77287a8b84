import { fail, show } from '../errors.js';

/** Version of core that plugins state in `requires`. */
export const coreVersion = '0.1.0';

const versionPattern = /^(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?$/;
type Version = readonly [number, number, number];

const parse = (text: string): Version | null => {
  const match = versionPattern.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : null;
};

const compare = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

/** True for a semantic version such as `1.2.3`. */
export const isVersion = (text: string): boolean => parse(text) !== null;

/**
 * Does a version satisfy a range: `^1.2.3` (same first non-zero part), `~1.2.3` (same minor), `>=1.2.3`,
 * `1.2.3` or `*`.
 * @throws `version-mismatch` for a range of another form.
 */
export function satisfies(version: string, range: string): boolean {
  if (range === '*') return isVersion(version);
  const [, operator, text] = /^(\^|~|>=|)(.*)$/.exec(range) as RegExpExecArray;
  const wanted = parse(text);
  const given = parse(version);
  if (wanted === null || given === null) {
    fail({
      code: 'version-mismatch',
      where: 'plugin requires',
      problem: 'a version or a range cannot be read',
      got: `${show(version)} for ${show(range)}`,
      expected: 'versions 1.2.3 and ranges ^1.2.3, ~1.2.3, >=1.2.3 or *',
      fix: 'write the range in one of these forms',
    });
  }
  if (compare(given, wanted) < 0) return false;
  if (operator === '') return compare(given, wanted) === 0;
  if (operator === '>=') return true;
  if (operator === '~') return given[0] === wanted[0] && given[1] === wanted[1];
  if (wanted[0] > 0) return given[0] === wanted[0];
  if (wanted[1] > 0) return given[0] === 0 && given[1] === wanted[1];
  return compare(given, wanted) === 0;
}
