import { fillNormal, leastSquares, randomKey, ridgePath } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { kernelRidge } from './kernelRidge.js';
import { arcCosineKernel } from './unitKernels.js';

const d = 2;
const rows = 30;
const inputs = new Float64Array(rows * d);
fillNormal(inputs, randomKey('rows'));
const targets = Float64Array.from({ length: rows }, (_, l) => Math.sin(inputs[2 * l]) + inputs[2 * l + 1] ** 2);
const kernel = arcCosineKernel(d, { order: 1, bias: 0.5 });

const gramOf = (columns: Float64Array, count: number): Float64Array =>
  Float64Array.from({ length: rows * rows }, (_, at) => {
    const [l, j] = [Math.floor(at / rows), at % rows];
    let sum = 0;
    for (let k = 0; k < count; k++) sum += columns[l * count + k] * columns[j * count + k];
    return sum;
  });

describe('the path of kernel ridge regression', () => {
  test('has the fits and scores of the direct solver at every penalty', async () => {
    const gram = new Float64Array(rows * rows);
    kernel.gramInto(gram, inputs, rows, inputs, rows);
    const path = ridgePath(gram, targets);
    for (const lambda of [1e-4, 1e-2, 1]) {
      const fit = await kernelRidge({ kernel: kernel.gramInto, inputs, targets, lambda, select: 'loo' });
      const point = path.at(lambda);
      const [score] = fit.scores;
      for (let l = 0; l < rows; l++) expect(Math.abs(point.coefficients[l] - fit.coefficients[l])).toBeLessThan(1e-9);
      expect(Number(point.loo) / Number(score.loo)).toBeCloseTo(1, 9);
      expect(Number(point.gcv) / Number(score.gcv)).toBeCloseTo(1, 9);
      expect(point.degrees / Number(score.degrees)).toBeCloseTo(1, 9);
      expect(point.trainError / fit.trainError).toBeCloseTo(1, 9);
    }
  });

  // Fewer features than rows and more: least squares and interpolation.
  test.each([7, 50])('without a penalty is the shortest solution of least squares, %i features', (count) => {
    const features = new Float64Array(rows * count);
    fillNormal(features, randomKey(`features ${count}`));
    const { coefficients, degrees, trainError, loo } = ridgePath(gramOf(features, count), targets).at(0);
    const shortest = leastSquares(features, targets, rows, count);
    for (let k = 0; k < count; k++) {
      let weight = 0;
      for (let l = 0; l < rows; l++) weight += coefficients[l] * features[l * count + k];
      expect(Math.abs(weight - shortest[k])).toBeLessThan(1e-10);
    }
    expect(degrees).toBeCloseTo(Math.min(count, rows), 9);
    if (count > rows) expect(trainError).toBeLessThan(1e-20);
    else expect(trainError).toBeGreaterThan(0.01);
    expect(loo).toBeNull();
  });

  test('fits several outputs as it fits each of them, and adds up their scores', () => {
    const gram = new Float64Array(rows * rows);
    kernel.gramInto(gram, inputs, rows, inputs, rows);
    const other = targets.map((y, l) => Math.cos(y) - l / rows);
    const both = Float64Array.from({ length: 2 * rows }, (_, at) => [targets, other][at % 2][Math.floor(at / 2)]);
    const joint = ridgePath(gram, both, 2).at(1e-3);
    const parts = [targets, other].map((y) => ridgePath(gram, y).at(1e-3));
    for (let l = 0; l < rows; l++) {
      parts.forEach((part, o) => {
        expect(Math.abs(joint.coefficients[2 * l + o] - part.coefficients[l])).toBeLessThan(1e-12);
      });
    }
    for (const score of ['loo', 'gcv', 'trainError'] as const) {
      expect(Number(joint[score]) / (Number(parts[0][score]) + Number(parts[1][score]))).toBeCloseTo(1, 12);
    }
    expect(joint.degrees).toBeCloseTo(parts[0].degrees, 12);
  });

  test('refuses penalties that are none', () => {
    expect(() => ridgePath(Float64Array.of(1), Float64Array.of(1)).at(-1)).toThrow(/got -1, expected a number >= 0/);
  });
});
