import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import numpy from '../../../test/vectors/numpy.json' with { type: 'json' };
import { isMuflowError } from '../errors.js';
import { type NpyArray, type NpyData, npyArray, readNpy, toFloat64, writeNpy } from './npy.js';
import { arrayOf, readNpz, readStoredNpz, writeNpz } from './npz.js';
import { crc32 } from './zip.js';

const fixture = (name: keyof typeof numpy.files): Uint8Array =>
  new Uint8Array(Buffer.from(numpy.files[name], 'base64'));
const listed = (array: NpyArray): unknown[] => [array.type, array.shape, Array.from(array.data as Float64Array)];

describe('files of NumPy are read', () => {
  const cases: readonly [keyof typeof numpy.files, string, number[], (number | bigint)[]][] = [
    ['f8', '<f8', [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]],
    ['f4', '<f4', [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]],
    ['i4', '<i4', [2, 3], [-3, -2, -1, 0, 1, 2]],
    ['i8', '<i8', [3], [-(2n ** 62n), -1n, 2n ** 53n]],
    ['u4', '<u4', [2], [0, 2 ** 32 - 1]],
    ['b1', '|b1', [3], [1, 0, 1]],
    ['fortran2', '<f8', [2, 3], [0, 1, 2, 3, 4, 5]],
    ['fortran3', '<f8', [2, 3, 4], Array.from({ length: 24 }, (_, i) => i)],
    ['v2', '<f8', [2, 3], [0, 1, 2, 3, 4, 5]],
    ['v3', '<f8', [2, 3], [0, 1, 2, 3, 4, 5]],
    ['scalar', '<f8', [], [2.5]],
    ['empty', '<f8', [0, 3], []],
    ['special', '<f8', [5], [Number.NaN, Infinity, -Infinity, -0, 5e-324]],
  ];
  test.each(cases)('%s', (name, type, shape, data) => {
    expect(listed(readNpy(fixture(name)))).toEqual([type, shape, data]);
  });

  test('as stored and as compressed archives', async () => {
    for (const npz of [
      readStoredNpz(fixture('stored')),
      await readNpz(fixture('stored')),
      await readNpz(fixture('deflated')),
    ]) {
      expect([...npz.keys()]).toEqual(['positions', 'masses']);
      expect(listed(arrayOf(npz, 'positions'))).toEqual(['<f8', [3, 2], [0, 1, 2, 3, 4, 5]]);
      expect(listed(arrayOf(npz, 'masses'))).toEqual(['<f8', [3], [0.25, 0.25, 0.5]]);
    }
  });
});

describe('files are written as NumPy writes them', () => {
  test.each(['f8', 'f4', 'i4', 'i8', 'u4', 'b1', 'scalar', 'empty', 'special'] as const)(
    '%s, byte for byte',
    (name) => {
      expect(Buffer.from(writeNpy(readNpy(fixture(name)))).toString('base64')).toBe(numpy.files[name]);
    },
  );

  const arrays: fc.Arbitrary<NpyData> = fc.oneof(
    fc.float64Array(),
    fc.float32Array(),
    fc.int32Array(),
    fc.uint32Array(),
    fc.bigInt64Array(),
    fc.uint8Array({ max: 1 }),
  );
  property.prop([fc.array(arrays, { maxLength: 4 })], { seed: 21 })(
    'what is written reads back bit for bit',
    async (all) => {
      const bytes = writeNpz(Object.fromEntries(all.map((data, k) => [`array${k}`, npyArray(data)])));
      for (const npz of [readStoredNpz(bytes), await readNpz(bytes)]) {
        expect([...npz.values()].map(listed)).toEqual(all.map((data) => listed(npyArray(data))));
      }
    },
  );

  test('the same arrays give the same bytes, names outside ASCII included', () => {
    const make = (): Uint8Array => writeNpz({ 'loss/μ': npyArray(Float64Array.of(1, 2)) });
    expect(make()).toEqual(make());
    expect([...readStoredNpz(make()).keys()]).toEqual(['loss/μ']);
  });

  test('a checksum is the one of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  test('an array over part of a buffer writes that part', () => {
    const part = new Float64Array([9, 1, 2, 9]).subarray(1, 3);
    expect(listed(readNpy(writeNpy(npyArray(part))))).toEqual(['<f8', [2], [1, 2]]);
  });
});

describe('damaged files never read as something else', () => {
  const whole = writeNpz({ a: npyArray(Float64Array.of(1, 2, 3)), b: npyArray(Int32Array.of(4)) });

  property.prop([fc.integer({ min: 0, max: whole.length - 1 })], { seed: 22, numRuns: 300 })(
    'a file cut short is refused',
    (length) => {
      expect(() => readStoredNpz(whole.slice(0, length))).toThrow(/\[readNpz/);
    },
  );

  test('one flipped bit anywhere is refused or does not matter to the numbers', () => {
    const before = [...readStoredNpz(whole).values()].map(listed);
    const misread: number[] = [];
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const damaged = whole.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      try {
        const values = [...readStoredNpz(damaged).values()].map(listed);
        if (JSON.stringify(values) !== JSON.stringify(before)) misread.push(bit);
      } catch (error) {
        if (!isMuflowError(error)) misread.push(bit);
      }
    }
    expect(misread).toEqual([]);
  });

  test('a damaged compressed entry is refused', async () => {
    const bytes = fixture('deflated');
    bytes[bytes.length - 200] ^= 255;
    bytes[70] ^= 255;
    await expect(readNpz(bytes)).rejects.toThrow(/\[readNpz/);
  });

  const f8 = fixture('f8');
  const cases: readonly [string, () => unknown, RegExp][] = [
    ['text instead of an array', () => readNpy(new TextEncoder().encode('x,y\n1,2\n3,4')), /no \.npy file/],
    ['nothing', () => readNpy(new Uint8Array()), /no \.npy file/],
    ['a header cut short', () => readNpy(f8.slice(0, 60)), /header is cut short, got 60 bytes/],
    ['data cut short', () => readNpy(f8.slice(0, -1)), /got 47 bytes, expected 48 bytes for <f8 \(2, 3\)/],
    ['data too long', () => readNpy(Uint8Array.of(...f8, 0)), /got 49 bytes/],
    ['big-endian numbers', () => readNpy(fixture('bigEndian')), />f8.*astype/],
    ['structured types', () => readNpy(fixture('structured')), /a structured type/],
    ['compressed entries without waiting', () => readStoredNpz(fixture('deflated')), /deflate.*asynchronous/],
    ['a wrong shape on writing', () => writeNpy(npyArray(Float64Array.of(1, 2), [3])), /Float64Array\(2\).*3 elements/],
    ['a boolean of 2', () => writeNpy(npyArray(Uint8Array.of(0, 2))), /boolean 1.*got 2/],
    ['a name that is not there', () => arrayOf(readStoredNpz(whole), 'masses'), /no array masses, got arrays a, b/],
    ['integers beyond 2^53 as floats', () => toFloat64(readNpy(fixture('i8'))), /does not fit double/],
  ];
  test.each(cases)('%s', (_, read, message) => {
    expect(read).toThrow(message);
  });
});
