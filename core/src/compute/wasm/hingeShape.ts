import type { HingeAtom } from '../hinge.js';
import { vectorBytes } from './kernelCode.js';

/** What the code of hinge sums is written out for. */
export interface HingeShape {
  readonly width: number;
  readonly atom: HingeAtom;
}

/** Rows, or points, whose signs one byte holds. */
export const groupRows = 8;
/** Groups whose thresholds are looked at together. */
export const scannedGroups = 16;
/** Items whose subset sums one table has. */
export const tableItems = 4;
/** Bytes of tables that stay in the first cache while all items go over them. */
export const tablesBytes = 24 * 1024;

/** Vectors of an item of `width` numbers. */
export const vectorsOf = (width: number): number => Math.ceil(width / 2);
/** Bytes of an item: a point or a row, with a zero behind an odd number of coordinates. */
export const pointBytes = (width: number): number => vectorsOf(width) * vectorBytes;
/** Bytes of the tables of eight items. */
export const tableBytes = (width: number): number => (8 / tableItems) * 2 ** tableItems * pointBytes(width);
/** Bytes of bits whose tables are made at a time. */
export const bytesAtOnce = (width: number): number => Math.max(1, Math.floor(tablesBytes / tableBytes(width)));

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
  bits: 8,
  turned: 9,
  failed: 10,
  groupSingles: 11,
  singles: 12,
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
