import {
  type CsvTable,
  evaluateFormula,
  fail,
  type Measure,
  parseFormula,
  type Risk,
  show,
  type Table,
} from '@muflow/core';
import type { Dataset, Part } from '../dataset.js';
import { numericColumn } from '../table.js';
import type { RegressionParams } from './regressionParams.js';

/** One row of the table as the network sees it, in the target's own unit. */
export interface RowError {
  readonly row: number;
  readonly heldOut: boolean;
  readonly measured: number;
  readonly predicted: number;
  /** What the reference law says, or NaN without one. */
  readonly law: number;
}

export interface RegressionErrors {
  readonly rows: readonly RowError[];
  /** Mean squared error over variance, on held-out and training rows, in standardized units. */
  readonly heldOutUnexplained: number;
  readonly trainUnexplained: number;
}

/** Default columns: the exponents of Kepler's law can be checked. */
export const keplerColumns = ({ target, features, logarithmic }: RegressionParams): boolean =>
  target === 'period_days' &&
  features.join() === 'semi_major_axis_km,central_mass_kg' &&
  [target, ...features].every((name) => logarithmic.includes(name));

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

const deviation = (a: number, b: number): number => Math.abs(a / b - 1);

export const referenceLaw = {
  /** Median of |prediction / law - 1| over the held-out rows. */
  medianDeviation: ({ rows }: RegressionErrors): number =>
    median(rows.filter((row) => row.heldOut).map((row) => deviation(row.predicted, row.law))),
};

export function errorsOf(
  table: CsvTable,
  data: Dataset,
  risk: Risk,
  mu: Measure,
  values: RegressionParams,
): RegressionErrors {
  const logarithmic = values.logarithmic.includes(values.target);
  const measured = numericColumn(table, values.target);
  const law = values.law === null ? undefined : lawOf(table, values.law, values.features);
  const unit = (z: number): number => {
    const raw = z * data.targetScale.deviation + data.targetScale.mean;
    return logarithmic ? 10 ** raw : raw;
  };
  const read = (part: Part, heldOut: boolean): RowError[] => {
    const out = new Float64Array(part.rows.length);
    risk.predictInto(out, part.inputs, part.rows.length, mu);
    return Array.from(part.rows, (row, k) => ({
      row,
      heldOut,
      measured: measured[row],
      predicted: unit(out[k]),
      law: law?.(row) ?? Number.NaN,
    }));
  };
  return {
    rows: [...read(data.train, false), ...read(data.test, true)].sort((a, b) => a.row - b.row),
    heldOutUnexplained: unexplained(risk, data.test, mu),
    trainUnexplained: unexplained(risk, data.train, mu),
  };
}

function unexplained(risk: Risk, part: Part, mu: Measure): number {
  const out = new Float64Array(part.rows.length);
  risk.predictInto(out, part.inputs, part.rows.length, mu);
  const mean = part.targets.reduce((sum, y) => sum + y, 0) / part.targets.length;
  let residual = 0;
  let variance = 0;
  for (let l = 0; l < out.length; l++) {
    residual += (out[l] - part.targets[l]) ** 2;
    variance += (part.targets[l] - mean) ** 2;
  }
  return residual / variance;
}

/** The reference law as a function of the row number. @throws `parse` with the column of the formula. */
function lawOf(table: CsvTable, text: string, features: readonly string[]): (row: number) => number {
  const formula = parseFormula(text, {
    variables: Object.fromEntries(features.map((name) => [name, { role: 'uniform' as const }])),
  });
  const columns = features.map((name) => numericColumn(table, name));
  return (row) => {
    const [value] = evaluateFormula(formula, Object.fromEntries(features.map((name, k) => [name, columns[k][row]])));
    if (Number.isFinite(value)) return value;
    return fail({
      code: 'not-finite',
      where: 'supervised/regression law',
      problem: `the reference law has no value on line ${table.lines[row]}`,
      got: show(value),
      expected: 'a finite number for every row',
      fix: 'check the formula against the units of the columns',
    });
  };
}

/** Summary, and the held-out rows one by one. */
export function regressionTables(
  table: CsvTable,
  data: Dataset,
  errors: RegressionErrors,
  values: RegressionParams,
): Table[] {
  const held = errors.rows.filter((row) => row.heldOut);
  const train = errors.rows.filter((row) => !row.heldOut);
  const hasLaw = values.law !== null;
  const summary = (name: string, rows: readonly RowError[], left: number) => [
    name,
    rows.length,
    left,
    median(rows.map((row) => 100 * deviation(row.predicted, row.measured))),
    hasLaw ? median(rows.map((row) => 100 * deviation(row.predicted, row.law))) : null,
    hasLaw ? median(rows.map((row) => 100 * deviation(row.law, row.measured))) : null,
  ];
  const label = table.header.findIndex((name) => name !== values.target && !values.features.includes(name));
  return [
    {
      title: 'Accuracy',
      columns: [
        { name: 'rows' },
        { name: 'count' },
        { name: 'share of variance left' },
        { name: 'network against data, median', unit: '%' },
        { name: 'network against law, median', unit: '%' },
        { name: 'law against data, median', unit: '%' },
      ],
      rows: [summary('held out', held, errors.heldOutUnexplained), summary('training', train, errors.trainUnexplained)],
    },
    {
      title: `Held-out rows (${data.test.rows.length})`,
      columns: [
        { name: label < 0 ? 'row' : table.header[label] },
        { name: `measured ${values.target}` },
        { name: 'network' },
        ...(hasLaw ? [{ name: 'law' }] : []),
        { name: 'network off by', unit: '%' },
      ],
      rows: held.map((row) => [
        label < 0 ? row.row + 1 : table.rows[row.row][label],
        row.measured,
        row.predicted,
        ...(hasLaw ? [row.law] : []),
        100 * (row.predicted / row.measured - 1),
      ]),
    },
  ];
}
