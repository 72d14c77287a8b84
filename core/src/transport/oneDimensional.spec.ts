import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { diracs } from '../measure/initialMeasures.js';
import type { Measure } from '../measure/measure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { randomMeasure } from '../testing/measures.js';
import { wassersteinDistance } from './exactWasserstein.js';
import { wassersteinOnLine } from './oneDimensional.js';
import { sortedOrder } from './oneDimensionalSort.js';

const line = euclidean(1);
const source = randomStream(randomKey(71));
const random = (count: number): Measure => randomMeasure(line, count, 'probability', source);

describe('sortedOrder', () => {
  property.prop([fc.array(fc.double({ noNaN: true }), { maxLength: 300 })], { seed: 72 })(
    'puts numbers of any size in order, equal ones by index',
    (list) => {
      const values = Float64Array.from(list, (x) => x + 0);
      const order = Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
      expect(Array.from(sortedOrder(values), (i) => values[i])).toEqual(order.map((i) => values[i]));
      expect(new Set(sortedOrder(values)).size).toBe(values.length);
    },
  );

  test('does not crawl where all upper bits agree', () => {
    const values = Float64Array.from({ length: 20_000 }, () => 1 + 1e-9 * source.uniform());
    const order = sortedOrder(values);
    for (let k = 1; k < order.length; k++) expect(values[order[k - 1]] <= values[order[k]]).toBe(true);
  });
});

describe('the Wasserstein distance on the line', () => {
  test('is that of the network simplex method, for every exponent', () => {
    for (let k = 0; k < 60; k++) {
      const [mu, nu] = [random(1 + (k % 17)), random(1 + ((k * 7) % 23))];
      for (const [p, cost] of [
        [1, 'abs(x - y)'],
        [2, '(x - y)^2'],
        [3, 'abs(x - y)^3'],
      ] as const) {
        const found = wassersteinOnLine(mu, nu, { p });
        const { value } = wassersteinDistance(mu, nu, { cost });
        expect(Math.abs(found.value ** p - value)).toBeLessThan(1e-12 * (1 + value));
      }
    }
  });

  test('closes its bounds to a relative 1e-9 on a thousand random problems, with feasible potentials', () => {
    for (let k = 0; k < 1000; k++) {
      const n = 1 + Math.floor(source.uniform() * 12);
      const equal = k % 3 === 0;
      const [mu, nu] = [random(n), random(1 + Math.floor(source.uniform() * 12))].map((lambda) =>
        equal ? measure({ space: line, positions: lambda.positions.map((x) => Math.round(4 * x)) }) : lambda,
      );
      const p = [1, 1.5, 2, 4][k % 4];
      const { value, lower, upper, plan, potentials } = wassersteinOnLine(mu, nu, { p });
      expect(lower).toBeLessThanOrEqual(value);
      expect(value).toBeLessThanOrEqual(upper);
      // Equal integer clouds may be at distance 0, where only the absolute gap means anything.
      expect(upper - lower).toBeLessThanOrEqual(1e-9 * value + (value === 0 ? 1e-6 : 0));
      expect(plan?.masses.length).toBeLessThanOrEqual(mu.count + nu.count - 1);
      let dual = 0;
      mu.masses.forEach((mass, i) => {
        dual += mass * (potentials?.source[i] ?? 0);
        nu.positions.forEach((y, j) => {
          const room = Math.abs(mu.positions[i] - y) ** p - (potentials?.source[i] ?? 0) - (potentials?.target[j] ?? 0);
          expect(room).toBeGreaterThan(-1e-11);
        });
      });
      nu.masses.forEach((mass, j) => {
        dual += mass * (potentials?.target[j] ?? 0);
      });
      expect(Math.abs(dual - value ** p)).toBeLessThan(1e-11);
    }
  });

  test('of n equal atoms is the mean power of the sorted differences', () => {
    const n = 3000;
    const [x, y] = [0, 1].map(() => Float64Array.from({ length: n }, () => source.normal()));
    const { squared, plan } = wassersteinOnLine(
      measure({ space: line, positions: x }),
      measure({ space: line, positions: y }),
    );
    const [a, b] = [x.slice().sort(), y.slice().sort()];
    const mean = a.reduce((sum, value, i) => sum + (value - b[i]) ** 2 / n, 0);
    expect(Math.abs(squared - mean)).toBeLessThan(1e-13 * mean);
    expect(plan?.masses.length).toBe(n);
  });

  test('has the right marginals for masses of very different size', () => {
    const masses = Float64Array.from({ length: 40 }, (_, i) => 2 ** -i);
    const mu = diracs(
      Array.from({ length: 40 }, (_, i) => Math.sin(9 * i)),
      masses.map((mass) => mass / 2),
      { kind: 'positive' },
    );
    const nu = random(40);
    const { plan } = wassersteinOnLine(normalized(mu), nu);
    const rows = new Float64Array(40);
    plan?.masses.forEach((mass, k) => {
      rows[plan.rows[k]] += mass;
    });
    rows.forEach((mass, i) => {
      expect(Math.abs(mass - normalized(mu).masses[i])).toBeLessThan(1e-15);
    });
  });

  test('works on intervals, and refuses other spaces', () => {
    const interval = box([[0, 1]]);
    const [mu, nu] = [[0.25], [0.75]].map((positions) => measure({ space: interval, positions }));
    expect(wassersteinOnLine(mu, nu).value).toBe(0.5);
    const plane = measure({ space: euclidean(2), positions: [0, 0] });
    expect(() => wassersteinOnLine(plane, plane)).toThrow(/not a line, got euclidean\(2\)/);
  });
});

function normalized(mu: Measure): Measure {
  const total = mu.masses.reduce((sum, mass) => sum + mass, 0);
  return measure({ space: mu.space, positions: mu.positions, masses: mu.masses.map((mass) => mass / total) });
}
