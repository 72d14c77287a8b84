import {
  euclidean,
  type Measure,
  measure,
  randomKey,
  randomStream,
  sharedSupport,
  sinkhornDistance,
  totalVariation,
  unbalancedTransport,
  wassersteinDistance,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';

const random = randomStream(randomKey('costs by formula'));
const whole = (most: number): number => Math.floor(most * random.uniform());

/** Up to 8 atoms on a 3 x 3 lattice, so that two of them share some places and repeat others. */
function onLattice(): Measure {
  const count = 1 + whole(8);
  const masses = Float64Array.from({ length: count }, () => 0.1 + random.uniform());
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return measure({
    space: euclidean(2),
    positions: Array.from({ length: 2 * count }, () => whole(3)),
    masses: masses.map((mass) => mass / total),
  });
}

function second(mu: Measure): number {
  return mu.masses.reduce((sum, mass, i) => sum + mass * (mu.positions[2 * i] ** 2 + mu.positions[2 * i + 1] ** 2), 0);
}

describe('a cost given by a formula', () => {
  test('of 1 for leaving the place is the total variation, on shared and different supports, and its plan stays', () => {
    for (let trial = 0; trial < 100; trial++) {
      const [mu, nu] = [onLattice(), onLattice()];
      const { value, lower, upper, plan } = wassersteinDistance(mu, nu, { cost: 'min(1, norm2(x - y))' });
      const [p, q] = sharedSupport(mu, nu);
      const expected = totalVariation(p, q);
      expect(Math.abs(value - expected)).toBeLessThan(1e-13);
      expect(lower <= expected + 1e-15 && expected - 1e-15 <= upper).toBe(true);
      const place = ({ positions }: Measure, i: number): string => positions.subarray(2 * i, 2 * i + 2).join();
      let stays = 0;
      plan?.masses.forEach((mass, k) => {
        if (place(mu, plan.rows[k]) === place(nu, plan.columns[k])) stays += mass;
      });
      expect(Math.abs(stays - (1 - expected))).toBeLessThan(1e-13);
    }
  });

  test('of the product is W2 less the second moments, and may be negative; one of both marginals is no matter of plans', () => {
    for (let trial = 0; trial < 50; trial++) {
      const [mu, nu] = [onLattice(), onLattice()];
      const plain = wassersteinDistance(mu, nu);
      const { value } = wassersteinDistance(mu, nu, { cost: '-2 * dot(x, y)' });
      expect(value + second(mu) + second(nu)).toBeCloseTo(plain.squared, 12);
      const marginals = wassersteinDistance(mu, nu, { cost: 'norm2(x) - norm2(y)' });
      expect(marginals.value).toBeCloseTo(second(mu) - second(nu), 12);
    }
  });

  test('that is not symmetric tells who moves: exchanging the ends exchanges its variables', () => {
    for (let trial = 0; trial < 50; trial++) {
      const [mu, nu] = [onLattice(), onLattice()];
      const there = wassersteinDistance(mu, nu, { cost: 'relu(y[0] - x[0]) + 3 * relu(x[0] - y[0])' });
      const back = wassersteinDistance(nu, mu, { cost: 'relu(x[0] - y[0]) + 3 * relu(y[0] - x[0])' });
      expect(there.value).toBeCloseTo(back.value, 13);
      expect(there.lower).toBeLessThanOrEqual(there.upper);
    }
  });

  test('in entropic and unbalanced transport is the distance where it is its square', () => {
    const [mu, nu] = [onLattice(), onLattice()];
    const options = { epsilon: 0.3, tolerance: 1e-12 };
    const cost = 'norm2(x - y)';
    expect(sinkhornDistance(mu, nu, { ...options, cost }).entropicCost).toBeCloseTo(
      sinkhornDistance(mu, nu, options).entropicCost,
      10,
    );
    expect(unbalancedTransport(mu, nu, { ...options, rho: 1, cost }).entropicCost).toBeCloseTo(
      unbalancedTransport(mu, nu, { ...options, rho: 1 }).entropicCost,
      10,
    );
  });
});
