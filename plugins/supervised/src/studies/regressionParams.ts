import { z } from 'zod';
import { planetsCsv } from '../data/planets.js';

/** Columns of the orbits table that enter by their logarithm unless told otherwise. */
const orbitColumns = ['period_days', 'semi_major_axis_km', 'central_mass_kg'];

/** Kepler's third law `T = 2 pi sqrt(a^3 / (G M))`, in the units of the orbits table. */
const keplersLaw = '2*pi*sqrt((1000*semi_major_axis_km)^3 / (6.6743e-11*central_mass_kg)) / 86400';

/** Parameters of the regression study; the defaults learn Kepler's third law. */
export const regressionParams = z.strictObject({
  table: z.string().default(planetsCsv).describe('comma-separated text with a header; --set table=@file.csv'),
  target: z.string().default('period_days').describe('column to predict'),
  features: z
    .array(z.string())
    .min(1)
    .default(['semi_major_axis_km', 'central_mass_kg'])
    .describe('columns to predict it from'),
  logarithmic: z
    .array(z.string())
    .optional()
    .describe('columns that enter by their logarithm; by default those of the orbits table, and none of any other'),
  law: z
    .string()
    .nullable()
    .optional()
    .describe(
      "formula in the features to compare with, null for none; by default Kepler's third law where the columns are those of the orbits table, and none otherwise",
    ),
  activation: z.string().default('relu').describe('relu, softplus, tanh or another function of formulas'),
  width: z.int().min(2).max(100_000).multipleOf(2).default(200).describe('number of neurons'),
  alpha: z.number().min(0).default(1).describe('reaction rate'),
  gamma: z.number().min(0).default(1).describe('transport rate'),
  lambda: z.number().min(0).default(0).describe('path-norm penalty'),
  stepSize: z.number().positive().default(0.25).describe('largest step; smaller ones where the tolerance asks'),
  tolerance: z.number().min(1e-10).max(0.1).default(1e-5).describe('local error of one step, relative and absolute'),
  duration: z.number().positive().default(400).describe('training time'),
  heldOut: z.number().gt(0).lt(1).default(0.3).describe('share of rows held out'),
});

/** What the study works with: every choice made. */
export interface RegressionParams extends Omit<z.output<typeof regressionParams>, 'law' | 'logarithmic'> {
  readonly logarithmic: readonly string[];
  readonly law: string | null;
}

/** Fills in the logarithms and the law of the orbits table where its columns are used. */
export function settled(values: z.output<typeof regressionParams>): RegressionParams {
  const used = [values.target, ...values.features];
  const logarithmic = values.logarithmic ?? orbitColumns.filter((name) => used.includes(name));
  return { ...values, logarithmic, law: values.law === undefined ? orbitLaw(values) : values.law };
}

const orbitLaw = ({ target, features }: z.output<typeof regressionParams>): string | null =>
  target === orbitColumns[0] && [...features].sort().join() === [...orbitColumns.slice(1)].sort().join()
    ? keplersLaw
    : null;

/** Whether the exponents of Kepler's law can be read off: its columns, all by their logarithm. */
export const keplerColumns = ({ target, features, logarithmic }: RegressionParams): boolean =>
  orbitLaw({ target, features } as z.output<typeof regressionParams>) !== null &&
  orbitColumns.every((name) => logarithmic.includes(name));
