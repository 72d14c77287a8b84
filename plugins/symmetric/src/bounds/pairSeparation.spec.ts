import { leastSquares, logLogSlope, randomKey, randomStream } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { drawSets, sphereSets } from '../sets/index.js';
import {
  pairNetworkError,
  pairSpectrum,
  polynomialRank,
  singleParticleFloor,
  singleParticleRank,
} from './pairSeparation.js';

const sine = (omega: number) => (t: number) => Math.sin(omega * t);

describe('pairSpectrum', () => {
  test('t^2 lies in degree 2 alone, with the eigenvalue 2/(d (d + 2))', () => {
    for (const dim of [3, 7]) {
      const { blocks, total, unresolved } = pairSpectrum((t) => t * t, { dim, degree: 20 });
      expect(blocks.map(({ degree }) => degree)).toEqual([2]);
      expect(Math.sqrt(blocks[0].square) * dim * (dim + 2)).toBeCloseTo(2, 12);
      expect(blocks[0].square * blocks[0].count).toBeCloseTo(total, 14);
      expect(unresolved).toBeLessThan(1e-12);
    }
  });

  test('too few degrees are told', () => {
    expect(pairSpectrum(sine(12), { dim: 4, degree: 4 }).unresolved).toBeGreaterThan(0.5);
    expect(pairSpectrum(sine(12), { dim: 4, degree: 60 }).unresolved).toBeLessThan(1e-12);
  });

  test('a constant is refused', () => {
    expect(() => pairSpectrum(() => 2, { dim: 3, degree: 4 })).toThrow(
      /\[pairSpectrum\] the pair function is constant/,
    );
  });
});

describe('singleParticleFloor', () => {
  const spectrum = pairSpectrum(sine(5), { dim: 5, degree: 60 });

  test('falls from 1 to 0 with the rank, and the least rank is where it crosses a share', () => {
    let before = 1;
    for (const rank of [0, 1, 3, 10, 40, 200, 1e5]) {
      const floor = singleParticleFloor(spectrum, rank);
      expect(floor).toBeLessThanOrEqual(before);
      before = floor;
    }
    expect(singleParticleFloor(spectrum, 0)).toBe(1);
    expect(before).toBeLessThan(1e-12);
    for (const share of [0.9, 0.5, 0.1, 0.01]) {
      const rank = singleParticleRank(spectrum, share);
      expect(singleParticleFloor(spectrum, rank)).toBeLessThanOrEqual(share + 1e-12);
      expect(singleParticleFloor(spectrum, rank - 1)).toBeGreaterThan(share);
    }
    expect(singleParticleRank(pairSpectrum(sine(12), { dim: 4, degree: 4 }), 0.01)).toBe(Infinity);
  });

  test('is attained by the leading eigenfunctions, at every number of points', () => {
    // sin(3 t) on the sphere of R^3: three coordinates, h_1 N(3, 1) P_1(<x, y>) = 3 h_1 <x, y>.
    const h = sine(3);
    const { blocks, total } = pairSpectrum(h, { dim: 3, degree: 40 });
    const first = blocks[0];
    expect(first).toMatchObject({ degree: 1, count: 3 });
    const factor = 3 * Math.sqrt(first.square);
    for (const size of [2, 9]) {
      const batch = drawSets(sphereSets({ dim: 3, radius: 1 }), { sets: 8000, size, key: randomKey(size) });
      let [error, variance] = [0, 0];
      for (let s = 0; s < batch.count; s++) {
        let [own, rest] = [0, 0];
        for (let i = batch.offsets[s]; i < batch.offsets[s + 1]; i++) {
          for (let j = batch.offsets[s]; j < i; j++) {
            let t = 0;
            for (let k = 0; k < 3; k++) t += batch.points[3 * i + k] * batch.points[3 * j + k];
            own += h(t);
            rest += h(t) - factor * t;
          }
        }
        variance += own * own;
        error += rest * rest;
      }
      const floor = singleParticleFloor({ dim: 3, blocks, total, unresolved: 0 }, 3);
      // Mean squares of 8000 sets: deviations of some 2 percent of each.
      expect(error / variance / floor).toBeGreaterThan(0.88);
      expect(error / variance / floor).toBeLessThan(1.12);
    }
  });

  test('no polynomial of drawn test functions is below it: all pairs of a grid on the circle', () => {
    // Trapezoidal sums on 24 angles integrate the squares of all that is below degree 12 exactly.
    const n = 24;
    const h = (t: number): number => t + 0.7 * (2 * t * t - 1) - 0.5 * (4 * t ** 3 - 3 * t);
    const spectrumOfCircle = pairSpectrum(h, { dim: 2, degree: 10 });
    const random = randomStream(randomKey(4));
    for (const [neurons, p] of [
      [1, 2],
      [2, 2],
      [1, 3],
      [2, 3],
      [1, 5],
    ]) {
      for (let trial = 0; trial < 5; trial++) {
        const phi = Array.from({ length: neurons }, () => {
          const c = Array.from({ length: 4 }, () => 2 * random.uniform() - 1);
          return Float64Array.from({ length: n }, (_, i) => {
            const angle = (2 * Math.PI * i) / n;
            return (
              c[0] * Math.cos(angle) + c[1] * Math.sin(angle) + c[2] * Math.cos(2 * angle) + c[3] * Math.sin(2 * angle)
            );
          });
        });
        const columns = 1 + neurons * p;
        const [rows, targets] = [new Float64Array(n * n * columns), new Float64Array(n * n)];
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const at = i * n + j;
            targets[at] = (h(1) + h(Math.cos((2 * Math.PI * (i - j)) / n))) / 2;
            rows[at * columns] = 1;
            phi.forEach((values, m) => {
              for (let q = 1; q <= p; q++) rows[at * columns + m * p + q] = ((values[i] + values[j]) / 2) ** q;
            });
          }
        }
        const coefficients = leastSquares(rows, targets, n * n, columns);
        const mean = targets.reduce((sum, value) => sum + value, 0) / targets.length;
        let [error, variance] = [0, 0];
        for (let at = 0; at < targets.length; at++) {
          let f = 0;
          for (let k = 0; k < columns; k++) f += rows[at * columns + k] * coefficients[k];
          error += (targets[at] - f) ** 2;
          variance += (targets[at] - mean) ** 2;
        }
        const floor = singleParticleFloor(spectrumOfCircle, neurons * (p - 1));
        expect(floor).toBeLessThan(1);
        expect(error / variance).toBeGreaterThan(floor - 1e-9);
      }
    }
  });
});

test('polynomialRank counts monomials: x, y, x^2, xy, y^2 for degree 3 in two features', () => {
  expect(polynomialRank(2, 3)).toBe(5);
  expect(polynomialRank(7, 2)).toBe(7);
  expect(polynomialRank(3, 4)).toBe(19);
});

test('the pair network falls like the fourth power of its knots', () => {
  const knots = [40, 80, 160];
  const found = knots.map((m) => pairNetworkError(sine(6), 5, m));
  expect(found.map(({ units }) => units)).toEqual([50, 90, 170]);
  expect(
    Math.abs(
      logLogSlope(
        knots,
        found.map(({ unexplained }) => unexplained),
      ) + 4,
    ),
  ).toBeLessThan(0.2);
});
