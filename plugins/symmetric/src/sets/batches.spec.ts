import { mean, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { concatSets, normalizeSets, repeatPoints, selectSets, splitSets, thinSets, toMeasure } from './batches.js';
import { setBatch } from './setBatch.js';
import { boxSets, drawSets } from './setLaws.js';

const batch = drawSets(boxSets({ dim: 2, radius: 1 }), { sets: 7, size: [1, 4], key: randomKey(4), idPrefix: 's' });

describe('batches of sets', () => {
  test('taken apart and put together again they are the same', () => {
    const [even, odd] = [selectSets(batch, [0, 2, 4, 6]), selectSets(batch, ['s1', 's3', 's5'])];
    const joined = concatSets([even, odd]);
    expect(joined.ids).toEqual(['s0', 's2', 's4', 's6', 's1', 's3', 's5']);
    expect(selectSets(joined, batch.ids)).toEqual(batch);
  });

  test('a split takes every set once, in the shares asked for', () => {
    const parts = splitSets(103, [0.5, 0.3, 0.2], randomKey(2));
    expect(parts.map((part) => part.length)).toEqual([52, 30, 21]);
    expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual(Array.from({ length: 103 }, (_, s) => s));
    expect(splitSets(3, [0.98, 0.01, 0.01], randomKey(2)).map((part) => part.length)).toEqual([1, 1, 1]);
  });

  test('a set as a measure has its masses and its mean', () => {
    const mu = toMeasure(setBatch([{ points: [[0], [4]], masses: [3, 1] }]), 0);
    expect([mean(mu)[0], mu.kind]).toEqual([1, 'probability']);
  });

  test('repeated points are what a set of repeated points is', () => {
    const twice = setBatch([{ points: [[1], [0], [1], [0]] }]);
    expect(repeatPoints(setBatch([{ points: [[1], [0]] }]), 2)).toEqual(twice);
  });

  test('thinned sets are parts of the sets, nested in their size, and all of them where they are small', () => {
    const weighted = setBatch([{ points: [[4], [1], [3], [2]], masses: [4, 1, 3, 2] }, { points: [[7]] }]);
    for (const seed of [1, 2, 3]) {
      const [two, three] = [2, 3].map((size) => thinSets(weighted, size, randomKey(seed)));
      const left = Array.from(two.points.subarray(0, 2));
      expect(two.offsets).toEqual(Int32Array.of(0, 2, 3));
      expect([two.totals[0], two.totals[1]]).toEqual([expect.closeTo(left[0] + left[1], 14), 1]);
      left.forEach((x, i) => {
        expect(two.masses[i]).toBeCloseTo(x / (left[0] + left[1]), 14);
      });
      expect(Array.from(three.points)).toEqual(expect.arrayContaining(left));
    }
    expect(thinSets(weighted, 4, randomKey(1))).toEqual(weighted);
  });

  test('normalized sets do not tell where a set lies nor how large it is, and have mean 0 and mean square length 1', () => {
    const points = [
      [1, 2],
      [0, 5],
      [3, 3],
    ];
    const moved = points.map(([x, y]) => [8 + 4 * x, -16 + 4 * y]); // exact in binary
    const masses = [1, 2, 1];
    const [one, other] = [points, moved].map((list) => normalizeSets(setBatch([{ points: list, masses }])));
    one.points.forEach((value, at) => {
      expect(other.points[at]).toBeCloseTo(value, 14);
    });
    const squares = one.points.map((value, at) => one.masses[at >> 1] * value ** 2);
    expect(squares.reduce((sum, value) => sum + value)).toBeCloseTo(1, 14);
    expect(mean(toMeasure(one, 0))[1]).toBeCloseTo(0, 14);
    expect(normalizeSets(setBatch([{ points: [[0.1], [0.1], [0.1]] }])).points.every((x) => Math.abs(x) < 1e-15)).toBe(
      true,
    );
  });

  test.each([
    ['an unknown set id', () => selectSets(batch, ['s9']), /there is no set "s9".*did you mean/],
    ['a position beyond the end', () => toMeasure(batch, 7), /there is no set 7, got 7 sets .* 0 to 6/],
    ['no set at all', () => selectSets(batch, []), /choice of sets is not usable, got 0 sets/],
    ['one set twice', () => selectSets(batch, [1, 's1'] as number[]), /got 2 sets, 1 of them different/],
    ['ids that occur twice', () => concatSets([batch, batch]), /two sets have the id "s0"/],
    ['mixed dimensions', () => concatSets([batch, setBatch([{ points: [[1]] }])]), /got dimension 1, expected 2/],
    ['shares beyond 1', () => splitSets(9, [0.8, 0.8], randomKey(1)), /shares 0.8, 0.8/],
    ['no point at all', () => thinSets(batch, 0, randomKey(1)), /size is not usable, got 0/],
    ['half a copy', () => repeatPoints(batch, 0.5), /number of copies is not usable, got 0.5/],
  ])('%s: refused', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
