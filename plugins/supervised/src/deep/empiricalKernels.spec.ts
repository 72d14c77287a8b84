import {
  allocatePass,
  deepNetwork,
  drawParameters,
  euclidean,
  fillNormal,
  forward,
  logLogSlope,
  measure,
  networkUnit,
  parameterGradientInto,
  randomKey,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { infiniteNetwork } from '../infinite/infiniteNetwork.js';
import { tangentKernel } from '../theory/tangentKernel.js';
import { empiricalNngp, empiricalNtk } from './empiricalKernels.js';

const normals = (count: number, seed: number): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(seed));
  return out;
};

describe.each(['ntk', 'standard'] as const)('%s parameterization', (parameterization) => {
  const network = deepNetwork({
    inputs: 3,
    widths: [6, 5],
    outputs: 2,
    activation: 'tanh',
    weightVariance: 1.5,
    biasVariance: 0.4,
    parameterization,
  });
  const parameters = drawParameters(network, randomKey(1));
  const [inputs, others] = [normals(7 * 3, 2), normals(4 * 3, 3)];
  const gradients = (rows: Float64Array): Float64Array[] => {
    const pass = allocatePass(network, rows.length / 3);
    forward(network, pass, parameters, rows);
    return Array.from(pass.outputs, (_, i) => {
      const cotangent = new Float64Array(pass.outputs.length);
      cotangent[i] = 1;
      const out = new Float64Array(network.parameterCount);
      parameterGradientInto(out, network, pass, { parameters, cotangent });
      return out;
    });
  };

  test.each([1, 3, 256])('the NTK is the Gram matrix of the gradients, in blocks of %i', (block) => {
    const [left, right] = [gradients(inputs), gradients(others)];
    const cross = empiricalNtk(network, { parameters, inputs, others, block });
    const own = empiricalNtk(network, { parameters, inputs, block });
    expect([cross.length, own.length]).toEqual([14 * 8, 14 * 14]);
    left.forEach((g, i) => {
      [...right, ...left].forEach((h, j) => {
        const exact = g.reduce((sum, value, k) => sum + value * h[k], 0);
        const found = j < 8 ? cross[i * 8 + j] : own[i * 14 + j - 8];
        expect(Math.abs(found - exact)).toBeLessThan(1e-12 * (1 + Math.abs(exact)));
      });
    });
  });
});

test('of a shallow network it is the tangent kernel of the measure of its neurons', () => {
  const [d, width] = [2, 9];
  const network = deepNetwork({ inputs: d, widths: [width], activation: 'tanh' });
  const parameters = drawParameters(network, randomKey(4));
  const inputs = normals(5 * d, 5);
  // f = n^(-1/2) sum_j a_j tanh(<w_j, x>/sqrt d): atoms (a sqrt n, w/sqrt d) move sqrt n and 1/sqrt d times as fast.
  const unit = networkUnit({ activation: 'tanh', inputs: d, bias: false });
  const positions = new Float64Array(width * (1 + d));
  for (let j = 0; j < width; j++) {
    positions[j * (1 + d)] = parameters[width * d + j];
    for (let k = 0; k < d; k++) positions[j * (1 + d) + 1 + k] = parameters[j * d + k];
  }
  const mu = measure({ space: euclidean(1 + d), positions });
  const scaled = inputs.map((x) => x / Math.sqrt(d));
  const found = empiricalNtk(network, { parameters, inputs });
  tangentKernel({ unit, inputs: scaled, inputDim: d }, mu).forEach((value, i) => {
    expect(Math.abs(value - found[i])).toBeLessThan(1e-13 * (1 + Math.abs(value)));
  });
});

test.each([
  ['relu', 'ntk'],
  ['erf', 'standard'],
] as const)('%s: kernels approach those of infinite width with slope -1/2', (activation, parameterization) => {
  // Root mean square error over 24 draws and 10 entries at each of three widths: the slope has a deviation of 0.06, so
  // that 0.25 is exceeded with probability below 1e-4.
  const [d, rows, draws] = [3, 4, 24];
  const inputs = normals(rows * d, 6);
  const variances = { weightVariance: 2, biasVariance: 0.1 };
  const exact = { nngp: new Float64Array(rows * rows), ntk: new Float64Array(rows * rows) };
  infiniteNetwork({ inputs: d, depth: 2, activation, ...variances }).bothInto(exact, inputs, rows, inputs, rows);
  const widths = [16, 64, 256];
  const errors = { nngp: [] as number[], ntk: [] as number[] };
  for (const width of widths) {
    const sums = { nngp: 0, ntk: 0 };
    for (let s = 0; s < draws; s++) {
      const network = deepNetwork({ inputs: d, widths: [width, width], activation, ...variances, parameterization });
      const parameters = drawParameters(network, randomKey(`${width} ${s}`));
      const nngp = empiricalNngp(network, { parameters, inputs });
      nngp.forEach((value, i) => {
        sums.nngp += (value - exact.nngp[i]) ** 2;
      });
      if (parameterization !== 'ntk') continue;
      empiricalNtk(network, { parameters, inputs }).forEach((value, i) => {
        sums.ntk += (value - exact.ntk[i]) ** 2;
      });
    }
    errors.nngp.push(Math.sqrt(sums.nngp));
    errors.ntk.push(Math.sqrt(sums.ntk));
  }
  expect(Math.abs(logLogSlope(widths, errors.nngp) + 0.5)).toBeLessThan(0.25);
  if (parameterization === 'ntk') expect(Math.abs(logLogSlope(widths, errors.ntk) + 0.5)).toBeLessThan(0.25);
});

test.each(['relu', 'erf', 'tanh'])(
  '%s, one hidden layer: the mean over draws is the limit at any width',
  (activation) => {
    // 200 draws of 24 neurons; 12 entries within 5 standard errors: false alarms below 1e-5.
    const [d, rows, draws] = [3, 3, 200];
    const inputs = normals(rows * d, 8);
    const shape = { inputs: d, activation, weightVariance: 1.4, biasVariance: 0.2 };
    const exact = { nngp: new Float64Array(rows * rows), ntk: new Float64Array(rows * rows) };
    infiniteNetwork({ ...shape, depth: 1 }).bothInto(exact, inputs, rows, inputs, rows);
    const network = deepNetwork({ ...shape, widths: [24] });
    const found = Array.from({ length: draws }, (_, s) => {
      const parameters = drawParameters(network, randomKey(`mean ${s}`));
      return {
        nngp: empiricalNngp(network, { parameters, inputs }),
        ntk: empiricalNtk(network, { parameters, inputs }),
      };
    });
    for (const kernel of ['nngp', 'ntk'] as const) {
      exact[kernel].forEach((value, i) => {
        const mean = found.reduce((sum, one) => sum + one[kernel][i], 0) / draws;
        const squares = found.reduce((sum, one) => sum + (one[kernel][i] - mean) ** 2, 0) / (draws - 1);
        expect(Math.abs(mean - value)).toBeLessThan(5 * Math.sqrt(squares / draws));
      });
    }
  },
);

test('what does not fit is refused', () => {
  const network = deepNetwork({ inputs: 2, widths: [3], activation: 'relu' });
  const parameters = drawParameters(network, randomKey(1));
  expect(() => empiricalNtk(network, { parameters, inputs: new Float64Array(3) })).toThrow(/no whole rows/);
  expect(() => empiricalNngp(network, { parameters, inputs: new Float64Array(4), block: 0 })).toThrow(/got 0/);
});
