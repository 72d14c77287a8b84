import { type Energy, type Entry, fail, sphere } from '@muflow/core';
import { z } from 'zod';
import { matrixEnergy } from './matrixDecomposition.js';
import { tensorEnergy } from './tensorDecomposition.js';

const tensorParams = z.strictObject({
  order: z.int().min(2).max(6).default(3).describe('k: 2 for symmetric matrices'),
  directions: z
    .array(z.array(z.number()).min(2).max(50))
    .min(1)
    .default([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
    .describe('one list of d coordinates for each term; they are scaled to length 1'),
  weights: z.array(z.number()).min(1).default([1, 0.8, 0.6]).describe('weights of the terms; negative if signed'),
  lambda: z.number().min(0).default(0.1),
  signed: z.boolean().default(false).describe('atoms (s, theta) of either sign, rather than theta of positive mass'),
});

/** {@link tensorEnergy} for configurations. */
export const tensorDecompositionEntry: Entry<Energy> = {
  id: 'supervised/tensor-decomposition',
  title: 'A symmetric tensor as a sum of few powers of unit vectors, with a penalty of the total variation',
  reference: 'ChizatBach2018, section 2',
  params: tensorParams,
  create: (given) => {
    const { order, directions, weights, lambda, signed } = given as z.output<typeof tensorParams>;
    const dim = directions[0].length;
    const fits = directions.every((one) => one.length === dim && one.some((x) => x !== 0));
    if (directions.length !== weights.length || !fits) {
      fail({
        code: 'shape-mismatch',
        where: 'supervised/tensor-decomposition',
        problem: 'directions and weights do not fit',
        got: `${directions.length} directions of ${[...new Set(directions.map(({ length }) => length))].join(', ')} coordinates, ${weights.length} weights`,
        expected: 'equally many coordinates for every direction, not all 0, and one weight each',
        fix: 'write { directions: [[1, 0], [0, 1]], weights: [1, 0.5] }',
      });
    }
    const space = sphere(dim);
    const positions = Float64Array.from(directions.flat());
    space.projectInto(positions, positions, directions.length);
    return tensorEnergy({ target: { space, positions, weights: Float64Array.from(weights) }, order, lambda, signed });
  },
  examples: [
    {
      order: 4,
      directions: [
        [1, 0],
        [1, 1],
      ],
      weights: [1, -0.5],
      signed: true,
    },
  ],
};

const matrixParams = z.strictObject({
  matrix: z
    .array(z.array(z.number()).min(2))
    .min(2)
    .default([
      [2, 0, 1],
      [0, 1, 0],
    ])
    .describe('rows of the matrix'),
  lambda: z.number().min(0).default(0.1),
});

/** {@link matrixEnergy} for configurations. */
export const matrixDecompositionEntry: Entry<Energy> = {
  id: 'supervised/matrix-decomposition',
  title: 'A matrix as a sum of few products u v^T of unit vectors, with a penalty of the nuclear norm',
  reference: 'ChizatBach2018, section 2',
  params: matrixParams,
  create: (given) => {
    const { matrix, lambda } = given as z.output<typeof matrixParams>;
    const columns = matrix[0].length;
    const odd = matrix.findIndex((row) => row.length !== columns);
    if (odd >= 0) {
      fail({
        code: 'shape-mismatch',
        where: 'supervised/matrix-decomposition',
        problem: `row ${odd} has another length than the first`,
        got: `${matrix[odd].length} numbers`,
        expected: `${columns} numbers`,
        fix: 'write every row with the same number of entries',
      });
    }
    return matrixEnergy({ matrix: Float64Array.from(matrix.flat()), rows: matrix.length, columns, lambda });
  },
};
