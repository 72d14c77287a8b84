import { decimalAt, fail, fieldText, nearest, scanCsv, show } from '@muflow/core';

/** A table read once: numbers column by column, texts on demand. */
export interface DataTable {
  readonly header: readonly string[];
  /** Number of rows. */
  readonly count: number;
  /** Line of the file at which a row starts, or its number from 1 where there is no file. */
  line(row: number): number;
  /** The text of a cell. */
  cell(row: number, column: number): string;
  /** Numbers of a column, NaN for every cell that is no decimal number; not to be written to. */
  numbers(column: number): Float64Array;
}

/**
 * Reads comma-separated text with a header; a first row of numbers counts as data, and columns are then `x0`, `x1`, ...
 * Numbers are read in place and the rest of the text is not copied: 8 bytes a cell beside the text.
 *
 * @throws `parse` with the line for ragged and blank rows, open quotes and separators other than commas.
 *
 * @example
 * ```ts
 * import { readTable } from '@muflow/supervised';
 * const table = readTable('x,y\n1,2\n3,4\n');
 * console.log(table.count, table.numbers(1)[1]); // => 2 4
 * ```
 */
export function readTable(text: string, where = 'table'): DataTable {
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const first = firstRow(clean, where);
  const headless = first.every((field) => Number.isFinite(decimalAt(field, 0, field.length)));
  const header = headless ? first.map((_, k) => `x${k}`) : first;
  if (!headless) checkHeader(header, where);
  const capacity = lineEnds(clean) + 1;
  const columns = header.map(() => new Float64Array(capacity));
  const lines = new Uint32Array(capacity);
  const starts = new Uint32Array(capacity);
  let [count, k, start, blank, blankLine] = [headless ? 0 : -1, 0, 0, false, 0];
  const sink = {
    field(from: number, to: number, quoted: boolean): void {
      if (k === 0) start = quoted ? from - 1 : from;
      if (count >= 0 && k < columns.length) columns[k][count] = decimalAt(clean, from, to);
      blank = k++ === 0 && from === to && !quoted;
    },
    endRow(line: number): void {
      const width = k;
      k = 0;
      if (blank) {
        blankLine ||= line;
        return;
      }
      if (blankLine > 0) ragged(`line ${blankLine} is blank`, 0, header, where);
      if (width !== header.length)
        ragged(`line ${line} has another number of columns than the first`, width, header, where);
      if (count >= 0) {
        lines[count] = line;
        starts[count] = start;
      }
      count++;
    },
  };
  scanCsv(clean, sink, where);
  if (count <= 0) {
    damaged(where, 'the table has no rows', {
      got: `only the header ${listed(header)}`,
      expected: 'a header and rows',
      fix: 'add rows below the header',
    });
  }
  return {
    header,
    count,
    line: (row) => lines[row],
    cell: (row, column) =>
      firstRow(clean.slice(starts[row], row + 1 < count ? starts[row + 1] : clean.length), where)[column],
    numbers: (column) => columns[column].subarray(0, count),
  };
}

/** A table of numbers that are there already: `values` is count*columns, row-major. */
export function tableOfNumbers(header: readonly string[], values: Float64Array): DataTable {
  const width = header.length;
  const count = values.length / width;
  checkHeader(header, 'tableOfNumbers');
  if (!Number.isInteger(count) || count < 1) {
    const got = `${values.length} numbers for ${width} columns`;
    refuse('the numbers do not fill rows', got, 'as many numbers as rows times columns', 'pass them row by row');
  }
  const columns = header.map((_, k) => Float64Array.from({ length: count }, (_, l) => values[l * width + k]));
  return {
    header,
    count,
    line: (row) => row + 1,
    cell: (row, column) => String(columns[column][row]),
    numbers: (column) => columns[column],
  };
}

/** The index of a column by name, or by its number from 0 (from the end where negative). @throws naming the nearest. */
export function columnIndex(header: readonly string[], column: string | number): number {
  const at = typeof column === 'string' ? header.indexOf(column) : column < 0 ? header.length + column : column;
  if (Number.isInteger(at) && at >= 0 && at < header.length) return at;
  const near = typeof column === 'string' ? nearest(column, header) : [];
  return refuse(
    `there is no column ${show(column)}`,
    `columns ${listed(header)}`,
    typeof column === 'string' ? 'the name of a column' : `a number from ${-header.length} to ${header.length - 1}`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'use a name of the header',
  );
}

/**
 * The numbers of one column, in base-10 logarithm if asked.
 * @throws naming line and column for a missing cell, text, an infinite number, or a logarithm of no positive number.
 */
export function numericColumn(
  table: DataTable,
  name: string,
  options: { readonly logarithmic?: boolean } = {},
): Float64Array {
  const k = columnIndex(table.header, name);
  const values = table.numbers(k);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) refuseCell(table, wrong, k);
  if (options.logarithmic !== true) return values;
  const low = values.findIndex((value) => !(value > 0));
  if (low >= 0) {
    const where = `line ${table.line(low)}, column ${show(name)}`;
    refuse(`${where} has no logarithm`, show(values[low]), 'a number above 0', 'take the column out of `logarithmic`');
  }
  return values.map(Math.log10);
}

/** How files say that a value is missing or no finite number. */
const missing = /^(|nan|na|n\/a|null|none|\?|-|[+-]?inf(inity)?)$/i;

function refuseCell(table: DataTable, row: number, k: number): never {
  const text = table.cell(row, k).trim();
  const name = show(table.header[k]);
  const where = `line ${table.line(row)}, column ${name}`;
  if (!missing.test(text) && table.numbers(k).every(Number.isNaN)) {
    return refuse(
      `the column ${name} holds text, not numbers`,
      `${show(text)} on line ${table.line(row)}, and no number on any line`,
      'a column of numbers',
      'leave it out of the features, or write one column of 0 and 1 for each category',
    );
  }
  return refuse(
    text === '' ? `${where} is empty` : `${where} is not a number`,
    show(text),
    'a finite number',
    'remove the row or fill in the value',
  );
}

function checkHeader(header: readonly string[], where: string): void {
  const separator = header.length === 1 ? /[;\t]/.exec(header[0])?.[0] : undefined;
  if (separator !== undefined) {
    damaged(where, `line 1: the columns are separated by ${separator === ';' ? 'semicolons' : 'tabs'}`, {
      got: show(header[0]),
      expected: 'columns separated by commas, and points in decimal numbers',
      fix: 'save the table as comma-separated values',
    });
  }
  const seen = new Set<string>();
  header.forEach((name, k) => {
    const problem = name === '' ? `column ${k + 1} has no name` : seen.has(name) ? `column ${name} is there twice` : '';
    if (problem !== '') damaged(where, problem, { got: listed(header), expected: 'distinct names in the first line' });
    seen.add(name);
  });
}

/** The fields of the first row. */
function firstRow(text: string, where: string): string[] {
  const row = text.slice(0, endOfRow(text));
  const fields: string[] = [];
  scanCsv(
    row,
    { field: (from, to, quoted) => void fields.push(fieldText(row, from, to, quoted)), endRow: () => undefined },
    where,
  );
  if (fields.join('') === '') {
    damaged(where, 'the table is empty', { got: `${text.length} characters`, expected: 'a header and rows' });
  }
  if (fields.length === 1 && /\.(csv|tsv|txt|npy|npz)$/i.test(text.trim())) {
    damaged(where, 'this is the path of a table, not its text', {
      got: show(text.trim()),
      expected: 'comma-separated text',
      fix: `write @${text.trim()}, which stands for what the file holds`,
    });
  }
  return fields;
}

/** Where the first row ends: at the first line end outside quotes. */
function endOfRow(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) quoted = !quoted;
    else if (!quoted && (code === 10 || code === 13)) return at;
  }
  return text.length;
}

/** Line ends of any kind: at least as many, but for one, as there are rows. */
function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) {
    if (text.charCodeAt(at + 1) !== 10) count++;
  }
  return count;
}

function ragged(problem: string, width: number, header: readonly string[], where: string): never {
  return damaged(where, problem, { got: `${width} columns`, expected: `${header.length} (${listed(header)})` });
}

const listed = (header: readonly string[]): string =>
  header.length <= 12 ? header.join(', ') : `${header.slice(0, 10).join(', ')}, … (${header.length} names)`;

function damaged(
  where: string,
  problem: string,
  parts: { readonly got: string; readonly expected: string; readonly fix?: string },
): never {
  return fail({ code: 'parse', where, problem, fix: 'correct that place in the file', ...parts });
}

function refuse(problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where: 'supervised table', problem, got, expected, fix });
}
