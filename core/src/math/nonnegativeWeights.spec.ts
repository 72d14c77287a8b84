import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nonnegativeWeights, type WeightQuadratic } from './nonnegativeWeights.js';
import { randomKey, randomStream } from './random.js';

/** `(1/2) |y - X w|^2` for random rows, its columns dependent where rank < n. */
function problem(seed: number, size: { n?: number; rows?: number; rank?: number } = {}): WeightQuadratic {
  const { n = 6, rows = 9 } = size;
  const { rank = n } = size;
  const random = randomStream(randomKey(`weights ${seed}`));
  const normals = (size: number): Float64Array => Float64Array.from({ length: size }, () => random.normal());
  const [left, right, y] = [normals(rows * rank), normals(rank * n), normals(rows)];
  const x = (s: number, i: number): number => {
    if (rank === n) return left[s * n + i];
    let sum = 0;
    for (let k = 0; k < rank; k++) sum += left[s * rank + k] * right[k * n + i];
    return sum;
  };
  const sum = (f: (s: number) => number): number => y.reduce((total, _, s) => total + f(s), 0);
  return {
    constant: sum((s) => y[s] ** 2),
    aim: Float64Array.from({ length: n }, (_, i) => sum((s) => y[s] * x(s, i))),
    gram: Float64Array.from({ length: n * n }, (_, at) => sum((s) => x(s, Math.floor(at / n)) * x(s, at % n))),
  };
}

function valueAt({ constant, aim, gram, lambda = 0 }: WeightQuadratic, w: Float64Array): number {
  const n = aim.length;
  let value = constant / 2;
  for (let i = 0; i < n; i++) {
    value += (lambda - aim[i]) * w[i];
    for (let j = 0; j < n; j++) value += (w[i] * gram[i * n + j] * w[j]) / 2;
  }
  return value;
}

const seeds = fc.integer({ min: 0, max: 1e6 });
const limits = fc.constantFrom({ lambda: 0.5 }, { total: 0.4 }, { total: 50 }, { lambda: 0.1, total: 0.3 });
const sizes = fc.constantFrom({ n: 6, rows: 9 }, { n: 12, rows: 5 }, { n: 8, rows: 9, rank: 3 });

describe('weights that are nowhere negative', () => {
  test('are proven to be optimal: the gap is rounding, the constraints hold, the value is that of the weights', () => {
    fc.assert(
      fc.property(seeds, limits, sizes, (seed, limit, size) => {
        const quadratic = { ...problem(seed, size), ...limit };
        const { weights, value, gap } = nonnegativeWeights(quadratic);
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(0);
        const total = 'total' in limit ? limit.total : Infinity;
        expect(weights.reduce((sum, w) => sum + w, 0)).toBeLessThanOrEqual(total * (1 + 1e-12));
        expect(Math.abs(value - valueAt(quadratic, weights))).toBeLessThan(1e-10 * quadratic.constant);
        expect(gap).toBeLessThan(1e-8 * quadratic.constant);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('no feasible weights are better than the value less the gap, wherever it starts', () => {
    const quadratic = { ...problem(3), total: 0.7 };
    const { value, gap } = nonnegativeWeights(quadratic);
    const random = randomStream(randomKey('feasible'));
    for (let k = 0; k < 200; k++) {
      const raw = Float64Array.from({ length: 6 }, () => -Math.log(random.uniform()));
      const sum = raw.reduce((total, w) => total + w, 0);
      const feasible = raw.map((w) => (0.7 * random.uniform() * w) / sum);
      expect(valueAt(quadratic, feasible)).toBeGreaterThanOrEqual(value - gap);
      if (k < 10) expect(nonnegativeWeights(quadratic, feasible).value).toBeCloseTo(value, 10);
    }
  });

  test('of independent columns are soft thresholds, and the bound is a threshold more', () => {
    const gram = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    const plain = { constant: 14, aim: Float64Array.of(3, 2, -1), gram };
    const at = (more: Partial<WeightQuadratic>) => [...nonnegativeWeights({ ...plain, ...more }).weights];
    expect(at({ lambda: 1 })).toEqual([2, 1, 0].map((w) => expect.closeTo(w, 11)));
    // Both are cut by 1 where the sum 5 has to be 3.
    expect(at({ total: 3 })).toEqual([2, 1, 0].map((w) => expect.closeTo(w, 11)));
    expect(at({ total: 0.5 })).toEqual([0.5, 0, 0].map((w) => expect.closeTo(w, 11)));
    expect(at({ lambda: 4 })).toEqual([0, 0, 0]);
  });

  test('unbounded problems and arrays that do not fit are refused', () => {
    const { constant, aim, gram } = problem(1);
    expect(() => nonnegativeWeights({ constant, aim, gram })).toThrow(
      /\[nonnegativeWeights\] the weights are not bounded/,
    );
    expect(() => nonnegativeWeights({ constant, aim, gram, total: 0 })).toThrow(/total 0/);
    expect(() => nonnegativeWeights({ constant, aim, gram: aim, total: 1 })).toThrow(/matrix or start do not fit/);
  });
});
