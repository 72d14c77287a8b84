import { describe, expect, test } from 'vitest';
import file from '../../../test/vectors/transport.json' with { type: 'json' };
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import { measure, rescale } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { wfrDirac } from './wfrDirac.js';
import { wfrDistance } from './wfrDistance.js';

interface CloudInput {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly (readonly number[])[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly alpha: number;
}

function cloud(points: readonly (readonly number[])[], masses: readonly number[]): Measure {
  return measure({ space: euclidean(points[0].length), positions: points.flat(), masses, kind: 'positive' });
}

/** Uniform points (normal where the space is unbounded) with masses log-uniform over `decades`. */
function randomCloud(random: RandomStream, space: Space, count: number, decades: number): Measure {
  const positions = new Float64Array(count * space.dim);
  if (space.kind === 'euclidean') for (let k = 0; k < positions.length; k++) positions[k] = random.uniform();
  else space.sampleInto(positions, count, random);
  const masses = Float64Array.from({ length: count }, () => 10 ** (decades * (random.uniform() - 0.5)));
  return measure({ space, positions, masses, kind: 'positive' });
}

const stream = (label: string): RandomStream => randomStream(randomKey(label));
const whole = (random: RandomStream, least: number, most: number): number =>
  least + Math.floor(random.uniform() * (most - least + 1));

describe('wfrDistance', () => {
  for (const { id, input, expect: expected, tol } of file.vectors) {
    if (!id.startsWith('wfr-3x4')) continue;
    test(`the vector ${id} within ${tol}, with its plan`, () => {
      const { x, y, a, b, alpha } = input as unknown as CloudInput;
      const result = wfrDistance(cloud(x, a), cloud(y, b), { alpha });
      const { WFRsq, WFR, LET_plan } = expected as { WFRsq: number; WFR: number; LET_plan?: number[][] };
      expect(Math.abs(result.squared - WFRsq)).toBeLessThan(tol);
      expect(Math.abs(result.value - WFR)).toBeLessThan(tol);
      expect(result.status).toBe('exact');
      const masses = LET_plan?.map((row) => row.map(() => 0));
      result.plan?.rows.forEach((i, k) => {
        if (masses) masses[i][result.plan?.columns[k] ?? 0] = result.plan?.masses[k] ?? 0;
      });
      masses?.flat().forEach((mass, k) => {
        expect(Math.abs(mass - (LET_plan?.flat()[k] ?? 0))).toBeLessThan(1e-7);
      });
    });
  }

  test('bounds enclose the value within 1e-6 on 1000 problems, alpha and masses over six decades, three spaces', () => {
    const random = stream('wfr-bounds');
    const spaces = [euclidean(1), euclidean(2), euclidean(5), torus(2), sphere(3)];
    let widest = 0;
    for (let trial = 0; trial < 1000; trial++) {
      const space = spaces[trial % spaces.length];
      const decades = 6 * random.uniform();
      const mu = randomCloud(random, space, whole(random, 1, 50), decades);
      const nu = randomCloud(random, space, whole(random, 1, 50), decades);
      const { value, lower, upper, squared, status } = wfrDistance(mu, nu, { alpha: 10 ** (6 * random.uniform() - 3) });
      expect(lower).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(upper);
      expect(status).toBe('exact');
      widest = Math.max(widest, (upper * upper - lower * lower) / squared);
    }
    expect(widest).toBeLessThan(1e-9);
  });

  test('potentials are feasible for every pair and their dual value is the square of the lower bound', () => {
    const random = stream('wfr-dual');
    for (let trial = 0; trial < 50; trial++) {
      const alpha = 10 ** (4 * random.uniform() - 2);
      const [mu, nu] = [randomCloud(random, euclidean(2), 12, 3), randomCloud(random, euclidean(2), 17, 3)];
      const { potentials, lower } = wfrDistance(mu, nu, { alpha });
      const [source, target] = [potentials?.source ?? [], potentials?.target ?? []];
      let dual = 0;
      for (let i = 0; i < 12; i++) {
        dual += mu.masses[i] * source[i];
        for (let j = 0; j < 17; j++) {
          const distance = mu.space.distance(mu.positions, 2 * i, nu.positions, 2 * j);
          const cosine = Math.cos(Math.min((Math.sqrt(alpha) * distance) / 2, Math.PI / 2));
          const product = (1 - (alpha / 4) * source[i]) * (1 - (alpha / 4) * target[j]);
          expect(product).toBeGreaterThan(cosine * cosine * (1 - 1e-12) - 1e-15);
        }
      }
      for (let j = 0; j < 17; j++) dual += nu.masses[j] * target[j];
      expect(Math.abs(dual / (lower * lower) - 1)).toBeLessThan(1e-11);
    }
  });

  test('two Diracs have the closed form, below and beyond the cut-off', () => {
    for (const distance of [0, 1e-6, 0.7, 3, 3.2, 1e20]) {
      const [mu, nu] = [cloud([[0]], [0.3]), cloud([[distance]], [2])];
      const { value, lower, upper } = wfrDistance(mu, nu);
      expect(Math.abs(value / wfrDirac({ distance, massFrom: 0.3, massTo: 2 }) - 1)).toBeLessThan(1e-14);
      expect(upper / lower - 1).toBeLessThan(1e-12);
    }
  });

  test('a pair at the very cut-off, whose cost is known only roughly, does not spoil the bound', () => {
    const [mu, nu] = [cloud([[0], [1]], [1, 1]), cloud([[Math.PI], [1 + Math.PI - 1e-15]], [1, 1])];
    const { lower, upper } = wfrDistance(mu, nu);
    expect(upper / lower - 1).toBeLessThan(1e-12);
  });

  test('masses from 1e-250 to 1e250 end at the maximizer', () => {
    const random = stream('wfr-extreme');
    for (let trial = 0; trial < 20; trial++) {
      const [mu, nu] = [randomCloud(random, euclidean(1), 15, 500), randomCloud(random, euclidean(1), 12, 500)];
      const { status, lower, upper } = wfrDistance(mu, nu, { alpha: 10 ** (4 * random.uniform() - 2) });
      expect(status).toBe('exact');
      expect(upper / lower - 1).toBeLessThan(1e-12);
    }
  });

  test('an empty measure is at distance sqrt(4 m / alpha), two of them at 0', () => {
    const [mu, none] = [cloud([[0], [5]], [1, 2]), cloud([[3]], [0])];
    expect(wfrDistance(mu, none, { alpha: 2 }).squared).toBeCloseTo(6, 14);
    expect(wfrDistance(none, mu, { alpha: 2 }).lower ** 2).toBeCloseTo(6, 13);
    expect(wfrDistance(none, none)).toMatchObject({ value: 0, lower: 0, upper: 0, status: 'exact' });
  });

  test('zero exactly between equal measures, positive between different ones', () => {
    const mu = randomCloud(stream('wfr-zero'), euclidean(3), 30, 4);
    expect(wfrDistance(mu, mu)).toMatchObject({ value: 0, lower: 0, upper: 0 });
    expect(wfrDistance(mu, rescale(mu, 1.001)).lower).toBeGreaterThan(0);
  });

  test('symmetry and the triangle inequality hold within the bounds', () => {
    const random = stream('wfr-triangle');
    for (let trial = 0; trial < 60; trial++) {
      const alpha = 10 ** (4 * random.uniform() - 2);
      const [mu, nu, rho] = [9, 14, 11].map((count) => randomCloud(random, euclidean(2), count, 2));
      const [there, back] = [wfrDistance(mu, nu, { alpha }), wfrDistance(nu, mu, { alpha })];
      expect(there.lower).toBeLessThanOrEqual(back.upper);
      expect(back.lower).toBeLessThanOrEqual(there.upper);
      const detour = wfrDistance(mu, rho, { alpha }).upper + wfrDistance(rho, nu, { alpha }).upper;
      expect(there.lower).toBeLessThanOrEqual(detour);
    }
  });

  test('isometries of the space change nothing', () => {
    const random = stream('wfr-isometry');
    for (const space of [euclidean(3), torus(2), sphere(3)]) {
      const [mu, nu] = [randomCloud(random, space, 20, 2), randomCloud(random, space, 25, 2)];
      const isometry = space.isometry(random);
      const [from, to] = [mu, nu].map((old) => {
        const positions = old.positions.slice();
        isometry.applyInto(positions, positions, old.count);
        return measure({ space, positions, masses: old.masses, kind: 'positive' });
      });
      expect(Math.abs(wfrDistance(from, to).value / wfrDistance(mu, nu).value - 1)).toBeLessThan(1e-12);
    }
  });

  test('mass scaling: WFR^2(s^2 mu, t^2 nu) = s t WFR^2(mu, nu) + (4/alpha) [(s^2 - s t) m0 + (t^2 - s t) m1]', () => {
    const random = stream('wfr-scaling');
    for (const [s, t, alpha] of [
      [2, 3, 1],
      [0.01, 5, 7],
      [30, 1e-3, 0.2],
    ]) {
      const [mu, nu] = [randomCloud(random, euclidean(2), 15, 2), randomCloud(random, euclidean(2), 12, 2)];
      const [m0, m1] = [mu, nu].map(({ masses }) => masses.reduce((sum, mass) => sum + mass, 0));
      const scaled = wfrDistance(rescale(mu, s * s), rescale(nu, t * t), { alpha }).squared;
      const plain = wfrDistance(mu, nu, { alpha }).squared;
      const rest = (4 / alpha) * ((s * s - s * t) * m0 + (t * t - s * t) * m1);
      expect(Math.abs((s * t * plain + rest) / scaled - 1)).toBeLessThan(1e-11);
    }
  });

  test('splitting atoms into coincident ones changes nothing', () => {
    const random = stream('wfr-split');
    const [mu, nu] = [randomCloud(random, euclidean(2), 20, 2), randomCloud(random, euclidean(2), 20, 2)];
    const split = ({ positions, masses }: Measure): Measure =>
      measure({
        space: euclidean(2),
        positions: [...positions, ...positions, ...positions],
        masses: [0.5, 0.3, 0.2].flatMap((part) => Array.from(masses, (mass) => part * mass)),
        kind: 'positive',
      });
    const { value, lower, upper } = wfrDistance(split(mu), split(nu));
    expect(Math.abs(value / wfrDistance(mu, nu).value - 1)).toBeLessThan(1e-12);
    expect(upper / lower - 1).toBeLessThan(1e-10);
  });

  test('ties of a lattice end and are exact', () => {
    const grid = Array.from({ length: 64 }, (_, k) => [k % 8, Math.floor(k / 8)]);
    const shifted = grid.map(([x, y]) => [x + 0.5, y + 0.5]);
    const equal = new Array<number>(64).fill(1);
    const { status, lower, upper } = wfrDistance(cloud(grid, equal), cloud(shifted, equal), { alpha: 0.5 });
    expect(status).toBe('exact');
    expect(upper / lower - 1).toBeLessThan(1e-10);
  });

  test('alpha to 0 gives W2 between equal masses and (4/alpha) (sqrt m0 - sqrt m1)^2 otherwise', () => {
    const [mu, nu] = [cloud([[0], [1], [3]], [1, 1, 1]), cloud([[0.5], [1.25], [4]], [1, 1, 1])];
    const w2Squared = 0.25 + 0.0625 + 1;
    // The error is of first order in alpha.
    expect(Math.abs(wfrDistance(mu, nu, { alpha: 1e-8 }).squared / w2Squared - 1)).toBeLessThan(1e-7);
    const heavy = rescale(nu, 4);
    const divergent = wfrDistance(mu, heavy, { alpha: 1e-8 }).squared;
    expect(Math.abs((divergent * 1e-8) / (4 * 3) - 1)).toBeLessThan(1e-7);
    // What is left is sqrt(m0 m1) W2^2 of the normalized measures, here 2 * W2^2; 4e-8 / 1e-8 is subtracted with 1e-16.
    expect(Math.abs((divergent - 12e8) / (2 * w2Squared) - 1)).toBeLessThan(1e-5);
  });

  test('alpha to infinity gives the Hellinger distance: sqrt(alpha) WFR / 2 -> He', () => {
    const mu = cloud([[0], [1], [3]], [0.2, 0.5, 1]);
    const nu = cloud([[0], [1], [2]], [0.8, 0.1, 2]);
    const squared = (Math.sqrt(0.8) - Math.sqrt(0.2)) ** 2 + (Math.sqrt(0.5) - Math.sqrt(0.1)) ** 2 + 1 + 2;
    expect(((1e12 / 4) * wfrDistance(mu, nu, { alpha: 1e12 }).squared) / squared).toBeCloseTo(1, 13);
  });

  test('bounds hold when the steps run out, and the status says so', () => {
    const random = stream('wfr-steps');
    const [mu, nu] = [randomCloud(random, euclidean(2), 30, 2), randomCloud(random, euclidean(2), 30, 2)];
    const exact = wfrDistance(mu, nu);
    for (const maxIterations of [0, 10, 40, 80, 160]) {
      const early = wfrDistance(mu, nu, { maxIterations });
      expect(early.lower).toBeLessThanOrEqual(exact.upper);
      expect(early.upper).toBeGreaterThanOrEqual(exact.lower);
      if (maxIterations <= 40) expect(early.status).toBe('maxIterations');
    }
    expect(wfrDistance(mu, nu, { maxIterations: 40, tolerance: 1 }).status).toBe('converged');
  });

  test('refuses other spaces and wrong options by name', () => {
    const mu = cloud([[0]], [1]);
    expect(() => wfrDistance(mu, cloud([[0, 0]], [1]))).toThrow(/\[wfrDistance\] the measures live on different/);
    for (const alpha of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => wfrDistance(mu, mu, { alpha })).toThrow(/alpha is not usable, got/);
    }
    expect(() => wfrDistance(mu, mu, { tolerance: -1 })).toThrow(/tolerance is not usable/);
    expect(() => wfrDistance(mu, mu, { maxIterations: 0.5 })).toThrow(/maxIterations is not usable/);
  });
});
