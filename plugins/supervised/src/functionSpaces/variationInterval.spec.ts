import { fillNormal, fillUniform, randomKey, symmetricEigen } from '@muflow/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arcCosineKernel } from '../kernels/unitKernels.js';
import { variationInterval } from './variationInterval.js';

/** Rows on the unit circle at equal angles, and the values of one neuron whose kink lies between rows. */
function neuronOnCircle(count: number): { readonly inputs: Float64Array; readonly targets: Float64Array } {
  const inputs = new Float64Array(2 * count);
  for (let l = 0; l < count; l++) {
    const angle = (2 * Math.PI * (l + 0.3)) / count;
    inputs.set([Math.cos(angle), Math.sin(angle)], 2 * l);
  }
  const targets = Float64Array.from({ length: count }, (_, l) => Math.max(0, inputs[2 * l]));
  return { inputs, targets };
}

/** Gram matrix of relu(<w, .>) with w uniform on the unit circle: |w|^2 = 2 in the mean of the normal law. */
function circleGram(inputs: Float64Array): Float64Array {
  const rows = inputs.length / 2;
  const gram = new Float64Array(rows * rows);
  arcCosineKernel(2, { order: 1 }).gramInto(gram, inputs, rows, inputs, rows);
  return gram.map((value) => value / 2);
}

const product = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, l) => sum + value * b[l], 0);

describe('one neuron', () => {
  test('has norm 1 in F1 at every resolution, by a certified interval', () => {
    for (const count of [8, 16, 40]) {
      const { lower, upper, status } = variationInterval({ ...neuronOnCircle(count), bias: false, tolerance: 1e-4 });
      expect(status).toBe('converged');
      expect(lower).toBeLessThanOrEqual(upper);
      expect(upper).toBeLessThan(1 + 1e-9);
      expect(lower).toBeGreaterThan(0.995);
    }
  });
});

describe('Jensen: F1 is at most F2', () => {
  test('functions of F2 have a variation norm, certified, of at most their norm in F2', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 3, max: 10 }), (seed, rows) => {
        const inputs = new Float64Array(2 * rows);
        const alpha = new Float64Array(rows);
        fillNormal(inputs, randomKey(`inputs ${seed}`));
        fillNormal(alpha, randomKey(`coefficients ${seed}`));
        const gram = circleGram(inputs);
        const targets = Float64Array.from(alpha, (_, l) => product(gram.subarray(l * rows, (l + 1) * rows), alpha));
        const kernelNorm = Math.sqrt(product(alpha, targets));
        const tolerance = 1e-3 * Math.sqrt(product(targets, targets) / rows);
        const { lower, upper } = variationInterval({ inputs, targets, bias: false, tolerance, width: 1e-2 });
        expect(lower).toBeGreaterThan(0);
        expect(lower).toBeLessThanOrEqual(upper);
        expect(upper - lower).toBeLessThan(0.05 * upper);
        expect(upper).toBeLessThanOrEqual(kernelNorm);
      }),
      { numRuns: 12, seed: 7 },
    );
  });
});

/** The square of the least `(sum_j pi_j p_j^2)^(1/2)` over `sum_j pi_j p_j relu(<theta_j, x_l>) = y_l`: of y in F_pi. */
function squareNormUnder(law: Float64Array, directions: Float64Array, inputs: Float64Array, y: Float64Array): number {
  const rows = y.length;
  const gram = new Float64Array(rows * rows);
  for (const [j, share] of law.entries()) {
    const unit = Float64Array.from(y, (_, l) =>
      Math.max(0, directions[2 * j] * inputs[2 * l] + directions[2 * j + 1] * inputs[2 * l + 1]),
    );
    for (let l = 0; l < rows; l++) for (let k = 0; k < rows; k++) gram[l * rows + k] += share * unit[l] * unit[k];
  }
  const { values, vectors } = symmetricEigen(gram, rows);
  let sum = 0;
  for (let k = 0; k < rows; k++) {
    if (values[k] < 1e-13 * values[rows - 1]) continue;
    const part = y.reduce((total, value, l) => total + value * vectors[l * rows + k], 0);
    sum += part ** 2 / values[k];
  }
  return sum;
}

describe('F1 is the union of the spaces F_pi', () => {
  test('no law of the directions has a smaller norm than F1, and that of the optimal measure has the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 3, max: 8 }), (seed, rows) => {
        const inputs = new Float64Array(2 * rows);
        fillNormal(inputs, randomKey(`union inputs ${seed}`));
        // A sum of two units, so that some measure takes the values.
        const targets = Float64Array.from(
          { length: rows },
          (_, l) => Math.max(0, inputs[2 * l]) - 0.5 * Math.max(0, inputs[2 * l + 1]),
        );
        fc.pre(targets.some((value) => value !== 0));
        const { lower, upper, atoms } = variationInterval({ inputs, targets, bias: false, tolerance: 1e-4 });
        const values = targets.map((_, l) =>
          atoms.weights.reduce((sum, weight, j) => {
            const [a, b] = atoms.positions.subarray(2 * j, 2 * j + 2);
            return sum + weight * Math.max(0, a * inputs[2 * l] + b * inputs[2 * l + 1]);
          }, 0),
        );
        const own = atoms.weights.map((weight) => Math.abs(weight) / upper);
        const best = Math.sqrt(squareNormUnder(own, atoms.positions, inputs, values));
        expect(best).toBeLessThan(upper * (1 + 1e-6));
        expect(best).toBeGreaterThan(lower * (1 - 1e-6));
        const directions = Float64Array.from({ length: 128 }, (_, k) =>
          k % 2 === 0 ? Math.cos((Math.PI * k) / 64) : Math.sin((Math.PI * (k - 1)) / 64),
        );
        for (let draw = 0; draw < 5; draw++) {
          const law = new Float64Array(64);
          fillUniform(law, randomKey(`law ${seed} ${draw}`));
          const total = law.reduce((sum, value) => sum + value ** 4, 0);
          const random = law.map((value) => value ** 4 / total);
          expect(squareNormUnder(random, directions, inputs, targets)).toBeGreaterThan(lower ** 2);
        }
      }),
      { numRuns: 20, seed: 11 },
    );
  });
});

describe('the variation norm', () => {
  test('of |x| on [-1, 1] is 2 with biases at the kink', () => {
    const inputs = Float64Array.from({ length: 21 }, (_, l) => l / 10 - 1);
    const { lower, upper, atoms } = variationInterval({ inputs, targets: inputs.map(Math.abs), tolerance: 1e-3 });
    expect(lower).toBeGreaterThan(1.97);
    expect(upper).toBeLessThanOrEqual(2);
    expect(atoms.weights.length).toBeGreaterThan(1);
  });

  test('its lower end is what its dual proves, and its measure is within the tolerance', () => {
    const inputs = Float64Array.of(-1, -0.5, 0, 0.4, 1);
    const targets = Float64Array.of(0.3, -0.2, 0.5, 0.1, -0.4);
    const { lower, dual, atoms } = variationInterval({ inputs, targets, tolerance: 0.01 });
    let [most, squares] = [0, 0];
    for (let k = 0; k < 20_000; k++) {
      const angle = (2 * Math.PI * k) / 20_000;
      const [w, b] = [Math.cos(angle), Math.sin(angle)];
      most = Math.max(most, Math.abs(dual.reduce((sum, q, l) => sum + q * Math.max(0, w * inputs[l] + b), 0)));
    }
    const excess = product(dual, targets) - 0.01 * Math.sqrt(5 * product(dual, dual));
    expect(lower / (excess / most)).toBeCloseTo(1, 6);
    for (let l = 0; l < 5; l++) {
      let value = -targets[l];
      for (let i = 0; i < atoms.weights.length; i++) {
        value += atoms.weights[i] * Math.max(0, atoms.positions[2 * i] * inputs[l] + atoms.positions[2 * i + 1]);
      }
      squares += value * value;
    }
    expect(Math.sqrt(squares / 5)).toBeLessThanOrEqual(0.01 * (1 + 1e-9));
  });

  test('is 0 where the values are within the tolerance of 0, and refuses no tolerance', () => {
    const given = { inputs: Float64Array.of(0, 1), targets: Float64Array.of(0.1, -0.1) };
    expect(variationInterval({ ...given, tolerance: 0.2 }).upper).toBe(0);
    expect(() => variationInterval({ ...given, tolerance: 0 })).toThrow(/the tolerance is not positive/);
  });
});
