import { fail, writeCsv } from '@muflow/core';
import type { SetBatch } from './setBatch.js';

/**
 * Sets as comma-separated values with one row a point, which `setsFromCsv` reads: ids, coordinates, masses in their own
 * unit where the points of a set differ in mass, and further columns that are constant within a set.
 *
 * @param columns - one value a set and column, such as `{ shape: ['circle', 'square'] }`.
 * @throws `shape-mismatch` for names or columns that do not fit the sets.
 */
export function setsToCsv(
  { dim, count, offsets, points, masses, totals, ids }: SetBatch,
  coordinates: readonly string[] = Array.from({ length: dim }, (_, k) => `x${k}`),
  columns: Readonly<Record<string, ArrayLike<string | number>>> = {},
): string {
  const wrong = Object.entries(columns).find(([, values]) => values.length !== count);
  if (coordinates.length !== dim || wrong !== undefined) {
    fail({
      code: 'shape-mismatch',
      where: 'setsToCsv',
      problem: wrong === undefined ? 'the names do not fit the coordinates' : `the column ${wrong[0]} does not fit`,
      got: wrong === undefined ? `${coordinates.length} names` : `${wrong[1].length} values`,
      expected: wrong === undefined ? `${dim}` : `${count}, one a set`,
      fix: 'pass a name for every coordinate and a value for every set',
    });
  }
  const isWeighted = ids.some((_, s) => totals[s] !== offsets[s + 1] - offsets[s]);
  const rows: (string | number)[][] = [];
  for (let s = 0; s < count; s++) {
    const last = Object.values(columns).map((values) => values[s]);
    for (let i = offsets[s]; i < offsets[s + 1]; i++) {
      const row: (string | number)[] = [ids[s], ...points.subarray(i * dim, (i + 1) * dim)];
      rows.push([...row, ...(isWeighted ? [masses[i] * totals[s]] : []), ...last]);
    }
  }
  return writeCsv(['set', ...coordinates, ...(isWeighted ? ['mass'] : []), ...Object.keys(columns)], rows);
}
