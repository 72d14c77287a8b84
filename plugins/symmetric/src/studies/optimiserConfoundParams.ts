import { z } from 'zod';
import { setTargetIds } from '../targets/catalog.js';

/** What a run of the study `optimiser-confound` may choose. */
export const confoundParams = z.strictObject({
  target: z.enum(setTargetIds).default('single-neuron'),
  dim: z.int().min(1).max(1000).default(5).describe('dimension d of the points'),
  sets: z.int().min(8).max(3000).default(60).describe('sets to learn from'),
  setSize: z.int().min(1).max(10_000).default(4).describe('points of each'),
  testSets: z.int().min(10).max(100_000).default(200),
  radius: z.number().positive().default(3).describe('points are uniform in [-radius, radius]^d'),
  unitTeacher: z.boolean().default(true).describe('scale the single neuron to a unit weight'),
  inner: z.string().default('squared-relu'),
  outer: z.string().default('relu'),
  width: z.int().min(1).max(10_000).default(24).describe('width of S1'),
  frozenWidth: z.int().min(1).max(20_000).default(150).describe('frozen test features and frozen neurons of S3'),
  rate: z.number().positive().default(5e-4).describe('of Adam'),
  steps: z.int().min(4).max(1_000_000).default(300).describe('of Adam, for the comparison'),
  longer: z.int().min(1).max(1000).default(4).describe('factor of steps to which S3 is followed'),
  shares: z
    .array(z.number().positive().max(50))
    .min(3)
    .default([0.25, 0.5, 0.75, 1, 1.5, 2, 4])
    .describe('frozen widths over the number of sets for the trap, 1 among them'),
  seeds: z.int().min(2).max(100).default(3).describe('teachers, each with sets and features of its own'),
});

export type ConfoundParams = z.output<typeof confoundParams>;
