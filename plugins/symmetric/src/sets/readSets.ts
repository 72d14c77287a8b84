import { arrayOf, fail, type NpyArray, type Npz, show, toFloat64 } from '@muflow/core';
import { type CsvRows, columnOf, csvRows, listed } from './csvRows.js';
import { type SetBatch, setBatchFromArrays } from './setBatch.js';

/** Sets read from a file, with what is to be learned from them. */
export interface SetTable {
  readonly batch: SetBatch;
  /** Names of the coordinates of the points. */
  readonly coordinateNames: readonly string[];
  /** Names of the c coordinates of a target; none where the file has no targets. */
  readonly targetNames: readonly string[];
  /** S*c, row-major by set. */
  readonly targets: Float64Array;
  /** One word a set; none where no label was asked for. */
  readonly labels: readonly string[];
}

export interface CsvSetsOptions {
  /** Column of set ids, default `set`. */
  readonly set?: string;
  /** Column of masses, default `mass`; masses are 1 where there is no such column. */
  readonly mass?: string;
  /** Columns of the coordinates, in their order; default all that are nothing else. */
  readonly coordinates?: readonly string[];
  /** Columns of targets, numbers that are the same for every point of a set; default none. */
  readonly targets?: readonly string[];
  /** Column of words that are the same for every point of a set, for classification; default none. */
  readonly label?: string;
  /** A second table with a column of set ids and one row a set: targets and label are then taken from it. */
  readonly targetTable?: string;
}

/**
 * Reads sets from comma-separated values with one row a point: a column of set ids, one column a coordinate, optionally
 * masses and targets. Rows of one set need not be neighbors; sets come in the order of their first rows.
 *
 * @param where - how errors call the file.
 * @throws `parse` and `invalid-argument` naming file, line and set: missing columns, cells that are no finite numbers,
 * negative masses, sets without mass, targets that vary within a set, and sets that only one of two tables knows.
 * @example
 * ```ts
 * import { setsFromCsv } from '@muflow/symmetric';
 * const { batch, targets } = setsFromCsv('set,x,y,size\na,0,1,7\nb,2,2,9\na,3,4,7\n', { targets: ['size'] });
 * console.log(batch.ids, batch.dim, targets); // => [ 'a', 'b' ] 2 Float64Array(2) [ 7, 9 ]
 * ```
 */
export function setsFromCsv(text: string, options: CsvSetsOptions = {}, where = 'setsFromCsv'): SetTable {
  const { set = 'set', mass = 'mass', targets = [], label, targetTable } = options;
  const words = label === undefined ? [set] : [set, label];
  const rows = csvRows(text, words, where);
  const column = (name: string): number => columnOf(rows.header, name, where);
  const setColumn = column(set);
  const own = targetTable === undefined ? [...targets, ...words] : [set];
  const coordinateNames = options.coordinates ?? rows.header.filter((name) => name !== mass && !own.includes(name));
  const coordinates = coordinateNames.map(column);
  if (coordinates.length === 0) {
    refuse(where, 'no columns are left for coordinates', {
      got: `columns ${listed(rows.header)}`,
      expected: `at least one beside ${[...own, mass].join(', ')}`,
      fix: 'add a column for every coordinate',
    });
  }
  const massColumn = rows.header.indexOf(mass);
  const { ids, setOf } = groupRows(rows, setColumn, where);
  const batch = gather(rows, { ids, setOf, coordinates, massColumn }, where);
  if (targetTable !== undefined)
    return { batch, coordinateNames, ...fromTargetTable(targetTable, batch.ids, { set, targets, label }, where) };
  const found = perSet(rows, { setOf, count: ids.length, targets: targets.map(column) }, where);
  const labels = label === undefined ? [] : wordsPerSet(rows, column(label), setOf, where);
  return { batch, coordinateNames, targetNames: targets, targets: found, labels };
}

/**
 * Reads sets from the arrays of a `.npz` file: `points` (n, d) or (n), `offsets` (S + 1), optionally `masses` (n), `ids`
 * (S whole numbers) and `targets` (S) or (S, c).
 *
 * @throws `unknown-id` for a missing array, `shape-mismatch` naming the array, and what {@link setBatchFromArrays} refuses.
 */
export function setsFromNpz(npz: Npz, where = 'setsFromNpz'): SetTable {
  const points = arrayOf(npz, 'points');
  const offsets = toFloat64(arrayOf(npz, 'offsets'), `${where} offsets`);
  const numbers = (name: string): Float64Array | undefined => {
    const array = npz.get(name);
    return array === undefined ? undefined : toFloat64(array, `${where} ${name}`);
  };
  const [masses, ids] = [numbers('masses'), numbers('ids')];
  const dim = widthOf('points', points, where);
  const batch = setBatchFromArrays(
    {
      dim,
      offsets,
      points: toFloat64(points, `${where} points`),
      ...(masses && { masses }),
      ...(ids && { ids: Array.from(ids, String) }),
    },
    where,
  );
  const given = npz.get('targets');
  const coordinateNames = Array.from({ length: dim }, (_, k) => `x${k}`);
  if (given === undefined) {
    return { batch, coordinateNames, targetNames: [], targets: new Float64Array(0), labels: [] };
  }
  const width = widthOf('targets', given, where);
  if (given.shape[0] !== batch.count) {
    refuse(where, 'the targets do not belong to the sets', {
      got: `${given.shape[0]} rows of targets`,
      expected: `${batch.count}, one a set`,
      fix: 'save one target, or one row of targets, for every set',
    });
  }
  const targets = toFloat64(given, `${where} targets`);
  checkTargets(targets, width, batch.ids, where);
  const targetNames = Array.from({ length: width }, (_, k) => `target${k}`);
  return { batch, coordinateNames, targetNames, targets, labels: [] };
}

interface Grouped {
  readonly ids: readonly string[];
  /** The set of every row. */
  readonly setOf: Int32Array;
}

function groupRows(rows: CsvRows, column: number, where: string): Grouped {
  const known = new Map<string, number>();
  const setOf = new Int32Array(rows.count);
  rows.texts(column).forEach((id, row) => {
    if (id === '') {
      refuse(where, `line ${rows.lines[row]} names no set`, {
        got: 'an empty cell',
        expected: 'the id of a set',
        fix: 'fill in which set the point belongs to',
      });
    }
    const s = known.get(id) ?? known.size;
    known.set(id, s);
    setOf[row] = s;
  });
  return { ids: [...known.keys()], setOf };
}

function gather(
  rows: CsvRows,
  plan: Grouped & { readonly coordinates: readonly number[]; readonly massColumn: number },
  where: string,
): SetBatch {
  const { ids, setOf, coordinates, massColumn } = plan;
  const dim = coordinates.length;
  const offsets = new Int32Array(ids.length + 1);
  for (let row = 0; row < rows.count; row++) offsets[setOf[row] + 1]++;
  for (let s = 0; s < ids.length; s++) offsets[s + 1] += offsets[s];
  const next = offsets.slice(0, ids.length);
  const points = new Float64Array(rows.count * dim);
  const masses = new Float64Array(rows.count).fill(1);
  const place = (row: number): string => `line ${rows.lines[row]} (set ${show(ids[setOf[row]])})`;
  for (let row = 0; row < rows.count; row++) {
    const at = next[setOf[row]]++;
    for (let k = 0; k < dim; k++) {
      points[at * dim + k] = finite(rows, row, coordinates[k], place, where);
    }
    if (massColumn < 0) continue;
    masses[at] = finite(rows, row, massColumn, place, where);
    if (masses[at] < 0) {
      refuse(where, `${place(row)} has a negative mass`, {
        got: show(masses[at]),
        expected: 'a mass >= 0',
        fix: `correct the column ${show(rows.header[massColumn])}`,
      });
    }
  }
  return setBatchFromArrays({ dim, offsets, points, masses, ids }, where);
}

function finite(rows: CsvRows, row: number, column: number, place: (row: number) => string, where: string): number {
  const value = rows.values[row * rows.header.length + column];
  if (Number.isFinite(value)) return value;
  const word = rows.firstWord(column);
  return refuse(where, `${place(row)}, column ${show(rows.header[column])} is no finite number`, {
    got: word !== undefined && word.row === row ? show(word.text) : show(value),
    expected: 'a finite decimal number',
    fix: 'remove the point or fill in the value',
  });
}

/** Numbers of some columns that every row of a set agrees on, S*c. */
function perSet(
  rows: CsvRows,
  {
    setOf,
    count,
    targets,
  }: { readonly setOf: Int32Array; readonly count: number; readonly targets: readonly number[] },
  where: string,
): Float64Array {
  const out = new Float64Array(count * targets.length).fill(Number.NaN);
  const place = (row: number): string => `line ${rows.lines[row]}`;
  for (let row = 0; row < rows.count; row++) {
    targets.forEach((column, o) => {
      const at = setOf[row] * targets.length + o;
      const value = finite(rows, row, column, place, where);
      if (!Number.isNaN(out[at]) && out[at] !== value) varies(where, rows, { row, column, first: out[at], now: value });
      out[at] = value;
    });
  }
  return out;
}

function wordsPerSet(rows: CsvRows, column: number, setOf: Int32Array, where: string): string[] {
  const out: string[] = [];
  rows.texts(column).forEach((word, row) => {
    const s = setOf[row];
    if (out[s] !== undefined && out[s] !== word) varies(where, rows, { row, column, first: out[s], now: word });
    out[s] = word;
  });
  return out;
}

function fromTargetTable(
  text: string,
  ids: readonly string[],
  {
    set,
    targets,
    label,
  }: { readonly set: string; readonly targets: readonly string[]; readonly label: string | undefined },
  where: string,
): Omit<SetTable, 'batch' | 'coordinateNames'> {
  const here = `${where} targets`;
  const rows = csvRows(text, label === undefined ? [set] : [set, label], here);
  const names = targets.length > 0 ? targets : rows.header.filter((name) => name !== set && name !== label);
  const positions = new Map(ids.map((id, s) => [id, s]));
  const seen = new Set<number>();
  const setOf = Int32Array.from(rows.texts(columnOf(rows.header, set, here)), (id, row) => {
    const s = positions.get(id);
    if (s !== undefined && !seen.has(s)) {
      seen.add(s);
      return s;
    }
    return refuse(here, `line ${rows.lines[row]} ${s === undefined ? 'names an unknown set' : 'names a set again'}`, {
      got: show(id),
      expected: s === undefined ? `one of the ${ids.length} sets that have points` : 'one row for each set',
      fix: 'correct the id, or leave the row out',
    });
  });
  const missing = ids.find((_, s) => !seen.has(s));
  if (missing !== undefined) {
    refuse(here, `set ${show(missing)} has no row`, {
      got: `rows of ${seen.size} sets`,
      expected: `one for each of ${ids.length}`,
      fix: 'add its target, or leave out its points',
    });
  }
  const columns = names.map((name) => columnOf(rows.header, name, here));
  return {
    targetNames: names,
    targets: perSet(rows, { setOf, count: ids.length, targets: columns }, here),
    labels: label === undefined ? [] : wordsPerSet(rows, columnOf(rows.header, label, here), setOf, here),
  };
}

function varies(
  where: string,
  rows: CsvRows,
  cell: { readonly row: number; readonly column: number; readonly first: unknown; readonly now: unknown },
): never {
  return refuse(where, `line ${rows.lines[cell.row]}: ${show(rows.header[cell.column])} differs within the set`, {
    got: `${show(cell.now)} after ${show(cell.first)}`,
    expected: 'the same value for every point of a set',
    fix: 'correct the value, or take the column for a coordinate',
  });
}

function widthOf(name: string, { shape }: NpyArray, where: string): number {
  if (shape.length === 1) return 1;
  if (shape.length === 2 && shape[1] >= 1) return shape[1];
  return fail({
    code: 'shape-mismatch',
    where,
    problem: `the array ${name} has an unusable shape`,
    got: `(${shape.join(', ')})`,
    expected: 'one axis, or two',
    fix: `save ${name} with one row for each ${name === 'points' ? 'point' : 'set'}`,
  });
}

function checkTargets(targets: Float64Array, width: number, ids: readonly string[], where: string): void {
  const wrong = targets.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  refuse(where, `a target of set ${show(ids[Math.floor(wrong / width)])} is no finite number`, {
    got: show(targets[wrong]),
    expected: 'finite numbers',
    fix: 'leave the set out or fill in its target',
  });
}

function refuse(
  where: string,
  problem: string,
  parts: { readonly got: string; readonly expected: string; readonly fix: string },
): never {
  return fail({ code: 'parse', where, problem, ...parts });
}
