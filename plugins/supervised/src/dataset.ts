import { deriveKey, fail, permutation, type RandomKey, randomStream, show } from '@muflow/core';
import { type DataTable, numericColumn } from './table.js';

/** What of a table is learned from what. */
export interface DatasetOptions {
  readonly target: string;
  readonly features: readonly string[];
  /** Columns that enter by their base-10 logarithm. */
  readonly logarithmic: readonly string[];
  /** Share of the rows held out for testing, in (0, 1). */
  readonly heldOut: number;
  /** Share of the rows that choose among trained models, in [0, 1); default 0. */
  readonly validation?: number;
  readonly key: RandomKey;
}

/** Shift and scale of one column: `standardized = (value - mean) / deviation`. */
export interface Standardization {
  readonly mean: number;
  readonly deviation: number;
}

/** Rows of standardized numbers, split by a key. Standardization is computed on the training rows alone. */
export interface Dataset {
  readonly inputDim: number;
  readonly train: Part;
  /** No rows where no share is asked for. */
  readonly validation: Part;
  readonly test: Part;
  readonly featureScale: readonly Standardization[];
  readonly targetScale: Standardization;
}

export interface Part {
  /** Indices of the table's rows. */
  readonly rows: Uint32Array;
  /** rows*d, row-major, standardized. */
  readonly inputs: Float64Array;
  /** rows, standardized. */
  readonly targets: Float64Array;
}

const fewestRows = 8;

/**
 * Takes numbers from a table, splits the rows by the key and standardizes.
 * @throws naming row and column for cells that are no numbers, and the column for one that is constant.
 */
export function makeDataset(table: DataTable, options: DatasetOptions): Dataset {
  const { target, features, logarithmic } = options;
  checkColumns(table, options);
  const read = (name: string): Float64Array => numericColumn(table, name, { logarithmic: logarithmic.includes(name) });
  const columns = features.map(read);
  const targets = read(target);
  const rows = splitRows(table.count, options);
  const featureScale = columns.map((column, k) => standardization(column, rows.train, features[k]));
  const targetScale = standardization(targets, rows.train, target);
  const part = (rows: Uint32Array): Part => ({
    rows,
    inputs: standardizedRows(columns, featureScale, rows),
    targets: standardizedRows([targets], [targetScale], rows),
  });
  return {
    inputDim: features.length,
    train: part(rows.train),
    validation: part(rows.validation),
    test: part(rows.test),
    featureScale,
    targetScale,
  };
}

/** Rows of standardized numbers (rows*columns) from columns. */
export function standardizedRows(
  columns: readonly Float64Array[],
  scales: readonly Standardization[],
  rows: Uint32Array,
): Float64Array {
  const width = columns.length;
  const out = new Float64Array(rows.length * width);
  for (let k = 0; k < width; k++) {
    const column = columns[k];
    const { mean, deviation } = scales[k];
    for (let l = 0; l < rows.length; l++) out[l * width + k] = (column[rows[l]] - mean) / deviation;
  }
  return out;
}

interface RowSplit {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/** The first rows of a permutation are held out, the next ones validate, the rest trains. */
function splitRows(count: number, { heldOut, validation = 0, key }: DatasetOptions): RowSplit {
  const order = permutation(count, randomStream(deriveKey(key, 'split')));
  const testCount = Math.max(1, Math.round(heldOut * count));
  const validationCount = validation === 0 ? 0 : Math.max(1, Math.round(validation * count));
  const train = order.slice(testCount + validationCount).sort();
  if (train.length < fewestRows) {
    const others = validationCount > 0 ? `, ${validationCount} for validation` : '';
    refuse(
      'too few rows to train on',
      `${count} rows, ${testCount} held out${others}`,
      `at least ${fewestRows} rows left for training`,
      validationCount > 0 ? 'lower heldOut or validation, or add rows' : 'lower heldOut or add rows',
    );
  }
  const validating = order.slice(testCount, testCount + validationCount).sort();
  return { train, validation: validating, test: order.slice(0, testCount).sort() };
}

function checkColumns(table: DataTable, { target, features, logarithmic }: DatasetOptions): void {
  if (features.length === 0 || features.includes(target) || new Set(features).size !== features.length) {
    refuse(
      'the features are not usable',
      `features ${features.join(', ')} for the target ${target}`,
      'one or more different columns without the target',
      'name the columns to learn from',
    );
  }
  const stray = logarithmic.find((name) => name !== target && !features.includes(name));
  if (stray !== undefined) {
    refuse(
      'a logarithmic column is not used',
      show(stray),
      `one of ${[target, ...features].join(', ')}`,
      `take it out of logarithmic, or use a column of ${table.header.join(', ')}`,
    );
  }
}

function standardization(values: Float64Array, rows: Uint32Array, name: string): Standardization {
  const largest = rows.reduce((most, row) => Math.max(most, Math.abs(values[row])), 0);
  const mean = rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
  const variance = rows.reduce((sum, row) => sum + (values[row] - mean) ** 2, 0) / rows.length;
  const deviation = Math.sqrt(variance);
  if (!Number.isFinite(deviation)) {
    refuse(
      `the column ${show(name)} is too large to square`,
      `values up to ${show(largest)}`,
      'values below 1e150',
      'name the column in logarithmic, or write it in a larger unit',
    );
  }
  // Relative to the values, so that a column in a tiny unit is not taken for a constant one.
  if (!(deviation > 1e-12 * largest)) {
    refuse(
      `the column ${show(name)} is constant on the training rows`,
      `every value ${mean}`,
      'a column that varies',
      'leave it out of the features',
    );
  }
  return { mean, deviation };
}

function refuse(problem: string, got: string, expected: string, fix: string): never {
  return fail({ code: 'invalid-argument', where: 'supervised dataset', problem, got, expected, fix });
}
