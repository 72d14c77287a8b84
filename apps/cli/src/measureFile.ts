import {
  fail,
  isMuflowError,
  type Measure,
  measureFromArrays,
  measureFromCsv,
  readNpy,
  type Space,
  show,
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
