import { z } from 'zod';
import { planetsCsv } from '../data/planets.js';

/** Parameters of the regression study; the defaults learn Kepler's third law. */
export const regressionParams = z.strictObject({
  table: z.string().min(1).default(planetsCsv).describe('comma-separated text with a header; --set table=@file.csv'),
  target: z.string().default('period_days'),
  features: z.array(z.string()).min(1).default(['semi_major_axis_km', 'central_mass_kg']),
  logarithmic: z
    .array(z.string())
    .default(['period_days', 'semi_major_axis_km', 'central_mass_kg'])
    .describe('columns that enter by their logarithm'),
  law: z
    .string()
    .nullable()
    .default('2*pi*sqrt((1000*semi_major_axis_km)^3 / (6.6743e-11*central_mass_kg)) / 86400')
    .describe("a formula in the features to compare with; by default Kepler's third law"),
  activation: z.string().default('relu'),
  width: z.int().min(2).max(100_000).multipleOf(2).default(200),
  alpha: z.number().min(0).default(1).describe('reaction rate'),
  gamma: z.number().min(0).default(1).describe('transport rate'),
  lambda: z.number().min(0).default(0).describe('path-norm penalty'),
  stepSize: z.number().positive().default(0.02),
  duration: z.number().positive().default(40).describe('training time'),
  heldOut: z.number().gt(0).lt(1).default(0.3).describe('share of rows held out'),
});

export type RegressionParams = z.output<typeof regressionParams>;
