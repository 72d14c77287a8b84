import { randomKey, randomStream } from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationCells } from './activationCells.js';
import { exactSigns, wholeNumbers } from './exactSigns.js';

const patterns = ({ active, rowCount, count }: ReturnType<typeof activationCells>): Set<string> =>
  new Set(Array.from({ length: count }, (_, c) => active.slice(c * rowCount, (c + 1) * rowCount).join('')));

/** Patterns of many directions drawn at random, those near the hyperplanes more often. */
function sampledPatterns(rows: Float64Array, dim: number, draws: number): Set<string> {
  const random = randomStream(randomKey('directions'));
  const count = rows.length / dim;
  const found = new Set<string>();
  for (let k = 0; k < draws; k++) {
    const w = Array.from({ length: dim }, () => random.normal());
    const signs = Array.from({ length: count }, (_, l) => {
      let value = 0;
      for (let i = 0; i < dim; i++) value += w[i] * rows[l * dim + i];
      return value > 0 ? 1 : 0;
    });
    found.add(signs.join(''));
  }
  return found;
}

type Row = readonly [number, number, number];
const cross = ([a, b, c]: Row, [x, y, z]: Row): Row => [b * z - c * y, c * x - a * z, a * y - b * x];
const isZero = (v: Row): boolean => v.every((x) => x === 0);

/**
 * Twice the regions of an arrangement of lines in the projective plane, `1 + sum_p (t_p - 1)` over its points p with
 * t_p lines each; fewer dimensions apart. Exact for small whole numbers.
 */
function regionsOf(list: readonly Row[]): number {
  const lines = list.filter((x, i) => !isZero(x) && !list.slice(0, i).some((y) => !isZero(y) && isZero(cross(x, y))));
  if (lines.length < 2) return lines.length === 0 ? 1 : 2;
  const points: Row[] = [];
  lines.forEach((x, i) => {
    for (const y of lines.slice(0, i)) {
      const p = cross(x, y);
      if (!points.some((q) => isZero(cross(p, q)))) points.push(p);
    }
  });
  if (points.length === 1) return 2 * lines.length;
  const through = (p: Row): number => lines.filter((x) => p[0] * x[0] + p[1] * x[1] + p[2] * x[2] === 0).length;
  return 2 * points.reduce((sum, p) => sum + through(p) - 1, 1);
}

describe('exact signs', () => {
  test('whole numbers have the ratios of the doubles', () => {
    expect(wholeNumbers(Float64Array.of(0.5, -3, 0))).toEqual([2n ** 52n, -6n * 2n ** 52n, 0n]);
    const [a, b] = wholeNumbers(Float64Array.of(5e-324, 2 ** -1000));
    expect(b / a).toBe(2n ** 74n);
  });

  test('see what floating point cannot: three rows that miss a plane by one rounding', () => {
    const rows = Float64Array.of(1 / 3, 1, 0.1, 0.7, 1 / 7, 0.2, 1 / 3 + 0.7, 1 + 1 / 7, 0.1 + 0.2);
    const at = new Int8Array(3);
    exactSigns(rows).triplesInto(at, 0, 1);
    const [a, b, c] = [0, 1, 2].map((l) => Array.from(rows.subarray(3 * l, 3 * l + 3), (x) => BigInt(x * 2 ** 60)));
    const det =
      a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
    expect(det).not.toBe(0n);
    expect(at[2]).toBe(det > 0n ? 1 : -1);
  });
});

describe('activation cells', () => {
  test.each([1, 2, 3, 5, 12, 30])(
    'of %i rows in general position number 2L in the plane, L^2 - L + 2 in space',
    (L) => {
      const random = randomStream(randomKey(`general ${L}`));
      const draw = (dim: number) => Float64Array.from({ length: L * dim }, () => random.normal());
      expect(activationCells(draw(2), 2).count).toBe(2 * L);
      expect(activationCells(draw(3), 3).count).toBe(L * L - L + 2);
      expect(activationCells(draw(1), 1).count).toBe(2);
    },
  );

  test.each([2, 3])('are the patterns of random directions and no others: dimension %i', (dim) => {
    const random = randomStream(randomKey(`patterns ${dim}`));
    const rows = Float64Array.from({ length: 6 * dim }, () => random.normal());
    const cells = activationCells(rows, dim);
    // 50,000 directions: a cell of one thousandth of the sphere is missed with probability below 1e-21.
    const sampled = sampledPatterns(rows, dim, 20_000);
    for (const pattern of sampled) expect(patterns(cells)).toContain(pattern);
    expect(sampled.size).toBe(cells.count);
  });

  test('of whole rows are as many as their lines and points say, and hold every direction', () => {
    const whole = fc.integer({ min: -2, max: 2 });
    const arbitrary = fc.array(fc.tuple(whole, whole, whole), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(arbitrary, (list) => {
        const rows = Float64Array.from(list.flat());
        const cells = activationCells(rows, 3);
        expect(cells.count).toBe(regionsOf(list));
        const known = patterns(cells);
        for (const pattern of sampledPatterns(rows, 3, 100)) expect(known).toContain(pattern);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  test('are found again from a direction inside', () => {
    const random = randomStream(randomKey('inside'));
    const rows = Float64Array.from({ length: 10 * 3 }, () => random.normal());
    const cells = activationCells(rows, 3);
    const w = [random.normal(), random.normal(), random.normal()];
    const c = cells.cellOf(w);
    for (let l = 0; l < 10; l++) {
      const value = w[0] * rows[3 * l] + w[1] * rows[3 * l + 1] + w[2] * rows[3 * l + 2];
      expect(cells.active[c * 10 + l]).toBe(value > 0 ? 1 : 0);
    }
  });

  test('refuse four dimensions, no rows, numbers that are not finite and far too many rows', () => {
    expect(() => activationCells(new Float64Array(8), 4)).toThrow(/dimensions 1 to 3 only.*rows of 4/);
    expect(() => activationCells(new Float64Array(0), 2)).toThrow(/no whole rows/);
    expect(() => activationCells(Float64Array.of(1, Number.NaN), 2)).toThrow(/number 1 of row 0 is not finite/);
    expect(() => activationCells(new Float64Array(3000), 3)).toThrow(/too many cells.*1000 rows/);
  });
});
