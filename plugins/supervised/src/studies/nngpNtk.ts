import type { Study } from '@muflow/core';
import { z } from 'zod';
import { kernelsPart } from './nngpNtkKernels.js';
import { signalsPart } from './nngpNtkSignals.js';
import { trainingPart } from './nngpNtkTraining.js';

const widths = z.array(z.int().min(2).max(8192)).min(2);

const params = z.strictObject({
  inputs: z.int().min(1).max(1000).default(3).describe('dimension d of the inputs'),
  depth: z.int().min(1).max(20).default(2).describe('hidden layers'),
  activations: z.array(z.string()).min(1).default(['relu', 'erf']),
  weightVariance: z.number().positive().default(2),
  biasVariance: z.number().min(0).default(0.1),
  widths: widths.default([16, 32, 64, 128, 256]),
  draws: z.int().min(4).max(10_000).default(96).describe('networks of each width for the kernels'),
  rows: z.int().min(2).max(1000).default(8).describe('inputs at which kernels are compared'),
  trainWidths: widths.default([32, 64, 128, 256]),
  trainDraws: z.int().min(4).max(10_000).default(32).describe('trained networks of each width'),
  trainRows: z.int().min(1).max(1000).default(6),
  stepSize: z.number().positive().default(0.15),
  steps: z.int().min(1).max(1_000_000).default(50),
  signalVariances: z.array(z.number().positive()).min(1).default([1, 2, 4]),
  signalDepth: z.int().min(2).max(200).default(20),
  signalWidth: z.int().min(2).max(8192).default(128),
  signalDraws: z.int().min(1).max(10_000).default(8),
});

type Params = z.output<typeof params>;

/** From finite to infinite width: kernels, trained networks, signals through the layers. */
export const nngpNtkStudy: Study<Params> = {
  id: 'supervised/nngp-ntk',
  title: 'Kernels and training of deep networks as their width grows',
  reference: 'LeeEtAl2019',
  params,
  async run(given, context) {
    const { inputs, depth, activations, weightVariance, biasVariance } = given;
    const shapes = activations.map((activation) => ({ inputs, activation, weightVariance, biasVariance }));
    const kernels = await kernelsPart(
      { shapes, depth, widths: given.widths, draws: given.draws, rows: given.rows },
      context,
    );
    const training = await trainingPart(
      {
        shape: shapes[shapes.length - 1],
        depth,
        widths: given.trainWidths,
        draws: given.trainDraws,
        rows: given.trainRows,
        points: 8,
        stepSize: given.stepSize,
        steps: given.steps,
      },
      context,
    );
    const signals = await signalsPart(
      {
        weightVariances: given.signalVariances,
        depth: given.signalDepth,
        width: given.signalWidth,
        draws: given.signalDraws,
      },
      context,
    );
    const parts = [kernels, training, signals];
    return {
      claims: parts.flatMap(({ claims }) => claims),
      notes: [
        `Fully connected networks in the NTK parameterization: ${depth} hidden layers, weights of variance ${weightVariance}/n and biases of variance ${biasVariance} at the start, inputs of law N(0, I) in dimension ${inputs}. The limits are the NNGP and NTK recursions.`,
        `Training is full-batch gradient descent on half the mean square error of sin(2 x_1) at ${given.trainRows} inputs; the prediction is the closed form of the same descent under the NTK of infinite width, from the start of each network, and its law over starts from the NNGP.`,
        'Relu networks without bias multiply signals and gradients by half the weight variance in each layer.',
      ],
      tables: parts.flatMap(({ tables }) => tables),
      figures: parts.flatMap(({ figures }) => figures),
    };
  },
};
