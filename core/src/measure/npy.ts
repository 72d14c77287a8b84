import { fail, show } from '../errors.js';

/** Element types that are read and written, as NumPy spells them. */
export type NpyType = '<f8' | '<f4' | '<i4' | '<i8' | '<u4' | '|b1';

export type NpyData = Float64Array | Float32Array | Int32Array | BigInt64Array | Uint32Array | Uint8Array;

/** An array of NumPy: `data` is row-major (C order), whatever the order in the file; booleans are bytes 0 and 1. */
export interface NpyArray {
  readonly type: NpyType;
  /** Length per axis; empty for a scalar. */
  readonly shape: readonly number[];
  readonly data: NpyData;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Bytes per element, and the typed array over `count` of them. */
const layouts: Readonly<Record<NpyType, { bytes: number; view: (buffer: ArrayBuffer) => NpyData }>> = {
  '<f8': { bytes: 8, view: (buffer) => new Float64Array(buffer) },
  '<f4': { bytes: 4, view: (buffer) => new Float32Array(buffer) },
  '<i4': { bytes: 4, view: (buffer) => new Int32Array(buffer) },
  '<i8': { bytes: 8, view: (buffer) => new BigInt64Array(buffer) },
  '<u4': { bytes: 4, view: (buffer) => new Uint32Array(buffer) },
  '|b1': { bytes: 1, view: (buffer) => new Uint8Array(buffer) },
};

/**
 * An array with its element type found from the typed array (bytes are booleans).
 *
 * @param shape - default one axis.
 */
export function npyArray(data: NpyData, shape: readonly number[] = [data.length]): NpyArray {
  return { type: typeOf(data), shape, data };
}

/**
 * The bytes of a `.npy` file, format version 1.0, C order, that `numpy.load` reads.
 *
 * @throws `shape-mismatch` where the shape does not hold the data; `invalid-argument` for a boolean beyond 0 and 1.
 *
 * @example
 * ```ts
 * import { npyArray, readNpy, writeNpy } from '@muflow/core';
 * const bytes = writeNpy(npyArray(Float64Array.of(1, 2, 3, 4), [2, 2]));
 * console.log(readNpy(bytes).shape); // => [ 2, 2 ]
 * ```
 */
export function writeNpy(array: NpyArray): Uint8Array {
  const { type, shape, data } = array;
  if (sizeOf(shape) !== data.length || typeOf(data) !== type) {
    fail({
      code: 'shape-mismatch',
      where: 'writeNpy',
      problem: 'shape, type and data do not agree',
      got: `${data.constructor.name}(${data.length}) for ${type} ${showShape(shape)}`,
      expected: `${sizeOf(shape)} elements of ${type}`,
      fix: 'build it with npyArray(data, shape)',
    });
  }
  if (type === '|b1') checkBooleans('writeNpy', data as Uint8Array);
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${showShape(shape)}, }`;
  const length = Math.ceil((magic.length + 4 + text.length + 1) / 64) * 64;
  const out = new Uint8Array(length + data.byteLength);
  out.set([...magic, 1, 0, (length - 10) & 255, (length - 10) >>> 8]);
  out.set(new TextEncoder().encode(`${text.padEnd(length - 11)}\n`), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return out;
}

/**
 * Reads a `.npy` file: versions 1, 2 and 3, C or Fortran order, the element types of {@link NpyType}.
 *
 * @param where - how errors call the file.
 * @throws `parse` for bytes that are no such file or are cut short; `unsupported` for other element types.
 */
export function readNpy(bytes: Uint8Array, where = 'readNpy'): NpyArray {
  const { header, dataStart } = readHeader(bytes, where);
  const { type, fortran, shape } = parseHeader(header, where);
  const layout = layouts[type];
  const size = sizeOf(shape) * layout.bytes;
  if (bytes.length - dataStart !== size) {
    damaged(where, 'the data have the wrong length', `${bytes.length - dataStart} bytes`, {
      expected: `${size} bytes for ${type} ${showShape(shape)}`,
    });
  }
  const data = layout.view(bytes.slice(dataStart).buffer);
  if (type === '|b1') checkBooleans(where, data as Uint8Array);
  return { type, shape, data: fortran && shape.length > 1 ? toRowMajor(data, shape) : data };
}

/** The numbers of an array in double precision; integers beyond 2^53 are refused. */
export function toFloat64(array: NpyArray, where = 'toFloat64'): Float64Array {
  if (array.data instanceof Float64Array) return array.data;
  if (!(array.data instanceof BigInt64Array)) return Float64Array.from(array.data);
  return Float64Array.from(array.data, (integer) => {
    const value = Number(integer);
    if (Number.isSafeInteger(value)) return value;
    return damaged(where, 'an integer does not fit double precision', `${integer}`, { expected: '|n| < 2^53' });
  });
}

function readHeader(bytes: Uint8Array, where: string): { header: string; dataStart: number } {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    damaged(where, 'this is no .npy file', show(bytes.slice(0, 6)), { expected: '\\x93NUMPY first' });
  }
  const version = bytes[6];
  if (version < 1 || version > 3) damaged(where, 'unknown format version', `${version}`, { expected: '1, 2 or 3' });
  const start = version === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : bytes.length < 12 ? Infinity : view.getUint32(8, true);
  if (start + length > bytes.length) {
    damaged(where, 'the header is cut short', `${bytes.length} bytes`, { expected: `at least ${start + length}` });
  }
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length));
  return { header: text, dataStart: start + length };
}

function parseHeader(header: string, where: string): { type: NpyType; fortran: boolean; shape: number[] } {
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const axes = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header);
  if (!descr || !order || !axes) {
    damaged(where, 'the header is not understood', show(header.trim()), { expected: 'descr, fortran_order, shape' });
  }
  const type = descr[2] ? 'a structured type' : descr[1];
  if (!Object.hasOwn(layouts, type)) {
    fail({
      code: 'unsupported',
      where,
      problem: 'elements of this type are not read',
      got: type,
      expected: Object.keys(layouts).join(', '),
      fix: "convert in NumPy first: array.astype('<f8')",
    });
  }
  const shape = axes[1].split(',').map((axis) => axis.replace('L', '').trim());
  return { type: type as NpyType, fortran: order[1] === 'True', shape: shape.filter((a) => a !== '').map(Number) };
}

/** Reorders column-major data: the offset of a multi-index in the file runs with the first axis fastest. */
function toRowMajor(data: NpyData, shape: readonly number[]): NpyData {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const index = new Array<number>(shape.length).fill(0);
  const out = data.slice();
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    out[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

function typeOf(data: NpyData): NpyType {
  if (data instanceof Float64Array) return '<f8';
  if (data instanceof Float32Array) return '<f4';
  if (data instanceof Int32Array) return '<i4';
  if (data instanceof Uint32Array) return '<u4';
  return data instanceof BigInt64Array ? '<i8' : '|b1';
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1);

const showShape = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;

function checkBooleans(where: string, data: Uint8Array): void {
  const i = data.findIndex((byte) => byte > 1);
  if (i >= 0) damaged(where, `boolean ${i} is neither 0 nor 1`, `${data[i]}`, { expected: '0 or 1' });
}

function damaged(where: string, problem: string, got: string, { expected }: { expected: string }): never {
  fail({ code: 'parse', where, problem, got, expected, fix: 'write the file again with numpy.save or writeNpy' });
}
