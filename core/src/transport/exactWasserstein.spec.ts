import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import file from '../../../test/vectors/transport.json' with { type: 'json' };
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { movedBy, permuted, randomMeasure, randomPermutation, splitAtom } from '../testing/measures.js';
import { wassersteinDistance } from './exactWasserstein.js';

const plane = euclidean(2);
const spaces: readonly Space[] = [euclidean(1), plane, euclidean(3), euclidean(10), torus(2), sphere(3)];
const stream = (label: number): RandomStream => randomStream(randomKey(label));
const random = (space: Space, count: number, source: RandomStream): Measure =>
  randomMeasure(space, count, 'probability', source);
const equalMasses = (space: Space, count: number, source: RandomStream): Measure =>
  measure({ space, positions: random(space, count, source).positions });

/** `min over permutations s of (1/n) sum_i dist(x_i, y_s(i))^2`, by trying them all. */
function bestPermutation(mu: Measure, nu: Measure): number {
  const used = new Set<number>();
  const from = (i: number): number => {
    if (i === mu.count) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < nu.count; j++) {
      if (used.has(j)) continue;
      used.add(j);
      const cost = mu.space.distance(mu.positions, i * mu.dim, nu.positions, j * nu.dim) ** 2 / mu.count;
      least = Math.min(least, cost + from(i + 1));
      used.delete(j);
    }
    return least;
  };
  return from(0);
}

describe('exact transport', () => {
  test('agrees with the vectors, plan included', () => {
    const vector = file.vectors.find(({ id }) => id === 'w2-3x4') as unknown as {
      input: { x: number[][]; y: number[][]; a: number[]; b: number[] };
      expect: { W2sq: number; W2: number; plan: number[][] };
    };
    const { x, y, a, b } = vector.input;
    const found = wassersteinDistance(
      measure({ space: plane, positions: x.flat(), masses: a }),
      measure({ space: plane, positions: y.flat(), masses: b }),
    );
    expect(found.squared).toBeCloseTo(vector.expect.W2sq, 9);
    expect(found.value).toBeCloseTo(vector.expect.W2, 9);
    const dense = a.map(() => b.map(() => 0));
    found.plan?.rows.forEach((i, k) => {
      dense[i][found.plan?.columns[k] ?? 0] += found.plan?.masses[k] ?? 0;
    });
    dense.forEach((row, i) => {
      row.forEach((mass, j) => {
        expect(mass).toBeCloseTo(vector.expect.plan[i][j], 9);
      });
    });
  });

  test('agrees with the assignment vector', () => {
    const vector = file.vectors.find(({ id }) => id === 'w2-assign-5') as unknown as {
      input: { x: number[][]; y: number[][] };
      expect: { W2sq: number; permutation: number[] };
    };
    const found = wassersteinDistance(
      measure({ space: plane, positions: vector.input.x.flat() }),
      measure({ space: plane, positions: vector.input.y.flat() }),
    );
    expect(found.squared).toBeCloseTo(vector.expect.W2sq, 9);
    expect(Array.from(found.plan?.columns ?? [])).toEqual(vector.expect.permutation);
  });

  test('finds the best permutation of all, on every space', () => {
    const source = stream(1);
    for (const space of spaces) {
      for (let n = 1; n <= 6; n++) {
        const [mu, nu] = [equalMasses(space, n, source), equalMasses(space, n, source)];
        const least = bestPermutation(mu, nu);
        expect(Math.abs(wassersteinDistance(mu, nu).squared - least)).toBeLessThan(1e-12 * (1 + least));
      }
    }
  });

  test('closes its bounds to a relative 1e-9 on a thousand random problems', () => {
    const source = stream(2);
    for (let k = 0; k < 1000; k++) {
      const space = spaces[k % spaces.length];
      const n = 1 + Math.floor(source.uniform() * 20);
      const m = 1 + Math.floor(source.uniform() * 20);
      const [mu, nu] =
        k % 2 === 0
          ? [random(space, n, source), random(space, m, source)]
          : [equalMasses(space, n, source), equalMasses(space, m, source)];
      const p = [1, 1.5, 2, 3][k % 4];
      const { value, lower, upper, status, plan } = wassersteinDistance(mu, nu, { p });
      expect(status).toBe('exact');
      expect(lower).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(upper);
      expect(upper - lower).toBeLessThanOrEqual(1e-9 * value);
      expect(plan?.masses.length).toBeLessThanOrEqual(n + m - 1);
      expect(plan?.masses.every((mass) => mass > 0)).toBe(true);
    }
  });

  test('bounds hold for large clouds of equal and of unequal masses', () => {
    const source = stream(3);
    for (const space of [plane, euclidean(10), torus(2)]) {
      for (const make of [random, equalMasses]) {
        const { value, lower, upper } = wassersteinDistance(make(space, 300, source), make(space, 300, source));
        expect(upper - lower).toBeLessThanOrEqual(1e-9 * value);
      }
    }
  });

  test('needs few pivots between clouds that are far apart, whatever the order of their atoms', () => {
    const source = stream(11);
    const n = 600;
    const near = random(plane, n, source).positions;
    const far = random(plane, n, source).positions;
    // Every other atom in another place: samples by index would see one of them only.
    const halves = far.map((x, k) => (k % 4 < 2 ? 0.3 * x + 4 : 0.3 * x - 3));
    for (const positions of [far.map((x) => 2 * x + 0.5), halves]) {
      for (const masses of [undefined, random(plane, n, source).masses]) {
        const nu = measure({ space: plane, positions, ...(masses && { masses }) });
        const { value, lower, upper, status, iterations } = wassersteinDistance(
          measure({ space: plane, positions: near }),
          nu,
        );
        expect(status).toBe('exact');
        expect(upper - lower).toBeLessThanOrEqual(1e-9 * value);
        expect(iterations).toBeLessThan(20 * n);
      }
    }
  });

  test('takes large clouds with duplicates, with one heavy atom, and of very different counts', () => {
    const source = stream(12);
    const few = measure({
      space: plane,
      positions: random(plane, 240, source).positions.map((x) => Math.round(3 * x)),
    });
    const masses = new Float64Array(240).fill(1e-9).fill(1 - 239e-9, 77, 78);
    const heavy = measure({ space: plane, positions: random(plane, 240, source).positions, masses });
    const large = random(plane, 700, source);
    for (const [mu, nu] of [
      [few, few],
      [few, heavy],
      [heavy, large],
      [large, few],
    ]) {
      const { value, lower, upper, status } = wassersteinDistance(mu, nu);
      expect(status).toBe('exact');
      expect(lower).toBeLessThanOrEqual(value);
      expect(upper - lower).toBeLessThanOrEqual(mu === nu ? 1e-6 : 1e-9 * value);
    }
    expect(wassersteinDistance(few, few).value).toBe(0);
  });

  test('has a plan with the right marginals and feasible potentials', () => {
    const source = stream(4);
    for (let k = 0; k < 60; k++) {
      const space = spaces[k % spaces.length];
      const [mu, nu] = [random(space, 1 + (k % 13), source), random(space, 1 + (k % 7), source)];
      const { plan, potentials, squared } = wassersteinDistance(mu, nu);
      const rows = new Float64Array(mu.count);
      const columns = new Float64Array(nu.count);
      plan?.masses.forEach((mass, entry) => {
        rows[plan.rows[entry]] += mass;
        columns[plan.columns[entry]] += mass;
      });
      rows.forEach((mass, i) => {
        expect(Math.abs(mass - mu.masses[i])).toBeLessThan(1e-14);
      });
      columns.forEach((mass, j) => {
        expect(Math.abs(mass - nu.masses[j])).toBeLessThan(1e-14);
      });
      let worst = Number.POSITIVE_INFINITY;
      for (let i = 0; i < mu.count; i++) {
        for (let j = 0; j < nu.count; j++) {
          const cost = space.distance(mu.positions, i * mu.dim, nu.positions, j * nu.dim) ** 2;
          worst = Math.min(worst, cost - (potentials?.source[i] ?? 0) - (potentials?.target[j] ?? 0));
        }
      }
      expect(worst).toBeGreaterThan(-1e-13 * (1 + squared));
    }
  });
});

describe('the Wasserstein distance', () => {
  test('is zero between equal measures, in whatever order their atoms come', () => {
    const source = stream(5);
    for (const space of spaces) {
      const mu = random(space, 15, source);
      const nu = permuted(mu, randomPermutation(15, source));
      const { value, lower, upper } = wassersteinDistance(mu, nu);
      expect([lower, value]).toEqual([0, 0]);
      expect(upper).toBeLessThan(1e-6);
    }
  });

  test('is symmetric, and its bounds allow the triangle inequality', () => {
    const source = stream(6);
    for (let k = 0; k < 60; k++) {
      const space = spaces[k % spaces.length];
      const [a, b, c] = [3, 8, 5].map((n) => random(space, n, source));
      const p = 1 + (k % 3);
      const ab = wassersteinDistance(a, b, { p });
      expect(Math.abs(wassersteinDistance(b, a, { p }).value - ab.value)).toBeLessThan(1e-12);
      expect(ab.lower).toBeLessThanOrEqual(
        wassersteinDistance(a, c, { p }).upper + wassersteinDistance(c, b, { p }).upper,
      );
    }
  });

  test('does not change under isometries or when an atom is split', () => {
    const source = stream(7);
    for (let k = 0; k < 60; k++) {
      const space = spaces[k % spaces.length];
      const [mu, nu] = [random(space, 6, source), random(space, 9, source)];
      const direct = wassersteinDistance(mu, nu).value;
      const isometry = space.isometry(source);
      expect(wassersteinDistance(movedBy(mu, isometry), movedBy(nu, isometry)).value).toBeCloseTo(direct, 12);
      expect(wassersteinDistance(splitAtom(mu, 2, 0.3), nu).value).toBeCloseTo(direct, 12);
    }
  });

  property.prop([fc.integer({ min: 1, max: 30 }), fc.double({ min: -5, max: 5, noNaN: true })], { seed: 61 })(
    'between a cloud and its translate is the length of the shift',
    (n, length) => {
      const mu = random(plane, n, stream(100 + n));
      const nu = measure({
        space: plane,
        positions: mu.positions.map((x, k) => (k % 2 ? x : x + length)),
        masses: mu.masses,
      });
      for (const p of [1, 2, 4]) {
        expect(Math.abs(wassersteinDistance(mu, nu, { p }).value - Math.abs(length))).toBeLessThan(1e-7);
      }
    },
  );

  test('follows a cost given by a formula, the squared distance as a text among them', () => {
    const source = stream(8);
    const [mu, nu] = [random(plane, 12, source), random(plane, 9, source)];
    const formula = wassersteinDistance(mu, nu, { cost: 'norm2(x - y)' });
    expect(formula.value).toBeCloseTo(wassersteinDistance(mu, nu).squared, 12);
    // The cost -x.y and the squared distance differ by terms of the marginals alone.
    const product = wassersteinDistance(mu, nu, { cost: '-dot(x, y)' });
    const second = (lambda: Measure): number =>
      lambda.masses.reduce(
        (sum, mass, i) => sum + mass * (lambda.positions[2 * i] ** 2 + lambda.positions[2 * i + 1] ** 2),
        0,
      );
    expect(product.value).toBeCloseTo((formula.value - second(mu) - second(nu)) / 2, 12);
    expect(product.lower).toBeLessThanOrEqual(product.value);
    expect(product.upper - product.lower).toBeLessThan(1e-10);
  });

  test('takes one atom, duplicates, atoms without mass, and masses of very different size', () => {
    expect(wassersteinDistance(diracs([0]), diracs([3])).value).toBe(3);
    const bare = wassersteinDistance(diracs([[0, 0]]), diracs([[3, 4]]), { plan: false });
    expect([bare.value, bare.plan, bare.potentials]).toEqual([5, undefined, undefined]);
    expect(wassersteinDistance(diracs([1, 1, 1]), diracs([1, 1])).value).toBe(0);
    const sparse = diracs([0, 50, 1], [0.5, 0, 0.5]);
    const found = wassersteinDistance(sparse, diracs([0, 2]));
    expect(found.squared).toBeCloseTo(0.5, 14);
    expect(found.potentials?.source[1]).toBe(0);
    expect(Array.from(found.plan?.rows ?? [])).toEqual([0, 2]);
    const tiny = wassersteinDistance(diracs([0, 1e3], [1 - 1e-18, 1e-18]), diracs([0.5]));
    expect(tiny.squared).toBeCloseTo(0.25, 9);
    expect(tiny.plan?.masses.length).toBe(2);
  });

  test('stands costs up to 1e32, and refuses those that overflow', () => {
    const source = stream(9);
    const scaled = (mu: Measure): Measure =>
      measure({ space: plane, positions: mu.positions.map((x) => x * 1e16), masses: mu.masses });
    const [mu, nu] = [random(plane, 20, source), random(plane, 25, source)];
    const { value, lower, upper } = wassersteinDistance(scaled(mu), scaled(nu));
    expect(value / 1e16).toBeCloseTo(wassersteinDistance(mu, nu).value, 12);
    expect(upper - lower).toBeLessThanOrEqual(1e-9 * value);
    expect(() => wassersteinDistance(diracs([-1e200]), diracs([1e200]))).toThrow(/not a finite number/);
    const cloud = random(plane, 150, source);
    const broken = measure({ space: plane, positions: cloud.positions.map((x, k) => (k === 2 * 123 ? 1e200 : x)) });
    for (const formula of [undefined, 'norm2(x - y)']) {
      const cost = formula === undefined ? {} : { cost: formula };
      expect(() => wassersteinDistance(cloud, broken, cost)).toThrow(/Infinity between atom \d+ .* and 123 of/);
      expect(() => wassersteinDistance(broken, cloud, cost)).toThrow(/between atom 123 with mass/);
    }
  });

  test('refuses bad exponents and formulas', () => {
    const mu = diracs([0]);
    expect(() => wassersteinDistance(mu, mu, { p: 0.5 })).toThrow(/exponent is not usable, got 0.5/);
    expect(() => wassersteinDistance(mu, mu, { cost: 'x + z' })).toThrow(/z/);
    expect(() => wassersteinDistance(mu, mu, { cost: 'log(x)' })).toThrow(/not a finite number/);
    expect(() => wassersteinDistance(mu, measure({ space: plane, positions: [0, 0] }))).toThrow(/different spaces/);
  });

  test('says so where the limit of pivots stops it, with bounds that still hold', () => {
    const source = stream(10);
    const [mu, nu] = [random(plane, 60, source), random(plane, 60, source)];
    const stopped = wassersteinDistance(mu, nu, { maxPivots: 3 });
    const { value } = wassersteinDistance(mu, nu);
    expect(stopped.status).toBe('maxIterations');
    expect(stopped.lower).toBeLessThan(value);
    expect(stopped.upper).toBeGreaterThan(value);
  });
});
