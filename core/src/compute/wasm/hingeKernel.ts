import type { HingeRows, HingeSums } from '../hinge.js';
import { type Arena, makeArena, maximumPages } from './arena.js';
import { tableEnd } from './expTable.js';
import {
  buildCode,
  gatherCode,
  groupBytes,
  groupRows,
  groupsAtOnce,
  projectCode,
  signsCode,
  tableItems,
  vectorsOf,
  weighCode,
} from './hingeCode.js';
import { vectorBytes } from './kernelCode.js';
import { assemble } from './module.js';

/** Pairs whose signs are kept: more would take more than 100 megabytes. */
const mostPairs = 1 << 25;
/** Coordinates that code is written out for. */
const widest = 32;
/** Larger numbers might overflow on the way to a sign. */
const largest = 1e150;
/** Bytes of tables that stay in the first cache while all items go over them. */
const tablesBytes = 24 * 1024;
/** Rounding of an inner product, relative to the product of the lengths and to its coordinates; generously. */
const rounding = 1e-14;

interface Exports {
  weigh(item: number, end: number, out: number, factor: number): void;
  project(item: number, end: number, sum: number, out: number): void;
  build(item: number, end: number, table: number): void;
  gather(out: number, end: number, bits: number, stride: number, table: number, tableEnd: number): void;
  signs(
    group: number,
    end: number,
    point: number,
    threshold: number,
    bits: number,
    turned: number,
    stride: number,
    shift: number,
    moved: number,
    base: number,
  ): void;
}

/** Where things lie, in bytes, for a number of points. */
interface Layout {
  readonly count: number;
  /** Bytes of bits of a point (one bit a row), and of a row (one bit a point). */
  readonly groups: number;
  readonly columns: number;
  readonly rowItems: number;
  readonly groupData: number;
  readonly points: number;
  readonly weighted: number;
  readonly sums: number;
  readonly factors: number;
  readonly tables: number;
  readonly thresholds: number;
  readonly bits: number;
  readonly turned: number;
  readonly end: number;
}

/**
 * Sums over pairs that are active or not, by the signs of their inner products alone: four items at a time, from a table of
 * the sums of their sixteen subsets ("four Russians" [ArlazarovEtAl1970]). A sign can only change when a
 * point has moved by its distance to the hyperplane, so signs are computed anew only for eight rows one of which may have
 * changed; they are those of the inner products as they round, whatever was placed before. Cost n L width / 2 additions
 * per pair of sums where signs stay, 2 n L width more where all are computed; n L/4 bytes of bits and 2 n L of thresholds.
 *
 * @returns null where there are more than 32 coordinates or they are not finite.
 */
export function compileHingeSums(rows: HingeRows): HingeSums | null {
  const { width, coordinates, count } = rows;
  if (width > widest || !coordinates.every((x) => Math.abs(x) < largest)) return null;
  const arena = makeArena();
  const bytes = assemble({
    memory: { minimum: 1, maximum: maximumPages, shared: false },
    imports: [],
    functions: [weighCode, projectCode, buildCode, gatherCode, signsCode].map((code) => code(width, {})),
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: arena.memory } });
  const exports = instance.exports as unknown as Exports;
  let layout: Layout | null = null;
  let moved = new Float64Array(0);
  const machine = (at: Layout): Machine => ({ arena, exports, rows, layout: at });
  return {
    place(points, pointCount) {
      if (count * pointCount > mostPairs || pointCount === 0 || count === 0) return false;
      if (layout?.count !== pointCount) {
        const next = layoutFor(rows, pointCount);
        if (!arena.reserve(next.end)) return false;
        layout = next;
        moved = new Float64Array(pointCount);
        prepare(machine(layout));
      }
      if (placePoints(machine(layout), points, moved)) return true;
      layout = null;
      return false;
    },
    overPointsInto(out, weights) {
      if (layout === null) return;
      sumOverPoints(machine(layout), out, weights);
    },
    overRowsInto(out, weights) {
      if (layout === null) return;
      sumOverRows(machine(layout), out, weights);
    },
  };
}

interface Machine {
  readonly arena: Arena;
  readonly exports: Exports;
  readonly rows: HingeRows;
  readonly layout: Layout;
}

/** The place of a number by its address; whole, so that loops count in integers. */
const numberAt = (address: number): number => address >>> 3;
const upTo = (count: number, step: number): number => Math.ceil(count / step) * step;
const itemBytes = ({ width }: HingeRows): number => vectorsOf(width) * vectorBytes;
const tableBytes = (rows: HingeRows): number => 2 ** tableItems * itemBytes(rows);

function layoutFor(rows: HingeRows, count: number): Layout {
  const groups = upTo(Math.ceil(rows.count / groupRows), groupsAtOnce);
  const columns = Math.ceil(count / groupRows);
  let end = upTo(tableEnd, 64);
  const take = (bytes: number): number => {
    const start = end;
    end += upTo(bytes, 64);
    return start;
  };
  const items = Math.max(groups, columns) * groupRows;
  const places = {
    rowItems: take(groups * groupRows * itemBytes(rows)),
    groupData: take(groups * groupBytes(rows.width)),
    points: take(columns * groupRows * itemBytes(rows)),
    weighted: take(items * itemBytes(rows)),
    sums: take(items * itemBytes(rows)),
    factors: take(items * 8),
    tables: take(Math.max(tablesBytes, 2 * tableBytes(rows))),
    thresholds: take(count * groups * vectorBytes),
    bits: take(count * groups),
    turned: take(groups * groupRows * columns),
  };
  return { count, groups, columns, ...places, end };
}

/** Writes the rows, and that nothing is known of the signs: all bits 0, thresholds below any way. */
function prepare({ arena, rows, layout }: Machine): void {
  const numbers = arena.numbers();
  numbers.fill(0, layout.rowItems / 8, layout.end / 8);
  const { coordinates, count, width } = rows;
  const perItem = itemBytes(rows) / 8;
  const inverseNorm = (l: number): number => {
    let squared = 0;
    for (let k = 0; k < width; k++) squared += coordinates[l * width + k] ** 2;
    return 1 / Math.sqrt(squared);
  };
  for (let l = 0; l < layout.groups * groupRows; l++) {
    const place = layout.groupData / 8 + (Math.floor(l / groupRows) * groupBytes(width)) / 8 + (l % groupRows);
    numbers[place + width * groupRows] = l < count ? inverseNorm(l) : Number.POSITIVE_INFINITY;
    for (let k = 0; k < width && l < count; k++) {
      numbers[layout.rowItems / 8 + l * perItem + k] = coordinates[l * width + k];
      numbers[place + k * groupRows] = coordinates[l * width + k];
    }
  }
  const present = Math.ceil(count / groupRows);
  for (let i = 0; i < layout.count; i++) {
    const start = layout.thresholds / 8 + i * layout.groups * 2;
    numbers.fill(Number.NEGATIVE_INFINITY, start, start + 2 * present);
    numbers.fill(Number.POSITIVE_INFINITY, start + 2 * present, start + 2 * layout.groups);
  }
}

/** Brings points and signs up to date; `moved` is the way of every point so far. False where a point is not finite or huge. */
function placePoints({ arena, exports, rows, layout }: Machine, points: Float64Array, moved: Float64Array): boolean {
  const numbers = arena.numbers();
  const { width } = rows;
  const bytes = itemBytes(rows);
  const dataEnd = layout.groupData + layout.groups * groupBytes(width);
  for (let i = 0; i < layout.count; i++) {
    const at = numberAt(layout.points + i * bytes);
    let squared = 0;
    for (let k = 0; k < width; k++) {
      const value = points[i * width + k];
      const step = value - numbers[at + k];
      squared += step * step;
      numbers[at + k] = value;
    }
    // The way bounds the length of the point as well: it began at the origin.
    const way = moved[i] + Math.sqrt(squared) * (1 + rounding);
    if (!(way < largest)) return false;
    moved[i] = way;
    exports.signs(
      layout.groupData,
      dataEnd,
      layout.points + i * bytes,
      layout.thresholds + i * layout.groups * vectorBytes,
      layout.bits + i * layout.groups,
      layout.turned + (i >> 3),
      layout.columns,
      i & 7,
      way,
      way * (1 - (width + 4) * rounding),
    );
  }
  return true;
}

function sumOverPoints({ arena, exports, rows, layout }: Machine, out: Float64Array, weights: Float64Array): void {
  const numbers = arena.numbers();
  const bytes = itemBytes(rows);
  numbers.set(weights.subarray(0, layout.count), layout.factors / 8);
  exports.weigh(layout.points, layout.points + layout.count * bytes, layout.weighted, layout.factors);
  const count = layout.columns * groupRows;
  numbers.fill(0, (layout.weighted + layout.count * bytes) / 8, (layout.weighted + count * bytes) / 8);
  gather({ arena, exports, rows, layout }, { items: count, sums: rows.count, bits: layout.turned });
  const products = layout.weighted;
  exports.project(layout.rowItems, layout.rowItems + rows.count * bytes, layout.sums, products);
  const first = numberAt(products);
  for (let l = 0; l < rows.count; l++) out[l] = numbers[first + 2 * l] + numbers[first + 2 * l + 1];
}

function sumOverRows({ arena, exports, rows, layout }: Machine, out: Float64Array, weights: Float64Array): void {
  const numbers = arena.numbers();
  const { width } = rows;
  const bytes = itemBytes(rows);
  numbers.set(weights.subarray(0, rows.count), layout.factors / 8);
  exports.weigh(layout.rowItems, layout.rowItems + rows.count * bytes, layout.weighted, layout.factors);
  const count = layout.groups * groupRows;
  numbers.fill(0, (layout.weighted + rows.count * bytes) / 8, (layout.weighted + count * bytes) / 8);
  gather({ arena, exports, rows, layout }, { items: count, sums: layout.count, bits: layout.bits });
  for (let i = 0; i < layout.count; i++) {
    const at = numberAt(layout.sums + i * bytes);
    for (let k = 0; k < width; k++) out[i * width + k] = numbers[at + k];
  }
}

interface Gathering {
  readonly items: number;
  readonly sums: number;
  readonly bits: number;
}

/** Sums the weighted items by the bits of every sum, some tables at a time. */
function gather({ arena, exports, rows, layout }: Machine, { items, sums, bits }: Gathering): void {
  const bytes = itemBytes(rows);
  const stride = items / groupRows;
  const end = layout.sums + sums * bytes;
  arena.numbers().fill(0, layout.sums / 8, end / 8);
  const atOnce = Math.max(1, Math.floor(tablesBytes / (2 * tableBytes(rows))));
  for (let first = 0; first < stride; first += atOnce) {
    const count = Math.min(atOnce, stride - first);
    const from = layout.weighted + first * groupRows * bytes;
    exports.build(from, from + count * groupRows * bytes, layout.tables);
    exports.gather(layout.sums, end, bits + first, stride, layout.tables, layout.tables + 2 * count * tableBytes(rows));
  }
}
