import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PointSet, setBatch, setBatchFromArrays } from './setBatch.js';

/** Points with ties, zeros of both signs and masses 0, in an order and in another. */
const twoOrders = fc
  .array(fc.tuple(fc.constantFrom(-1, -0, 0, 0.1, 2), fc.double({ noNaN: true, min: -9, max: 9 }), fc.nat(3)), {
    minLength: 1,
    maxLength: 12,
  })
  .map((rows) => [...rows, [1, 1, 1] as [number, number, number]])
  .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));

const setOf = (rows: readonly (readonly number[])[]): PointSet => ({
  points: rows.map(([x, y]) => [x, y]),
  masses: rows.map(([, , mass]) => mass),
});

describe('setBatch', () => {
  test('is the same to the bit in whatever order the points come', () => {
    fc.assert(
      fc.property(twoOrders, ([rows, other]) => {
        expect(Buffer.from(setBatch([setOf(rows)]).points.buffer)).toEqual(
          Buffer.from(setBatch([setOf(other)]).points.buffer),
        );
        expect(setBatch([setOf(rows)])).toEqual(setBatch([setOf(other)]));
      }),
      { seed: 1 },
    );
  });

  test('masses of a set are proportions, its total is what they were, points without mass are gone', () => {
    fc.assert(
      fc.property(twoOrders, ([rows]) => {
        const { masses, totals, offsets, points } = setBatch([{ points: [[7, 7]] }, setOf(rows)]);
        const left = rows.filter(([, , mass]) => mass > 0);
        expect(offsets).toEqual(Int32Array.of(0, 1, 1 + left.length));
        expect(points.length).toBe(2 * masses.length);
        expect(totals[1]).toBe(left.reduce((sum, [, , mass]) => sum + mass, 0));
        expect(Math.abs(masses.subarray(1).reduce((sum, mass) => sum + mass, 0) - 1)).toBeLessThan(1e-15 * rows.length);
        expect(masses.every((mass) => mass > 0)).toBe(true);
        expect(points.every((x) => !Object.is(x, -0))).toBe(true);
      }),
      { seed: 2 },
    );
  });

  test('flat arrays and lists of points make the same batch, and the arrays are left as they were', () => {
    const points = Float64Array.of(3, 4, 1, 2, 0, 0);
    const flat = setBatchFromArrays({ dim: 2, offsets: [0, 2, 3], points, ids: ['a', 'b'] });
    expect(flat).toEqual(
      setBatch([
        {
          points: [
            [1, 2],
            [3, 4],
          ],
          id: 'a',
        },
        { points: [[0, 0]], id: 'b' },
      ]),
    );
    expect(points).toEqual(Float64Array.of(3, 4, 1, 2, 0, 0));
  });

  const one = { points: [[0, 1]] };
  test.each([
    ['no sets', [], /there are no sets/],
    ['an empty set', [one, { points: [], id: 'b' }], /set "b" is empty, got 0 points/],
    ['a first set that is empty', [{ points: [] }], /set "0" is empty/],
    ['points without coordinates', [{ points: [[]] }], /the dimension of the points is not usable, got 0/],
    ['mixed dimensions', [one, { points: [[1, 2], [3]] }], /set "1", point 1 has another dimension .* got 1 coord/],
    ['a coordinate that is NaN', [one, { points: [[1, NaN]] }], /set "1", point 0, coordinate 1 is no finite number/],
    ['a negative mass', [{ points: [[1]], masses: [-2] }], /set "0", point 0 has a negative mass, got -2/],
    ['a mass that is NaN', [{ points: [[1]], masses: [NaN] }], /set "0", point 0 has no finite mass, got NaN/],
    ['a set without mass', [{ points: [[1]], masses: [0] }], /set "0" has no usable total mass, got total mass 0/],
    ['an overflow of mass', [{ points: [[1], [2]], masses: [1e308, 1e308] }], /no usable total mass, got .*Infinity/],
    ['a mass too few', [{ points: [[1], [2]], masses: [1] }], /got 1 masses for 2 points/],
    ['one id twice', [one, { ...one, id: '0' }], /the set id "0" occurs twice/],
  ] as readonly [string, readonly PointSet[], RegExp][])('%s is refused', (_, sets, message) => {
    expect(() => setBatch(sets)).toThrow(message);
  });

  test.each([
    ['decreasing offsets', { offsets: [0, 2, 1] }, /offsets do not start at 0 or decrease, got 2 before 1/],
    ['offsets from 1', { offsets: [1, 2] }, /got first offset 1/],
    ['points that do not fill the sets', { offsets: [0, 3] }, /points have the wrong length, got 4, expected 6/],
    ['masses of another length', { masses: new Float64Array(1) }, /masses have the wrong length, got 1, expected 2/],
    ['ids of another length', { ids: [] }, /ids have the wrong length, got 0, expected 1/],
  ])('%s are refused', (_, change, message) => {
    expect(() => setBatchFromArrays({ dim: 2, offsets: [0, 2], points: new Float64Array(4), ...change })).toThrow(
      message,
    );
  });
});
