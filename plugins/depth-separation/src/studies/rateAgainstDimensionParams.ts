import { z } from 'zod';

const dimensions = (least: number) => z.array(z.int().min(least).max(128)).min(1);

/** Parameters of the study of rate against dimension. */
export const rateParams = z.strictObject({
  rate: z.number().positive().max(100).default(10).describe('omega of the pair product whose rate stays'),
  growth: z.number().positive().max(5).default(2).describe('omega / d of the pair product whose rate grows'),
  dims: z
    .array(z.int().min(3).max(32))
    .min(2)
    .default([4, 6, 8, 10, 12, 16, 20])
    .describe('dimensions d of one sphere, both rates'),
  far: z.array(z.int().min(3).max(256)).default([32, 64, 128]).describe('further d for the rate that stays'),
  length: z.number().positive().max(10).default(0.5).describe('|omega| of the oscillation whose rate stays'),
  omega: z.number().positive().max(400).default(10).describe('every omega_j of that whose rate |omega| grows'),
  boundDims: dimensions(1).default([2, 4, 8, 12, 16, 24, 32, 48, 64]).describe('dimensions of the bounds'),
  fitDims: dimensions(1).default([2, 4, 8]).describe('dimensions of the fits'),
  unitsPerDimension: z.int().min(1).max(64).default(4).describe('units of the shallow networks over d'),
  rows: z
    .int()
    .min(256)
    .max(100_000)
    .default(1024)
    .describe('rows of the regressions and of the choice of greedy units'),
  steps: z.int().min(1).max(100_000).default(50).describe('steps of Adam'),
  restarts: z.int().min(1).max(20).default(2).describe('random starts of every fit'),
  points: z.int().min(100).max(10_000_000).default(2000).describe('independent points that errors are measured on'),
});

export type RateParams = z.output<typeof rateParams>;
