import { readFileSync } from 'node:fs';
import { defaultBackend, fillNormal, randomKey, solve } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { fitRidge } from '../baselines/ridge.js';
import type { KernelInto } from './featureKernel.js';
import { kernelRidge } from './kernelRidge.js';
import { radialBasisKernel } from './shiftKernels.js';
import { arcCosineKernel, errorFunctionKernel } from './unitKernels.js';

interface Vectors {
  readonly d: number;
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  readonly points: readonly number[];
  readonly cases: readonly {
    readonly kernel: string;
    readonly lambda: number;
    readonly predictions: readonly number[];
    readonly loo: number;
    readonly gcv: number;
    readonly degrees: number;
    readonly squaredNorm: number;
  }[];
}

/** Written by kernelRidge.py beside the file: NumPy's solve, its inverse, and fits without every row in turn. */
const vectors = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/kernelRidge.json', import.meta.url), 'utf8'),
) as Vectors;

const law = { weight: 0.8, bias: 0.5 };
const kernels: Readonly<Record<string, KernelInto>> = {
  arcCosine0: arcCosineKernel(3, { order: 0, ...law }).gramInto,
  arcCosine1: arcCosineKernel(3, { order: 1, ...law }).gramInto,
  arcCosine2: arcCosineKernel(3, { order: 2, ...law }).gramInto,
  erf: errorFunctionKernel(3).gramInto,
  gaussian: radialBasisKernel(3).gramInto,
};
const inputs = Float64Array.from(vectors.inputs);
const targets = Float64Array.from(vectors.targets);
const points = Float64Array.from(vectors.points);
const kernel = kernels.arcCosine1;

const normals = (count: number, key: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(key));
  return out;
};
const bent = (x: Float64Array): Float64Array =>
  Float64Array.from({ length: x.length / 3 }, (_, l) => Math.abs(x[3 * l]) + x[3 * l + 1] * x[3 * l + 2]);

describe.each(vectors.cases)('kernel ridge regression, $kernel, penalty $lambda', (expected) => {
  const options = { kernel: kernels[expected.kernel], inputs, targets, lambda: expected.lambda };

  test('predicts what NumPy predicts to 1e-9, with its scores', async () => {
    const fit = await kernelRidge({ ...options, select: 'loo' });
    const predicted = fit.predict(points, 6);
    expected.predictions.forEach((value, l) => {
      expect(Math.abs(predicted[l] - value)).toBeLessThan(1e-9);
    });
    const [{ loo, gcv, degrees }] = fit.scores;
    expect(Math.abs(Number(loo) / expected.loo - 1)).toBeLessThan(1e-9);
    expect(Math.abs(Number(gcv) / expected.gcv - 1)).toBeLessThan(1e-9);
    expect(Math.abs(Number(degrees) / expected.degrees - 1)).toBeLessThan(1e-9);
    expect(Math.abs(fit.squaredNorm / expected.squaredNorm - 1)).toBeLessThan(1e-9);
  });

  test('by conjugate gradients too', async () => {
    const fit = await kernelRidge({ ...options, solver: 'conjugate-gradients', iterative: { landmarks: 20 } });
    expect(fit.solution?.status).toBe('converged');
    const predicted = fit.predict(points, 6);
    expected.predictions.forEach((value, l) => {
      expect(Math.abs(predicted[l] - value)).toBeLessThan(1e-7);
    });
  });
});

describe('the penalty', () => {
  test('by leaving rows out in closed form is by leaving them out, row for row', async () => {
    const lambda = 1e-3;
    const { looResiduals } = await kernelRidge({ kernel, inputs, targets, lambda, select: 'loo' });
    const rows = targets.length;
    for (let left = 0; left < rows; left++) {
      const kept = Float64Array.from(inputs.filter((_, k) => Math.floor(k / 3) !== left));
      const gram = new Float64Array((rows - 1) ** 2);
      kernel(gram, kept, rows - 1, kept, rows - 1);
      for (let l = 0; l < rows - 1; l++) gram[l * rows] += lambda * rows;
      const alpha = solve(
        gram,
        targets.filter((_, l) => l !== left),
        rows - 1,
      );
      const across = new Float64Array(rows - 1);
      kernel(across, inputs.subarray(3 * left, 3 * left + 3), 1, kept, rows - 1);
      const residual = targets[left] - across.reduce((sum, value, l) => sum + value * alpha[l], 0);
      expect(Math.abs((looResiduals?.[left] ?? Number.NaN) - residual)).toBeLessThan(1e-10);
    }
  });

  test.each(['loo', 'gcv', 'validation'] as const)(
    'of least error by %s is taken, and is that of its own fit',
    async (select) => {
      const validation = { inputs: normals(60, 'validation'), targets: bent(normals(60, 'validation')) };
      const lambdas = [1e2, 1e-2, 1e-4, 1e-7];
      const fit = await kernelRidge({ kernel, inputs, targets, lambda: lambdas, select, validation });
      const errors = fit.scores.map((score) => Number(score[select]));
      expect(fit.lambda).toBe(lambdas[errors.indexOf(Math.min(...errors))]);
      const alone = await kernelRidge({ kernel, inputs, targets, lambda: fit.lambda, select, validation });
      expect(alone.coefficients).toEqual(fit.coefficients);
      expect(alone.scores[0]).toEqual(fit.scores[lambdas.indexOf(fit.lambda)]);
    },
  );

  test('counts all rows as degrees of freedom where it is small, none where it is large', async () => {
    const degrees = async (lambda: number): Promise<number> =>
      Number((await kernelRidge({ kernel, inputs, targets, lambda, select: 'gcv' })).scores[0].degrees);
    expect(await degrees(1e-10)).toBeCloseTo(40, 3);
    expect(await degrees(1e8)).toBeLessThan(1e-6);
  });
});

describe('the fit', () => {
  // 300 rows: more than one block of the factor, of predictions and of the kernel.
  const many = normals(900, 'many');
  const options = { kernel, inputs: many, targets: bent(many) };

  test('solves (K + lambda L I) alpha = y, with the error and the norm of that f', async () => {
    const fit = await kernelRidge({ ...options, lambda: 1e-2 });
    const gram = new Float64Array(300 * 300);
    kernel(gram, many, 300, many, 300);
    const own = fit.predict(many, 300);
    let [worst, error, norm] = [0, 0, 0];
    for (let l = 0; l < 300; l++) {
      worst = Math.max(worst, Math.abs(own[l] + 3 * fit.coefficients[l] - options.targets[l]));
      error += (own[l] - options.targets[l]) ** 2 / 300;
      norm += fit.coefficients[l] * own[l];
    }
    expect(worst).toBeLessThan(1e-11);
    expect(fit.trainError / error).toBeCloseTo(1, 9);
    expect(fit.squaredNorm / norm).toBeCloseTo(1, 9);
  });

  test('with the kernel of some features is ridge regression on them, at the same penalty', async () => {
    const map = arcCosineKernel(3, { order: 1 }).draw(25, randomKey('features'));
    const ofFeatures: KernelInto = (out, a, rows, b, otherRows) => {
      const [one, other] = [new Float64Array(rows * 25), new Float64Array(otherRows * 25)];
      map.valuesInto(one, a, rows);
      map.valuesInto(other, b, otherRows);
      defaultBackend().matmulInto(out, one, other, { n: rows, k: 25, m: otherRows, transposeB: true });
    };
    const part = { rows: Uint32Array.from(targets, (_, l) => l), inputs, targets };
    const expected = await fitRidge(map, part, part, { lambdas: [1e-3] });
    const fit = await kernelRidge({ kernel: ofFeatures, inputs, targets, lambda: 1e-3 });
    const [one, other] = [fit.predict(points, 6), expected.predict(points, 6)];
    for (let l = 0; l < 6; l++) expect(Math.abs(one[l] - other[l])).toBeLessThan(1e-10);
  });

  test('is the same by both solvers, and landmarks save iterations', async () => {
    const direct = await kernelRidge({ ...options, lambda: 1e-5 });
    const iterations: number[] = [];
    for (const landmarks of [1, 50, 300]) {
      const iterative = { landmarks, tolerance: 1e-11 };
      const fit = await kernelRidge({ ...options, lambda: 1e-5, solver: 'conjugate-gradients', iterative });
      expect(fit.solution?.status).toBe('converged');
      expect(fit.solution?.residual).toBeLessThan(1e-11);
      iterations.push(fit.solution?.iterations ?? 0);
      const [one, other] = [fit.predict(points, 6), direct.predict(points, 6)];
      for (let l = 0; l < 6; l++) expect(Math.abs(one[l] - other[l])).toBeLessThan(1e-7);
    }
    const [one, fifty, all] = iterations;
    expect(fifty).toBeLessThan(one / 2);
    expect(all).toBeLessThan(6);
  });

  test('says so where conjugate gradients do not arrive', async () => {
    const solver = 'conjugate-gradients';
    const few = { landmarks: 1, maxIterations: 3 };
    const short = await kernelRidge({ ...options, lambda: 1e-6, solver, iterative: few });
    expect(short.solution?.status).toBe('maxIterations');
    expect(short.solution?.residual).toBeGreaterThan(1e-10);
    const exact = { landmarks: 50, tolerance: 1e-18 };
    const stalled = await kernelRidge({ ...options, lambda: 1e-2, solver, iterative: exact });
    expect(stalled.solution?.status).toBe('stalled');
    expect(stalled.solution?.residual).toBeLessThan(1e-12);
  });

  test('of targets that are all 0 is 0', async () => {
    const fit = await kernelRidge({
      kernel,
      inputs,
      targets: new Float64Array(40),
      lambda: 1,
      solver: 'conjugate-gradients',
    });
    expect(fit.coefficients.every((alpha) => alpha === 0)).toBe(true);
  });

  test('awaits pauses, whose shares rise to 1', async () => {
    const shares: number[] = [];
    const pause = async (share: number): Promise<void> => void shares.push(share);
    await kernelRidge({ ...options, lambda: [1, 2], pause });
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.length).toBeGreaterThan(10);
  });
});

describe('kernel ridge regression refuses', () => {
  const refused = (more: object, message: RegExp) =>
    expect(kernelRidge({ kernel, inputs, targets, ...more })).rejects.toThrow(message);

  test('what it cannot do, with the way out', async () => {
    await refused({ inputs: inputs.subarray(1) }, /got 119 inputs for 40 targets, expected d numbers/);
    await refused({ lambda: 0 }, /a penalty is not positive/);
    await refused({ lambda: [] }, /a penalty is not positive/);
    await refused({ select: 'validation' }, /nothing chooses the penalty/);
    await refused({ solver: 'conjugate-gradients', select: 'loo' }, /solver: "cholesky"/);
  });

  test('rows that are there twice with hardly a penalty', async () => {
    const twice = { inputs: Float64Array.of(1, 1, 1, 1, 1, 1), targets: Float64Array.of(1, 2), lambda: 1e-30 };
    await refused(twice, /pivot 1 equal to .*, expected positive pivots/);
  });
});
