import {
  coreVersion,
  euclidean,
  type FormulaUnit,
  fail,
  layoutSize,
  type Measure,
  measureFromArrays,
  measureToNpz,
  modelBytes,
  modelChecksum,
  readModelDocument,
  readStoredNpz,
  risk,
  show,
} from '@muflow/core';
import { z } from 'zod';
import type { Standardization } from '../dataset.js';
import { type DataTable, numericColumn } from '../table.js';

/** A column as a model sees it: `(value - mean) / deviation`, of the base-10 logarithm where it is logarithmic. */
export interface ModelColumn extends Standardization {
  readonly name: string;
  readonly logarithmic: boolean;
}

/** What a trained measure needs to predict. */
export interface ModelParts {
  /** Columns of the inputs, in their order. */
  readonly features: readonly ModelColumn[];
  readonly target: ModelColumn;
  /** `Phi(x, u)` of one neuron, x standardized. */
  readonly unit: FormulaUnit & { readonly formula: string };
  readonly measure: Measure;
  /** Where it comes from, for people. */
  readonly origin: string;
}

/** A trained measure that predicts in the units of its table. */
export interface Model extends ModelParts {
  /**
   * `f(x) = int Phi(x, u) dmu(u)` of rows in their own units (rows*features, row-major), in the unit of the target.
   * What is predicted for a row does not depend on the other rows.
   *
   * @throws `shape-mismatch` where the numbers fill no rows, `not-finite` with row and column.
   */
  predict(rows: Float64Array): Float64Array;
  /** The same for the rows of a table that has the columns of the features, in any order, among others. */
  predictTable(table: DataTable): Float64Array;
}

/** The files of a model by name: `model.json` for people, `model.npz` for the measure. */
export interface ModelFiles {
  readonly 'model.json': string;
  readonly 'model.npz': Uint8Array;
}

const column = z.strictObject({
  name: z.string(),
  logarithmic: z.boolean(),
  mean: z.number(),
  deviation: z.number().positive(),
});

const modelSchema = z.strictObject({
  format: z.literal('muflow model'),
  version: z.literal(1),
  muflow: z.string().describe('version that wrote it'),
  origin: z.string(),
  unit: z.strictObject({ formula: z.string(), atom: z.record(z.string(), z.int().min(1)) }),
  features: z.array(column).min(1),
  target: column,
  measure: z.strictObject({ file: z.literal('model.npz'), atoms: z.int().min(1), checksum: z.string() }),
});

const kind = {
  format: 'muflow model',
  version: 1,
  schema: modelSchema,
  where: 'loadModel',
  noun: 'model',
  fix: 'name the folder of a run that trains a model, such as supervised/tabular with --out',
} as const;

/** A model from its parts. @throws `shape-mismatch` where measure and unit do not fit. */
export function createModel(parts: ModelParts): Model {
  const { features, target, unit, measure } = parts;
  const dim = layoutSize(unit.atom);
  if (measure.dim !== dim) {
    fail({
      code: 'shape-mismatch',
      where: 'createModel',
      problem: 'the measure does not fit the unit',
      got: `atoms of ${measure.dim} coordinates for ${unit.formula}`,
      expected: `${dim} coordinates`,
      fix: 'pass the measure that was trained with this unit',
    });
  }
  const width = features.length;
  const network = risk({ unit, inputs: new Float64Array(width), targets: new Float64Array(1) });
  const predict = (rows: Float64Array): Float64Array => {
    const inputs = standardized(rows, features);
    const count = rows.length / width;
    const out = new Float64Array(count);
    network.predictInto(out, inputs, count, measure);
    for (let l = 0; l < count; l++) {
      const value = out[l] * target.deviation + target.mean;
      out[l] = target.logarithmic ? 10 ** value : value;
    }
    return out;
  };
  return {
    ...parts,
    predict,
    predictTable(table) {
      const missing = features.filter(({ name }) => !table.header.includes(name));
      if (missing.length > 0) refuseColumns(missing, table);
      const columns = features.map(({ name, logarithmic }) => {
        numericColumn(table, name, { logarithmic });
        return numericColumn(table, name);
      });
      const rows = new Float64Array(table.count * width);
      for (let k = 0; k < width; k++) {
        for (let l = 0; l < table.count; l++) rows[l * width + k] = columns[k][l];
      }
      return predict(rows);
    },
  };
}

/** A model as files; reading them gives a model that predicts the same bits. */
export function modelFiles({ features, target, unit, measure, origin }: ModelParts): ModelFiles {
  const npz = measureToNpz(measure);
  const document: z.input<typeof modelSchema> = {
    format: kind.format,
    version: kind.version,
    muflow: coreVersion,
    origin,
    unit: { formula: unit.formula, atom: { ...unit.atom } },
    features: features.map(plain),
    target: plain(target),
    measure: { file: 'model.npz', atoms: measure.count, checksum: modelChecksum(npz) },
  };
  return { 'model.json': `${JSON.stringify(document, null, 2)}\n`, 'model.npz': npz };
}

/**
 * Reads a model that {@link modelFiles} has written.
 *
 * @throws `parse` for text that is no model, `version-mismatch` for a format this version does not know,
 * `invalid-config` with the path of what is wrong in it, `invalid-argument` for the measure of another model.
 *
 * @example
 * ```ts
 * import { diracs, networkUnit } from '@muflow/core';
 * import { loadModel, modelFiles } from '@muflow/supervised';
 * const unit = networkUnit({ activation: 'relu', inputs: 1 });
 * const measure = diracs([[2, 1, 0]]); // one neuron, 2 relu(x)
 * const feature = { name: 'x', logarithmic: false, mean: 10, deviation: 5 };
 * const target = { name: 'y', logarithmic: false, mean: 1, deviation: 3 };
 * const files = modelFiles({ unit, measure, features: [feature], target, origin: 'by hand' });
 * const model = loadModel(files['model.json'], files['model.npz']);
 * console.log(model.predict(Float64Array.of(15))[0]); // => 7
 * ```
 */
export function loadModel(json: string, npz: Uint8Array): Model {
  const { unit, features, target, origin, ...document } = readModelDocument(json, kind);
  const bytes = modelBytes(npz, document.measure.checksum, {
    where: kind.where,
    problem: 'the measure belongs to another model, or is damaged',
  });
  const measure = measureFromArrays(readStoredNpz(bytes), { space: euclidean(layoutSize(unit.atom)) });
  return createModel({ unit, features, target, origin, measure });
}

function standardized(rows: Float64Array, features: readonly ModelColumn[]): Float64Array {
  const width = features.length;
  if (rows.length % width !== 0) {
    fail({
      code: 'shape-mismatch',
      where: 'predict',
      problem: 'the numbers fill no rows',
      got: `${rows.length} numbers`,
      expected: `rows of ${width} (${features.map(({ name }) => name).join(', ')})`,
      fix: 'pass rows * features numbers, row by row',
    });
  }
  const out = new Float64Array(rows.length);
  for (let k = 0; k < width; k++) {
    const { logarithmic, mean, deviation } = features[k];
    for (let at = k; at < rows.length; at += width) {
      const value = rows[at];
      if (!Number.isFinite(value) || (logarithmic && !(value > 0))) refuseNumber(value, at, features);
      out[at] = ((logarithmic ? Math.log10(value) : value) - mean) / deviation;
    }
  }
  return out;
}

function refuseNumber(value: number, at: number, features: readonly ModelColumn[]): never {
  const { name, logarithmic } = features[at % features.length];
  return fail({
    code: 'not-finite',
    where: 'predict',
    problem: `row ${Math.floor(at / features.length)}, column ${show(name)} cannot be used`,
    got: show(value),
    expected: logarithmic ? 'a number above 0, as the column enters by its logarithm' : 'a finite number',
    fix: 'leave out the row or fill in the value',
  });
}

function refuseColumns(missing: readonly ModelColumn[], table: DataTable): never {
  const names = missing.map(({ name }) => name);
  return fail({
    code: 'invalid-argument',
    where: 'predict',
    problem: `the table lacks ${names.length === 1 ? 'the column' : `${names.length} columns of the model:`} ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`,
    got: `columns ${table.header.slice(0, 12).join(', ')}${table.header.length > 12 ? ', …' : ''}`,
    expected: 'a column for every feature of the model',
    fix: 'name the columns as in the table that the model was trained on',
  });
}

const plain = ({ name, logarithmic, mean, deviation }: ModelColumn): ModelColumn => ({
  name,
  logarithmic,
  mean,
  deviation,
});
