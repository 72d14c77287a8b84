import { createWorkbench, measure } from '@muflow/core';
import { expect, test } from 'vitest';
import { plugin } from '../index.js';
import { circle, deconvolutionEnergy } from './deconvolution.js';
import { dirichletKernel } from './waveKernel.js';

const workbench = createWorkbench({ plugins: [plugin] });
const create = (params: unknown) => workbench.create('energy', 'supervised/sparse-deconvolution', params);

test('the entry is the energy of its parameters, with places taken around the torus', () => {
  const space = circle(1);
  const given = {
    spikes: [[1 - 2 * Math.PI], [3]],
    weights: [1, 2],
    kernel: { kind: 'dirichlet', order: 3 },
    lambda: 0.2,
  };
  const target = measure({ space, kind: 'positive', positions: [1, 3], masses: [1, 2] });
  const mu = measure({ space, kind: 'positive', positions: [0.5, 2], masses: [1, 0.3] });
  const expected = deconvolutionEnergy({ target, kernel: dirichletKernel(3), lambda: 0.2 }).value(mu);
  expect(create(given).value(mu)).toBeCloseTo(expected, 12);
});

test('the entry refuses spikes that do not fit', () => {
  expect(() => create({ spikes: [[1], [2, 3]], weights: [1, 1] })).toThrow(/2 spikes of 1, 2 angles, 2 weights/);
  expect(() => create({ spikes: [[1]], weights: [1, 1] })).toThrow(/1 spikes of 1 angles, 2 weights/);
});
