import { describe, expect, test } from 'vitest';
import { type RandomStream, randomKey, randomStream } from '../math/random.js';
import { rescale } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { euclidean } from '../space/euclidean.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { movedBy, randomMeasure, splitAtom } from '../testing/measures.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { wassersteinDistance } from './exactWasserstein.js';
import { fisherRaoDistance } from './fisherRao.js';
import { sinkhornDistance, sinkhornDivergence } from './sinkhorn.js';
import { unbalancedTransport } from './unbalanced.js';

const spaces = [euclidean(1), euclidean(2), euclidean(5), torus(2), sphere(3)];
const tolerance = 1e-11;

const stream = (label: string): RandomStream => randomStream(randomKey(label));
const countOf = (random: RandomStream): number => 1 + Math.floor(12 * random.uniform());

/** Two measures on one of the spaces, in turn. */
function draw(random: RandomStream, trial: number, kind: 'probability' | 'positive'): readonly [Measure, Measure] {
  const space = spaces[trial % spaces.length];
  return [randomMeasure(space, countOf(random), kind, random), randomMeasure(space, countOf(random), kind, random)];
}

const inOrder = ({ lower, value, upper }: CertifiedDistance): boolean => lower <= value && value <= upper;

/** Rounding of the positions moves costs by 1e-15 of squared diameters, here below 1e3. */
const rounding = 1e-12;

/** The bounds of both enclose one number. */
function expectSame(one: CertifiedDistance, other: CertifiedDistance): void {
  expect(one.lower ** 2).toBeLessThanOrEqual(other.upper ** 2 + rounding);
  expect(other.lower ** 2).toBeLessThanOrEqual(one.upper ** 2 + rounding);
}

const kinds = [
  {
    name: 'sinkhornDistance',
    kind: 'probability',
    of: (mu: Measure, nu: Measure, epsilon: number) => sinkhornDistance(mu, nu, { epsilon, tolerance }),
  },
  {
    name: 'sinkhornDivergence',
    kind: 'probability',
    of: (mu: Measure, nu: Measure, epsilon: number) => sinkhornDivergence(mu, nu, { epsilon, tolerance }),
  },
  {
    name: 'unbalancedTransport',
    kind: 'positive',
    of: (mu: Measure, nu: Measure, epsilon: number) =>
      unbalancedTransport(mu, nu, { epsilon, rho: 3 * epsilon, tolerance }),
  },
] as const;

describe.each(kinds)('$name', ({ name, kind, of }) => {
  test('lower <= value <= upper, close where it has converged; symmetry, isometries and splitting change nothing', () => {
    const random = stream(`entropic laws of ${name}`);
    for (let trial = 0; trial < 60; trial++) {
      const [mu, nu] = draw(random, trial, kind);
      const epsilon = 10 ** (2 * random.uniform() - 1);
      const found = of(mu, nu, epsilon);
      expect(inOrder(found)).toBe(true);
      expect(found.status).toBe('converged');
      expect(found.upper ** 2 - found.lower ** 2).toBeLessThan(1e-9 * (1 + found.squared));
      expectSame(found, of(nu, mu, epsilon));
      const isometry = mu.space.isometry(random);
      expectSame(found, of(movedBy(mu, isometry), movedBy(nu, isometry), epsilon));
      expectSame(found, of(splitAtom(mu, 0, random.uniform()), nu, epsilon));
    }
  });
});

describe('sinkhornDistance', () => {
  test('grows with epsilon from W_2^2 to the cost of the product plan', () => {
    const random = stream('entropic limits');
    for (let trial = 0; trial < 30; trial++) {
      const [mu, nu] = draw(random, trial, 'probability');
      const exact = wassersteinDistance(mu, nu);
      const costs = [1e-3, 1e-2, 0.1, 1, 10, 1e4].map((epsilon) => sinkhornDistance(mu, nu, { epsilon }));
      // The entropy of the optimal plan against the product is at most log of the number of atoms.
      const entropy = Math.log(mu.count * nu.count);
      costs.forEach(({ epsilon, lower, upper }, k) => {
        expect(upper ** 2).toBeGreaterThanOrEqual(exact.lower ** 2 - rounding);
        expect(lower ** 2).toBeLessThanOrEqual(exact.upper ** 2 + epsilon * entropy + rounding);
        if (k > 0) expect(upper ** 2).toBeGreaterThanOrEqual(costs[k - 1].lower ** 2 - rounding);
      });
      const product = sinkhornDistance(mu, nu, { epsilon: 1e12, plan: true });
      let cost = 0;
      product.plan?.masses.forEach((mass, k) => {
        const [i, j] = [product.plan?.rows[k] ?? 0, product.plan?.columns[k] ?? 0];
        expect(mass).toBeCloseTo(mu.masses[i] * nu.masses[j], 9);
        cost +=
          mu.masses[i] * nu.masses[j] * mu.space.distance(mu.positions, i * mu.dim, nu.positions, j * mu.dim) ** 2;
      });
      expect(costs[5].lower ** 2).toBeLessThanOrEqual(cost + rounding);
      // The next term is the variance of the costs over 2 epsilon.
      expect(costs[5].squared).toBeGreaterThan(cost - 1);
    }
  });
});

describe('sinkhornDivergence', () => {
  test('is zero exactly between equal measures', () => {
    const random = stream('divergence of equals');
    for (let trial = 0; trial < 30; trial++) {
      const [mu, nu] = draw(random, trial % 3, 'probability');
      const epsilon = 10 ** (2 * random.uniform() - 1);
      const same = sinkhornDivergence(mu, splitAtom(mu, mu.count - 1, 0.3), { epsilon, tolerance });
      expect(same.lower).toBeLessThan(1e-5);
      expect(same.upper ** 2).toBeLessThan(1e-9);
      expect(sinkhornDivergence(mu, nu, { epsilon, tolerance }).lower).toBeGreaterThan(0);
    }
  });

  test('goes from W_2^2 to the squared distance of the means', () => {
    const random = stream('divergence limits');
    for (let trial = 0; trial < 10; trial++) {
      const [mu, nu] = draw(random, trial % 3, 'probability');
      let apart = 0;
      for (let c = 0; c < mu.dim; c++) apart += (meanOf(mu, c) - meanOf(nu, c)) ** 2;
      expect(sinkhornDivergence(mu, nu, { epsilon: 1e6, tolerance }).squared).toBeCloseTo(apart, 3);
      const { squared } = wassersteinDistance(mu, nu);
      const near = sinkhornDivergence(mu, nu, { epsilon: 1e-3, tolerance: 1e-6 });
      expect(Math.abs(near.squared - squared)).toBeLessThan(1e-3 * Math.log(mu.count * nu.count) + 1e-4);
    }
  });
});

describe('unbalancedTransport', () => {
  test('of two Diracs of masses a and b keeps p = (ab)^((rho + eps) / (2 rho + eps)) e^(-c / (2 rho + eps))', () => {
    for (const [a, b, x, epsilon, rho] of [
      [1, 1, 1, 0.1, 1],
      [0.01, 30, 2, 1, 0.2],
      [5, 2, 0, 3, 50],
      [1e-8, 1e8, 3, 0.5, 0.01],
    ]) {
      const found = unbalancedTransport(rescale(diracs([0]), a), rescale(diracs([x]), b), { epsilon, rho, tolerance });
      const sum = 2 * rho + epsilon;
      const mass = (a * b) ** ((rho + epsilon) / sum) * Math.exp(-(x * x) / sum);
      expect(found.mass / mass).toBeCloseTo(1, 9);
      expect(found.squared / (rho * (a + b) + epsilon * a * b - sum * mass)).toBeCloseTo(1, 9);
    }
  });

  test('scales: s times both masses is s times the problem of cost c - eps log s, and eps (s^2 - s) |a| |b|', () => {
    const random = stream('unbalanced scaling');
    for (let trial = 0; trial < 20; trial++) {
      const space = euclidean(2);
      const [mu, nu] = [0, 1].map(() => randomMeasure(space, countOf(random), 'positive', random));
      const [epsilon, rho, s] = [0.5, 1.5, 10 ** (2 * random.uniform() - 1)];
      const scaled = unbalancedTransport(rescale(mu, s), rescale(nu, s), { epsilon, rho, tolerance });
      const shifted = { epsilon, rho, tolerance, cost: `norm2(x - y) - (${epsilon * Math.log(s)})` };
      const [one, other] = [mu, nu].map(({ masses }) => masses.reduce((sum, mass) => sum + mass, 0));
      const expected = s * unbalancedTransport(mu, nu, shifted).value + epsilon * (s * s - s) * one * other;
      expect(scaled.squared / expected).toBeCloseTo(1, 9);
    }
  });

  test('grows with rho up to the balanced cost, and never exceeds that of destroying all', () => {
    const random = stream('unbalanced limits');
    for (let trial = 0; trial < 30; trial++) {
      const [mu, nu] = draw(random, trial, 'probability');
      const epsilon = 0.3;
      const balanced = sinkhornDistance(mu, nu, { epsilon, tolerance });
      const found = [0.01, 0.1, 1, 10, 1000].map((rho) => unbalancedTransport(mu, nu, { epsilon, rho }));
      found.forEach(({ rho, lower, upper }, k) => {
        expect(lower ** 2).toBeLessThanOrEqual(balanced.upper ** 2 + rounding);
        expect(lower ** 2).toBeLessThanOrEqual(2 * rho + epsilon + rounding);
        if (k > 0) expect(upper ** 2).toBeGreaterThanOrEqual(found[k - 1].lower ** 2 - rounding);
      });
      expect(balanced.squared - found[4].squared).toBeLessThan(0.01 * (1 + balanced.squared ** 2));
    }
  });
});

describe('fisherRaoDistance', () => {
  test('is a metric on either kind of measures, and the chord of positive measures is below the arc of probabilities', () => {
    const random = stream('Fisher-Rao laws');
    for (let trial = 0; trial < 300; trial++) {
      const [p, q, r] = [0, 1, 2].map(() => {
        const masses = Float64Array.from({ length: 5 }, () => (random.uniform() < 0.3 ? 0 : random.uniform()));
        masses[trial % 5] += 0.1;
        const total = masses.reduce((sum, mass) => sum + mass, 0);
        return masses.map((mass) => mass / total);
      });
      for (const kind of ['probability', 'positive'] as const) {
        const direct = fisherRaoDistance(p, q, kind);
        expect(fisherRaoDistance(q, p, kind)).toBeCloseTo(direct, 13);
        expect(direct).toBeLessThanOrEqual(fisherRaoDistance(p, r, kind) + fisherRaoDistance(r, q, kind) + 1e-7);
      }
      expect(fisherRaoDistance(p, q, 'positive')).toBeLessThanOrEqual(fisherRaoDistance(p, q, 'probability') + 1e-7);
    }
  });
});

function meanOf({ positions, masses, count, dim }: Measure, c: number): number {
  let mean = 0;
  for (let i = 0; i < count; i++) mean += masses[i] * positions[i * dim + c];
  return mean;
}
