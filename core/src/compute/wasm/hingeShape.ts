import type { HingeAtom } from '../hinge.js';
import { vectorBytes } from './kernelCode.js';

/** What the code of hinge sums is written out for. */
export interface HingeShape {
  readonly width: number;
  readonly atom: HingeAtom;
}

/** Rows whose signs are computed together. */
export const groupRows = 8;
/** Points that one thread takes: no byte has bits of points of two blocks. */
export const blockPoints = 24;
/** Groups whose thresholds are looked at together. */
export const scannedGroups = 32;
/**
 * How items share bytes of bits: eight in a byte, with a table of sixteen sums for either half, or six, with one of 64. The
 * second has fewer sums to look up and more to make.
 */
export interface Packing {
  readonly perByte: 6 | 8;
  /** Items whose subset sums one table has. */
  readonly tableItems: 4 | 6;
  /** What threads are told to do. */
  readonly task: 1 | 2;
}

export const halves: Packing = { perByte: 8, tableItems: 4, task: 1 };
export const sixes: Packing = { perByte: 6, tableItems: 6, task: 2 };
/** Sums for which the larger tables are worth making. */
const leastSums = 256;
export const packingOf = (sums: number): Packing => (sums < leastSums ? halves : sixes);

/** Vectors of an item of `width` numbers. */
export const vectorsOf = (width: number): number => Math.ceil(width / 2);
/** Bytes of an item: a point or a row, with a zero behind an odd number of coordinates. */
export const pointBytes = (width: number): number => vectorsOf(width) * vectorBytes;
/** Bytes of the tables for a byte of bits. */
export const tableBytes = (width: number, { perByte, tableItems }: Packing): number =>
  (perByte / tableItems) * 2 ** tableItems * pointBytes(width);
/** Bytes of bits whose tables are made at a time: those of halves stay in the first cache, those of sixes in the second. */
export const bytesAtOnce = (width: number, packing: Packing): number =>
  packing === sixes ? 16 : Math.max(1, Math.floor((24 * 1024) / tableBytes(width, packing)));
export const tablesPerPart = (width: number, packing: Packing): number =>
  bytesAtOnce(width, packing) * tableBytes(width, packing);

/** Words that tell `place` where things lie, in bytes: the sizes first. */
export const placeWords = {
  count: 0,
  groups: 1,
  columns: 2,
  groupData: 3,
  atoms: 4,
  points: 5,
  ways: 6,
  thresholds: 7,
  signs: 8,
  ofRows: 9,
  ofPoints: 10,
  failed: 11,
  groupSingles: 12,
  singles: 13,
  rowsPerByte: 14,
  bytesOfRows: 15,
  pointsPerByte: 16,
} as const;

/** Words that tell `gather` where the items, their factors, the tables and sums of a part, and the bits lie. */
export const gatherWords = {
  /** Bytes of bits of a sum, how many of them a part has, and from one sum to the next. */
  bytes: 0,
  bytesPerPart: 1,
  stride: 2,
  bits: 3,
  items: 4,
  factors: 5,
  tables: 6,
  tablesPerPart: 7,
  sums: 8,
  sumsPerPart: 9,
} as const;
