import type { Npz } from '@muflow/core';
import { csvHeader } from '../sets/csvRows.js';
import { imagesFromCsv } from '../sets/images.js';
import { type SetTable, setsFromCsv, setsFromNpz } from '../sets/readSets.js';
import { type SetModelParts, setsForNetwork } from './setModel.js';

/**
 * Reads the sets of a table as a model takes them: the columns that it calls coordinates, `set` and `mass`, or images where
 * it was trained on images; its targets or its label too, where the table has them.
 *
 * @throws as {@link setsFromCsv} and {@link imagesFromCsv}.
 */
export function readSetsForModel(model: SetModelParts, text: string, where = 'readSetsForModel'): SetTable {
  const { label, images } = model;
  const header = csvHeader(text, where);
  if (images !== undefined) {
    const { most, ...scale } = images;
    const isLabeled = header.length === images.width * images.height + 1;
    const named = label !== undefined && header.includes(label) ? label : 0;
    const options = { ...scale, ...(most !== null && { most }), label: isLabeled ? named : null };
    const { batch, labels } = imagesFromCsv(text, options, where);
    return { batch, coordinateNames: ['x', 'y'], labels, targetNames: [], targets: new Float64Array(0) };
  }
  const names = model.outputs.map(({ name }) => name);
  const known = label === undefined && names.every((name) => header.includes(name));
  return setsFromCsv(
    text,
    {
      coordinates: model.coordinates.map(({ name }) => name),
      targets: known ? names : [],
      ...(label !== undefined && header.includes(label) && { label }),
    },
    where,
  );
}

/** The same for the arrays of a `.npz` file: `targets` as in {@link setsFromNpz}, one column for every output. */
export function readNpzForModel(model: SetModelParts, npz: Npz, where = 'readNpzForModel'): SetTable {
  const table = setsFromNpz(npz, where);
  setsForNetwork(table.batch, model);
  if (model.label !== undefined || table.targetNames.length !== model.outputs.length) {
    return { ...table, targetNames: [], targets: new Float64Array(0) };
  }
  return { ...table, targetNames: model.outputs.map(({ name }) => name) };
}
