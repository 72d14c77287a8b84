import { type Energy, type Entry, fail } from '@muflow/core';
import { z } from 'zod';
import { circle, deconvolutionEnergy } from './deconvolution.js';
import { dirichletKernel, gaussianKernel } from './waveKernel.js';

const params = z.strictObject({
  spikes: z
    .array(z.array(z.number()).min(1).max(3))
    .min(1)
    .default([[1], [2.5], [4]])
    .describe('places of the spikes on the torus of period 2 pi, one list of d angles each'),
  weights: z.array(z.number()).min(1).default([1, 0.5, 0.8]).describe('masses of the spikes; negative if signed'),
  kernel: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('dirichlet'), order: z.int().min(0).max(50) }),
      z.strictObject({ kind: z.literal('gaussian'), width: z.number().min(0.05) }),
    ])
    .default({ kind: 'dirichlet', order: 7 }),
  lambda: z.number().min(0).default(0.1),
  signed: z.boolean().default(false).describe('atoms (s, theta) of either sign, rather than theta of positive mass'),
});

/** {@link deconvolutionEnergy} for configurations. */
export const deconvolutionEntry: Entry<Energy> = {
  id: 'supervised/sparse-deconvolution',
  title: 'Spikes on a torus seen through a low-pass or Gaussian kernel, with a penalty of the total variation',
  reference: 'Chizat2019',
  params,
  create: (given) => {
    const { spikes, weights, kernel, lambda, signed } = given as z.output<typeof params>;
    const dim = spikes[0].length;
    if (spikes.length !== weights.length || spikes.some((spike) => spike.length !== dim)) {
      fail({
        code: 'shape-mismatch',
        where: 'supervised/sparse-deconvolution',
        problem: 'spikes and weights do not fit',
        got: `${spikes.length} spikes of ${[...new Set(spikes.map(({ length }) => length))].join(', ')} angles, ${weights.length} weights`,
        expected: 'equally many angles for every spike, and one weight each',
        fix: 'write { spikes: [[1], [2.5]], weights: [1, 0.5] }',
      });
    }
    const space = circle(dim);
    const positions = Float64Array.from(spikes.flat());
    space.projectInto(positions, positions, spikes.length);
    return deconvolutionEnergy({
      target: { space, positions, weights: Float64Array.from(weights) },
      kernel: kernel.kind === 'dirichlet' ? dirichletKernel(kernel.order) : gaussianKernel(kernel.width),
      lambda,
      signed,
    });
  },
  examples: [
    {
      spikes: [
        [1, 2],
        [3, 5],
      ],
      weights: [1, -0.5],
      kernel: { kind: 'gaussian', width: 1 },
      signed: true,
    },
  ],
};
