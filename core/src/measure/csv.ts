import { fail, show } from '../errors.js';
import { decimalAt, fieldText, scanCsv } from './csvScan.js';

/** A table of text: every row has as many fields as the header. */
export interface CsvTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Line of the file (from 1) at which each row starts, for messages. */
  readonly lines: readonly number[];
}

/** A table of finite numbers. */
export interface NumericTable {
  readonly header: readonly string[];
  readonly count: number;
  /** rows * columns, row-major. */
  readonly values: Float64Array;
}

interface Row {
  readonly fields: string[];
  readonly line: number;
}

/**
 * Reads comma-separated values (RFC 4180): quoted fields, doubled quotes, line breaks inside quotes, any line ending,
 * a byte order mark, blank lines at the end. Fields are trimmed outside quotes. The first row is the header.
 *
 * @param text - the text, or its bytes in UTF-8.
 * @param where - how errors call the file.
 * @throws `parse` with row and column for ragged rows, open quotes, blank rows, repeated names and empty files.
 */
export function parseCsv(text: string | Uint8Array, where = 'parseCsv'): CsvTable {
  const rows = splitRows(decode(text, where), where);
  if (rows.length === 0) refuse(where, 'the table is empty', `${text.length} characters`, 'a header and rows');
  const header = rows[0].fields;
  checkHeader(header, where);
  for (const { fields, line } of rows.slice(1)) {
    if (fields.length === header.length) continue;
    const blank = fields.length === 1 && fields[0] === '';
    const problem = `line ${line} ${blank ? 'is blank' : 'has another number of columns than the header'}`;
    refuse(where, problem, `${blank ? 0 : fields.length} columns`, `${header.length} (${header.join(', ')})`);
  }
  return { header, rows: rows.slice(1).map((row) => row.fields), lines: rows.slice(1).map((row) => row.line) };
}

/**
 * Reads a table of numbers. A first row of numbers counts as data; the columns are then called `x0`, `x1`, ...
 *
 * @throws `parse` as {@link parseCsv}, and for a field that is no finite decimal number, with its line and column.
 *
 * @example
 * ```ts
 * import { parseNumericCsv } from '@muflow/core';
 * const table = parseNumericCsv('x0,mass\n0.5,1\n');
 * console.log(table.header[1], table.values[0]); // => mass 0.5
 * ```
 */
export function parseNumericCsv(text: string | Uint8Array, where = 'parseNumericCsv'): NumericTable {
  const decoded = decode(text, where);
  const first = splitRows(decoded, where)[0]?.fields ?? [];
  const headless = first.length > 0 && first.every((field) => !Number.isNaN(decimalAt(field, 0, field.length)));
  const names = first.map((_, k) => `x${k}`).join(',');
  const { header, rows, lines } = parseCsv(headless ? `${names}\n${decoded}` : decoded, where);
  const columns = header.length;
  const values = new Float64Array(rows.length * columns);
  rows.forEach((fields, i) => {
    fields.forEach((field, k) => {
      values[i * columns + k] = parseNumber(field, `line ${lines[i] - Number(headless)}, column ${header[k]}`, where);
    });
  });
  return { header, count: rows.length, values };
}

/** Writes a table; numbers keep every digit (reading gives the same doubles), text is quoted where it must be. */
export function writeCsv(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [header, ...rows].map((fields) => `${fields.map(writeField).join(',')}\n`).join('');
}

function writeField(field: string | number): string {
  if (typeof field === 'number') return Object.is(field, -0) ? '-0' : String(field);
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function decode(text: string | Uint8Array, where: string): string {
  if (typeof text === 'string') return text.replace(/^\uFEFF/, '');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  } catch {
    return refuse(where, 'the bytes are not text in UTF-8', show(text), 'a CSV file saved as UTF-8');
  }
}

/** All rows as texts; blank lines at the end are dropped. */
function splitRows(text: string, where: string): Row[] {
  const rows: Row[] = [];
  let fields: string[] = [];
  scanCsv(
    text,
    {
      field: (from, to, quoted) => void fields.push(fieldText(text, from, to, quoted)),
      endRow(line) {
        rows.push({ fields, line });
        fields = [];
      },
    },
    where,
  );
  while (rows.length > 0 && rows[rows.length - 1].fields.join('') === '' && rows[rows.length - 1].fields.length === 1) {
    rows.pop();
  }
  return rows;
}

function checkHeader(header: readonly string[], where: string): void {
  header.forEach((name, k) => {
    if (name === '') refuse(where, `column ${k + 1} has no name`, show(header), 'a name per column');
    if (header.indexOf(name) < k) refuse(where, `column ${name} is there twice`, show(header), 'distinct names');
  });
}

function parseNumber(field: string, place: string, where: string): number {
  const value = decimalAt(field, 0, field.length);
  if (Number.isFinite(value)) return value;
  const separators = /[;\t]/.test(field) ? ' (columns are separated by commas)' : '';
  return refuse(
    where,
    `${place} is ${field === '' ? 'empty' : 'no finite number'}`,
    show(field),
    `a decimal number such as -1.5e-3${separators}`,
  );
}

function refuse(where: string, problem: string, got: string, expected: string): never {
  fail({ code: 'parse', where, problem, got, expected, fix: 'correct that place in the file' });
}
