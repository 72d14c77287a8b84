import { describe, expect, test } from 'vitest';
import file from '../../../test/vectors/transport.json' with { type: 'json' };
import { randomKey, randomStream } from '../math/random.js';
import { measure, rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { energyDistance } from './energyDistance.js';
import { mmdDistance } from './mmd.js';
import { slicedWasserstein } from './sliced.js';
import { lineSorter } from './slicedLine.js';

const vector = (id: string) => {
  const found = file.vectors.find((entry) => entry.id === id) as unknown as {
    readonly input: { x: number[][]; y: number[][]; a: number[]; b: number[]; directions: number[][]; sigma: number };
    readonly expect: Readonly<Record<string, number>> & { readonly perDirectionSq: number[] };
    readonly tol: number;
  };
  const { x, y, a, b } = found.input;
  const space = euclidean(2);
  const at = (positions: number[][], masses = positions.map(() => 1 / positions.length)): Measure =>
    measure({ space, positions: positions.flat(), masses });
  return { ...found, mu: at(x, a), nu: at(y, b), plain: [at(x), at(y)] as const };
};

/** A cloud of n Gaussian atoms with masses between 0.5 and 1.5 before normalization; every fourth atom has none. */
function cloud(seed: number, n: number, d = 2): Measure {
  const random = randomStream(randomKey(seed));
  const positions = Float64Array.from({ length: n * d }, () => random.normal());
  const masses = Float64Array.from({ length: n }, (_, i) => (i % 4 === 3 ? 0 : 0.5 + random.uniform()));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return measure({ space: euclidean(d), positions, masses: masses.map((mass) => mass / total) });
}
const ordered = ({ lower, value, upper }: { lower: number; value: number; upper: number }): boolean =>
  lower <= value && value <= upper;

describe('mmdDistance', () => {
  test('agrees with the vector, weighted, biased and unbiased', () => {
    const { mu, nu, plain, input, expect: expected, tol } = vector('mmd-3x4');
    const width = input.sigma;
    expect(Math.abs(mmdDistance(mu, nu, { width }).squared - expected.MMDsq_weighted)).toBeLessThan(tol);
    expect(Math.abs(mmdDistance(...plain, { width }).squared - expected.MMDsq_uniform_biased)).toBeLessThan(tol);
    const unbiased = mmdDistance(...plain, { width, estimator: 'unbiased' });
    expect(Math.abs(unbiased.squared - expected.MMDsq_uniform_unbiased)).toBeLessThan(tol);
    expect(unbiased.value).toBe(0);
  });

  test('with the kernel <x, y> is the distance of the means, and takes the symmetric part of any kernel', () => {
    const [mu, nu] = [cloud(1, 9), cloud(2, 12)];
    const mean = (rho: Measure, c: number): number =>
      rho.masses.reduce((sum, mass, i) => sum + mass * rho.positions[2 * i + c], 0);
    const squared = (mean(mu, 0) - mean(nu, 0)) ** 2 + (mean(mu, 1) - mean(nu, 1)) ** 2;
    expect(mmdDistance(mu, nu, { kernel: 'dot(x, y)' }).squared).toBeCloseTo(squared, 13);
    const skew = 'dot(x, y) + x[0]*y[1] - x[1]*y[0]';
    expect(mmdDistance(mu, nu, { kernel: skew }).squared).toBeCloseTo(squared, 13);
  });

  test('is zero within its bounds between equal measures, and measures masses', () => {
    const mu = cloud(3, 40);
    const { lower, upper } = mmdDistance(mu, mu);
    expect(lower).toBe(0);
    expect(upper).toBeLessThan(1e-6);
    expect(mmdDistance(diracs([0]), rescale(diracs([0]), 3)).squared).toBeCloseTo(4, 12);
  });

  test('refuses kernels that are not positive definite, the seam of the torus, and single samples', () => {
    const [mu, nu] = [diracs([0]), diracs([1])];
    expect(() => mmdDistance(mu, nu, { kernel: 'norm2(x - y)' })).toThrow(/not positive definite/);
    expect(() => mmdDistance(mu, nu, { estimator: 'unbiased' })).toThrow(/pairs of different atoms/);
    expect(() => mmdDistance(mu, nu, { kernel: 'x*y', width: -1 })).not.toThrow();
    expect(() => mmdDistance(mu, nu, { width: -1 })).toThrow(/width/);
    const onTorus = measure({ space: torus(1), positions: [0] });
    expect(() => mmdDistance(onTorus, onTorus)).toThrow(/seam/);
  });
});

describe('energyDistance', () => {
  test('agrees with the vector', () => {
    const { mu, nu, expect: expected, tol } = vector('mmd-3x4');
    const found = energyDistance(mu, nu);
    expect(Math.abs(found.squared - expected.energy_sq_weighted)).toBeLessThan(tol);
    expect(ordered(found)).toBe(true);
  });

  test('by distribution functions on the line is the double sum of distances', () => {
    const [mu, nu] = [cloud(4, 17, 1), cloud(5, 23, 1)];
    const inPlane = (rho: Measure): Measure =>
      measure({
        space: euclidean(2),
        masses: rho.masses,
        positions: [...rho.positions].flatMap((x) => [0.6 * x, 0.8 * x]),
      });
    const [line, plane] = [energyDistance(mu, nu), energyDistance(inPlane(mu), inPlane(nu))];
    expect(line.squared).toBeCloseTo(plane.squared, 13);
    expect(line.lower).toBeLessThanOrEqual(plane.upper);
    expect(plane.lower).toBeLessThanOrEqual(line.upper);
  });

  test('uses the distance of the space: two points of a sphere at angle t have squared distance 2 t', () => {
    const at = (t: number): Measure => measure({ space: sphere(2), positions: [Math.cos(t), Math.sin(t)] });
    expect(energyDistance(at(0), at(1.25)).squared).toBeCloseTo(2.5, 13);
  });

  test('refuses totals that differ and distances that overflow', () => {
    expect(() => energyDistance(diracs([0]), rescale(diracs([1]), 2))).toThrow(/totals differ/);
    expect(() => energyDistance(diracs([-1e308]), diracs([1e308]))).toThrow(/overflows/);
  });
});

describe('slicedWasserstein', () => {
  test('agrees with the vector by direction, in the mean and over the circle', () => {
    const { mu, nu, input, expect: expected, tol } = vector('sliced-3x4');
    const given = slicedWasserstein(mu, nu, { directions: input.directions.flat() });
    expected.perDirectionSq.forEach((square, k) => {
      expect(Math.abs(given.squaredByDirection[k] - square)).toBeLessThan(tol);
    });
    expect(Math.abs(given.squared - expected.SW2sq_mean)).toBeLessThan(tol);
    const all = slicedWasserstein(mu, nu, { directions: 'all' });
    expect(Math.abs(all.squared - expected.SW2sq_full_circle)).toBeLessThan(expected.full_circle_error_est);
  });

  test('over the circle is the limit of many equal angles', () => {
    const [mu, nu] = [cloud(6, 12), cloud(7, 15)];
    const angles = Array.from({ length: 4000 }, (_, k) => (Math.PI * (k + 0.5)) / 4000);
    const directions = angles.flatMap((t) => [Math.cos(t), Math.sin(t)]);
    const [all, many] = [slicedWasserstein(mu, nu, { directions: 'all' }), slicedWasserstein(mu, nu, { directions })];
    // The integrand has kinks at the critical angles: the midpoint rule is good to about (pi/4000)^2 times their number.
    expect(Math.abs(all.squared / many.squared - 1)).toBeLessThan(1e-5);
  });

  test('of a translation is |v|^2 / d in the mean over the sphere, within five standard errors', () => {
    const mu = cloud(8, 30, 3);
    const nu = measure({ space: mu.space, masses: mu.masses, positions: mu.positions.map((x, k) => x + (k % 3)) });
    const found = slicedWasserstein(mu, nu, { directions: 2000, seed: 9 });
    // False alarm about 6e-7 for one fixed seed.
    expect(Math.abs(found.squared - 5 / 3)).toBeLessThan(5 * found.standardError);
    expect(found.standardError).toBeLessThan(0.05);
    expect(ordered(found)).toBe(true);
  });

  test('splitting an atom changes nothing', () => {
    const nu = cloud(11, 8);
    const space = euclidean(2);
    const whole = measure({ space, positions: [0, 1, 2, -1], masses: [0.5, 0.5] });
    const split = measure({ space, positions: [0, 1, 2, -1, 0, 1], masses: [0.2, 0.5, 0.3] });
    const [a, b] = [slicedWasserstein(whole, nu), slicedWasserstein(split, nu)];
    expect(a.squared).toBeCloseTo(b.squared, 13);
    const same = slicedWasserstein(whole, split);
    expect(same.lower).toBe(0);
    expect(same.value).toBeLessThan(1e-7);
  });

  test('refuses curved spaces, broken directions and too many atoms for all directions', () => {
    const round = measure({ space: sphere(2), positions: [1, 0] });
    expect(() => slicedWasserstein(round, round)).toThrow(/straight lines/);
    const mu = cloud(12, 5);
    expect(() => slicedWasserstein(mu, mu, { directions: [1, 0, 1] })).toThrow(/wrong size/);
    expect(() => slicedWasserstein(mu, mu, { directions: [0, 0] })).toThrow(/no length/);
    expect(() => slicedWasserstein(mu, mu, { directions: 0 })).toThrow(/number of directions/);
    const many = cloud(13, 1200);
    expect(() => slicedWasserstein(many, many, { directions: 'all' })).toThrow(/too many atoms/);
  });
});

describe('lineSorter', () => {
  test('sorts spread, clustered, equal and enormous projections like a comparison sort', () => {
    const random = randomStream(randomKey(14));
    const families = [
      () => random.normal(),
      () => 1 + 1e-12 * random.normal(),
      () => (random.uniform() < 0.01 ? 1e30 : 0) + random.uniform(),
      () => Math.floor(5 * random.uniform()),
      () => 3,
    ];
    for (const draw of families) {
      for (const count of [1, 2, 47, 49, 3000]) {
        const values = Float64Array.from({ length: count }, draw);
        const sorter = lineSorter(count);
        sorter.sort(values);
        expect([...sorter.values]).toEqual([...values].sort((a, b) => a - b));
        expect([...sorter.order].map((atom) => values[atom])).toEqual([...sorter.values]);
        expect(new Set(sorter.order).size).toBe(count);
      }
    }
  });
});
