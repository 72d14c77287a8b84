import type { Row, Timing } from './measure.js';
import { oneThread, severalThreads } from './programs.js';
import type { Roof } from './roof.js';
import type { Growth } from './scale.js';
import type { Start } from './start.js';
import type { Overhead } from './training.js';

/** Everything that one run of the programme measured. */
export interface Report {
  readonly host: { readonly cpu: string; readonly cores: number; readonly node: string };
  readonly programs: readonly { readonly name: string; readonly version: string }[];
  readonly missing: readonly string[];
  readonly threads: number;
  readonly rows: readonly Row[];
  readonly scaling: readonly Growth[];
  readonly overhead: readonly Overhead[];
  readonly start: readonly Start[];
  readonly roof: Roof | null;
}

/** Programs of the main table: float64, all threads. The others have a table of their own. */
const peers = ['NumPy', 'PyTorch', 'JAX'];

/** Three digits, as many as times on a shared machine can carry. */
export const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const timeOf = ({ median, lower, upper }: Timing): string => `${digits(median)} (${digits(lower)}-${digits(upper)})`;
const named = ({ timings }: Row, name: string): Timing | undefined => timings.find(({ program }) => program === name);
const cell = (timing: Timing | undefined): string => (timing === undefined ? '-' : timeOf(timing));

/** One row for a terminal: every program with its median, quartiles, ratio, memory and difference. */
export function textOf(row: Row, threads: number): string {
  // No time where every program was left out.
  const ours = (named(row, severalThreads(threads)) ?? row.timings.at(0))?.median ?? Number.NaN;
  const lines = row.timings.map((timing) => {
    const ratio = `${(timing.median / ours).toFixed(2)} x`;
    const memory = timing.added === null ? '' : `${timing.added.toFixed(1)} MB`;
    const spread = `${digits(timing.lower)} .. ${digits(timing.upper)}`;
    return `  ${timing.program.padEnd(28)} ${digits(timing.median).padStart(9)} ms  ${spread.padEnd(18)} ${ratio.padStart(9)} ${memory.padStart(10)}  ${timing.difference.toExponential(0)}`;
  });
  const skipped = row.skipped.map(({ program, reason }) => `  ${program.padEnd(28)} left out: ${reason}`);
  return `${[row.workload, ...lines, ...skipped].join('\n')}\n`;
}

/** The whole report as Markdown, to be pasted as it is. */
export function markdownOf(report: Report): string {
  const { cpu, cores, node } = report.host;
  const versions = report.programs
    .filter(({ name }) => !/^muflow|1 thread/.test(name))
    .map(({ name, version }) => `${name} ${version}`);
  const parts = [
    `${[`${cores} cores of ${cpu.trim()}`, `Node ${node}`, ...versions].join(', ')}.`,
    ...(report.missing.length > 0 ? [`Not on this machine: ${report.missing.join('; ')}.`] : []),
    ...(report.rows.length > 0
      ? [mainTable(report), otherTable(report), memoryTable(report), skippedList(report)]
      : []),
    ...(report.roof === null ? [] : [roofTable(report.roof)]),
    ...(report.scaling.length > 0 ? [scalingTable(report.scaling)] : []),
    ...(report.overhead.length > 0 ? [overheadTable(report.overhead)] : []),
    ...(report.start.length > 0 ? [startTable(report.start)] : []),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function mainTable({ rows, threads }: Report): string {
  const head = ['workload', '1 thread', `${threads} threads`, ...peers, 'ratio', 'C++', 'share'];
  const body = rows.map((row) => {
    const ours = named(row, severalThreads(threads));
    const others = peers.flatMap((name) => named(row, name)?.median ?? []);
    const roof = named(row, 'C++');
    return [
      row.workload,
      cell(named(row, oneThread)),
      cell(ours),
      ...peers.map((name) => cell(named(row, name))),
      ours === undefined || others.length === 0 ? '-' : digits(Math.min(...others) / ours.median),
      cell(roof),
      ours === undefined || roof === undefined ? '-' : `${Math.round((100 * roof.median) / ours.median)} %`,
    ];
  });
  return `Times in milliseconds: median (quartiles).\n\n${table(head, body)}`;
}

/** Programs of one thread, of float32, or for few workloads; the ratio is to ours on as many threads in float64, or on one where ours has no more. */
function otherTable({ rows, threads }: Report): string {
  const main = new Set([oneThread, severalThreads(threads), ...peers, 'C++']);
  const body = rows.flatMap((row) =>
    row.timings
      .filter(({ program }) => !main.has(program))
      .map((timing) => {
        const several = timing.program.endsWith('1 thread') ? undefined : named(row, severalThreads(threads));
        const ours = several ?? named(row, oneThread);
        const ratio = ours === undefined ? '-' : digits(timing.median / ours.median);
        return [row.workload, timing.program, timeOf(timing), ratio, timing.difference.toExponential(0)];
      }),
  );
  if (body.length === 0) return '';
  return table(['workload', 'program', 'ms', 'times ours', 'difference'], body);
}

function memoryTable({ rows, threads }: Report): string {
  const names = [severalThreads(threads), ...peers];
  // Rows that run on one thread and have other peers would be rows of dashes.
  const shown = rows.filter((row) => names.some((name) => named(row, name) !== undefined));
  if (shown.length === 0) return '';
  const body = shown.map((row) => [
    row.workload,
    ...names.map((name) => {
      const timing = named(row, name);
      return timing?.added == null || timing.peak === null
        ? '-'
        : `${timing.added.toFixed(0)} / ${timing.peak.toFixed(0)}`;
    }),
  ]);
  return `Memory in MB: what the row added to the resident set at its peak / the peak itself.\n\n${table(['workload', ...names], body)}`;
}

function skippedList({ rows }: Report): string {
  const own = /is written for|is asked for|does not have it|does it on one thread|has no elementwise|is for points/;
  const lines = rows.flatMap(({ workload, skipped }) =>
    skipped
      .filter(({ reason }) => !own.test(reason))
      .map(({ program, reason }) => `- ${workload}: ${program}, ${reason}`),
  );
  return lines.length === 0 ? '' : `Left out:\n\n${lines.join('\n')}`;
}

function roofTable({ fused, portable, stream }: Roof): string {
  return table(
    ['roof, in C++', 'attained'],
    [
      ['fused multiply-add, widest vectors, 1 thread', `${digits(fused)} GFLOP/s`],
      ['multiply and add apart, two numbers at a time, 1 thread', `${digits(portable)} GFLOP/s`],
      ['reading memory, all threads', `${digits(stream)} GB/s`],
    ],
  );
}

function scalingTable(growths: readonly Growth[]): string {
  const body = growths.map(({ along, program, sizes, median, slope }) => [
    along,
    program,
    sizes.map((size, k) => `${size}: ${digits(median[k])}`).join(', '),
    slope.toFixed(2),
  ]);
  return table(['along', 'program', 'size: milliseconds', 'slope'], body);
}

function overheadTable(overheads: readonly Overhead[]): string {
  const names = Object.keys(overheads[0].added);
  const body = overheads.map(({ what, step, added }) => [
    what,
    digits(step),
    ...names.map((name) => `${(100 * added[name]).toFixed(0)} %`),
  ]);
  return table(['overhead of jumps, relu network', 'Euler step, microseconds', ...names], body);
}

function startTable(starts: readonly Start[]): string {
  const body = starts.map(({ what, median, low, high }) => [what, digits(median), `${digits(low)}-${digits(high)}`]);
  return table(['once', 'ms', 'least-most'], body);
}

/** A Markdown table with padded columns: the first to the left, the rest to the right. */
function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((title, k) => Math.max(3, title.length, ...body.map((row) => row[k].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, k) => (k === 0 ? text.padEnd(widths[k]) : text.padStart(widths[k]))).join(' | ')} |`;
  const rule = widths.map((width, k) => (k === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...body.map(line)].join('\n');
}
