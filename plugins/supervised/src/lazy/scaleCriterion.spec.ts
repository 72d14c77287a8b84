import {
  deepNetwork,
  deriveKey,
  drawParameters,
  euclidean,
  fillNormal,
  logLogSlope,
  type Measure,
  measure,
  networkUnit,
  randomKey,
  singularValues,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { jointSpectralNorm, largestByPowers } from './curvature.js';
import { deepScales } from './deepScales.js';
import { neuronScales, scaleCriterion } from './scaleCriterion.js';

const normals = (count: number, name: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(name));
  return out;
};

const inputs = normals(2 * 12, 'inputs');
const targets = normals(12, 'targets');

/** Atoms (a, w, ...) of N(0, 1), each with its twin of opposite output weight, so that the network is 0. */
function paired(width: number, dim: number, mass = 1 / width): Measure {
  const positions = new Float64Array(width * dim);
  const own = new Float64Array(dim);
  for (let i = 0; i < width; i += 2) {
    fillNormal(own, deriveKey(randomKey('atoms'), i));
    positions.set(own, i * dim);
    own[0] = -own[0];
    positions.set(own, (i + 1) * dim);
  }
  return measure({
    space: euclidean(dim),
    positions,
    masses: new Float64Array(width).fill(mass),
    kind: Math.abs(width * mass - 1) < 1e-12 ? 'probability' : 'positive',
  });
}

const tanh = { unit: networkUnit({ activation: 'tanh', inputs: 2 }), inputs, inputDim: 2 };
const relu = { unit: networkUnit({ activation: 'relu', inputs: 2, bias: false }), inputs, inputDim: 2 };

describe('norms by iteration', () => {
  test('the power iteration finds the square of the largest singular value', () => {
    const factor = normals(30, 'factor');
    const gram = new Float64Array(25);
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 5; j++) for (let k = 0; k < 6; k++) gram[5 * i + j] += factor[6 * i + k] * factor[6 * j + k];
    }
    const { value, converged } = largestByPowers(gram, 5, { tolerance: 1e-12, rounds: 2000 });
    expect(converged).toBe(true);
    expect(value / singularValues(factor, 5, 6)[0] ** 2).toBeCloseTo(1, 9);
  });

  test('the joint spectral norm in the plane is the largest of a fine grid of directions', () => {
    for (let draw = 0; draw < 20; draw++) {
      const matrices = normals(4 * 5, `joint ${draw}`);
      for (let l = 0; l < 5; l++) matrices[4 * l + 2] = matrices[4 * l + 1];
      let most = 0;
      for (let k = 0; k < 20_000; k++) {
        const [c, s] = [Math.cos((Math.PI * k) / 20_000), Math.sin((Math.PI * k) / 20_000)];
        let square = 0;
        for (let l = 0; l < 5; l++) {
          const [p, q, , r] = matrices.subarray(4 * l, 4 * l + 4);
          square += (p * c * c + 2 * q * c * s + r * s * s) ** 2;
        }
        most = Math.max(most, Math.sqrt(square / 5));
      }
      expect(jointSpectralNorm(matrices, 2, { starts: 6, tolerance: 1e-12 }).value / most).toBeCloseTo(1, 6);
    }
  });
});

describe('the scale criterion', () => {
  test('of one neuron w x^2 / 2 is |y - w^2 x^2 / 2| / (w x)^2 * x^2 / 1, by hand', () => {
    const unit = { formula: '0.5 * (w * x)^2', atom: { w: 1 } };
    const mu = measure({ space: euclidean(1), positions: [3] });
    const scales = neuronScales({ unit, inputs: Float64Array.of(2), inputDim: 1 }, mu);
    expect(scales.slopeNorm).toBeCloseTo(12, 10);
    expect(scales.curvatureNorm).toBeCloseTo(4, 10);
    expect(scaleCriterion(scales, Float64Array.of(20))).toBeCloseTo((2 * 4) / 144, 12);
  });

  test('falls like 1/alpha where a model of zero start is multiplied by alpha', () => {
    const alphas = [1, 10, 100];
    const kappas = alphas.map((alpha) => scaleCriterion(neuronScales(tanh, paired(10, 4, alpha / 10)), targets));
    expect(logLogSlope(alphas, kappas)).toBeCloseTo(-1, 8);
  });

  test('falls like 1/lambda^2 from w_0 to lambda w_0 for relu neurons, homogeneous of degree 2', () => {
    const start = paired(10, 3);
    const lambdas = [0.1, 1, 10];
    const kappas = lambdas.map((lambda) => {
      const mu = measure({ space: euclidean(3), positions: start.positions.map((w) => lambda * w) });
      return scaleCriterion(neuronScales(relu, mu), targets);
    });
    expect(logLogSlope(lambdas, kappas)).toBeCloseTo(-2, 8);
  });

  test('refuses targets of another length and models that do not move', () => {
    const scales = neuronScales(tanh, paired(4, 4));
    expect(() => scaleCriterion(scales, new Float64Array(3))).toThrow(/got 3 numbers, expected 12/);
    expect(() => scaleCriterion({ ...scales, slopeNorm: 0 }, targets)).toThrow(/does not move/);
  });
});

describe('deep networks', () => {
  test('with one hidden layer have the scales of the neurons they are', () => {
    const width = 6;
    const network = deepNetwork({ inputs: 2, widths: [width], activation: 'tanh' });
    const parameters = drawParameters(network, randomKey('deep'));
    // h = sum_i a_i / sqrt(m) tanh(<w_i, x> / sqrt(2)): masses 1/sqrt(m), in whose metric kappa is the same.
    const unit = { formula: 'a * tanh(dot(w, x) / sqrt(2))', atom: { a: 1, w: 2 } };
    const positions = new Float64Array(3 * width);
    for (let i = 0; i < width; i++) {
      positions[3 * i] = parameters[2 * width + i];
      positions.set(parameters.subarray(2 * i, 2 * i + 2), 3 * i + 1);
    }
    const masses = new Float64Array(width).fill(1 / Math.sqrt(width));
    const mu = measure({ space: euclidean(3), positions, masses, kind: 'positive' });
    const options = { tolerance: 1e-10, rounds: 5000, starts: 4 };
    const shallow = neuronScales({ unit, inputs, inputDim: 2, ...options }, mu);
    const deep = deepScales(network, { parameters, inputs, ...options });
    expect(shallow.converged && deep.converged).toBe(true);
    for (let l = 0; l < 12; l++) expect(deep.values[l]).toBeCloseTo(shallow.values[l], 12);
    expect(scaleCriterion(deep, targets) / scaleCriterion(shallow, targets)).toBeCloseTo(1, 4);
  });

  test('of relu layers lose kappa like 1/lambda^3 with two hidden layers, values taken off', () => {
    const network = deepNetwork({ inputs: 2, widths: [5, 5], activation: 'relu' });
    const start = drawParameters(network, randomKey('relu'));
    const lambdas = [1, 2, 4];
    const kappas = lambdas.map((lambda) => {
      const parameters = start.map((w) => lambda * w);
      const scales = deepScales(network, { parameters, inputs, tolerance: 1e-9, rounds: 2000, starts: 2 });
      return scaleCriterion(
        scales,
        targets.map((y, l) => y + scales.values[l]),
      );
    });
    expect(logLogSlope(lambdas, kappas)).toBeCloseTo(-3, 3);
  });
});
