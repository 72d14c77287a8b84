import { createWorkbench, measure, sphere } from '@muflow/core';
import { expect, test } from 'vitest';
import { plugin } from '../index.js';
import { matrixEnergy, unitPairs } from './matrixDecomposition.js';
import { tensorEnergy } from './tensorDecomposition.js';

const workbench = createWorkbench({ plugins: [plugin] });

test('the entry of tensors is the energy of its parameters, with directions scaled to length 1', () => {
  const given = {
    order: 3,
    directions: [
      [2, 0],
      [0, 0.5],
    ],
    weights: [1, 2],
    lambda: 0.2,
  };
  const target = measure({ space: sphere(2), kind: 'positive', positions: [1, 0, 0, 1], masses: [1, 2] });
  const mu = measure({ space: sphere(2), kind: 'positive', positions: [0.6, 0.8], masses: [1.3] });
  const expected = tensorEnergy({ target, order: 3, lambda: 0.2 }).value(mu);
  expect(workbench.create('energy', 'supervised/tensor-decomposition', given).value(mu)).toBeCloseTo(expected, 12);
});

test('the entry of matrices is the energy of its rows', () => {
  const rows = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const mu = measure({ space: unitPairs(2, 3), kind: 'positive', positions: [0.6, 0.8, 1, 0, 0], masses: [1.3] });
  const direct = matrixEnergy({ matrix: Float64Array.from(rows.flat()), rows: 2, columns: 3, lambda: 0.2 });
  const made = workbench.create('energy', 'supervised/matrix-decomposition', { matrix: rows, lambda: 0.2 });
  expect(made.value(mu)).toBeCloseTo(direct.value(mu), 12);
});

test('entries refuse what does not fit', () => {
  const tensor = (params: unknown) => workbench.create('energy', 'supervised/tensor-decomposition', params);
  expect(() => tensor({ directions: [[1, 0]], weights: [1, 1] })).toThrow(/1 directions of 2 coordinates, 2 weights/);
  expect(() => tensor({ directions: [[0, 0]], weights: [1] })).toThrow(/not all 0/);
  const matrix = [
    [1, 2],
    [3, 4, 5],
  ];
  expect(() => workbench.create('energy', 'supervised/matrix-decomposition', { matrix })).toThrow(/row 1/);
});
