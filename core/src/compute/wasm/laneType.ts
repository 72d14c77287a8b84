import { float32, float64, types, type ValueType } from './module.js';

/** How a vector of 128 bits is divided into numbers, and the instructions for them (opcodes without their prefix). */
export interface LaneType {
  readonly precision: Precision;
  /** Type of one number. */
  readonly type: ValueType;
  /** Numbers in a vector, and bytes of each. */
  readonly count: number;
  readonly bytes: number;
  /** The largest finite number. */
  readonly largest: number;
  readonly opcodes: Readonly<Record<LaneOperation, number>>;
  /** Loads one number into every lane; the alignment is the logarithm of the bytes. */
  readonly loadSplat: { readonly opcode: number; readonly alignment: number };
  /** Instructions that turn a lane into an `f64` and back, for functions from outside. */
  readonly widen: readonly number[];
  readonly narrow: readonly number[];
  /** Bytes of a number, lowest first. */
  bytesOf(value: number): number[];
}

/** Numbers of 64 bits, two in a vector, or of 32, four in a vector. */
export const precisions = ['float64', 'float32'] as const;

export type Precision = (typeof precisions)[number];

/** Instructions that exist for either kind of lane. Integers are as wide as the numbers. */
export type LaneOperation =
  | 'splat'
  | 'eq'
  | 'ne'
  | 'lt'
  | 'gt'
  | 'le'
  | 'ge'
  | 'floor'
  | 'nearest'
  | 'abs'
  | 'neg'
  | 'sqrt'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'min'
  | 'max'
  | 'pmin'
  | 'pmax'
  | 'addInteger'
  | 'subInteger'
  | 'shiftLeft'
  | 'shiftRightUnsigned'
  | 'extract'
  | 'replace'
  | 'relaxedMultiplyAdd'
  | 'relaxedMultiplySubtract';

export const doubleLanes: LaneType = {
  precision: 'float64',
  type: types.f64,
  count: 2,
  bytes: 8,
  largest: Number.MAX_VALUE,
  opcodes: {
    splat: 0x14,
    eq: 0x47,
    ne: 0x48,
    lt: 0x49,
    gt: 0x4a,
    le: 0x4b,
    ge: 0x4c,
    floor: 0x75,
    nearest: 0x94,
    abs: 0xec,
    neg: 0xed,
    sqrt: 0xef,
    add: 0xf0,
    sub: 0xf1,
    mul: 0xf2,
    div: 0xf3,
    min: 0xf4,
    max: 0xf5,
    pmin: 0xf6,
    pmax: 0xf7,
    addInteger: 0xce,
    subInteger: 0xd1,
    shiftLeft: 0xcb,
    shiftRightUnsigned: 0xcd,
    extract: 0x21,
    replace: 0x22,
    relaxedMultiplyAdd: 0x107,
    relaxedMultiplySubtract: 0x108,
  },
  loadSplat: { opcode: 0x0a, alignment: 3 },
  widen: [],
  narrow: [],
  bytesOf: float64,
};

export const singleLanes: LaneType = {
  precision: 'float32',
  type: types.f32,
  count: 4,
  bytes: 4,
  largest: 3.4028234663852886e38,
  opcodes: {
    splat: 0x13,
    eq: 0x41,
    ne: 0x42,
    lt: 0x43,
    gt: 0x44,
    le: 0x45,
    ge: 0x46,
    floor: 0x68,
    nearest: 0x6a,
    abs: 0xe0,
    neg: 0xe1,
    sqrt: 0xe3,
    add: 0xe4,
    sub: 0xe5,
    mul: 0xe6,
    div: 0xe7,
    min: 0xe8,
    max: 0xe9,
    pmin: 0xea,
    pmax: 0xeb,
    addInteger: 0xae,
    subInteger: 0xb1,
    shiftLeft: 0xab,
    shiftRightUnsigned: 0xad,
    extract: 0x1f,
    replace: 0x20,
    relaxedMultiplyAdd: 0x105,
    relaxedMultiplySubtract: 0x106,
  },
  loadSplat: { opcode: 0x09, alignment: 2 },
  widen: [0xbb],
  narrow: [0xb6],
  bytesOf: float32,
};
