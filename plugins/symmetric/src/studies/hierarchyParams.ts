import { z } from 'zod';
import { setTargetIds } from '../targets/catalog.js';

const sizes = (most: number) => z.array(z.int().min(1).max(most)).min(1);

/** What a run of the study `hierarchy` may choose. */
export const hierarchyParams = z.strictObject({
  targets: z
    .array(z.enum(setTargetIds))
    .min(1)
    .default(['single-neuron', 'smooth-neuron', 'max'])
    .describe('functions of sets to learn'),
  dims: sizes(1000).default([5]).describe('dimensions of the points'),
  trainSets: sizes(100_000).default([60]).describe('numbers of sets to learn from'),
  setSize: z.int().min(1).max(10_000).default(4).describe('points of a set to learn from'),
  testSizes: sizes(10_000).default([2, 4, 8, 16, 32]).describe('points of the sets to test on'),
  testSets: z.int().min(10).max(100_000).default(150),
  radius: z.number().positive().default(3).describe('points are uniform in [-radius, radius]^d'),
  unitTeacher: z
    .boolean()
    .default(false)
    .describe(
      'scale the single neuron to a unit weight: a smaller target beside the same start, nearer to lazy training',
    ),
  inner: z.string().default('squared-relu'),
  outer: z.string().default('relu'),
  width: z.int().min(1).max(10_000).default(24).describe('width of trained layers'),
  frozenWidth: z.int().min(1).max(20_000).default(100).describe('width of frozen layers'),
  rate: z.number().positive().default(5e-3).describe('of Adam, for S1 and S2'),
  steps: z.int().min(1).max(1_000_000).default(200),
  lambda: z.number().min(0).default(0).describe('penalty of the norm of the class, for S1 and S2'),
  seeds: z.int().min(2).max(100).default(3).describe('teachers, each with sets and starts of its own'),
});

export type HierarchyParams = z.output<typeof hierarchyParams>;
