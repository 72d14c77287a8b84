import { fail, nearest, show } from '@muflow/core';

/** Named columns of text cells, each row as long as the header. */
export interface TextTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads comma-separated text with a header; quotes as in RFC 4180, BOM and CRLF allowed. */
export function parseTable(text: string): TextTable {
  const records = splitRecords(text.replace(/^\uFEFF/, ''));
  const [columns, ...rows] = records;
  if (columns === undefined || rows.length === 0) {
    refuse('the table has no rows', `${records.length} lines`, 'a header and at least one row', 'pass comma-separated text with a header line');
  }
  const names = columns.map((name) => name.trim());
  const repeated = names.find((name, k) => name === '' || names.indexOf(name) !== k);
  if (repeated !== undefined) {
    refuse('a column has no name of its own', show(repeated), 'distinct names that are not empty', 'rename the columns in the header');
  }
  rows.forEach((row, i) => {
    if (row.length !== names.length) {
      refuse(`row ${i + 1} has the wrong number of cells`, `${row.length} cells`, `${names.length}, one for each of ${names.join(', ')}`, 'look for a missing or an extra comma');
    }
  });
  return { columns: names, rows };
}

/** Splits text into records of cells; a quoted cell may hold commas, quotes and line ends. */
function splitRecords(text: string): string[][] {
  const records: string[][] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r?\n|$)/y;
  let record: string[] = [];
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) {
      const line = text.slice(0, at).split('\n').length;
      return refuse(`line ${line} has a stray quote`, show(text.slice(at, at + 20)), 'quotes around the whole cell, doubled inside', 'put the cell in quotes');
    }
    record.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] !== ',') {
      if (record.length > 1 || record[0].trim() !== '') records.push(record);
      record = [];
    } else if (cell.lastIndex === text.length) {
      record.push('');
      records.push(record);
      record = [];
    }
  }
  return records;
}

/**
 * The numbers of one column, in base-10 logarithm if asked.
 * @throws naming row and column for a missing cell, text, an infinite number, or a logarithm of no positive number.
 */
export function numericColumn(table: TextTable, name: string, options: { readonly logarithmic?: boolean } = {}): Float64Array {
  const k = table.columns.indexOf(name);
  if (k < 0) {
    const near = nearest(name, table.columns);
    refuse(`there is no column ${show(name)}`, `columns ${table.columns.join(', ')}`, 'the name of a column', near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'use a name of the header');
  }
  return Float64Array.from(table.rows, (row, i) => {
    const text = row[k].trim();
    const value = text === '' ? Number.NaN : Number(text);
    const where = `row ${i + 1}, column ${show(name)}`;
    if (!Number.isFinite(value)) {
      refuse(text === '' ? `${where} is empty` : `${where} is not a number`, show(row[k]), 'a finite number', 'remove the row or fill in the value');
    }
    if (options.logarithmic !== true) return value;
    if (!(value > 0)) refuse(`${where} has no logarithm`, show(value), 'a number above 0', 'take the column out of `logarithmic`');
    return Math.log10(value);
  });
}

function refuse(problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where: 'supervised table', problem, got, expected, fix });
}
