import type { Arena } from './arena.js';
import { tableEnd } from './expTable.js';
import {
  blockPoints,
  gatherWords,
  groupRows,
  type HingeShape,
  type Packing,
  packingOf,
  placeWords,
  pointBytes,
  scannedGroups,
  tablesPerPart,
  vectorsOf,
} from './hingeShape.js';
import { groupBytes } from './hingeSigns.js';
import { vectorBytes } from './kernelCode.js';

/** Rows with the code that they need. */
export interface HingeData extends HingeShape {
  readonly coordinates: Float64Array;
  readonly count: number;
}

/** Sums of subsets of `items` items: where they lie, in bytes. */
export interface GatherLayout {
  readonly words: number;
  readonly packing: Packing;
  /** Bytes of bits of a sum: those of one sum lie behind those of the other. */
  readonly bytes: number;
  /** Parts of the items that are summed by themselves: their number is a matter of the sizes alone. */
  readonly parts: number;
  readonly bits: number;
  readonly factors: number;
  readonly items: number;
  readonly tables: number;
  readonly sums: number;
  readonly sumsPerPart: number;
  readonly sumsEnd: number;
}

/** Where things lie, in bytes, for a number of points. */
export interface HingeLayout {
  readonly count: number;
  /** Groups of rows: all, and with those behind them that are scanned too. */
  readonly present: number;
  readonly groups: number;
  readonly blocks: number;
  readonly words: number;
  readonly groupData: number;
  /** The same in 24 bits, of rows of length one. */
  readonly groupSingles: number;
  readonly atoms: number;
  /** Points of a block in 24 bits. */
  readonly singles: number;
  readonly gradients: number;
  readonly points: number;
  readonly ways: number;
  readonly thresholds: number;
  readonly signs: number;
  readonly products: number;
  readonly scales: number;
  readonly overPoints: GatherLayout;
  readonly overRows: GatherLayout;
  readonly module: number;
  readonly end: number;
}

/** Vector additions that a part is for: parts end together on two or four threads, and adding them up costs little. */
const leastPartWork = 1 << 13;
const mostParts = 8;

const upTo = (count: number, step: number): number => Math.ceil(count / step) * step;

/** Lays memory out for so many points. */
export function layoutHinges(
  { count: rowCount, width, atom }: HingeData,
  count: number,
  moduleBytes: number,
): HingeLayout {
  const present = Math.ceil(rowCount / groupRows);
  const groups = upTo(present, scannedGroups);
  const blocks = Math.ceil(count / blockPoints);
  let end = upTo(tableEnd, 64);
  const take = (size: number): number => {
    const start = end;
    end += upTo(size, 64);
    return start;
  };
  const gathering = (items: number, itemCount: number, sums: number): GatherLayout => {
    const packing = packingOf(sums);
    const bytes = Math.ceil(itemCount / packing.perByte);
    const parts = partsOf(bytes, sums * vectorsOf(width));
    const sumsPerPart = sums * pointBytes(width);
    const places = {
      words: take(4 * Object.keys(gatherWords).length),
      bits: take(bytes * sums),
      factors: take(bytes * packing.perByte * 8),
      tables: take(parts * tablesPerPart(width, packing)),
      sums: take(parts * sumsPerPart),
    };
    const sumsEnd = places.sums + parts * sumsPerPart;
    return { ...places, packing, bytes, parts, items, sumsPerPart, sumsEnd };
  };
  const points = take(blocks * blockPoints * pointBytes(width));
  const rows = take(upTo(rowCount, blockPoints) * pointBytes(width));
  const places = {
    words: take(4 * Object.keys(placeWords).length),
    groupData: take(groups * groupBytes(width)),
    groupSingles: take((groups * groupBytes(width)) / 2),
    atoms: take(count * atom.dim * 8),
    singles: take(blocks * pointBytes(width)),
    gradients: take(count * atom.dim * 8),
    points,
    ways: take(count * vectorBytes),
    thresholds: take(4 * count * groups),
    signs: take(count * groups),
    products: take(Math.max(count, rowCount) * vectorBytes),
    scales: take(count * 8),
    overPoints: gathering(points, count, rowCount),
    overRows: gathering(rows, rowCount, count),
    module: take(moduleBytes),
  };
  return { count, present, groups, blocks, ...places, end };
}

/** Parts of so many bytes of bits; the last is not empty. */
function partsOf(bytes: number, vectors: number): number {
  const wanted = Math.sqrt((bytes * vectors) / leastPartWork);
  const parts = Math.min(mostParts, bytes, Math.max(1, 2 ** Math.floor(Math.log2(wanted))));
  return Math.ceil(bytes / Math.ceil(bytes / parts));
}

/** Writes the rows and the words, and that nothing is known of the signs: all bits 0, thresholds below any way. */
export function prepareHinges(data: HingeData, layout: HingeLayout, arena: Arena): void {
  const [numbers, singles] = [arena.numbers(), arena.singles()];
  const { coordinates, count, width } = data;
  numbers.fill(0, layout.points / 8, layout.module / 8);
  const perItem = pointBytes(width) / 8;
  for (let l = 0; l < layout.groups * groupRows; l++) {
    const inGroups = (Math.floor(l / groupRows) * groupBytes(width)) / 8 + (l % groupRows);
    const [place, singlePlace] = [layout.groupData / 8 + inGroups, layout.groupSingles / 4 + inGroups];
    const inverse = l < count ? inverseNorm(data, l) : Number.POSITIVE_INFINITY;
    numbers[place + width * groupRows] = inverse;
    singles[singlePlace + width * groupRows] = inverse === Number.POSITIVE_INFINITY ? inverse : 0;
    for (let k = 0; k < width && l < count; k++) {
      const coordinate = coordinates[l * width + k];
      numbers[layout.overRows.items / 8 + l * perItem + k] = coordinate;
      numbers[place + k * groupRows] = coordinate;
      singles[singlePlace + k * groupRows] = inverse === Number.POSITIVE_INFINITY ? 0 : coordinate * inverse;
    }
  }
  for (let i = 0; i < layout.count; i++) {
    const start = layout.thresholds / 4 + i * layout.groups;
    singles.fill(Number.NEGATIVE_INFINITY, start, start + layout.present);
    singles.fill(Number.POSITIVE_INFINITY, start + layout.present, start + layout.groups);
  }
  const words = arena.integers();
  const { overPoints, overRows } = layout;
  const packed = {
    ofRows: overRows.bits,
    rowsPerByte: overRows.packing.perByte,
    bytesOfRows: overRows.bytes,
    ofPoints: overPoints.bits,
    pointsPerByte: overPoints.packing.perByte,
    columns: overPoints.bytes,
    failed: 0,
  };
  const values = { ...layout, ...packed };
  for (const name of placeNames) words[layout.words / 4 + placeWords[name]] = values[name];
  for (const gathering of [overPoints, overRows]) writeGathering(words, data, gathering);
}

const placeNames = Object.keys(placeWords) as readonly (keyof typeof placeWords)[];

function writeGathering(words: Int32Array, { width }: HingeData, layout: GatherLayout): void {
  const { bytes, parts, packing } = layout;
  const values = {
    ...layout,
    stride: bytes,
    bytesPerPart: Math.ceil(bytes / parts),
    tablesPerPart: tablesPerPart(width, packing),
  };
  for (const name of gatherNames) words[layout.words / 4 + gatherWords[name]] = values[name];
}

const gatherNames = Object.keys(gatherWords) as readonly (keyof typeof gatherWords)[];

function inverseNorm({ coordinates, width }: HingeData, row: number): number {
  let squared = 0;
  for (let k = 0; k < width; k++) squared += coordinates[row * width + k] ** 2;
  return 1 / Math.sqrt(squared);
}
