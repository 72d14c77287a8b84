import type { Claim, Figure, Mark, Measure, StudyResult, Table } from '@muflow/core';

/** What a golden file says of itself: which study it runs, and how. */
export interface GoldenHeader {
  readonly study: string;
  readonly seed: number;
  readonly params: unknown;
}

const digits = 6;
/** Figures below this size are rounding, and rounding is no result. */
const finest = 1e-12;

/**
 * A number as a golden file prints it: six significant digits, none of them finer than 1e-12, so that
 * another machine's last bits change nothing; what is smaller than that is `~0`, exactly 0 too, since
 * whether rounding cancels is as much in the last bits.
 */
export function printNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size < finest) return '~0';
  const kept = Math.max(1, Math.min(digits, Math.floor(Math.log10(size) - Math.log10(finest)) + 1));
  return String(Number(value.toPrecision(kept)));
}

/** Numbers of one column: counts as they are, others by {@link printNumber}. */
const printerOf = (values: readonly number[]): ((value: number) => string) =>
  values.every(Number.isInteger) ? String : printNumber;

/** Text with its decimal fractions and powers of ten printed as {@link printNumber} does; whole numbers stay. */
export const printText = (text: string): string =>
  text.replace(/(?<![\w.])-?\d+(?:\.\d+(?:e[+-]?\d+)?|e[+-]?\d+)(?![\w.])/g, (number) => printNumber(Number(number)));

const note = 'note   a short run: claims that hold at the default parameters may fail at these';

/** A study's result as a page that people can read and compare line by line. */
export function printGolden({ study, seed, params }: GoldenHeader, result: StudyResult): string {
  const parts = [
    [`study  ${study}`, `seed   ${seed}`, `params ${JSON.stringify(params)}`, note],
    result.claims.flatMap(printClaim),
    ...result.tables.map(printTable),
    printMetrics(result.metrics ?? {}),
    result.figures.flatMap(printFigure),
    Object.entries(result.profiles ?? {}).flatMap(([name, profile]) => printProfile(name, profile)),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const printClaim = ({ statement, prediction, measurement, verdict }: Claim): string[] => [
  `claim ${verdict}: ${printText(statement)}`,
  `  predicted ${printText(prediction)}, measured ${measurement === '0' ? printNumber(0) : printText(measurement)}`,
];

type Cell = Table['rows'][number][number];

/** One column of a table, cell by cell. */
function printCells(cells: readonly Cell[]): string[] {
  const print = printerOf(cells.filter((cell) => typeof cell === 'number'));
  return cells.map((cell) => {
    if (cell === null) return '-';
    return typeof cell === 'number' ? print(cell) : printText(String(cell));
  });
}

function printTable({ title, columns, rows }: Table): string[] {
  const header = columns.map(({ name, unit }) => (unit === undefined ? name : `${name} (${unit})`));
  const printed = columns.map((_, k) => printCells(rows.map((row) => row[k])));
  return [`table: ${printText(title)}`, ...align([header, ...rows.map((_, i) => printed.map((cells) => cells[i]))])];
}

const sampledRows = 10;

/** First and last row of the metrics and some between, evenly. */
function printMetrics(metrics: Readonly<Record<string, readonly number[]>>): string[] {
  const names = Object.keys(metrics);
  if (names.length === 0) return [];
  const length = metrics[names[0]].length;
  const last = Math.min(sampledRows, length) - 1;
  const rows = Array.from({ length: last + 1 }, (_, k) => Math.round((k * (length - 1)) / Math.max(1, last)));
  return [
    `metrics: ${length} rows, of which ${rows.length}`,
    ...align([
      ['row', ...names],
      ...rows.map((row) => [`${row}`, ...names.map((name) => printerOf(metrics[name])(metrics[name][row]))]),
    ]),
  ];
}

const printFigure = ({ id, title, x, y, marks }: Figure): string[] => [
  `figure ${id}: ${title}`,
  `  x ${x.label}${x.scale === 'log' ? ', log' : ''}; y ${y.label}${y.scale === 'log' ? ', log' : ''}`,
  ...marks.map((mark) => `  ${printMark(mark)}`),
];

function printMark(mark: Mark): string {
  if (mark.type === 'rule') return `rule at ${mark.axis} = ${printNumber(mark.at)}`;
  const label = 'label' in mark && mark.label !== undefined ? ` "${mark.label}"` : '';
  const heights = mark.type === 'band' ? [...mark.low, ...mark.high] : mark.y;
  return `${mark.type}${label}: ${mark.x.length} points, x in ${printRange(mark.x)}, y in ${printRange(heights)}`;
}

function printRange(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const print = printerOf(finite);
  return finite.length === 0 ? 'nothing' : `[${print(Math.min(...finite))}, ${print(Math.max(...finite))}]`;
}

const printProfile = (name: string, profile: readonly Measure[]): string[] => [
  `profile ${name}:`,
  ...profile.map(({ count, dim, masses }, player) => {
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    return `  player ${player}: ${count} atoms in dimension ${dim}, total mass ${printNumber(total)}`;
  }),
];

/** Columns of one width each, two spaces apart. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  return rows.map((row) => `  ${row.map((cell, k) => cell.padEnd(widths[k])).join('  ')}`.trimEnd());
}
