import {
  evaluateFormula,
  fail,
  leastSquares,
  type Measure,
  parseFormula,
  type Risk,
  show,
  type Table,
} from '@muflow/core';
import type { Dataset, Part } from '../dataset.js';
import { type DataTable, numericColumn } from '../table.js';
import type { RegressionParams } from './regressionParams.js';

/** One row of the table as the predictors see it, in the target's own unit. */
export interface RowError {
  readonly row: number;
  readonly heldOut: boolean;
  readonly measured: number;
  readonly predicted: number;
  /** Least squares with an intercept, in the same columns. */
  readonly linear: number;
  /** What the reference law says, or NaN without one. */
  readonly law: number;
}

export interface RegressionErrors {
  readonly rows: readonly RowError[];
  /** How far `a` lies from `b`: `a/b - 1` for a logarithmic target, else `(a - b)` over the target's deviation. */
  readonly deviation: (a: number, b: number) => number;
  /**
   * Squared error of a predictor over that of the mean of the training rows, in standardized units: 0 is exact, 1 no
   * better than the mean.
   */
  readonly unexplained: (predictor: Predictor, heldOut: boolean) => number;
}

export type Predictor = 'predicted' | 'linear' | 'law' | 'mean';

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** Predictions of the network, of least squares and of the law for every row. */
export function errorsOf(
  table: DataTable,
  data: Dataset,
  values: RegressionParams,
  { risk, mu }: { readonly risk: Risk; readonly mu: Measure },
): RegressionErrors {
  const logarithmic = values.logarithmic.includes(values.target);
  const { mean, deviation: scale } = data.targetScale;
  const measured = numericColumn(table, values.target);
  const law = values.law === null ? undefined : lawOf(table, values.law, values);
  const plane = planeOf(data);
  const inUnit = (z: number): number => (logarithmic ? 10 ** (z * scale + mean) : z * scale + mean);
  const standardized = (y: number): number => ((logarithmic ? Math.log10(y) : y) - mean) / scale;
  const read = (part: Part, heldOut: boolean): RowError[] => {
    const out = new Float64Array(part.rows.length);
    risk.predictInto(out, part.inputs, part.rows.length, mu);
    return Array.from(part.rows, (row, k) => ({
      row,
      heldOut,
      measured: measured[row],
      predicted: inUnit(out[k]),
      linear: inUnit(plane(part.inputs, k)),
      law: law?.(row) ?? Number.NaN,
    }));
  };
  const rows = [...read(data.train, false), ...read(data.test, true)].sort((a, b) => a.row - b.row);
  return {
    rows,
    deviation: (a, b) => (logarithmic ? a / b - 1 : (a - b) / scale),
    unexplained: (predictor, heldOut) => {
      const part = rows.filter((row) => row.heldOut === heldOut);
      const off = (row: RowError): number =>
        (predictor === 'mean' ? 0 : standardized(row[predictor])) - standardized(row.measured);
      const total = part.reduce((sum, row) => sum + standardized(row.measured) ** 2, 0);
      return part.reduce((sum, row) => sum + off(row) ** 2, 0) / total;
    },
  };
}

/** Median of |a deviation| over the held-out rows or the training rows. */
export function medianDeviation(
  errors: RegressionErrors,
  heldOut: boolean,
  pair: (row: RowError) => readonly [number, number],
): number {
  const part = errors.rows.filter((row) => row.heldOut === heldOut);
  return median(part.map((row) => Math.abs(errors.deviation(...pair(row)))));
}

/** Least squares with an intercept on the training rows, as a function of standardized inputs. */
function planeOf({ inputDim, train }: Dataset): (inputs: Float64Array, row: number) => number {
  const count = train.rows.length;
  const design = new Float64Array(count * (inputDim + 1)).fill(1);
  for (let l = 0; l < count; l++) {
    for (let k = 0; k < inputDim; k++) design[l * (inputDim + 1) + k] = train.inputs[l * inputDim + k];
  }
  const plane = leastSquares(design, train.targets, count, inputDim + 1);
  return (inputs, row) => {
    let sum = plane[inputDim];
    for (let k = 0; k < inputDim; k++) sum += plane[k] * inputs[row * inputDim + k];
    return sum;
  };
}

/** The reference law as a function of the row number. @throws `parse` with the column of the formula. */
function lawOf(table: DataTable, text: string, values: RegressionParams): (row: number) => number {
  // A column whose name is no name in formulas, such as "petal length", cannot be part of the law.
  const names = values.features.filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  const formula = parseFormula(text, {
    variables: Object.fromEntries(names.map((name) => [name, { role: 'uniform' as const }])),
  });
  const columns = names.map((name) => numericColumn(table, name));
  const logarithmic = values.logarithmic.includes(values.target);
  return (row) => {
    const [value] = evaluateFormula(formula, Object.fromEntries(names.map((name, k) => [name, columns[k][row]])));
    if (Number.isFinite(value) && (value > 0 || !logarithmic)) return value;
    return fail({
      code: 'not-finite',
      where: 'supervised/regression law',
      problem: `the reference law has no usable value on line ${table.line(row)}`,
      got: show(value),
      expected: logarithmic ? 'a positive number, as the target enters by its logarithm' : 'a finite number',
      fix: 'check the formula against the units of the columns',
    });
  };
}

/** Summary, and the held-out rows one by one. */
export function regressionTables(table: DataTable, errors: RegressionErrors, values: RegressionParams): Table[] {
  return [accuracyTable(errors, values), heldOutTable(table, errors, values)];
}

function accuracyTable(errors: RegressionErrors, values: RegressionParams): Table {
  const hasLaw = values.law !== null;
  const percent = values.logarithmic.includes(values.target) ? '%' : '% of the standard deviation';
  const line = (name: string, predictor: Exclude<Predictor, 'mean'>, heldOut: boolean) => [
    name,
    heldOut ? 'held out' : 'training',
    errors.rows.filter((row) => row.heldOut === heldOut).length,
    errors.unexplained(predictor, heldOut),
    100 * medianDeviation(errors, heldOut, (row) => [row[predictor], row.measured]),
    ...(hasLaw ? [100 * medianDeviation(errors, heldOut, (row) => [row[predictor], row.law])] : []),
  ];
  return {
    title: 'Accuracy',
    columns: [
      { name: 'predictor' },
      { name: 'rows' },
      { name: 'count' },
      { name: 'share of variance left' },
      { name: 'off the data, median', unit: percent },
      ...(hasLaw ? [{ name: 'off the law, median', unit: percent }] : []),
    ],
    rows: [
      line('network', 'predicted', true),
      line('network', 'predicted', false),
      line('linear least squares', 'linear', true),
      ...(hasLaw ? [line('reference law', 'law', true)] : []),
    ],
  };
}

function heldOutTable(table: DataTable, errors: RegressionErrors, values: RegressionParams): Table {
  const held = errors.rows.filter((row) => row.heldOut);
  const hasLaw = values.law !== null;
  const label = table.header.findIndex((name) => name !== values.target && !values.features.includes(name));
  return {
    title: `Held-out rows (${held.length})`,
    columns: [
      { name: label < 0 ? 'line' : table.header[label] },
      { name: `measured ${values.target}` },
      { name: 'network' },
      ...(hasLaw ? [{ name: 'law' }] : []),
      {
        name: 'network off by',
        unit: values.logarithmic.includes(values.target) ? '%' : '% of the standard deviation',
      },
    ],
    rows: held.map((row) => [
      label < 0 ? table.line(row.row) : table.cell(row.row, label),
      row.measured,
      row.predicted,
      ...(hasLaw ? [row.law] : []),
      100 * errors.deviation(row.predicted, row.measured),
    ]),
  };
}
