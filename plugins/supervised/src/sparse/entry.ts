import { type Energy, type Entry, fail, type Measure, type Recorder, type SignedAtoms, type Space } from '@muflow/core';
import { z } from 'zod';
import { dualityGap } from '../certificate/dualityGap.js';
import { kernelProblem } from '../certificate/penalizedProblem.js';
import { circle, type DeconvolutionProblem, deconvolutionEnergy } from './deconvolution.js';
import { dirichletKernel, gaussianKernel, kernelFormula } from './waveKernel.js';

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

const examples = [
  {
    spikes: [
      [1, 2],
      [3, 5],
    ],
    weights: [1, -0.5],
    kernel: { kind: 'gaussian', width: 1 },
    signed: true,
  },
];

/** {@link deconvolutionEnergy} for configurations. */
export const deconvolutionEntry: Entry<Energy> = {
  id: 'supervised/sparse-deconvolution',
  title: 'Spikes on a torus seen through a low-pass or Gaussian kernel, with a penalty of the total variation',
  reference: 'Chizat2019',
  params,
  create: (given) => deconvolutionEnergy(problemOf('supervised/sparse-deconvolution', given)),
  examples,
};

/**
 * The duality gap of `supervised/sparse-deconvolution` along a run, for configurations that give it the same parameters.
 * A record costs a search by branch and bound.
 */
export const deconvolutionGapEntry: Entry<Recorder> = {
  id: 'supervised/deconvolution-gap',
  title: 'Duality gap of sparse deconvolution: a bound of the energy above its minimum, and whether it is proven',
  reference: 'DenoyelleEtAl2020',
  params,
  create: (given) => {
    const { target, kernel, lambda, signed = false } = problemOf('supervised/deconvolution-gap', given);
    const formula = kernelFormula(kernel, target.space.dim);
    const problem = kernelProblem({ target, kernel: formula, lambda, sign: signed ? 'signed' : 'positive' });
    return {
      name: 'deconvolution gap',
      columns: ['dualityGap', 'lowerBound', 'gapProven'],
      start:
        () =>
        ({ profile }) => {
          const { gap, dual, status } = dualityGap(problem, anglesOf(profile[0], target.space, signed));
          return [gap, dual, status === 'estimated' ? 0 : 1];
        },
    };
  },
  examples: [{ kernel: { kind: 'dirichlet', order: 3 }, weights: [1, 2, 0.5] }],
};

/** The atoms theta, or (s, theta), as signed atoms of the torus. */
function anglesOf({ count, dim, positions, masses }: Measure, space: Space, signed: boolean): SignedAtoms {
  const lead = signed ? 1 : 0;
  if (dim !== space.dim + lead) {
    fail({
      code: 'shape-mismatch',
      where: 'supervised/deconvolution-gap',
      problem: 'the atoms are not those of the problem',
      got: `${dim} coordinates`,
      expected: `${space.dim + lead}: ${signed ? 's and ' : ''}one angle for each coordinate of a spike`,
      fix: 'give energy and recorder the same parameters',
    });
  }
  const angles = new Float64Array(count * space.dim);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    weights[i] = signed ? masses[i] * positions[i * dim] : masses[i];
    for (let k = 0; k < space.dim; k++) angles[i * space.dim + k] = positions[i * dim + lead + k];
  }
  space.projectInto(angles, angles, count);
  return { space, positions: angles, weights };
}

function problemOf(where: string, given: unknown): DeconvolutionProblem {
  const { spikes, weights, kernel, lambda, signed } = given as z.output<typeof params>;
  const dim = spikes[0].length;
  if (spikes.length !== weights.length || spikes.some((spike) => spike.length !== dim)) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'spikes and weights do not fit',
      got: `${spikes.length} spikes of ${[...new Set(spikes.map(({ length }) => length))].join(', ')} angles, ${weights.length} weights`,
      expected: 'equally many angles for every spike, and one weight each',
      fix: 'write { spikes: [[1], [2.5]], weights: [1, 0.5] }',
    });
  }
  const space = circle(dim);
  const positions = Float64Array.from(spikes.flat());
  space.projectInto(positions, positions, spikes.length);
  return {
    target: { space, positions, weights: Float64Array.from(weights) },
    kernel: kernel.kind === 'dirichlet' ? dirichletKernel(kernel.order) : gaussianKernel(kernel.width),
    lambda,
    signed,
  };
}
