import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, npyArray, show, writeCsv, writeNpy } from '@muflow/core';
import { loadModel, type Model, readTable } from '@muflow/supervised';
import { isSetModel } from '@muflow/symmetric';
import { readBytesFile, readTextFile, writeFileAtomically } from '../files.js';
import { readTextOrTable } from '../tableFile.js';
import type { Terminal } from '../terminal.js';
import { errorLine, errorsOf } from './predictionErrors.js';
import { predictSets } from './predictSets.js';

/** Flags of `muflow predict`. */
export interface PredictOptions {
  readonly out?: string;
  readonly json?: boolean;
}

/**
 * `muflow predict <folder of a run | model.json> <data>`: predictions of a trained model in the unit of its target, and how
 * far they lie from the target where the data have it. For a measure of neurons the data are a table (.csv or .npy) and
 * there is one prediction a row; for a network on sets they are points (.csv or .npz) and there is one a set.
 */
export async function predict(
  source: string,
  dataPath: string,
  options: PredictOptions,
  terminal: Terminal,
): Promise<number> {
  const { out } = options;
  if (out !== undefined && !/\.(csv|npy)$/.test(out)) refuseOut(out);
  const path = modelPath(source);
  const text = readTextFile(path, where);
  const npz = readBytesFile(join(dirname(path), 'model.npz'), where);
  return isSetModel(text)
    ? predictSets({ text, npz }, dataPath, options, terminal)
    : predictRows(loadModel(text, npz), dataPath, options, terminal);
}

/** Predictions of a measure for every row, as a column of comma-separated values. */
function predictRows(model: Model, tablePath: string, { out, json }: PredictOptions, terminal: Terminal): number {
  const table = readTable(readTextOrTable(tablePath, where), tablePath);
  const predictions = model.predictTable(table);
  const { name } = model.target;
  const at = table.header.indexOf(name);
  const errors = at < 0 ? null : errorsOf(predictions, table.numbers(at));
  const rows = Array.from(predictions, (value) => [value]);
  if (out !== undefined) {
    writeFileAtomically(out, out.endsWith('.npy') ? writeNpy(npyArray(predictions)) : writeCsv([name], rows));
  }
  if (json) {
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

/** The model.json of a folder, or the file itself. */
function modelPath(source: string): string {
  if (!(existsSync(source) && statSync(source).isDirectory())) return source;
  const path = join(source, 'model.json');
  if (!existsSync(path)) {
    fail({
      code: 'file',
      where,
      problem: 'the folder holds no model',
      got: `${show(source)} without model.json`,
      expected: 'the folder of a run that has trained one',
      fix: 'train with muflow run supervised/tabular --set table=@data.csv --out <folder>',
    });
  }
  return path;
}

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
