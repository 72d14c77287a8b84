import { box, euclidean, measure, randomKey, randomStream, torus } from '@muflow/core';
import { expect, test } from 'vitest';
import { wasserstein1 } from './wasserstein1.js';

const line = euclidean(1);
const circle = torus(1);

const strategy = (at: readonly number[], mass: readonly number[]) => ({ at: at.map((x) => [x]), mass });

/** All orders of 0, ..., n - 1. */
const orders = (n: number): number[][] =>
  n === 0 ? [[]] : orders(n - 1).flatMap((order) => Array.from({ length: n }, (_, k) => order.toSpliced(k, 0, n - 1)));

/** Cheapest one-to-one match of equally heavy atoms, by trying all of them: exact, since vertices are matchings. */
function byMatching(a: readonly number[], b: readonly number[], distance: (s: number, t: number) => number): number {
  const costs = orders(a.length).map((order) => order.reduce((sum, j, i) => sum + distance(a[i], b[j]), 0));
  return Math.min(...costs) / a.length;
}

const around = (s: number, t: number): number => Math.min(Math.abs(s - t), 1 - Math.abs(s - t));

test('between Diracs it is the distance, around the circle where that is shorter', () => {
  expect(wasserstein1(measure({ space: line, positions: [0.9] }), strategy([0.1], [1]))).toBeCloseTo(0.8, 15);
  expect(wasserstein1(measure({ space: circle, positions: [0.9] }), strategy([0.1], [1]), 1)).toBeCloseTo(0.2, 15);
  expect(wasserstein1(measure({ space: circle, positions: [0.5] }), strategy([0], [1]), 1)).toBeCloseTo(0.5, 15);
});

test('moving a share of the mass costs share times distance', () => {
  const mu = measure({ space: box([[0, 1]]), positions: [0, 1], masses: [0.7, 0.3] });
  expect(wasserstein1(mu, strategy([0, 1], [0.5, 0.5]))).toBeCloseTo(0.2, 15);
  expect(wasserstein1(mu, strategy([0.5], [1]))).toBeCloseTo(0.5, 15);
  const spread = measure({ space: circle, positions: [0, 0.25, 0.5, 0.75] });
  expect(wasserstein1(spread, strategy([0.125, 0.625], [0.5, 0.5]), 1)).toBeCloseTo(0.125, 15);
});

test('the uniform law on a fine grid lies at E|U - x| from a Dirac', () => {
  const n = 1000;
  const mu = measure({ space: line, positions: Float64Array.from({ length: n }, (_, i) => (i + 0.5) / n) });
  expect(wasserstein1(mu, strategy([0.3], [1]))).toBeCloseTo((0.3 ** 2 + 0.7 ** 2) / 2, 9);
});

test('40 random pairs: equal to the cheapest of all matchings, on the line and on the circle', () => {
  const random = randomStream(randomKey('wasserstein1'));
  for (let trial = 0; trial < 40; trial++) {
    const n = 1 + random.integer(5);
    const [a, b] = [0, 1].map(() => Array.from({ length: n }, () => random.uniform()));
    const equal = strategy(b, new Array(n).fill(1 / n));
    const onLine = wasserstein1(measure({ space: line, positions: a }), equal);
    expect(onLine).toBeCloseTo(
      byMatching(a, b, (s, t) => Math.abs(s - t)),
      13,
    );
    const onCircle = wasserstein1(measure({ space: circle, positions: a }), equal, 1);
    expect(onCircle).toBeCloseTo(byMatching(a, b, around), 13);
  }
});

test('splitting and numbering atoms changes nothing, and an equal strategy lies at distance 0', () => {
  const target = strategy([0.2, 0.8], [0.25, 0.75]);
  const split = measure({ space: line, positions: [0.8, 0.2, 0.8], masses: [0.35, 0.25, 0.4] });
  expect(wasserstein1(split, target)).toBeCloseTo(0, 15);
  expect(wasserstein1(split, target, 1)).toBeCloseTo(0, 15);
});
