import { describe, expect, test } from 'vitest';
import type { Energy, FirstVariation } from '../energy/energy.js';
import { randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import type { Measure, MeasureKind, Tangent } from '../measure/measure.js';
import { allocateTangent } from '../measure/tangent.js';
import { pushInto, workingCopy } from '../measure/working.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { product } from '../space/product.js';
import { simplex } from '../space/simplex.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { randomPoints } from '../testing/samples.js';
import { fisherRao } from './fisherRao.js';
import type { Metric } from './metric.js';
import { wasserstein } from './wasserstein.js';
import { wassersteinFisherRao } from './wassersteinFisherRao.js';

/** `F = (1/2) int int cos(s.(x - y)) dmu dmu + int s.x^2 dmu`, s = (1, 2, ...): smooth and with no symmetry to hide behind. */
const energy = (dim: number): Energy => {
  const fill = ({ potential, gradient }: FirstVariation, mu: Measure, points: Float64Array, count: number): void => {
    for (let i = 0; i < count; i++) {
      potential[i] = 0;
      for (let k = 0; k < dim; k++) {
        const x = points[i * dim + k];
        potential[i] += (k + 1) * x * x;
        gradient[i * dim + k] = 2 * (k + 1) * x;
      }
      for (let j = 0; j < mu.count; j++) {
        let phase = 0;
        for (let k = 0; k < dim; k++) phase += (k + 1) * (points[i * dim + k] - mu.positions[j * dim + k]);
        potential[i] += mu.masses[j] * Math.cos(phase);
        for (let k = 0; k < dim; k++) gradient[i * dim + k] -= (k + 1) * mu.masses[j] * Math.sin(phase);
      }
    }
  };
  return {
    name: 'test',
    dim,
    smooth: true,
    firstVariationInto: (out, mu) => fill(out, mu, mu.positions, mu.count),
    potentialAt: (out, points, count, mu) =>
      fill({ potential: out, gradient: new Float64Array(count * dim) }, mu, points, count),
    value: (mu) => {
      const out = { potential: new Float64Array(mu.count), gradient: new Float64Array(mu.count * dim) };
      fill(out, mu, mu.positions, mu.count);
      let total = 0;
      for (let i = 0; i < mu.count; i++) {
        let own = 0;
        for (let k = 0; k < dim; k++) own += (k + 1) * mu.positions[i * dim + k] ** 2;
        total += mu.masses[i] * (own + (out.potential[i] - own) / 2);
      }
      return total;
    },
  };
};

const random = randomStream(randomKey('metrics'));
const randomMeasure = (space: Space, kind: MeasureKind): Measure => {
  const masses = Array.from({ length: 6 }, () => 0.2 + random.uniform());
  const total = kind === 'probability' ? masses.reduce((a, b) => a + b, 0) : 1;
  return measure({ space, kind, positions: randomPoints(space, 6, random), masses: masses.map((m) => m / total) });
};

const descend = (metric: Metric, mu: Measure): Tangent => {
  const variation = { potential: new Float64Array(mu.count), gradient: new Float64Array(mu.count * mu.dim) };
  energy(mu.dim).firstVariationInto(variation, mu);
  const out = allocateTangent(metric.transports, metric.reacts, mu.count, mu.dim);
  metric.descendInto(out, variation, mu);
  return out;
};

const metrics: readonly (readonly [string, Metric])[] = [
  ['wasserstein', wasserstein({ rate: 0.6 })],
  ['fisherRao', fisherRao({ alpha: 1.7 })],
  ['wassersteinFisherRao', wassersteinFisherRao({ alpha: 0.5, gamma: 2 })],
  ['with blocks', wassersteinFisherRao({ blocks: [{ start: 0, end: 1, rate: 0.3 }] })],
  ['with a frozen block', wasserstein({ blocks: [{ start: 0, end: 1, rate: 0 }] })],
];
const spaces: readonly Space[] = [
  euclidean(3),
  torus(3),
  box([
    [-1, 1],
    [-1, 1],
    [-1, 1],
  ]),
  product([euclidean(1), sphere(3)]),
];
const curved: readonly Space[] = [sphere(3), simplex(3)];
const cases = [
  ...metrics.flatMap(([name, metric]) => spaces.map((space) => ({ name, metric, space }))),
  ...metrics.slice(0, 3).flatMap(([name, metric]) => curved.map((space) => ({ name, metric, space }))),
].flatMap((one) =>
  (['probability', 'positive'] as const).map((kind) => ({
    ...one,
    kind,
    label: `${one.name} on ${one.space.name}, ${kind}`,
  })),
);

describe('steepest descent', () => {
  test.each(cases)('loses energy at the rate of its squared length: $label', ({ metric, space, kind }) => {
    const mu = randomMeasure(space, kind);
    const tangent = descend(metric, mu);
    const [ahead, behind] = [workingCopy(mu), workingCopy(mu)];
    // Central differences: error O(h^2) with derivatives of order one to ten, rounding 1e-16 / h.
    const h = 1e-5;
    pushInto(ahead, mu, tangent, h);
    pushInto(behind, mu, tangent, -h);
    const slope = (energy(mu.dim).value(ahead) - energy(mu.dim).value(behind)) / (2 * h);
    const expected = -metric.norm2(mu, tangent);
    expect(expected).toBeLessThan(-1e-3);
    expect(Math.abs(slope / expected - 1)).toBeLessThan(1e-6);
  });

  test.each(cases)('is tangent, and keeps the mass of a probability: $label', ({ metric, space, kind }) => {
    const mu = randomMeasure(space, kind);
    const { velocity, growth } = descend(metric, mu);
    if (velocity !== null) {
      const projected = new Float64Array(velocity.length);
      space.projectTangentInto(projected, mu.positions, velocity, mu.count);
      velocity.forEach((v, c) => {
        expect(projected[c]).toBeCloseTo(v, 12);
      });
    }
    const rate = growth === null ? 0 : growth.reduce((total, r, i) => total + mu.masses[i] * r, 0);
    expect(metric.conservesMass(kind)).toBe(Math.abs(rate) < 1e-12);
  });

  test('of twice the rate moves twice as fast and costs as much per energy lost', () => {
    const mu = randomMeasure(euclidean(2), 'positive');
    const [one, two] = [wassersteinFisherRao(), wassersteinFisherRao({ alpha: 2, gamma: 2 })];
    const [slow, fast] = [descend(one, mu), descend(two, mu)];
    fast.velocity?.forEach((v, c) => {
      expect(v).toBeCloseTo(2 * (slow.velocity?.[c] ?? 0), 12);
    });
    fast.growth?.forEach((r, i) => {
      expect(r).toBeCloseTo(2 * (slow.growth?.[i] ?? 0), 12);
    });
    expect(two.norm2(mu, fast) / one.norm2(mu, slow)).toBeCloseTo(2, 12);
  });

  test('centers the potential by weights that survive log-masses of -2000', () => {
    const space = euclidean(1);
    const mu = measure({ space, positions: [1, 2], logMasses: [-2000, -2001], kind: 'positive' });
    const out = allocateTangent(false, true, 2, 1);
    fisherRao().descendInto(
      out,
      { potential: Float64Array.of(1, 3), gradient: new Float64Array(2) },
      { ...mu, kind: 'probability' },
    );
    const mean = (1 + 3 * Math.exp(-1)) / (1 + Math.exp(-1));
    expect(out.growth?.[0]).toBeCloseTo(mean - 1, 12);
    expect(out.growth?.[1]).toBeCloseTo(mean - 3, 12);
  });

  test('does not hear the potential of an atom without mass', () => {
    const mu = measure({ space: euclidean(1), positions: [0, 1, 2], masses: [0.5, 0.5, 0] });
    const out = allocateTangent(false, true, 3, 1);
    fisherRao().descendInto(
      out,
      { potential: Float64Array.of(1, 2, Number.POSITIVE_INFINITY), gradient: new Float64Array(3) },
      mu,
    );
    expect(Array.from(out.growth ?? [])).toEqual([0.5, -0.5, Number.NEGATIVE_INFINITY]);
  });
});

describe('the length of a tangent', () => {
  const mu = measure({ space: euclidean(2), positions: [0, 0, 1, 1], masses: [0.25, 0.75] });

  test('is int |v|^2 / gamma + r^2 / alpha dmu', () => {
    const tangent = { velocity: Float64Array.of(1, 2, 3, 4), growth: Float64Array.of(5, 6) };
    const expected = (0.25 * 5 + 0.75 * 25) / 2 + (0.25 * 25 + 0.75 * 36) / 3;
    expect(wassersteinFisherRao({ gamma: 2, alpha: 3 }).norm2(mu, tangent)).toBeCloseTo(expected, 12);
  });

  test('is infinite along what the metric freezes', () => {
    const moving = { velocity: Float64Array.of(1, 0, 0, 0), growth: null };
    expect(wasserstein({ blocks: [{ start: 0, end: 1, rate: 0 }] }).norm2(mu, moving)).toBe(Number.POSITIVE_INFINITY);
    expect(fisherRao().norm2(mu, moving)).toBe(Number.POSITIVE_INFINITY);
    expect(wasserstein().norm2(mu, { velocity: null, growth: Float64Array.of(1, 0) })).toBe(Number.POSITIVE_INFINITY);
  });

  test('is the speed of the Fisher-Rao geodesic', () => {
    const metric = fisherRao({ alpha: 2.5 });
    const nu = measure({ space: euclidean(2), positions: [0, 0, 1, 1], masses: [0.6, 0.4] });
    const path = metric.geodesic?.(mu, nu);
    const distance = metric.distance?.(mu, nu);
    if (path === undefined || distance === undefined) throw new Error('fisherRao has a distance and geodesics');
    for (const t of [0.2, 0.7]) {
      const h = 1e-4;
      const [before, at, after] = [path(t - h), path(t), path(t + h)];
      const growth = at.logMasses.map((_, i) => (after.logMasses[i] - before.logMasses[i]) / (2 * h));
      expect(Math.sqrt(metric.norm2(at, { velocity: null, growth }))).toBeCloseTo(distance.value, 6);
    }
  });
});

describe('a metric refuses', () => {
  test.each([
    ['a negative rate', () => wasserstein({ rate: -1 }), /gamma is not a rate, got -1/],
    ['a rate that is not finite', () => fisherRao({ alpha: Number.NaN }), /alpha is not a rate, got NaN/],
    ['to move nothing', () => fisherRao({ alpha: 0 }), /nothing would move/],
    [
      'overlapping blocks',
      () =>
        wasserstein({
          blocks: [
            { start: 0, end: 2, rate: 1 },
            { start: 1, end: 3, rate: 1 },
          ],
        }),
      /block 1 is not usable/,
    ],
    ['an empty block', () => wasserstein({ blocks: [{ start: 1, end: 1, rate: 1 }] }), /block 0 is not usable/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('blocks past the coordinates, and blocks that cut a sphere', () => {
    const metric = wasserstein({ blocks: [{ start: 0, end: 2, rate: 0.5 }] });
    expect(() => descend(metric, randomMeasure(euclidean(1), 'positive'))).toThrow(/ends past the coordinates.*end 2/);
    expect(() => descend(metric, randomMeasure(product([euclidean(1), sphere(3)]), 'positive'))).toThrow(
      /differ inside a curved space/,
    );
  });
});
