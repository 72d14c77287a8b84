import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, npyArray, show, writeCsv, writeNpy } from '@muflow/core';
import { loadModel, type Model, readTable } from '@muflow/supervised';
import { readBytesFile, readTextFile, writeFileAtomically } from '../files.js';
import { readTextOrTable } from '../tableFile.js';
import type { Terminal } from '../terminal.js';

/** Flags of `muflow predict`. */
export interface PredictOptions {
  readonly out?: string;
  readonly json?: boolean;
}

/**
 * `muflow predict <folder of a run | model.json> <table.csv | table.npy>`: predictions of a trained measure for every
 * row, in the unit of its target, as a column of comma-separated values; where the table has the target too, how far
 * they lie from it.
 */
export function predict(source: string, tablePath: string, options: PredictOptions, terminal: Terminal): number {
  const { out } = options;
  if (out !== undefined && !/\.(csv|npy)$/.test(out)) refuseOut(out);
  const model = readModel(source);
  const table = readTable(readTextOrTable(tablePath, where), tablePath);
  const predictions = model.predictTable(table);
  const { name } = model.target;
  const at = table.header.indexOf(name);
  const errors = at < 0 ? null : errorsOf(predictions, table.numbers(at));
  const rows = Array.from(predictions, (value) => [value]);
  if (out !== undefined) {
    writeFileAtomically(out, out.endsWith('.npy') ? writeNpy(npyArray(predictions)) : writeCsv([name], rows));
  }
  if (options.json) {
    const { origin, unit, measure } = model;
    const about = { target: name, origin, unit: unit.formula, neurons: measure.count };
    const document = {
      model: about,
      rows: table.count,
      predictions: Array.from(predictions),
      ...(errors && { errors }),
    };
    terminal.out(`${JSON.stringify(document, null, 2)}\n`);
    return 0;
  }
  if (out === undefined) terminal.out(writeCsv([name], rows));
  else terminal.out(`wrote ${out}: ${table.count} predictions of ${name}\n`);
  if (errors !== null) terminal.log.write(`${errorLine(name, errors)}\n`);
  return 0;
}

const where = 'muflow predict';

function readModel(source: string): Model {
  const isFolder = existsSync(source) && statSync(source).isDirectory();
  const path = isFolder ? join(source, 'model.json') : source;
  if (isFolder && !existsSync(path)) {
    fail({
      code: 'file',
      where,
      problem: 'the folder holds no model',
      got: `${show(source)} without model.json`,
      expected: 'the folder of a run that has trained one',
      fix: 'train with muflow run supervised/tabular --set table=@data.csv --out <folder>',
    });
  }
  return loadModel(readTextFile(path, where), readBytesFile(join(dirname(path), 'model.npz'), where));
}

interface Errors {
  /** Rows with a finite target. */
  readonly rows: number;
  readonly rootMeanSquare: number;
  /** Squared error over that of the mean of these rows. */
  readonly varianceLeft: number;
}

function errorsOf(predictions: Float64Array, targets: Float64Array): Errors | null {
  let [rows, sum, squares, mean] = [0, 0, 0, 0];
  targets.forEach((target) => {
    if (Number.isFinite(target)) mean += (target - mean) / ++rows;
  });
  targets.forEach((target, l) => {
    if (!Number.isFinite(target)) return;
    squares += (predictions[l] - target) ** 2;
    sum += (target - mean) ** 2;
  });
  return rows === 0 ? null : { rows, rootMeanSquare: Math.sqrt(squares / rows), varianceLeft: squares / sum };
}

const errorLine = (name: string, { rows, rootMeanSquare, varianceLeft }: Errors): string =>
  `against ${name} of ${rows} rows: root mean square error ${rootMeanSquare.toPrecision(4)}, share of the variance left ${varianceLeft.toPrecision(4)}`;

function refuseOut(out: string): never {
  return fail({
    code: 'invalid-argument',
    where: `${where} --out`,
    problem: 'the kind of file is not known',
    got: show(out),
    expected: 'a name that ends in .csv or .npy',
    fix: 'write for instance --out predictions.csv',
  });
}
