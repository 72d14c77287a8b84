import { gaussLegendre, randomKey, randomOrthogonal, randomStream, special } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import type { DataLaw } from './dataLaw.js';
import { gaussianData, sincFourthData } from './productLaws.js';
import { ballData, heavyTailedData, sphereData } from './radialLaws.js';
import { rotatedData } from './rotatedData.js';

const count = 20_000;
const draw = (law: DataLaw, seed: number): Float64Array => {
  const points = new Float64Array(count * law.dim);
  law.sampleInto(points, randomStream(randomKey(seed)));
  return points;
};
const column = (points: Float64Array, dim: number, k: number): Float64Array =>
  Float64Array.from({ length: points.length / dim }, (_, i) => points[i * dim + k]);
const radii = (points: Float64Array, dim: number): Float64Array =>
  Float64Array.from({ length: points.length / dim }, (_, i) => Math.hypot(...points.subarray(i * dim, (i + 1) * dim)));

/** Kolmogorov's distance to a law times sqrt(n). */
function kolmogorov(sample: Float64Array, cdf: (x: number) => number): number {
  const n = sample.length;
  return (
    Math.sqrt(n) *
    Float64Array.from(sample)
      .sort()
      .reduce((worst, x, i) => Math.max(worst, Math.abs(cdf(x) - i / n), Math.abs(cdf(x) - (i + 1) / n)), 0)
  );
}
/** Exceeded once in 1.1e6 samples of the right law: `2 exp(-2 * 2.7^2)`. */
const limit = 2.7;

/** Distribution function of `3 sinc(u)^4 / 2 pi` from a table of integrals over cells of width .05, to 60. */
function sincCdf(): (u: number) => number {
  const { nodes, weights } = gaussLegendre(8);
  const integral = (from: number, to: number): number => {
    let sum = 0;
    for (let k = 0; k < nodes.length; k++) {
      const u = from + ((to - from) * (nodes[k] + 1)) / 2;
      sum += (weights[k] * (to - from) * (u === 0 ? 1 : Math.sin(u) / u) ** 4) / 2;
    }
    return (3 * sum) / (2 * Math.PI);
  };
  const cell = 0.05;
  const table = [0];
  for (let k = 0; k < 1200; k++) table.push(table[k] + integral(k * cell, (k + 1) * cell));
  return (u) => {
    const size = Math.min(Math.abs(u), 59.99);
    const k = Math.floor(size / cell);
    const half = table[k] + integral(k * cell, size);
    return u < 0 ? 0.5 - half : 0.5 + half;
  };
}

describe('the sinc^4 product', () => {
  const law = sincFourthData({ dim: 2, band: 1.7 });
  const points = draw(law, 1);
  test('has the distribution function of 3 sinc^4 / 2 pi in every coordinate', () => {
    const cdf = sincCdf();
    // The table stops at u = 60, beyond which 1.7e-6 of the mass lies; two tests at 9.3e-7.
    expect(cdf(59.99)).toBeGreaterThan(1 - 2e-6);
    for (const k of [0, 1]) expect(kolmogorov(column(points, 2, k), (x) => cdf((1.7 * x) / 2))).toBeLessThan(limit);
  });
  test('has a characteristic function that ends at 2 r: a cubic spline', () => {
    // Means of 20000 cosines: six deviations of at most sqrt(1/2) or so, false alarm 2e-9 each.
    const x = column(points, 2, 0);
    const mean = (frequency: number) => x.reduce((sum, value) => sum + Math.cos(frequency * value), 0) / count;
    for (const [frequency, expected] of [
      [0.5, 23 / 32],
      [1, 1 / 4],
      [1.5, 1 / 32],
      [2, 0],
      [3.3, 0],
    ]) {
      expect(Math.abs(mean(1.7 * frequency) - expected)).toBeLessThan(6 * Math.sqrt(0.5 / count));
    }
  });
  test('has coordinates that do not know of each other', () => {
    // Signs of the two coordinates agree half the time; six deviations.
    const agree = Array.from({ length: count }, (_, i) => points[2 * i] > 0 === points[2 * i + 1] > 0);
    expect(Math.abs(agree.filter(Boolean).length / count - 0.5)).toBeLessThan(3 / Math.sqrt(count));
  });
});

test('the Gaussian law has normal coordinates of its deviation', () => {
  const points = draw(gaussianData({ dim: 3, deviation: 2 }), 2);
  for (const k of [0, 2]) {
    expect(kolmogorov(column(points, 3, k), (x) => special.normalCdf(x / 2))).toBeLessThan(limit);
  }
});

test('the sphere has its radius exactly and, in space, uniform heights', () => {
  const points = draw(sphereData({ dim: 3, radius: 2 }), 3);
  expect(Math.max(...radii(points, 3).map((r) => Math.abs(r - 2)))).toBeLessThan(1e-14);
  expect(kolmogorov(column(points, 3, 1), (x) => (x + 2) / 4)).toBeLessThan(limit);
});

test('the ball has a radius whose power d is uniform', () => {
  const points = draw(ballData({ dim: 5, radius: 3 }), 4);
  expect(kolmogorov(radii(points, 5), (r) => (r / 3) ** 5)).toBeLessThan(limit);
});

test('the heavy-tailed law has the stated survival function and no direction', () => {
  const points = draw(heavyTailedData({ dim: 2, tail: 1.5, scale: 2 }), 5);
  expect(kolmogorov(radii(points, 2), (r) => 1 - (1 + (r / 2) ** 2) ** -0.75)).toBeLessThan(limit);
  const angles = Float64Array.from({ length: count }, (_, i) => Math.atan2(points[2 * i + 1], points[2 * i]));
  expect(kolmogorov(angles, (angle) => (angle + Math.PI) / (2 * Math.PI))).toBeLessThan(limit);
});

test('a rotated law is that of x for which U x has the law', () => {
  const rotation = randomOrthogonal(3, randomStream(randomKey(6)));
  const law = rotatedData(sincFourthData({ dim: 3 }), rotation);
  const points = draw(law, 7);
  expect(law.band).toBeNull();
  const plain = draw(sincFourthData({ dim: 3 }), 7);
  const largest = Math.max(...plain.map(Math.abs));
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 3; j++) {
      const back = [0, 1, 2].reduce((sum, k) => sum + rotation[3 * j + k] * points[3 * i + k], 0);
      expect(Math.abs(back - plain[3 * i + j])).toBeLessThan(1e-14 * largest);
    }
  }
});

test('bad input is refused with the hypothesis named', () => {
  expect(() => sincFourthData({ dim: 0 })).toThrow(/hypothesis "d >= 1" is not met, got 0/);
  expect(() => sincFourthData({ dim: 2, band: 0 })).toThrow(/hypothesis "r > 0"/);
  expect(() => gaussianData({ dim: 1.5 })).toThrow(/d >= 1/);
  expect(() => gaussianData({ dim: 1, deviation: -1 })).toThrow(/deviation > 0/);
  expect(() => ballData({ dim: 2, radius: Number.NaN })).toThrow(/radius > 0/);
  expect(() => sphereData({ dim: 2, radius: 0 })).toThrow(/radius > 0/);
  expect(() => heavyTailedData({ dim: 2, tail: 0 })).toThrow(/tail > 0/);
  expect(() => rotatedData(gaussianData({ dim: 2 }), Float64Array.of(1, 0.1, 0, 1))).toThrow(/"U is orthogonal"/);
  expect(() => rotatedData(gaussianData({ dim: 2 }), Float64Array.of(1, 0, 0))).toThrow(/another size, got 3 numbers/);
  expect(() => gaussianData({ dim: 2 }).sampleInto(new Float64Array(3), randomStream(randomKey(1)))).toThrow(/whole/);
});
