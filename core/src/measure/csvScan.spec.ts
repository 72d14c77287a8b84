import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalAt, fieldText, scanCsv } from './csvScan.js';

const spelled = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const expected = (text: string): number => (spelled.test(text) ? Number(text) : Number.NaN);

const digits = fc.stringMatching(/^\d{0,20}$/);
const decimals = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    digits,
    fc.constantFrom('', '.'),
    digits,
    fc.stringMatching(/^([eE][+-]?\d{0,3})?$/),
  )
  .map((parts) => parts.join(''));

describe('a decimal in a text', () => {
  property.prop([decimals], { seed: 51, numRuns: 3000 })('has the bits that Number gives it', (text) => {
    const line = `7,${text},8`;
    expect(decimalAt(line, 2, 2 + text.length)).toBe(expected(text));
  });

  property.prop([fc.double({ noNaN: true, noDefaultInfinity: true })], { seed: 52, numRuns: 2000 })(
    'comes back from its shortest spelling',
    (value) => {
      const text = String(value);
      expect(decimalAt(text, 0, text.length)).toBe(value === 0 && !text.startsWith('-') ? 0 : value);
    },
  );

  property.prop([fc.string({ unit: fc.constantFrom('1', '0', 'e', '.', '-', '+', ' ', 'x'), maxLength: 6 })], {
    seed: 53,
    numRuns: 2000,
  })('is NaN where a text is no decimal', (text) => {
    expect(decimalAt(text, 0, text.length)).toBe(expected(text));
  });

  test.each(['', '.', '+', 'e5', '1e', '1e+', '0x10', 'Infinity', 'NaN', '1 2', '1_000', '１'])(
    '%j is none',
    (text) => {
      expect(decimalAt(text, 0, text.length)).toBeNaN();
    },
  );
});

test('a scan reports every field by its place and every row by its line', () => {
  const text = 'a, b ,"c ""d"""\r\n"x\ny",2,\n\n3,4,5';
  const rows: string[][] = [[]];
  const lines: number[] = [];
  scanCsv(text, {
    field: (from, to, quoted) => void rows[rows.length - 1].push(fieldText(text, from, to, quoted)),
    endRow(line) {
      lines.push(line);
      rows.push([]);
    },
  });
  expect(rows.slice(0, -1)).toEqual([['a', 'b', 'c "d"'], ['x\ny', '2', ''], [''], ['3', '4', '5']]);
  expect(lines).toEqual([1, 2, 4, 5]);
});
