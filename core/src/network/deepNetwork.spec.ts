import { describe, expect, test } from 'vitest';
import { fillNormal, randomKey } from '../math/random.js';
import { logLogSlope } from '../math/slopes.js';
import { type DeepNetworkOptions, deepNetwork, drawParameters } from './deepNetwork.js';
import { allocatePass, directionalInto, forward, parameterGradientInto } from './passes.js';

const normals = (count: number, seed: number): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(seed));
  return out;
};

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

const rows = 5;
const cases: readonly DeepNetworkOptions[] = [
  { inputs: 3, widths: [], outputs: 2, activation: 'tanh', biasVariance: 0.3 },
  { inputs: 3, widths: [7], outputs: 1, activation: 'tanh', weightVariance: 1.3 },
  { inputs: 3, widths: [7, 4], outputs: 3, activation: 'erf', biasVariance: 0.2, parameterization: 'standard' },
  { inputs: 2, widths: [6, 5, 8], outputs: 2, activation: 'z * sigmoid(z)', weightVariance: 2, biasVariance: 0.5 },
  { inputs: 3, widths: [9, 9], outputs: 1, activation: 'relu', weightVariance: 2, biasVariance: 0.1 },
];

describe.each(cases)('inputs $inputs, widths $widths, $activation', (options) => {
  const network = deepNetwork(options);
  const pass = allocatePass(network, rows);
  const inputs = normals(rows * network.inputs, 1);
  const parameters = drawParameters(network, randomKey(2));
  const direction = normals(network.parameterCount, 3);
  const cotangent = normals(rows * network.outputs, 4);
  const valueAt = (step: number): Float64Array => {
    const other = allocatePass(network, rows);
    forward(
      network,
      other,
      parameters.map((p, i) => p + step * direction[i]),
      inputs,
    );
    return other.outputs;
  };

  test('the function is the written formula', () => {
    forward(network, pass, parameters, inputs);
    const value = new Float64Array(1);
    for (let r = 0; r < rows; r++) {
      let a = Array.from(inputs.subarray(r * network.inputs, (r + 1) * network.inputs));
      network.layers.forEach((layer, l) => {
        a = Array.from({ length: layer.outputs }, (_, i) => {
          let sum = 0;
          for (let k = 0; k < layer.inputs; k++) sum += parameters[layer.weights + i * layer.inputs + k] * a[k];
          const z = layer.weightScale * sum + (layer.biases < 0 ? 0 : layer.biasScale * parameters[layer.biases + i]);
          if (l === network.layers.length - 1) return z;
          network.activation.valueInto(value, Float64Array.of(z), 1);
          return value[0];
        });
      });
      a.forEach((z, i) => {
        expect(Math.abs(pass.outputs[r * network.outputs + i] - z)).toBeLessThan(1e-13);
      });
    }
  });

  test('the directional derivative is that of the values', () => {
    forward(network, pass, parameters, inputs);
    const found = new Float64Array(rows * network.outputs);
    directionalInto(found, network, pass, { parameters, direction });
    const h = 1e-5;
    const [right, left] = [valueAt(h), valueAt(-h)];
    found.forEach((slope, i) => {
      expect(Math.abs((right[i] - left[i]) / (2 * h) - slope)).toBeLessThan(1e-7 * (1 + Math.abs(slope)));
    });
  });

  test('backpropagation is the transpose of the directional derivative', () => {
    forward(network, pass, parameters, inputs);
    const along = new Float64Array(rows * network.outputs);
    directionalInto(along, network, pass, { parameters, direction });
    const gradient = new Float64Array(network.parameterCount);
    parameterGradientInto(gradient, network, pass, { parameters, cotangent });
    const [left, right] = [dot(cotangent, along), dot(gradient, direction)];
    expect(Math.abs(left - right)).toBeLessThan(1e-12 * (1 + Math.abs(left)));
  });

  test('the parameter gradient is that of the values, entry by entry', () => {
    forward(network, pass, parameters, inputs);
    const gradient = new Float64Array(network.parameterCount);
    parameterGradientInto(gradient, network, pass, { parameters, cotangent });
    const h = 1e-5;
    for (let p = 0; p < network.parameterCount; p += 3) {
      const sides = [h, -h].map((step) => {
        const other = allocatePass(network, rows);
        forward(
          network,
          other,
          parameters.map((value, i) => (i === p ? value + step : value)),
          inputs,
        );
        return dot(cotangent, other.outputs);
      });
      expect(Math.abs((sides[0] - sides[1]) / (2 * h) - gradient[p])).toBeLessThan(2e-7 * (1 + Math.abs(gradient[p])));
    }
  });
});

test('both parameterizations are one function of one draw', () => {
  const options = { inputs: 4, widths: [16, 8], activation: 'relu', weightVariance: 1.7, biasVariance: 0.4 } as const;
  const [first, second] = (['ntk', 'standard'] as const).map((parameterization) => {
    const network = deepNetwork({ ...options, parameterization });
    const pass = allocatePass(network, 3);
    forward(network, pass, drawParameters(network, randomKey(5)), normals(12, 6));
    return pass.outputs;
  });
  first.forEach((value, i) => {
    expect(Math.abs(value - second[i])).toBeLessThan(1e-13);
  });
});

test('the remainder of the first-order expansion is of second order', () => {
  const network = deepNetwork({ inputs: 3, widths: [12, 12], activation: 'tanh', biasVariance: 0.1 });
  const [parameters, direction] = [drawParameters(network, randomKey(7)), normals(network.parameterCount, 8)];
  const inputs = normals(3, 9);
  const at = (step: number): number => {
    const pass = allocatePass(network, 1);
    forward(
      network,
      pass,
      parameters.map((p, i) => p + step * direction[i]),
      inputs,
    );
    return pass.outputs[0];
  };
  const pass = allocatePass(network, 1);
  forward(network, pass, parameters, inputs);
  const slope = new Float64Array(1);
  directionalInto(slope, network, pass, { parameters, direction });
  const steps = [0.01, 0.003, 1e-3, 3e-4];
  const remainders = steps.map((step) => Math.abs(at(step) - at(0) - step * slope[0]));
  expect(Math.abs(logLogSlope(steps, remainders) - 2)).toBeLessThan(0.05);
});

test('sizes and variances out of range are refused, and arrays that do not fit', () => {
  expect(() => deepNetwork({ inputs: 0, widths: [3], activation: 'relu' })).toThrow(/the network is not usable/);
  expect(() => deepNetwork({ inputs: 1, widths: [3], activation: 'relu', biasVariance: -1 })).toThrow(
    /biasVariance -1/,
  );
  const network = deepNetwork({ inputs: 2, widths: [3], activation: 'relu' });
  const pass = allocatePass(network, 2);
  const parameters = drawParameters(network, randomKey(1));
  expect(() => forward(network, pass, parameters, new Float64Array(3))).toThrow(/got 3, expected 4/);
  expect(() => forward(network, pass, new Float64Array(1), new Float64Array(4))).toThrow(/got 1, expected 9/);
});
