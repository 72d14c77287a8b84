import { createWorkbench } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { goldenFileNames, headerOf, readGolden, refresh, strays, writeGolden } from './golden/files.js';
import { lineDiff } from './golden/lineDiff.js';
import { printGolden, printNumber, printText } from './golden/print.js';
import { plugins } from './plugins.js';

const workbench = createWorkbench({ plugins });
const studies = workbench.registry.studies().map(({ id }) => id);
const updating = process.env.UPDATE_GOLDEN === '1';

describe('golden runs', () => {
  // Seed and parameters come from the file's own header, so that a file says all it takes to make it.
  test.each(studies)('%s', async (study) => {
    const golden = readGolden(study);
    if (golden === undefined && !updating) expect.fail(strays([study], [])[0]);
    const header = headerOf(study, golden);
    const text = printGolden(header, await workbench.runStudy(study, header.params, { seed: header.seed }));
    if (updating) writeGolden(study, text);
    else if (text !== golden) {
      expect.fail(
        `${study} no longer runs as its golden file says (- golden, + now):\n\n${lineDiff(golden ?? '', text)}\n\n` +
          `If the change is meant, refresh with ${refresh} and read the difference before you commit it.`,
      );
    }
  });

  test('every golden file belongs to a registered study, and every study has one', () => {
    expect(strays(studies, goldenFileNames())).toEqual([]);
  });
});

describe('what golden runs are made of', () => {
  test('a study without a file and a file without a study are told with the remedy', () => {
    const found = strays(['a/one', 'b/two'], ['a__one.txt', 'c__three.txt']);
    expect(found).toHaveLength(2);
    expect(found[0]).toContain(
      'b/two has no golden file test/golden/b__two.txt. Make it with UPDATE_GOLDEN=1 npx vitest',
    );
    expect(found[1]).toContain('test/golden/c__three.txt belongs to no registered study');
  });

  test('numbers keep six digits, none finer than 1e-12, and rounding prints as ~0', () => {
    const cases: readonly (readonly [number, string])[] = [
      [0, '~0'],
      [0.1 + 0.2, '0.3'],
      [-1234567.89, '-1234570'],
      [Math.PI * 1e-9, '3.142e-9'],
      [Math.PI * 1e-12, '3e-12'],
      [-4e-13, '~0'],
      [Number.NaN, 'NaN'],
    ];
    for (const [value, printed] of cases) expect(printNumber(value)).toBe(printed);
    expect(printText('1.00000049, -3.1e-15 at step 1234567 of b2.5x')).toBe('1, ~0 at step 1234567 of b2.5x');
  });

  test('a header is read back as it was printed, and a wrong one is refused', () => {
    const header = { study: 'a/one', seed: 7, params: { steps: 10, law: 'x: 2' } };
    const text = printGolden(header, { claims: [], tables: [], figures: [] });
    expect(headerOf('a/one', text)).toEqual(header);
    expect(() => headerOf('a/two', text)).toThrow('a__two.txt: the header names a/one');
    expect(() => headerOf('a/one', 'study  a/one\nparams {}\n')).toThrow('no line "seed"');
    expect(headerOf('a/one', undefined)).toEqual({ study: 'a/one', seed: 0, params: {} });
  });

  test('a difference shows the changed lines with their numbers and two lines around', () => {
    const before = ['one', 'two', 'three', 'four', 'five', 'six', 'seven'];
    const after = ['one', 'two', 'three', 'four', 'FIVE', 'six', 'seven', 'eight'];
    expect(lineDiff(before.join('\n'), before.join('\n'))).toBe('');
    expect(lineDiff(before.join('\n'), after.join('\n')).split('\n')).toEqual([
      '      …',
      '     3 three',
      '     4 four',
      '-    5 five',
      '+    5 FIVE',
      '     6 six',
      '     7 seven',
      '+    8 eight',
    ]);
  });
});
