import { type Assembly, type AssemblyOptions, assembly, type Local } from './assembly.js';
import {
  blockPoints,
  groupRows,
  type HingeShape,
  placeWords,
  pointBytes,
  scannedGroups,
  vectorsOf,
} from './hingeShape.js';
import { vectorBytes } from './kernelCode.js';
import { type DefinedFunction, types } from './module.js';

const { i32, v128 } = types;

/** Rounding of an inner product, relative to the product of the lengths and to its coordinates; generously. */
const rounding = 1e-14;
/** Larger ways might overflow on the way to a sign. */
const largest = 1e150;
/** Ways and thresholds are compared in 24 bits, ways rounded up and thresholds down. */
const singleRounding = 2 ** -22;
const smallestSingle = 2 ** -126;
const largestSingle = (2 - 2 ** -23) * 2 ** 127;
/** Rounding of one operation in 24 bits, and the longest way for which none overflows. */
const singleUnit = 2 ** -24;
const widestSingle = 1e36;

const range = (count: number): number[] => Array.from({ length: count }, (_, k) => k);
/** Bytes of the coordinates of a group of rows, coordinate by coordinate, and of the inverses of their norms. */
export const groupBytes = (width: number): number => (width + 1) * groupRows * 8;

/**
 * `place(block, blockEnd, words)`: takes the points of blocks from their atoms, and for every group of rows whose
 * threshold is below the way of the point so far computes the bits of `<x_l, p> > 0`, and as its new threshold the way plus
 * the least `|<x_l, p>| / |x_l|`. Bits that change are changed among the bits of the rows as well.
 */
export function placeCode({ width, atom }: HingeShape, options: AssemblyOptions): DefinedFunction {
  const signature = { params: [i32, i32, i32], results: [] };
  const asm = assembly(signature, options);
  const [block, blockEnd, words] = asm.params;
  const word = (name: keyof typeof placeWords): Local => asm.loadInteger(words, 4 * placeWords[name]);
  const [count, groups, columns, groupData] = [word('count'), word('groups'), word('columns'), word('groupData')];
  const [atoms, points, ways, groupSingles] = [word('atoms'), word('points'), word('ways'), word('groupSingles')];
  const [thresholds, signs, ofRows, ofPoints] = [word('thresholds'), word('signs'), word('ofRows'), word('ofPoints')];
  const [rowsPerByte, bytesOfRows, pointsPerByte] = [word('rowsPerByte'), word('bytesOfRows'), word('pointsPerByte')];
  const last = asm.local(i32);
  const index = asm.local(i32);
  asm.assign(index, asm.integer('mul', block, blockPoints));
  asm.assign(last, asm.integer('mul', blockEnd, blockPoints));
  asm.when(asm.integer('ltU', count, last), () => asm.assign(last, count));
  asm.loop(index, last, 1, () => {
    const point = asm.integer('add', points, asm.integer('mul', index, pointBytes(width)));
    const from = asm.integer('add', atoms, asm.integer('mul', index, 8 * atom.dim));
    const wayAt = asm.integer('add', ways, asm.integer('mul', index, vectorBytes));
    const singles = asm.integer('add', word('singles'), asm.integer('mul', block, pointBytes(width)));
    const way = takePoint(asm, { width, offsets: atom.offsets, point, singles, from, wayAt });
    const isUsable = asm.anyTrue(asm.vector('lt', way, asm.constant(largest)));
    asm.when(asm.integer('xor', isUsable, 1), () => asm.storeInteger(words, 4 * placeWords.failed, 1));
    asm.when(isUsable, () => {
      asm.storeVector(wayAt, 0, way);
      const column = asm.integer('divU', index, pointsPerByte);
      scanGroups(asm, {
        width,
        point,
        singles,
        groupData,
        groupSingles,
        groups,
        columns,
        way,
        threshold: asm.integer('add', thresholds, asm.integer('mul', asm.integer('mul', groups, 4), index)),
        signs: asm.integer('add', signs, asm.integer('mul', groups, index)),
        rowsPerByte,
        ofRows: asm.integer('add', ofRows, asm.integer('mul', bytesOfRows, index)),
        ofPoints: asm.integer('add', ofPoints, column),
        bit: bitOf(asm, asm.integer('sub', index, asm.integer('mul', column, pointsPerByte))),
      });
    });
  });
  return { name: 'place', signature, locals: asm.locals, code: asm.code };
}

function integerOf(asm: Assembly, value: number): Local {
  const made = asm.local(i32);
  asm.assign(made, value);
  return made;
}

const bitOf = (asm: Assembly, place: Local): Local => asm.integer('shiftLeft', integerOf(asm, 1), place);

function flip(asm: Assembly, at: Local, bit: Local): void {
  asm.storeByte(at, 0, asm.integer('xor', asm.loadByte(at, 0), bit));
}

interface Taken {
  readonly width: number;
  readonly offsets: readonly number[];
  readonly point: Local;
  /** Where its coordinates go in 24 bits. */
  readonly singles: Local;
  readonly from: Local;
  readonly wayAt: Local;
}

/** Copies a point out of its atom; returns its way so far, in both lanes. It bounds the length of the point as well. */
function takePoint(asm: Assembly, { width, offsets, point, singles, from, wayAt }: Taken): Local {
  const squares = range(vectorsOf(width)).map((v) => {
    const [lower, upper] = [offsets[2 * v], offsets[2 * v + 1]];
    const single = (): Local => asm.loadLower(from, 8 * lower);
    const two = (): Local =>
      upper === lower + 1 ? asm.loadVector(from, 8 * lower) : asm.withUpper(single(), from, 8 * upper);
    const value = upper === undefined ? single() : two();
    const step = asm.vector('sub', value, asm.loadVector(point, v * vectorBytes));
    asm.storeVector(point, v * vectorBytes, value);
    asm.storeLane(0, singles, (v * vectorBytes) / 2, asm.narrowed(value));
    return asm.vector('mul', step, step);
  });
  const before = asm.loadVector(wayAt, 0);
  const length = asm.vector('sqrt', acrossLanes(asm, 'add', sumOf(asm, squares)));
  return asm.vector('add', before, asm.vector('mul', length, asm.constant(1 + rounding)));
}

const sumOf = (asm: Assembly, values: readonly Local[]): Local =>
  values.reduce((sum, value) => asm.vector('add', sum, value));

/** The sum or the least of two lanes, in both. */
const acrossLanes = (asm: Assembly, by: 'add' | 'pmin', value: Local): Local =>
  asm.vector(by, value, asm.rotated(value, vectorBytes / 2));

/** The number in both lanes, as four `f32`. */
function inSingles(asm: Assembly, value: Local): Local {
  const two = asm.narrowed(value);
  return asm.vector('or', two, asm.rotated(two, vectorBytes / 2));
}

interface Scan {
  readonly width: number;
  readonly point: Local;
  readonly singles: Local;
  readonly groupData: Local;
  readonly groupSingles: Local;
  readonly groups: Local;
  readonly columns: Local;
  /** In both lanes. */
  readonly way: Local;
  readonly threshold: Local;
  /** Signs group by group: a byte each. */
  readonly signs: Local;
  /** Bits of the rows at this point, and how many there are in a byte. */
  readonly ofRows: Local;
  readonly rowsPerByte: Local;
  /** The byte with the point's bit at the first row; bytes of other rows lie `columns` apart. */
  readonly ofPoints: Local;
  /** The bit of the point in its byte of a row. */
  readonly bit: Local;
}

/** Looks through the thresholds of a point, sixteen at a time. */
function scanGroups(asm: Assembly, scan: Scan): void {
  const { width, way, threshold, groups } = scan;
  const product = (a: Local, b: number): Local => asm.vector('mul', a, asm.constant(b));
  const plus = (a: Local, b: number): Local => asm.vector('add', a, asm.constant(b));
  const limit = inSingles(asm, plus(product(way, 1 + singleRounding), smallestSingle));
  const from = product(way, 1 - (width + 4) * rounding);
  const excess = asm.vector('pmax', plus(way, -widestSingle), asm.constant(0));
  const error = asm.vector('add', product(way, (width + 5) * singleUnit), product(excess, 1e10));
  const bounds = {
    from,
    singleFrom: inSingles(asm, product(from, 1 - singleRounding)),
    error: inSingles(asm, plus(error, 2 ** -100)),
  };
  const [first, due, none] = [asm.local(i32), asm.local(i32), integerOf(asm, 0)];
  asm.assign(first, 0);
  asm.loop(first, groups, scannedGroups, () => {
    const at = asm.integer('add', threshold, asm.integer('mul', first, 4));
    const four = range(scannedGroups / 4).map((v) => asm.singles('lt', asm.loadVector(at, v * vectorBytes), limit));
    asm.assign(due, joinBits(asm, four, 4));
    asm.loop(none, due, 0, () => {
      const group = asm.integer('add', first, asm.lowestBit(due));
      asm.assign(due, asm.integer('and', due, asm.integer('sub', due, 1)));
      evaluateGroup(asm, scan, { group, ...bounds });
    });
  });
}

/** The sign bits of vectors of two or four lanes, one behind the other. */
function joinBits(asm: Assembly, vectors: readonly Local[], lanes: 2 | 4): Local {
  return vectors
    .map((vector, v) => {
      const bits = lanes === 2 ? asm.signBits(vector) : asm.fourSignBits(vector);
      return v === 0 ? bits : asm.integer('shiftLeft', bits, lanes * v);
    })
    .reduce((some, one) => asm.integer('or', some, one));
}

interface Group {
  readonly group: Local;
  /** The way, rounded down: what the margin is added to. */
  readonly from: Local;
  readonly singleFrom: Local;
  /** What inner products in 24 bits with rows of length one may be wrong by. */
  readonly error: Local;
}

/** Signs of eight rows at a point, and how far it may go before one of them can change: in 24 bits where these decide. */
function evaluateGroup(asm: Assembly, scan: Scan, group: Group): void {
  const { width, singles } = scan;
  const data = asm.integer('add', scan.groupSingles, asm.integer('mul', group.group, groupBytes(width) / 2));
  const [found, reach] = [asm.local(i32), asm.local(v128)];
  const vectors = range(groupRows / 4);
  const at = (k: number, v: number): Local => asm.loadVector(data, k * groupRows * 4 + v * vectorBytes);
  const sums = vectors.map(() => asm.local(v128));
  for (const k of range(width)) {
    const coordinate = asm.loadSingleSplat(singles, k * 4);
    for (const v of vectors) {
      const product = asm.singles('mul', coordinate, at(k, v));
      asm.assign(sums[v], k === 0 ? product : asm.singles('add', sums[v], product));
    }
  }
  // Rows that are not there, or are zero, are as far as numbers go.
  const margins = sums.map((z, v) => asm.singles('add', asm.singles('abs', z), at(width, v)));
  const two = asm.singles('pmin', margins[0], margins[1]);
  const one = asm.singles('pmin', two, asm.rotated(two, vectorBytes / 2));
  const least = asm.singles('pmin', one, asm.rotated(one, vectorBytes / 4));
  const far = asm.singles('add', group.singleFrom, asm.singles('sub', least, group.error));
  const down = asm.singles('mul', far, asm.single(1 - 2 * singleRounding));
  asm.assign(reach, asm.singles('pmin', asm.single(largestSingle), down));
  const positive = sums.map((z) => asm.singles('gt', z, asm.constant(0)));
  asm.assign(found, joinBits(asm, positive, 4));
  const isSure = asm.anyTrue(asm.singles('lt', group.error, least));
  asm.when(asm.integer('xor', isSure, 1), () => evaluateExactly(asm, scan, { ...group, found, reach }));
  asm.storeSingle(asm.integer('add', scan.threshold, asm.integer('mul', group.group, 4)), 0, reach);
  takeSigns(asm, scan, { group: group.group, found });
}

/** The same in 53 bits: signs are those of the inner products as they round. */
function evaluateExactly(asm: Assembly, scan: Scan, to: Group & { found: Local; reach: Local }): void {
  const { width, point } = scan;
  const data = asm.integer('add', scan.groupData, asm.integer('mul', to.group, groupBytes(width)));
  const vectors = range(groupRows / 2);
  const at = (k: number, v: number): Local => asm.loadVector(data, k * groupRows * 8 + v * vectorBytes);
  const sums = vectors.map(() => asm.local(v128));
  for (const k of range(width)) {
    const coordinate = asm.loadSplat(point, k * 8);
    for (const v of vectors) {
      const product = asm.vector('mul', coordinate, at(k, v));
      asm.assign(sums[v], k === 0 ? product : asm.vector('add', sums[v], product));
    }
  }
  const margins = sums.map((z, v) => asm.vector('mul', asm.vector('abs', z), at(width, v)));
  // Norms of rows that are not there are infinite: 0 times their inverse is NaN, which `pmin` passes over as a second.
  const least = margins.reduce((some, one) => asm.vector('pmin', some, one), asm.constant(largestSingle));
  const far = asm.vector('add', to.from, acrossLanes(asm, 'pmin', least));
  const down = asm.vector('mul', far, asm.constant(1 - singleRounding));
  asm.assign(to.reach, asm.narrowed(asm.vector('pmin', down, asm.constant(largestSingle))));
  const positive = sums.map((z) => asm.vector('gt', z, asm.constant(0)));
  asm.assign(to.found, joinBits(asm, positive, 2));
}

/** Stores the signs of a group, and changes the bits of those that changed. */
function takeSigns(asm: Assembly, scan: Scan, { group, found }: { group: Local; found: Local }): void {
  const at = asm.integer('add', scan.signs, group);
  const changes = asm.local(i32);
  asm.assign(changes, asm.integer('xor', found, asm.loadByte(at, 0)));
  asm.when(changes, () => {
    asm.storeByte(at, 0, found);
    const none = integerOf(asm, 0);
    asm.loop(none, changes, 0, () => {
      const row = asm.integer('add', asm.integer('mul', group, groupRows), asm.lowestBit(changes));
      flip(asm, asm.integer('add', scan.ofPoints, asm.integer('mul', row, scan.columns)), scan.bit);
      const byte = asm.integer('divU', row, scan.rowsPerByte);
      const bit = bitOf(asm, asm.integer('sub', row, asm.integer('mul', byte, scan.rowsPerByte)));
      flip(asm, asm.integer('add', scan.ofRows, byte), bit);
      asm.assign(changes, asm.integer('and', changes, asm.integer('sub', changes, 1)));
    });
  });
}
