import { type CsvTable, fail, nearest, show } from '@muflow/core';

/** Neither hexadecimal nor blank, which `Number` would take for 0. */
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * The numbers of one column, in base-10 logarithm if asked.
 * @throws naming line and column for a missing cell, text, an infinite number, or a logarithm of no positive number.
 */
export function numericColumn(
  table: CsvTable,
  name: string,
  options: { readonly logarithmic?: boolean } = {},
): Float64Array {
  const k = table.header.indexOf(name);
  if (k < 0) {
    const near = nearest(name, table.header);
    refuse(
      `there is no column ${show(name)}`,
      `columns ${table.header.join(', ')}`,
      'the name of a column',
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'use a name of the header',
    );
  }
  return Float64Array.from(table.rows, (row, i) => {
    const text = row[k].trim();
    const value = decimal.test(text) ? Number(text) : Number.NaN;
    const where = `line ${table.lines[i]}, column ${show(name)}`;
    if (!Number.isFinite(value)) {
      refuse(
        text === '' ? `${where} is empty` : `${where} is not a number`,
        show(text),
        'a finite number',
        'remove the row or fill in the value',
      );
    }
    if (options.logarithmic !== true) return value;
    if (!(value > 0))
      refuse(`${where} has no logarithm`, show(value), 'a number above 0', 'take the column out of `logarithmic`');
    return Math.log10(value);
  });
}

function refuse(problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where: 'supervised table', problem, got, expected, fix });
}
