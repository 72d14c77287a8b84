import { fillNormal, leastSquares, randomKey, solve } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import type { Part } from '../dataset.js';
import { arcCosineKernel } from '../kernels/unitKernels.js';
import { landmarkFeatures, linearFeatures, randomFeatures } from './features.js';
import { fitRidge, meanSquare } from './ridge.js';

const d = 3;
const normals = (count: number, key: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(key));
  return out;
};
/** Rows with targets `g(x)`. */
const part = (rows: number, key: string, g: (x: Float64Array) => number): Part => {
  const inputs = normals(rows * d, key);
  const targets = Float64Array.from({ length: rows }, (_, l) => g(inputs.subarray(l * d, l * d + d)));
  return { rows: Uint32Array.from({ length: rows }, (_, l) => l), inputs, targets };
};
const bent = ([x, y, z]: Float64Array): number => Math.abs(x) + y * z;
const train = part(60, 'train', bent);
const validation = part(20, 'validation', bent);
const test20 = part(20, 'test', bent);
const law = { activation: 'relu', weight: 0.8, bias: 0.5 };
const kernel = arcCosineKernel(d, { order: 1, weight: law.weight, bias: law.bias }).gramInto;

const kernelMatrix = (a: Part, b: Part): Float64Array => {
  const out = new Float64Array(a.targets.length * b.targets.length);
  kernel(out, a.inputs, a.targets.length, b.inputs, b.targets.length);
  return out;
};

describe('ridge regression', () => {
  test('without a penalty is least squares', async () => {
    const fit = await fitRidge(linearFeatures(d), train, validation, { lambdas: [0] });
    const plane = leastSquares(train.inputs, train.targets, 60, d);
    for (let k = 0; k < d; k++) expect(fit.coefficients[k]).toBeCloseTo(plane[k], 10);
  });

  test('satisfies (X^T X / L + lambda I) c = X^T y / L, however the rows fall into blocks', async () => {
    const many = part(5000, 'many', ([x, y]) => 2 * x - y + x * y);
    const { coefficients } = await fitRidge(linearFeatures(d), many, validation, { lambdas: [0.3] });
    for (let k = 0; k < d; k++) {
      let left = 0.3 * coefficients[k];
      for (let l = 0; l < 5000; l++) {
        const x = many.inputs.subarray(l * d, l * d + d);
        const residual = x[0] * coefficients[0] + x[1] * coefficients[1] + x[2] * coefficients[2] - many.targets[l];
        left += (x[k] * residual) / 5000;
      }
      expect(Math.abs(left)).toBeLessThan(1e-12);
    }
  });

  test('chooses the penalty of least error on the validation rows', async () => {
    const lambdas = [10, 1e-3, 0.1];
    const fit = await fitRidge(linearFeatures(d), train, validation, { lambdas });
    const errors: number[] = [];
    for (const lambda of lambdas) {
      const single = await fitRidge(linearFeatures(d), train, validation, { lambdas: [lambda] });
      errors.push(meanSquare(single.predict(validation.inputs, 20), validation.targets));
    }
    expect(fit.validationErrors).toEqual(errors);
    expect(fit.lambda).toBe(lambdas[errors.indexOf(Math.min(...errors))]);
  });

  test('without validation rows is refused', async () => {
    const none = { rows: new Uint32Array(0), inputs: new Float64Array(0), targets: new Float64Array(0) };
    await expect(fitRidge(linearFeatures(d), train, none)).rejects.toThrow(
      /nothing chooses the penalty, got 0 validation rows/,
    );
  });
});

describe('kernel ridge regression', () => {
  test('with every row a landmark is K (K + lambda L)^-1 y', async () => {
    const lambda = 1e-3;
    const map = landmarkFeatures(kernel, train, 100, randomKey(1));
    const fit = await fitRidge(map, train, validation, { lambdas: [lambda] });
    const gram = kernelMatrix(train, train);
    for (let l = 0; l < 60; l++) gram[l * 60 + l] += lambda * 60;
    const weights = solve(gram, train.targets, 60);
    const across = kernelMatrix(test20, train);
    const predicted = fit.predict(test20.inputs, 20);
    for (let l = 0; l < 20; l++) {
      let expected = 0;
      for (let j = 0; j < 60; j++) expected += across[l * 60 + j] * weights[j];
      expect(predicted[l]).toBeCloseTo(expected, 6);
    }
  });

  test('takes rows that are there many times, at every penalty', async () => {
    const inputs = Float64Array.from({ length: 180 }, (_, k) => train.inputs[k % 30]);
    const twice: Part = { rows: train.rows, inputs, targets: train.targets };
    const fit = await fitRidge(landmarkFeatures(kernel, twice, 60, randomKey(1)), twice, validation);
    expect(fit.validationErrors).toHaveLength(12);
    expect(fit.validationErrors.every(Number.isFinite)).toBe(true);
  });

  test('approaches the exact one as landmarks are added', async () => {
    const exact = await fitRidge(landmarkFeatures(kernel, train, 60, randomKey(1)), train, validation, {
      lambdas: [1e-3],
    });
    const gap = async (count: number): Promise<number> => {
      const fit = await fitRidge(landmarkFeatures(kernel, train, count, randomKey(1)), train, validation, {
        lambdas: [1e-3],
      });
      return meanSquare(fit.predict(test20.inputs, 20), exact.predict(test20.inputs, 20));
    };
    expect(await gap(50)).toBeLessThan((await gap(10)) / 10);
  });

  test('its kernel is the second moment of the neurons of the start law', async () => {
    // 5e4 neurons: a standard error of at most 1 % of the diagonal; a band of 5 standard errors over 400 entries gives a
    // false alarm for less than 3e-4 of the seeds.
    const map = randomFeatures(d, law, { count: 50_000, key: randomKey(3) });
    const values = new Float64Array(20 * map.count);
    map.valuesInto(values, test20.inputs, 20);
    const expected = kernelMatrix(test20, test20);
    for (let l = 0; l < 20; l++) {
      for (let j = 0; j < 20; j++) {
        let sum = 0;
        for (let k = 0; k < map.count; k++) sum += values[l * map.count + k] * values[j * map.count + k];
        const scale = Math.sqrt(expected[l * 21] * expected[j * 21]);
        expect(Math.abs(sum - expected[l * 20 + j]) / scale).toBeLessThan(0.05);
      }
    }
  });

  test('random features approach it as they are added', async () => {
    const exact = await fitRidge(landmarkFeatures(kernel, train, 60, randomKey(1)), train, validation, {
      lambdas: [1e-2],
    });
    const gap = async (count: number): Promise<number> => {
      const map = randomFeatures(d, law, { count, key: randomKey(4) });
      const fit = await fitRidge(map, train, validation, { lambdas: [1e-2] });
      return meanSquare(fit.predict(test20.inputs, 20), exact.predict(test20.inputs, 20));
    };
    expect(await gap(400)).toBeLessThan((await gap(20)) / 5);
  });
});
