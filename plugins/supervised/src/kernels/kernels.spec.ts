import {
  type Backend,
  defaultBackend,
  fillNormal,
  randomKey,
  referenceBackend,
  special,
  symmetricEigen,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { erfKernel, reluKernel } from '../population/dotKernels.js';
import type { FeatureKernel } from './featureKernel.js';
import { periodicKernel, radialBasisKernel } from './shiftKernels.js';
import { arcCosineKernel, cosineKernel, errorFunctionKernel } from './unitKernels.js';
import { squaredReluUnit } from './units.js';

const d = 3;
const rows = 70;
const normals = (count: number, key: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(key));
  return out;
};
const inputs = normals(rows * d, 'rows');
const law = { weight: 0.8, bias: 0.5 };

const kernelsOn = (backend: Backend): readonly FeatureKernel[] => [
  arcCosineKernel(d, { order: 0, ...law, backend }),
  arcCosineKernel(d, { order: 1, ...law, backend }),
  arcCosineKernel(d, { order: 2, ...law, backend }),
  errorFunctionKernel(d, { ...law, backend }),
  cosineKernel(d, { ...law, backend }),
  radialBasisKernel(d, { length: 1.3, backend }),
  periodicKernel(d, { period: 2.5, length: 0.8, backend }),
];
const kernels = kernelsOn(defaultBackend());

const row = (l: number): Float64Array => inputs.subarray(l * d, l * d + d);
const gramOf = (kernel: FeatureKernel, a: Float64Array, b: Float64Array): Float64Array => {
  const out = new Float64Array((a.length / d) * (b.length / d));
  kernel.gramInto(out, a, a.length / d, b, b.length / d);
  return out;
};

/** The closed forms as they are printed, one entry at a time. */
function printed(x: Float64Array, y: Float64Array): readonly number[] {
  const q = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, k) => sum + 0.64 * value * b[k], 0) + 0.25;
  const [q11, q22, q12] = [q(x, x), q(y, y), q(x, y)];
  const size = Math.sqrt(q11 * q22);
  const cosine = Math.max(-1, Math.min(1, q12 / size));
  const t = Math.acos(cosine);
  const square = x.reduce((sum, value, k) => sum + (value - y[k]) ** 2, 0);
  const waves = x.reduce((sum, value, k) => sum + Math.sin((Math.PI * (value - y[k])) / 2.5) ** 2, 0);
  return [
    (Math.PI - t) / (2 * Math.PI),
    (size * (Math.sin(t) + (Math.PI - t) * cosine)) / (2 * Math.PI),
    (size ** 2 * (3 * Math.sin(t) * cosine + (Math.PI - t) * (1 + 2 * cosine ** 2))) / (2 * Math.PI),
    (2 / Math.PI) * Math.asin((2 * q12) / Math.sqrt((1 + 2 * q11) * (1 + 2 * q22))),
    Math.exp(-(q11 + q22) / 2) * Math.cosh(q12),
    Math.exp(-square / (2 * 1.3 ** 2)),
    Math.exp((-2 / 0.8 ** 2) * waves),
  ];
}

describe.each(kernels.map((kernel, index) => ({ kernel, index })))('$kernel.name', ({ kernel, index }) => {
  const gram = gramOf(kernel, inputs, inputs);
  const largest = Math.max(...gram);

  test('its Gram matrix is the printed closed form', () => {
    let worst = 0;
    for (let l = 0; l < rows; l++) {
      for (let j = 0; j < l; j++) {
        worst = Math.max(worst, Math.abs(gram[l * rows + j] - printed(row(l), row(j))[index]));
      }
    }
    expect(worst).toBeLessThan(4e-15 * largest);
  });

  test('half computed and copied is the whole computed, and symmetric to the bit', () => {
    const whole = gramOf(kernel, inputs, inputs.slice());
    let [apart, atEqual, asymmetric] = [0, 0, 0];
    for (let l = 0; l < rows; l++) {
      for (let j = 0; j < rows; j++) {
        asymmetric = Math.max(asymmetric, Math.abs(gram[l * rows + j] - gram[j * rows + l]));
        const difference = Math.abs(gram[l * rows + j] - whole[l * rows + j]);
        if (l === j) atEqual = Math.max(atEqual, difference);
        else apart = Math.max(apart, difference);
      }
    }
    expect(asymmetric).toBe(0);
    expect(apart).toBeLessThan(4e-15 * largest);
    // At equal points the angle of order 0 is the root of a rounding.
    expect(atEqual).toBeLessThan(4e-8 * largest);
    const diagonal = new Float64Array(rows);
    kernel.diagonalInto(diagonal, { inputs, rows });
    for (let l = 0; l < rows; l++) {
      expect(diagonal[l]).toBe(gram[l * rows + l]);
      expect(Math.abs(diagonal[l] - printed(row(l), row(l))[index])).toBeLessThan(4e-8 * largest);
    }
  });

  test('has the same values where the backend compiles no formula of products', () => {
    const plain = gramOf(kernelsOn(referenceBackend())[index], inputs, inputs.slice());
    const whole = gramOf(kernel, inputs, inputs.slice());
    expect(plain.reduce((most, value, k) => Math.max(most, Math.abs(value - whole[k])), 0)).toBeLessThan(
      4e-8 * largest,
    );
    const half = gramOf(kernelsOn(referenceBackend())[index], inputs, inputs);
    expect(half.reduce((most, value, k) => Math.max(most, Math.abs(value - gram[k])), 0)).toBeLessThan(4e-15 * largest);
  });

  test('is positive semidefinite on random inputs', () => {
    const { values } = symmetricEigen(gram, rows);
    expect(values[0]).toBeGreaterThan(-1e-8 * values[rows - 1]);
  });

  // Means of products of 40,000 features over 8 * 8 entries. A band of 6 standard errors, estimated from the same features,
  // gives a false alarm for less than 1e-6 of the seeds where tails are light; products of squares have heavier ones, 1e-4.
  test('is the mean of products of the features that are drawn', () => {
    const map = kernel.draw(40_000, randomKey(`features of ${kernel.name}`));
    const values = new Float64Array(8 * map.count);
    map.valuesInto(values, inputs, 8);
    for (let l = 0; l < 8; l++) {
      for (let j = 0; j <= l; j++) {
        let [sum, squares] = [0, 0];
        for (let k = 0; k < map.count; k++) {
          const product = map.count * values[l * map.count + k] * values[j * map.count + k];
          sum += product;
          squares += product * product;
        }
        const mean = sum / map.count;
        const error = Math.sqrt((squares / map.count - mean * mean) / map.count);
        expect(Math.abs(mean - gram[l * rows + j])).toBeLessThan(6 * error + 1e-12);
      }
    }
  });
});

// A kernel of steps has none.
describe.each(kernels.filter(({ name }) => name !== 'arc-cosine of order 0'))('$name', (kernel) => {
  test('its gradients are central differences', () => {
    const points = { inputs: inputs.slice(0, 4 * d), rows: 4 };
    const others = { inputs: inputs.slice(20 * d, 30 * d), rows: 10 };
    const coefficients = normals(10, 'coefficients');
    const gradient = new Float64Array(4 * d);
    kernel.gradientInto?.(gradient, points, others, coefficients);
    const value = (at: Float64Array, l: number): number =>
      gramOf(kernel, at, others.inputs)
        .subarray(l * 10, l * 10 + 10)
        .reduce((sum, k, j) => sum + coefficients[j] * k, 0);
    for (let k = 0; k < 4 * d; k++) {
      const [up, down] = [points.inputs.slice(), points.inputs.slice()];
      up[k] += 1e-5;
      down[k] -= 1e-5;
      const difference = (value(up, Math.floor(k / d)) - value(down, Math.floor(k / d))) / 2e-5;
      expect(Math.abs(gradient[k] - difference)).toBeLessThan(1e-8 * (1 + Math.abs(difference)));
    }
  });
});

describe('kernels of units', () => {
  test('have the values of the population kernels', () => {
    const out = new Float64Array(4);
    const [relu, erf, squared] = [reluKernel('gaussian', d), erfKernel(), squaredReluUnit.dots];
    const product = (l: number, j: number): number => row(l).reduce((sum, x, k) => sum + x * row(j)[k], 0);
    [arcCosineKernel(d, { order: 1 }), errorFunctionKernel(d), arcCosineKernel(d, { order: 2 })].forEach(
      (kernel, k) => {
        const gram = gramOf(kernel, inputs, inputs);
        for (let l = 1; l < rows; l++) {
          [relu, erf, squared][k]?.evaluateInto(out, product(l, l), product(l - 1, l - 1), product(l, l - 1));
          expect(Math.abs(gram[l * rows + l - 1] - out[0])).toBeLessThan(1e-13 * Math.max(1, out[0]));
        }
      },
    );
  });

  test('take points of which units see nothing: the sampled law at 0', () => {
    const zero = new Float64Array(d);
    const at = (kernel: FeatureKernel): number => gramOf(kernel, zero, row(1))[0];
    const [twice] = [gramOf(arcCosineKernel(d, { order: 0 }), zero, zero)];
    expect(twice[0]).toBe(0.25);
    expect(at(arcCosineKernel(d, { order: 0 }))).toBe(0.25);
    expect(at(arcCosineKernel(d, { order: 1 }))).toBe(0);
    expect(at(arcCosineKernel(d, { order: 2 }))).toBe(0);
    expect(at(errorFunctionKernel(d))).toBeCloseTo(0, 15);
  });

  test('whose phases have many turns have twice the kernel of the Gaussian as their limit', () => {
    const gram = gramOf(cosineKernel(d, { weight: 0.5, bias: 9 }), row(2), row(3));
    expect(Math.abs(2 * gram[0] - gramOf(radialBasisKernel(d, { length: 2 }), row(2), row(3))[0])).toBeLessThan(1e-12);
  });

  test('laws and lengths that are none are refused', () => {
    expect(() => arcCosineKernel(0, { order: 1 })).toThrow(/got inputDim 0, weight 1, bias 0/);
    expect(() => errorFunctionKernel(2, { weight: 0 })).toThrow(/not both 0/);
    expect(() => radialBasisKernel(2, { length: -1 })).toThrow(/got inputDim 2, length -1/);
    expect(() => periodicKernel(2, { length: 0.01 })).toThrow(/a length of at least 0.03/);
  });

  test('draw units erf(<w, x>): twice the input is twice the argument', () => {
    const map = errorFunctionKernel(1).draw(5, randomKey(1));
    const values = new Float64Array(10);
    map.valuesInto(values, Float64Array.of(1, 2), 2);
    const arguments_ = values.map((value) => value * Math.sqrt(5));
    const inverse = arguments_.map((value) => special.normalQuantile((1 + value) / 2) / Math.SQRT2);
    for (let j = 0; j < 5; j++) expect(inverse[5 + j] / inverse[j]).toBeCloseTo(2, 6);
  });
});
