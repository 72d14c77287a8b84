import { decimalAt, fail, fieldText, nearest, scanCsv, show } from '@muflow/core';

/** Comma-separated values with a header, read once: numbers in one array, texts only of the columns asked for. */
export interface CsvRows {
  readonly header: readonly string[];
  readonly count: number;
  /** count * columns, row-major; NaN for every cell that is no decimal number. */
  readonly values: Float64Array;
  /** Line of the file at which each row starts. */
  readonly lines: readonly number[];
  /** Texts of a column that was asked for. */
  texts(column: number): readonly string[];
  /** The text of the first cell of the column that is no finite number, with its row. */
  firstWord(column: number): { readonly row: number; readonly text: string } | undefined;
}

/**
 * Reads the rows below a header.
 *
 * @param textColumns - names of columns whose texts are kept; names that are not there are left out.
 * @throws `parse` with the line for ragged and blank rows, repeated names and files without rows.
 */
export function csvRows(text: string, textColumns: readonly string[], where: string): CsvRows {
  const clean = text.replace(/^\uFEFF/, '').trimEnd();
  const header: string[] = [];
  const lines: number[] = [];
  const words = new Map<number, { row: number; text: string }>();
  const kept = new Map<number, string[]>();
  let values = new Float64Array(1024);
  let [k, width, count] = [0, 0, -1];
  const push = (value: number): void => {
    const at = count * width + k;
    if (at >= values.length) {
      const larger = new Float64Array(2 * values.length);
      larger.set(values);
      values = larger;
    }
    values[at] = value;
  };
  const sink = {
    field(from: number, to: number, quoted: boolean): void {
      if (count < 0) header.push(fieldText(clean, from, to, quoted));
      else if (k < width) {
        const value = decimalAt(clean, from, to);
        push(value);
        if (!Number.isFinite(value) && !words.has(k))
          words.set(k, { row: count, text: fieldText(clean, from, to, quoted) });
        kept.get(k)?.push(fieldText(clean, from, to, quoted));
      }
      k++;
    },
    endRow(line: number): void {
      const fields = k;
      k = 0;
      if (count < 0) {
        width = fields;
        count = 0;
        checkHeader(header, where);
        for (const name of textColumns) if (header.includes(name)) kept.set(header.indexOf(name), []);
        return;
      }
      if (fields !== width) {
        const got = `${fields} columns`;
        refuseRows(
          where,
          `line ${line} has another number of columns than the header`,
          got,
          `${width} (${listed(header)})`,
        );
      }
      lines.push(line);
      count++;
    },
  };
  scanCsv(clean, sink, where);
  if (count < 1) refuseRows(where, 'the table has no rows', `${Math.max(0, count)} rows`, 'a header and rows');
  return {
    header,
    count,
    lines,
    values: values.slice(0, count * width),
    texts: (column) => kept.get(column) ?? [],
    firstWord: (column) => words.get(column),
  };
}

/** The names in the first line. */
export function csvHeader(text: string, where: string): readonly string[] {
  const clean = text.replace(/^\uFEFF/, '');
  const names: string[] = [];
  const end = clean.search(/[\r\n]/);
  const line = end < 0 ? clean : clean.slice(0, end);
  const field = (from: number, to: number, quoted: boolean): void => {
    names.push(fieldText(line, from, to, quoted));
  };
  scanCsv(line, { field, endRow: () => undefined }, where);
  return names;
}

/** The place of a column in the header. @throws `parse` naming the nearest where it is not there. */
export function columnOf(header: readonly string[], name: string, where: string): number {
  const at = header.indexOf(name);
  if (at >= 0) return at;
  const near = nearest(name, header);
  return fail({
    code: 'parse',
    where,
    problem: `the table lacks the column ${show(name)}`,
    got: `columns ${listed(header)}`,
    expected: show(name),
    fix: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'name the columns in the first line of the table',
  });
}

export const listed = (header: readonly string[]): string =>
  header.length <= 12 ? header.join(', ') : `${header.slice(0, 10).join(', ')}, … (${header.length} names)`;

function checkHeader(header: readonly string[], where: string): void {
  header.forEach((name, k) => {
    if (name === '') refuseRows(where, `column ${k + 1} has no name`, listed(header), 'a name for every column');
    if (header.indexOf(name) < k)
      refuseRows(where, `column ${show(name)} is there twice`, listed(header), 'distinct names');
  });
}

function refuseRows(where: string, problem: string, got: string, expected: string): never {
  return fail({ code: 'parse', where, problem, got, expected, fix: 'correct that place in the file' });
}
