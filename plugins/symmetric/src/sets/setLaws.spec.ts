import { randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import type { SetBatch } from './setBatch.js';
import { ballSets, boxSets, drawSets, gaussianSets, mixtureSets, type SetLaw, sphereSets } from './setLaws.js';
import { drawShapes, shapeSets, shapes } from './shapes.js';

const laws: readonly SetLaw[] = [
  boxSets({ dim: 3, radius: 2 }),
  ballSets({ dim: 3, radius: 2 }),
  sphereSets({ dim: 3, radius: 2 }),
  gaussianSets({ dim: 3, spread: 1.5, scales: [0.5, 2] }),
  gaussianSets({ dim: 3, spread: 0, scales: [2, 2] }),
  mixtureSets({
    centers: [
      [0, 1, 0],
      [2, 0, 0],
      [0, 0, -1],
    ],
    shares: [1, 2, 1],
    deviation: 0.3,
  }),
  ...shapes.map((shape) => shapeSets(shape, 0.2)),
];

/** Means over sets of the products of coordinates of the set means. */
function meanCovariance(batch: SetBatch, mean: Float64Array, k: number, l: number): number {
  const { dim, count, offsets, points } = batch;
  let sum = 0;
  for (let s = 0; s < count; s++) {
    let [x, y] = [0, 0];
    for (let i = offsets[s]; i < offsets[s + 1]; i++) {
      x += points[i * dim + k] - mean[k];
      y += points[i * dim + l] - mean[l];
    }
    const size = offsets[s + 1] - offsets[s];
    sum += (x * y) / size / size;
  }
  return sum / count;
}

describe.each(laws.map((law) => [law.name, law] as const))('%s', (_, law) => {
  // 4000 sets a size. A mean of products of coordinates up to a few units has a standard error below 0.12; each of the
  // 12 * 2 * 9 comparisons allows 5 of it: false-alarm rate below 1e-4 for this file, and the seeds are fixed.
  test.each([1, 4])('the mean of a set of %d points has the covariance between + within / N', (size) => {
    const batch = drawSets(law, { sets: 4000, size, key: randomKey(3) });
    const { mean, within, between } = law.moments;
    const variance = (k: number) => between[k * (law.dim + 1)] + within[k * (law.dim + 1)] / size;
    for (let k = 0; k < law.dim; k++) {
      for (let l = 0; l < law.dim; l++) {
        const at = k * law.dim + l;
        const expected = between[at] + within[at] / size;
        const scale = Math.max(variance(k), variance(l));
        // Var(xy) <= E x^4 <= 6 Var(x)^2 for these laws (the Gaussian scale mixture is the widest).
        const allowed = 5 * scale * Math.sqrt(6 / 4000);
        expect(Math.abs(meanCovariance(batch, mean, k, l) - expected)).toBeLessThan(allowed);
      }
    }
  });

  test('sets do not depend on how many there are, nor their first points on how large they are', () => {
    const draw = (sets: number, size: number) => drawSets(law, { sets, size, key: randomKey(9) });
    expect(draw(5, 6).points.slice(0, 3 * law.dim * 6)).toEqual(draw(3, 6).points);
    const [small, large] = [draw(1, 4), draw(1, 9)];
    const rows = (batch: SetBatch) => Array.from({ length: batch.masses.length }, (_, i) => batch.points[law.dim * i]);
    expect(rows(large)).toEqual(expect.arrayContaining(rows(small)));
  });
});

test('sizes are drawn uniformly between their ends', () => {
  const { offsets, totals } = drawSets(boxSets({ dim: 1, radius: 1 }), { sets: 3000, size: [2, 4], key: randomKey(1) });
  const sizes = Array.from({ length: 3000 }, (_, s) => offsets[s + 1] - offsets[s]);
  expect(Array.from(totals)).toEqual(sizes);
  // Binomial(3000, 1/3): standard deviation 26, 5 of them allowed; false-alarm rate below 2e-6.
  for (const size of [2, 3, 4]) expect(Math.abs(sizes.filter((n) => n === size).length - 1000)).toBeLessThan(130);
});

test.each([
  ['no sets', () => drawSets(laws[0], { sets: 0, size: 3, key: randomKey(1) }), /0 sets of 3 points/],
  ['a range from high to low', () => drawSets(laws[0], { sets: 1, size: [3, 2], key: randomKey(1) }), /not usable/],
  ['a negative radius', () => ballSets({ dim: 2, radius: -1 }), /\[ballSets\] radius is not usable, got -1/],
  ['half a dimension', () => boxSets({ dim: 0.5, radius: 1 }), /dim is not usable, got 0.5/],
  ['scales from high to low', () => gaussianSets({ dim: 1, spread: 1, scales: [2, 1] }), /scales/],
  ['centers of two dimensions', () => mixtureSets({ centers: [[1], [1, 2]], deviation: 1 }), /centers of 1, 2 coord/],
])('%s are refused', (_, call, message) => {
  expect(call).toThrow(message);
});

test('clouds of shapes come in equal numbers with their names', () => {
  const { batch, labels } = drawShapes({
    shapes: ['cross', 'disk'],
    each: 3,
    size: [4, 6],
    noise: 0,
    key: randomKey(1),
  });
  expect(labels).toEqual(['cross', 'cross', 'cross', 'disk', 'disk', 'disk']);
  expect(batch.ids).toEqual(['cross 0', 'cross 1', 'cross 2', 'disk 0', 'disk 1', 'disk 2']);
});
