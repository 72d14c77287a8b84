import { fail, readNpy, toFloat64 } from '@muflow/core';
import { readBytesFile, readTextFile } from './files.js';

/** Text of a file as a parameter takes it: an array of NumPy (`.npy`) becomes a table of comma-separated values. */
export function readTextOrTable(path: string, where: string): string {
  return path.endsWith('.npy') ? npyTable(path, where) : readTextFile(path, where);
}

/** Columns `x0`, `x1`, ... of an array of one or two axes; every number reads back as the same double. */
function npyTable(path: string, where: string): string {
  const array = readNpy(readBytesFile(path, where), path);
  const [count, width = 1] = array.shape;
  if (array.shape.length < 1 || array.shape.length > 2 || count === 0 || width === 0) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: `${path} is no table`,
      got: `an array of shape (${array.shape.join(', ')})`,
      expected: 'rows and columns, or one column',
      fix: 'save an array of two axes, a row per sample',
    });
  }
  const values = toFloat64(array, path);
  const lines = [Array.from({ length: width }, (_, k) => `x${k}`).join(',')];
  // Joined row by row: a sum of short texts would keep every one of them.
  const cells: string[] = new Array(width);
  for (let l = 0; l < count; l++) {
    for (let k = 0; k < width; k++) {
      const value = values[l * width + k];
      cells[k] = Object.is(value, -0) ? '-0' : String(value);
    }
    lines.push(cells.join(','));
  }
  return `${lines.join('\n')}\n`;
}
