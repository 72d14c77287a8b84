import { npyArray, readNpz, writeCsv, writeNpy } from '@muflow/core';
import { loadSetModel, readNpzForModel, readSetsForModel, type SetModel, type SetTable } from '@muflow/symmetric';
import { readBytesFile, readTextFile, writeFileAtomically } from '../files.js';
import type { Terminal } from '../terminal.js';
import { errorLine, errorsOf } from './predictionErrors.js';

const where = 'muflow predict';

/**
 * Predictions of a network on sets for every set of a table of points (.csv) or of arrays (.npz): a row a set with its id,
 * the numbers predicted, or its class with the probabilities of all.
 */
export async function predictSets(
  files: { readonly text: string; readonly npz: Uint8Array },
  dataPath: string,
  { out, json }: { readonly out?: string; readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const model = loadSetModel(files.text, files.npz);
  const table = dataPath.endsWith('.npz')
    ? readNpzForModel(model, await readNpz(readBytesFile(dataPath, where)), dataPath)
    : readSetsForModel(model, readTextFile(dataPath, where), dataPath);
  const { header, rows, numbers } = predictionsOf(model, table);
  const names = model.outputs.map(({ name }) => name);
  if (out !== undefined) {
    const bytes = out.endsWith('.npy')
      ? writeNpy(npyArray(numbers, [table.batch.count, names.length]))
      : writeCsv(header, rows);
    writeFileAtomically(out, bytes);
  }
  const told = errorsOfSets(model, table, rows, numbers);
  if (json) {
    const { origin, network, label } = model;
    const { class: kind, innerWidth, outerWidth } = network;
    const about = {
      outputs: names,
      ...(label !== undefined && { label }),
      origin,
      class: kind,
      innerWidth,
      outerWidth,
    };
    const columns = Object.fromEntries(header.map((name, k) => [name, rows.map((row) => row[k])]));
    const errors = told === null ? {} : { errors: told.errors };
    terminal.out(
      `${JSON.stringify({ model: about, sets: table.batch.count, predictions: columns, ...errors }, null, 2)}\n`,
    );
    return 0;
  }
  if (out === undefined) terminal.out(writeCsv(header, rows));
  else terminal.out(`wrote ${out}: predictions of ${model.label ?? names.join(', ')} for ${table.batch.count} sets\n`);
  if (told !== null) terminal.log.write(told.lines.map((line) => `${line}\n`).join(''));
  return 0;
}

interface Predictions {
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** S*c, the numbers among them. */
  readonly numbers: Float64Array;
}

function predictionsOf(model: SetModel, { batch }: SetTable): Predictions {
  const { label, outputs } = model;
  const numbers = label === undefined ? model.predict(batch) : model.probabilities(batch);
  const classes = label === undefined ? null : model.classify(batch);
  const c = outputs.length;
  const names = outputs.map(({ name }) => (label === undefined ? name : `probability of ${name}`));
  return {
    header: ['set', ...(label === undefined ? [] : [label]), ...names],
    rows: batch.ids.map((id, s) => [
      id,
      ...(classes === null ? [] : [classes[s]]),
      ...numbers.subarray(s * c, s * c + c),
    ]),
    numbers,
  };
}

interface Told {
  readonly errors: unknown;
  readonly lines: readonly string[];
}

/** Errors where the data have targets, or the share of wrong classes where they have labels; else null. */
function errorsOfSets(
  { label, outputs }: SetModel,
  { targets, targetNames, labels, batch }: SetTable,
  rows: Predictions['rows'],
  numbers: Float64Array,
): Told | null {
  if (label !== undefined && labels.length > 0) {
    const wrong = labels.filter((name, s) => name !== rows[s][1]).length;
    const share = wrong / labels.length;
    return {
      errors: { sets: labels.length, wrong, share },
      lines: [`against ${label} of ${labels.length} sets: ${wrong} wrong, ${(100 * share).toPrecision(3)} %`],
    };
  }
  if (targetNames.length === 0) return null;
  const c = outputs.length;
  const column = (values: Float64Array, o: number) =>
    Float64Array.from({ length: batch.count }, (_, s) => values[s * c + o]);
  const all = targetNames.map((name, o) => [name, errorsOf(column(numbers, o), column(targets, o))] as const);
  return {
    errors: Object.fromEntries(all),
    lines: all.flatMap(([name, errors]) => (errors === null ? [] : [errorLine(name, errors, 'sets')])),
  };
}
