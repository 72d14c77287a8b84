import { test as property } from '@fast-check/vitest';
import { writeCsv } from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnIndex, numericColumn, readTable, tableOfNumbers } from './table.js';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('a table', () => {
  property.prop([fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 20 })], { seed: 61 })(
    'of numbers comes back with every bit, from text as from numbers',
    (rows) => {
      const table = readTable(writeCsv(['a', 'b'], rows));
      const direct = tableOfNumbers(['a', 'b'], Float64Array.from(rows.flat()));
      for (const k of [0, 1]) {
        expect(table.numbers(k)).toEqual(Float64Array.from(rows, (row) => row[k]));
        expect(direct.numbers(k)).toEqual(table.numbers(k));
      }
      expect([direct.count, direct.header]).toEqual([table.count, table.header]);
    },
  );

  const word = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', '1'), minLength: 1, maxLength: 5 });
  property.prop([fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 6 })], { seed: 62 })(
    'of any text gives every cell back',
    (rows) => {
      const table = readTable(writeCsv(['one', 'two'], rows));
      expect(rows.map((_, l) => [table.cell(l, 0), table.cell(l, 1)])).toEqual(rows);
    },
  );

  test('may have blank lines at its end, a byte order mark, any line ending, blanks around fields', () => {
    const table = readTable('\uFEFFx , y\r\n 1 ,"2"\r\n,4\r\n\r\n\n');
    expect([table.header, table.count]).toEqual([['x', 'y'], 2]);
    expect([...table.numbers(0)]).toEqual([1, Number.NaN]);
    expect([...table.numbers(1)]).toEqual([2, 4]);
    expect([table.line(0), table.line(1)]).toEqual([2, 3]);
  });

  test('may have the line ends of old Macintoshes', () => {
    const table = readTable('x,y\r1,2\r3,4');
    expect([table.count, table.line(1), table.cell(1, 1), table.numbers(0)[1]]).toEqual([2, 3, '4', 3]);
  });

  test('without a header counts its first row of numbers as data', () => {
    const table = readTable('1,2\n3,4\n');
    expect([table.header, table.count, table.line(1), table.cell(1, 0)]).toEqual([['x0', 'x1'], 2, 2, '3']);
  });

  const wrong: readonly [string, string, RegExp][] = [
    ['nothing', '', /the table is empty, got 0 characters/],
    ['only a header', 'a,b\n', /the table has no rows.*Fix: add rows below the header/],
    ['a short row', 'a,b\n1,2\n3\n', /line 3 has another number of columns.*got 1 columns, expected 2 \(a, b\)/],
    ['a long row', 'a,b\n1,2,3\n', /line 2.*got 3 columns/],
    ['a blank row inside', 'a,b\n1,2\n\n3,4\n', /line 3 is blank/],
    ['a blank row inside one column', 'a\n1\n\n3\n', /line 3 is blank/],
    ['a quote never closed', 'a,b\n"1,2\n', /a quote is never closed \(line 2\)/],
    ['a name twice', 'a,a\n1,2\n', /column a is there twice/],
    ['a missing name', 'a,\n1,2\n', /column 2 has no name/],
    ['semicolons', 'a;b\n1;2\n', /separated by semicolons/],
    ['tabs', 'a\tb\n1\t2\n', /separated by tabs/],
    ['a path', 'prices.csv', /the path of a table, not its text, got "prices.csv".*write @prices.csv/],
  ];
  test.each(wrong)('%s is refused with its place', (_, text, message) => {
    expect(() => readTable(text)).toThrow(message);
  });

  test('of numbers that do not fill its rows is refused', () => {
    expect(() => tableOfNumbers(['a', 'b'], new Float64Array(3))).toThrow(
      /do not fill rows, got 3 numbers for 2 columns/,
    );
    expect(() => tableOfNumbers(['a'], new Float64Array(0))).toThrow(/do not fill rows/);
  });
});

describe('a column', () => {
  const header = ['size', 'rooms', 'price'];
  test('is found by name, by number, and from the end', () => {
    expect([columnIndex(header, 'rooms'), columnIndex(header, 0), columnIndex(header, -1)]).toEqual([1, 0, 2]);
  });

  test.each([
    ['pricee', /there is no column "pricee".*did you mean price\?/],
    [3, /there is no column 3.*expected a number from -3 to 2/],
    [-4, /there is no column -4/],
    [0.5, /there is no column 0.5/],
  ])('%j is refused', (column, message) => {
    expect(() => columnIndex(header, column)).toThrow(message);
  });

  test('of words says that it holds text; one wrong cell says which', () => {
    const table = readTable('kind,x\nred,1\nblue,n/a\n');
    expect(() => numericColumn(table, 'kind')).toThrow(
      /the column "kind" holds text, not numbers, got "red" on line 2/,
    );
    expect(() => numericColumn(readTable('x\nNaN\n'), 'x')).toThrow(/line 2, column "x" is not a number, got "NaN"/);
    expect(() => numericColumn(table, 'x')).toThrow(/line 3, column "x" is not a number, got "n\/a"/);
  });
});
