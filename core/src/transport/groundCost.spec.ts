import { expect, test } from 'vitest';
import { randomKey, randomStream } from '../math/random.js';
import { euclidean } from '../space/euclidean.js';
import { product } from '../space/product.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { randomMeasure } from '../testing/measures.js';
import { type CostPoints, distanceCost, formulaCost } from './groundCost.js';

const source = randomStream(randomKey(95));

test('costs are powers of the distance, with the same bits one by one as by rows, in small and in large families', () => {
  const spaces = [1, 2, 3, 7, 10].map(euclidean);
  for (const space of [...spaces, torus(2, { period: 3 }), sphere(3), product([euclidean(1), sphere(2)])]) {
    for (const [rows, columns] of [
      [4, 7],
      [90, 123],
    ]) {
      const [x, y] = [rows, columns].map((n) => randomMeasure(space, n, 'positive', source).positions);
      const points: CostPoints = { space, rows, columns, x, y };
      for (const p of [1, 2, 2.5]) {
        const cost = distanceCost(points, p);
        const line = new Float64Array(columns);
        for (const i of [0, rows - 1]) {
          cost.rowInto(line, i);
          line.forEach((c, j) => {
            const direct = space.distance(x, i * space.dim, y, j * space.dim) ** p;
            expect(Math.abs(c - direct)).toBeLessThanOrEqual(2 * cost.relativeError * direct + 1e-30);
            expect(cost.between(i, j)).toBe(c);
          });
        }
      }
    }
  }
});

test('a formula gives the same bits one by one as by rows', () => {
  const [x, y] = [5, 8].map((n) => randomMeasure(euclidean(2), n, 'positive', source).positions);
  const cost = formulaCost(
    'test',
    { space: euclidean(2), rows: 5, columns: 8, x, y },
    'exp(-norm2(x - y)) + x[0]*y[1]',
  );
  const line = new Float64Array(8);
  cost.rowInto(line, 3);
  expect(line[6]).toBeCloseTo(Math.exp(-((x[6] - y[12]) ** 2) - (x[7] - y[13]) ** 2) + x[6] * y[13], 13);
  expect(cost.between(3, 6)).toBe(line[6]);
});
