import type { Entry, Measure } from '@muflow/core';
import { z } from 'zod';
import { type NeuronsOptions, neurons } from './neurons.js';

const size = z.number().positive();
const halfWidth = size.default(1);
const hidden = z.discriminatedUnion('law', [
  z.strictObject({ law: z.literal('gaussian'), std: size.default(1) }),
  z.strictObject({ law: z.literal('sphere'), radius: size.default(1) }),
  z.strictObject({ law: z.literal('ball'), radius: size.default(1) }),
  z.strictObject({ law: z.literal('half-sphere'), radius: size.default(1) }),
  z.strictObject({ law: z.literal('box'), halfWidth }),
  z.strictObject({ law: z.literal('points'), points: z.array(z.array(z.number()).min(1)).min(1) }),
  z.strictObject({ law: z.literal('grid'), perAxis: z.int().min(1).max(1000), halfWidth }),
]);
const output = z.discriminatedUnion('law', [
  z.strictObject({ law: z.literal('gaussian'), std: size.default(1) }),
  z.strictObject({ law: z.literal('sign'), size: size.default(1) }),
  z.strictObject({ law: z.literal('constant'), value: z.number().default(0) }),
]);
const params = z.strictObject({
  inputs: z.int().min(1).max(10_000).default(1),
  bias: z.boolean().default(true).describe('one more hidden coordinate'),
  outputs: z.int().min(1).max(10_000).default(1),
  hidden: hidden.optional().describe('law of the hidden weights, default Gaussian'),
  output: output.optional().describe('law of the output weights, default signs'),
  joint: z
    .strictObject({ law: z.enum(['sphere', 'ball']), radius: size.default(1) })
    .optional()
    .describe('a law of all weights at once, in place of hidden and output'),
  onSphere: z.boolean().default(false).describe('hidden weights stay on the unit sphere'),
  symmetric: z.boolean().default(false).describe('pairs of opposite output weights: the zero network'),
  kind: z.enum(['probability', 'positive']).default('probability'),
  count: z.int().min(1).max(10_000_000).default(100),
  seed: z.union([z.int().min(0), z.string()]).default(0),
});

/** {@link neurons} for configurations. */
export const neuronsEntry: Entry<Measure> = {
  id: 'supervised/neurons',
  title:
    'Neurons with output and hidden weights drawn independently: symmetric or not, on spheres, balls, grids, points',
  reference: 'ChizatBach2018, section 3',
  params,
  create: (given) => {
    const { inputs, bias, count, seed, ...laws } = given as z.output<typeof params>;
    return neurons({ ...laws, hiddenDim: inputs + (bias ? 1 : 0) } as NeuronsOptions, count, seed);
  },
  examples: [
    { inputs: 2, hidden: { law: 'sphere' }, onSphere: true, symmetric: true, kind: 'positive', count: 10 },
    { inputs: 3, bias: false, hidden: { law: 'half-sphere' }, output: { law: 'constant' }, count: 10 },
    { inputs: 2, outputs: 2, hidden: { law: 'ball', radius: 2 }, output: { law: 'gaussian' }, count: 10 },
    { hidden: { law: 'box' }, output: { law: 'sign', size: 0.5 }, count: 10 },
    {
      hidden: {
        law: 'points',
        points: [
          [0, 1],
          [1, 0],
        ],
      },
      count: 10,
    },
    { hidden: { law: 'grid', perAxis: 3 }, symmetric: true, count: 18 },
    { inputs: 2, joint: { law: 'sphere' }, count: 10 },
  ],
};
