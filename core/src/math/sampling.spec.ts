import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from './random.js';
import { categorical, permutation, sphereInto, systematicCopiesInto, systematicResample } from './sampling.js';

const masses = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 10, noNaN: true })), { minLength: 1, maxLength: 30 })
  .filter((list) => list.some((m) => m > 0))
  .map((list) => Float64Array.from(list));
const offset = fc.double({ min: 0.001, max: 0.999, noNaN: true });

describe('permutation', () => {
  test('holds every index once', () => {
    for (const n of [0, 1, 2, 57]) {
      expect(Array.from(permutation(n, randomStream(randomKey(n)))).sort((a, b) => a - b)).toEqual(
        Array.from({ length: n }, (_, i) => i),
      );
    }
  });

  test('each of the 24 orders of four is equally likely', () => {
    const random = randomStream(randomKey('permutation'));
    const counts = new Map<string, number>();
    for (let k = 0; k < 24_000; k++) {
      const name = permutation(4, random).join('');
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // P(chi-square with 23 degrees of freedom > 72) = 6e-7.
    expect([...counts.values()].reduce((s, c) => s + (c - 1000) ** 2 / 1000, 0)).toBeLessThan(72);
  });
});

describe('categorical', () => {
  test('draws each index in proportion to its mass, and never one without', () => {
    const random = randomStream(randomKey('categorical'));
    const weights = Float64Array.of(0, 1, 0, 2, 3, 4, 0);
    const counts = new Float64Array(7);
    for (let k = 0; k < 20_000; k++) counts[categorical(weights, random)]++;
    expect([counts[0], counts[2], counts[6]]).toEqual([0, 0, 0]);
    const chiSquare = [1, 3, 4, 5].reduce((s, i) => s + (counts[i] - 2000 * weights[i]) ** 2 / (2000 * weights[i]), 0);
    // P(chi-square with 3 degrees of freedom > 31) = 8e-7.
    expect(chiSquare).toBeLessThan(31);
  });

  test('scaling every mass changes no draw', () => {
    const draws = (scale: number): number[] => {
      const random = randomStream(randomKey(8));
      return Array.from({ length: 50 }, () => categorical(Float64Array.of(scale, 2 * scale, 5 * scale), random));
    };
    expect(draws(2 ** 900)).toEqual(draws(1));
    expect(draws(2 ** -900)).toEqual(draws(1));
  });
});

describe('systematicResample', () => {
  test('index i appears floor or ceil of count * m_i / total times, in order', () => {
    fc.assert(
      fc.property(masses, offset, fc.integer({ min: 1, max: 60 }), (list, u, count) => {
        const out = new Uint32Array(count);
        systematicResample(list, u, out);
        const total = list.reduce((s, m) => s + m, 0);
        list.forEach((mass, i) => {
          const expected = (count * mass) / total;
          const copies = out.filter((index) => index === i).length;
          expect(Math.abs(copies - expected)).toBeLessThan(1 + 1e-9);
          if (mass === 0) expect(copies).toBe(0);
        });
        expect(out.every((index, k) => k === 0 || index >= out[k - 1])).toBe(true);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  test('equal masses come back unchanged', () => {
    const out = new Uint32Array(1000);
    systematicResample(new Float64Array(1000).fill(0.001), 0.37, out);
    expect(Array.from(out)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  test('the mean over offsets is the mass', () => {
    const list = Float64Array.of(0.1, 0.25, 0.05, 0.6);
    const out = new Uint32Array(3);
    const copies = new Float64Array(4);
    const offsets = 1000;
    for (let k = 0; k < offsets; k++) {
      systematicResample(list, (k + 0.5) / offsets, out);
      for (const i of out) copies[i] += 1 / offsets;
    }
    copies.forEach((mean, i) => {
      expect(Math.abs(mean - 3 * list[i])).toBeLessThan(3 / offsets);
    });
  });

  test('the last level never falls on an atom without mass', () => {
    const out = new Uint32Array(5);
    systematicResample(Float64Array.of(0.1, 0.2, 0.7, 0, 0), 1 - 2 ** -53, out);
    expect(out[4]).toBe(2);
  });
});

describe('systematicCopiesInto', () => {
  test('counts the draws of systematicResample', () => {
    const heavy = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
    const list = fc.array(fc.oneof(fc.constant(0), fc.constant(0.1), heavy), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.oneof(masses, list), fc.oneof(offset, fc.constantFrom(0, 1 - 2 ** -53)), (values, u) => {
        const all = Float64Array.from(values);
        fc.pre(all.some((m) => m > 0) && Number.isFinite(all.reduce((s, m) => s + m, 0)));
        const out = new Uint32Array(all.length);
        systematicResample(all, u, out);
        const expected = new Uint32Array(all.length);
        for (const i of out) expected[i]++;
        const copies = new Uint32Array(all.length).fill(7);
        systematicCopiesInto(
          copies,
          all,
          all.reduce((sum, m) => sum + m, 0),
          u,
        );
        expect(copies).toEqual(expected);
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});

describe('sphereInto', () => {
  test('writes unit vectors of a uniform law, at the place asked for', () => {
    const d = 3;
    const random = randomStream(randomKey('sphere'));
    const out = new Float64Array(d + 2).fill(9);
    const sample = 20_000;
    const heights = new Float64Array(sample);
    for (let k = 0; k < sample; k++) {
      sphereInto(out, 1, d, random);
      expect(Math.hypot(out[1], out[2], out[3])).toBeCloseTo(1, 14);
      heights[k] = (out[1 + (k % d)] + 1) / 2;
    }
    expect([out[0], out[4]]).toEqual([9, 9]);
    // Archimedes: heights on the 2-sphere are uniform. Kolmogorov-Smirnov, false alarm 9.3e-7.
    heights.sort();
    const distance = heights.reduce((s, h, i) => Math.max(s, (i + 1) / sample - h, h - i / sample), 0);
    expect(distance * Math.sqrt(sample)).toBeLessThan(2.7);
  });

  test('in dimension 1 gives both signs', () => {
    const random = randomStream(randomKey(2));
    const out = new Float64Array(20);
    for (let k = 0; k < 20; k++) sphereInto(out, k, 1, random);
    expect(new Set(out)).toEqual(new Set([1, -1]));
  });
});

describe('refusals', () => {
  const random = randomStream(randomKey(1));
  test.each([
    ['categorical', () => categorical(Float64Array.of(1, -1), random), /mass 1 is not usable, got -1/],
    ['categorical', () => categorical(Float64Array.of(Number.NaN), random), /mass 0 is not usable, got NaN/],
    ['categorical', () => categorical(Float64Array.of(0, 0), random), /no usable total, got total 0/],
    ['categorical', () => categorical(new Float64Array(0), random), /no usable total/],
    [
      'systematicResample',
      () => systematicResample(Float64Array.of(1), 1, new Uint32Array(1)),
      /offset is not usable, got 1/,
    ],
    ['permutation', () => permutation(-1, random), /size is not usable, got -1/],
    ['sphereInto', () => sphereInto(new Float64Array(1), 0, 0, random), /dimension is not usable, got 0/],
  ])('%s says what is wrong', (where, act, message) => {
    expect(act).toThrow(message);
    expect(act).toThrow(`[${where}]`);
  });
});
