import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { randomMeasure } from '../testing/measures.js';
import { displacementInto, exponentialInto } from './displacement.js';
import { wassersteinDistance } from './exactWasserstein.js';
import { fisherRaoDistance, fisherRaoGeodesic } from './fisherRao.js';
import { fisherRaoBarycenter } from './fisherRaoBarycenter.js';
import { multiply } from './gaussian.js';
import { gaussianBarycenter } from './gaussianBarycenter.js';
import { barycenterOnLine } from './lineBarycenter.js';
import { wassersteinBarycenter } from './wassersteinBarycenter.js';
import { wassersteinGeodesic } from './wassersteinGeodesic.js';
import { wfrBarycenter } from './wfrBarycenter.js';
import { wfrDistance } from './wfrDistance.js';
import { wfrGeodesic } from './wfrGeodesic.js';

const seeds = fc.integer({ min: 0, max: 2 ** 30 });
const cloud = (seed: number, count: number, dim = 1, kind: 'probability' | 'positive' = 'probability'): Measure =>
  randomMeasure(euclidean(dim), count, kind, randomStream(randomKey(seed)));
const objectiveOf = (
  distance: (mu: Measure, nu: Measure) => number,
  mu: Measure,
  ends: readonly Measure[],
  weights: readonly number[],
): number => ends.reduce((sum, nu, k) => sum + weights[k] * distance(mu, nu) ** 2, 0);
const w2 = (mu: Measure, nu: Measure): number => wassersteinDistance(mu, nu).value;

describe('the barycenter on the line', () => {
  const weights = [0.2, 0.5, 0.3];

  test('attains the pairwise bound sum w_k w_l W2^2, below which no measure gets', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const ends = [cloud(seed, 4), cloud(seed + 1, 6), cloud(seed + 2, 3)];
        let bound = 0;
        for (let k = 0; k < 3; k++) {
          for (let l = 0; l < k; l++) bound += weights[k] * weights[l] * w2(ends[k], ends[l]) ** 2;
        }
        const found = barycenterOnLine(ends, weights);
        expect(found.count).toBeLessThanOrEqual(4 + 6 + 3 - 2);
        expect(objectiveOf(w2, found, ends, weights)).toBeCloseTo(bound, 12);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  test('of shifts of one measure is its shift by the mean, and of one measure itself', () => {
    const ends = [diracs([0, 1, 5]), diracs([2, 3, 7]), diracs([9, 10, 14])];
    const expected = diracs([3.7, 4.7, 8.7]);
    expect(w2(barycenterOnLine(ends, weights), expected)).toBeLessThan(1e-14);
    expect(Array.from(barycenterOnLine([diracs([5, 1])]).positions)).toEqual([1, 5]);
  });

  test('keeps the total, whatever the order and the coincidences of atoms', () => {
    const found = barycenterOnLine([diracs([1, 1, 0], [0.25, 0.25, 0.5]), diracs([3, 2], [0.5, 0.5])]);
    expect(Array.from(found.positions)).toEqual([1, 2]);
    expect(Array.from(found.masses)).toEqual([0.5, 0.5]);
  });

  test('refuses planes and measures of different totals', () => {
    expect(() => barycenterOnLine([diracs([[0, 0]])])).toThrow(/unsupported|on the line only/);
    const heavy = measure({ space: euclidean(1), positions: [0], masses: [2], kind: 'positive' });
    expect(() => barycenterOnLine([diracs([0]), heavy])).toThrow(/totals differ/);
  });
});

describe('the W2 barycenter with free atoms', () => {
  test('of images of one cloud by commuting symmetric maps is its image by their mean, certified', () => {
    const base = cloud(5, 12, 2);
    const image = (a: number, b: number, shift: number): Measure =>
      measure({
        space: base.space,
        positions: base.positions.map((x, k) => (k % 2 ? b : a) * x + shift),
        masses: base.masses,
      });
    const ends = [image(1, 2, 0), image(3, 0.5, 1), image(0.4, 1, -2)];
    const found = wassersteinBarycenter(ends, { weights: [0.5, 0.25, 0.25] });
    const expected = image(0.5 + 0.75 + 0.1, 1 + 0.125 + 0.25, -0.25);
    expect(found.status).toBe('converged');
    expect(w2(found.measure, expected)).toBeLessThan(1e-12);
    expect(found.upper - found.lower).toBeLessThan(1e-10 * found.upper);
  });

  test('never lies above any of its ends, nor below the lower bound, and rounds never raise the objective', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const ends = [cloud(seed, 7, 2), cloud(seed + 1, 7, 2), cloud(seed + 2, 5, 2)];
        const at = (maxIterations: number) => wassersteinBarycenter(ends, { maxIterations });
        const rounds = [0, 1, 2, 50].map((limit) => at(limit).objective);
        for (let k = 1; k < rounds.length; k++) expect(rounds[k]).toBeLessThanOrEqual(rounds[k - 1] * (1 + 1e-12));
        const { objective, lower, upper, status } = at(200);
        expect(status).toBe('converged');
        expect(lower).toBeLessThanOrEqual(objective);
        expect(objective).toBeLessThanOrEqual(upper);
      }),
      { numRuns: 15, seed: 2 },
    );
  });

  test('on the line with enough atoms is the barycenter by quantiles', () => {
    const ends = [diracs([0, 1, 4, 9]), diracs([-3, 2, 5, 6])];
    const found = wassersteinBarycenter(ends);
    expect(w2(found.measure, barycenterOnLine(ends))).toBeLessThan(1e-14);
  });

  test('refuses isolated points, no measures, and weights that vanish', () => {
    const isolated = measure({ space: finite(3), positions: [1] });
    expect(() => wassersteinBarycenter([isolated])).toThrow(/along geodesics/);
    expect(() => wassersteinBarycenter([])).toThrow(/no measures/);
    expect(() => wassersteinBarycenter([diracs([0])], { weights: [0] })).toThrow(/weights are not usable/);
    expect(() => wassersteinBarycenter([diracs([0])], { weights: [1, 2] })).toThrow(/do not agree/);
  });
});

describe('barycenters on curved spaces', () => {
  const spaces = [torus(1), torus(2), sphere(3), product([sphere(3), euclidean(1)])];
  const on = (space: Space, count: number, seed: number): Measure =>
    randomMeasure(space, count, 'probability', randomStream(randomKey(seed)));

  test.each(spaces)('in W2 and WFR no round raises the objective, and no bound is broken, on $name', (space) => {
    for (let seed = 0; seed < 4; seed++) {
      const ends = [on(space, 5, 10 * seed), on(space, 4, 10 * seed + 1), on(space, 5, 10 * seed + 2)];
      for (const find of [wassersteinBarycenter, wfrBarycenter]) {
        const results = [0, 1, 2, 5, 200].map((maxIterations) => find(ends, { maxIterations }));
        results.forEach(({ objective, lower, upper }, k) => {
          if (k > 0) expect(objective).toBeLessThanOrEqual(results[k - 1].objective * (1 + 1e-12));
          expect(lower).toBeLessThanOrEqual(objective);
          expect(objective).toBeLessThanOrEqual(upper);
        });
      }
    }
  });

  test.each(spaces)('of two measures the middle of a geodesic is at rest and attains the bound, on $name', (space) => {
    const ends = [on(space, 3, 1), on(space, 3, 2)] as const;
    const weights = [0.75, 0.25];
    const plain = wassersteinBarycenter(ends, { weights, initial: wassersteinGeodesic(...ends)(0.25) });
    expect(plain.objective).toBeCloseTo((3 / 16) * wassersteinDistance(...ends).squared, 10);
    expect(plain.lower).toBeCloseTo(plain.objective, 10);
    const mixed = wfrBarycenter(ends, { alpha: 2, weights, initial: wfrGeodesic(...ends, { alpha: 2 })(0.25) });
    expect(mixed.objective).toBeCloseTo((3 / 16) * wfrDistance(...ends, { alpha: 2 }).squared, 9);
    expect(mixed.lower).toBeCloseTo(mixed.objective, 9);
  });

  test.each([...spaces, euclidean(2)])('the exponential of a logarithm is the point itself, on $name', (space) => {
    const [x, y] = [on(space, 40, 7), on(space, 40, 8)];
    const [way, end] = [new Float64Array(x.positions.length), new Float64Array(x.positions.length)];
    for (let at = 0; at < end.length; at += space.dim) {
      displacementInto(space, way, at, { from: x.positions, fromStart: at, to: y.positions, toStart: at });
      exponentialInto(space, end, x.positions, way, at);
      expect(space.distance(end, at, y.positions, at)).toBeLessThan(1e-13);
    }
  });

  test('across the seam of a circle is the mean by the shorter way', () => {
    const at = (x: number): Measure => measure({ space: torus(1), positions: [x] });
    const { measure: found, objective } = wassersteinBarycenter([at(0.9), at(0.2)]);
    expect(found.positions[0]).toBeCloseTo(0.05, 14);
    expect(objective).toBeCloseTo(0.15 ** 2, 14);
  });

  test('of three points of a sphere around a pole is the pole', () => {
    const turn = (k: number): number[] => [Math.cos((2 * Math.PI * k) / 3), Math.sin((2 * Math.PI * k) / 3)];
    const ends = [0, 1, 2].map((k) =>
      measure({ space: sphere(3), positions: [...turn(k).map((x) => x * Math.sin(1.2)), Math.cos(1.2)] }),
    );
    const { measure: found, objective, status } = wassersteinBarycenter(ends);
    expect(status).toBe('converged');
    // Converged to a square of moves of 1e-12: places to 1e-6.
    [0, 0, 1].forEach((x, k) => {
      expect(Math.abs(found.positions[k] - x)).toBeLessThan(1e-5);
    });
    expect(objective).toBeCloseTo(1.44, 10);
  });
});

describe('the barycenter of Gaussians', () => {
  test('solves its fixed-point equation where covariances do not commute, to 1e-12', () => {
    const laws = [
      { mean: [0, 0], covariance: [2, 0.5, 0.5, 1] },
      { mean: [1, 3], covariance: [1, -0.6, -0.6, 3] },
      { mean: [2, 0], covariance: [0.3, 0, 0, 5] },
    ];
    const { mean, covariance } = gaussianBarycenter(laws, [1, 1, 2]);
    expect(Array.from(mean)).toEqual([1.25, 0.75]);
    // In two dimensions the root of M is (M + sqrt(det M) I) / sqrt(tr M + 2 sqrt(det M)).
    const root = (m: Float64Array): Float64Array => {
      const s = Math.sqrt(m[0] * m[3] - m[1] * m[2]);
      return m.map((value, k) => (value + (k % 3 === 0 ? s : 0)) / Math.sqrt(m[0] + m[3] + 2 * s));
    };
    const half = root(covariance);
    const right = new Float64Array(4);
    laws.forEach((law, k) => {
      const middle = root(multiply(multiply(half, Float64Array.from(law.covariance), 2), half, 2));
      for (let i = 0; i < 4; i++) right[i] += [0.25, 0.25, 0.5][k] * middle[i];
    });
    for (let i = 0; i < 4; i++) expect(right[i]).toBeCloseTo(covariance[i], 12);
  });
});

describe('the Fisher-Rao barycenter', () => {
  const space = euclidean(1);
  const masses = (values: readonly number[], kind: 'probability' | 'positive' = 'probability'): Measure =>
    measure({ space, positions: values.map((_, i) => i), masses: values, kind });

  test('of positive measures is the squared mean of roots', () => {
    const ends = [masses([1, 4, 9], 'positive'), masses([25, 0, 1], 'positive')];
    expect(Array.from(fisherRaoBarycenter(ends, [1, 3]).masses, (m) => Math.round(m * 1e9) / 1e9)).toEqual([
      16, 0.25, 2.25,
    ]);
  });

  test('of two probabilities is the point of the geodesic at the weight of the second', () => {
    const ends = [masses([0.1, 0.2, 0.7]), masses([0.5, 0.5, 0])];
    const found = fisherRaoBarycenter(ends, [0.7, 0.3]);
    const expected = fisherRaoGeodesic(ends[0], ends[1])(0.3);
    for (let i = 0; i < 3; i++) expect(found.masses[i]).toBeCloseTo(expected.masses[i], 13);
  });

  test('of several probabilities beats every measure near it', () => {
    const weights = [0.2, 0.3, 0.5];
    const ends = [masses([0.8, 0.1, 0.1]), masses([0.05, 0.9, 0.05]), masses([0.2, 0.2, 0.6])];
    const found = fisherRaoBarycenter(ends, weights);
    expect(found.masses.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
    const least = objectiveOf(fisherRaoDistance, found, ends, weights);
    for (const [up, down] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ]) {
      for (const h of [1e-2, 1e-4]) {
        const near = masses(Array.from(found.masses, (m, i) => m + (i === up ? h : i === down ? -h : 0)));
        // The objective is strictly convex here: it grows by a multiple of h^2, far above rounding.
        expect(objectiveOf(fisherRaoDistance, near, ends, weights) - least).toBeGreaterThan(h * h);
      }
    }
  });
});

describe('the WFR barycenter', () => {
  const diracOf = (x: number, mass: number): Measure =>
    measure({ space: euclidean(1), positions: [x], masses: [mass], kind: 'positive' });

  test('of two Diracs attains w_1 w_2 WFR^2: it lies on their geodesic', () => {
    for (const alpha of [0.3, 1, 4]) {
      const ends = [diracOf(0, 1), diracOf(1.2, 2.5)];
      const { objective, lower, status } = wfrBarycenter(ends, { alpha, weights: [0.3, 0.7] });
      expect(status).toBe('converged');
      expect(objective).toBeCloseTo(0.21 * wfrDistance(ends[0], ends[1], { alpha }).squared, 10);
      expect(lower).toBeCloseTo(objective, 10);
    }
  });

  test('of two clouds rests at the point of their geodesic, where the pairwise bound is attained', () => {
    for (const alpha of [0.5, 4]) {
      const ends = [cloud(21, 4, 2, 'positive'), cloud(22, 5, 2, 'positive')] as const;
      for (const t of [0.5, 0.3]) {
        const initial = wfrGeodesic(...ends, { alpha })(t);
        const { objective, lower, upper } = wfrBarycenter(ends, { alpha, weights: [1 - t, t], initial });
        const { squared } = wfrDistance(...ends, { alpha });
        expect(objective).toBeCloseTo(t * (1 - t) * squared, 9);
        expect(lower).toBeCloseTo(objective, 9);
        expect(upper).toBeCloseTo(objective, 9);
      }
    }
  });

  test('of measures on one atom is the squared mean of roots, as in Fisher-Rao', () => {
    const { measure: found } = wfrBarycenter([diracOf(2, 1), diracOf(2, 16)], { weights: [0.5, 0.5] });
    expect(found.masses[0]).toBeCloseTo(6.25, 12);
    expect(found.positions[0]).toBe(2);
  });

  test('rounds never raise the objective, which stays between its bounds', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const ends = [
          cloud(seed, 5, 2, 'positive'),
          cloud(seed + 1, 4, 2, 'positive'),
          cloud(seed + 2, 5, 2, 'positive'),
        ];
        const results = [0, 1, 2, 5, 20].map((maxIterations) => wfrBarycenter(ends, { maxIterations, alpha: 2 }));
        results.forEach(({ objective, lower, upper }, k) => {
          if (k > 0) expect(objective).toBeLessThanOrEqual(results[k - 1].objective * (1 + 1e-12));
          expect(lower).toBeLessThanOrEqual(objective);
          expect(objective).toBeLessThanOrEqual(upper);
        });
      }),
      { numRuns: 10, seed: 3 },
    );
  });

  test('at a small alpha between equal masses is the W2 barycenter, within 1e-3 at alpha = 1e-4', () => {
    const ends = [
      diracs([
        [0, 0],
        [1, 0],
        [0, 2],
      ]),
      diracs([
        [1, 1],
        [2, 0],
        [0, 3],
      ]),
    ];
    const expected = wassersteinBarycenter(ends).measure;
    const error = (alpha: number): number => {
      const { positions } = wfrBarycenter(ends, { alpha, initial: expected }).measure;
      return Math.max(...positions.map((x, k) => Math.abs(x - expected.positions[k])));
    };
    expect(error(1e-4)).toBeLessThan(1e-3);
  });

  test('refuses isolated points', () => {
    const isolated = measure({ space: finite(3), positions: [1], kind: 'positive' });
    expect(() => wfrBarycenter([isolated])).toThrow(/along geodesics/);
  });

  test('refuses to start from nothing', () => {
    expect(() => wfrBarycenter([diracOf(0, 0)])).toThrow(/no atoms with mass/);
  });
});
