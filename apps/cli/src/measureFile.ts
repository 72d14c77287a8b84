import {
  fail,
  isMuflowError,
  type Measure,
  measureFromArrays,
  measureFromCsv,
  parseNumericCsv,
  readNpy,
  type Space,
  show,
  toFloat64,
} from '@muflow/core';
import { readBytesFile } from './files.js';

/**
 * The measure of a file as a positive one: comma-separated values with a row per atom (a last column headed `mass`
 * where masses differ), or an array of NumPy (`.npy`) with a row per atom. Without masses each of n atoms has 1/n.
 *
 * @param space - default the Euclidean space of as many coordinates as the file has.
 * @throws `file`, `parse`, `shape-mismatch` or `invalid-argument`, with the path of the file.
 */
export function readMeasureFile(path: string, where: string, space?: Space): Measure {
  if (!/\.(csv|npy)$/i.test(path)) refuseName(path, where);
  const options = { kind: 'positive', ...(space && { space }) } as const;
  const bytes = readBytesFile(path, where);
  try {
    if (!/\.npy$/i.test(path)) return measureFromCsv(bytes, options);
    return measureFromArrays(new Map([['positions', readNpy(bytes, path)]]), options);
  } catch (error) {
    if (!isMuflowError(error)) throw error;
    return fail({ ...error.failure, where: `${where} ${path}` });
  }
}

/** Directions of a file, a row each, as k*dim numbers. */
export function readDirections(path: string, dim: number): Float64Array {
  const where = 'muflow distance --directions';
  const bytes = readBytesFile(path, where);
  if (/\.npy$/i.test(path)) {
    const array = readNpy(bytes, path);
    return array.shape.length === 2 && array.shape[1] === dim
      ? toFloat64(array, path)
      : refuseShape(path, where, { got: `an array of shape (${array.shape.join(', ')})`, dim });
  }
  const { header, values } = parseNumericCsv(bytes, path);
  return header.length === dim ? values : refuseShape(path, where, { got: `${header.length} columns`, dim });
}

function refuseShape(path: string, where: string, { got, dim }: { readonly got: string; readonly dim: number }): never {
  return fail({
    code: 'shape-mismatch',
    where,
    problem: `the directions of ${path} are not those of this space`,
    got,
    expected: `${dim} columns, a row per direction`,
    fix: 'give every direction as many coordinates as the atoms have',
  });
}

function refuseName(path: string, where: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem: 'the kind of file is not known',
    got: show(path),
    expected: 'a name that ends in .csv or .npy',
    fix: 'save the atoms as comma-separated values with a row per atom, a last column headed mass if they are weighted',
  });
}
