import { type FormulaUnit, networkUnit, scaledUnit, scalingFactor } from '@muflow/core';
import { z } from 'zod';
import { dirichletUnit, gaussianUnit } from './units.js';

/** What a configuration says about the network itself. */
export const modelFields = {
  activation: z
    .string()
    .default('tanh')
    .describe('relu, tanh, erf, cos, leaky-relu, squared-relu, ...; or a formula in z'),
  bias: z.boolean().default(true),
  outputs: z.int().min(1).max(1000).default(1),
  homogeneity: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .describe('2: atoms (s, w, b), the size of a neuron carried by its mass; freeze the block s'),
  unit: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('gaussian'), width: z.number().positive().default(1) }),
      z.strictObject({ kind: z.literal('dirichlet'), order: z.int().min(0).max(50) }),
      z.strictObject({
        kind: z.literal('formula'),
        formula: z.string(),
        atom: z.record(z.string(), z.int().min(1)).describe('parts of an atom with their sizes, in order'),
      }),
    ])
    .optional()
    .describe('a unit in place of activation, bias and homogeneity'),
  scaling: z
    .strictObject({ kind: z.enum(['mean', 'square-root', 'sum']), width: z.int().min(1) })
    .optional()
    .describe('how the outputs of so many units are added up; default the mean'),
};

export type ModelValues = z.output<z.ZodObject<typeof modelFields>>;

/** The unit that a configuration describes, for inputs of d numbers. */
export function readUnit(values: ModelValues, inputs: number): FormulaUnit {
  const { scaling } = values;
  return scaledUnit(scaling ? scalingFactor(scaling.kind, scaling.width) : 1, unscaledUnit(values, inputs));
}

function unscaledUnit({ unit, outputs, activation, bias, homogeneity }: ModelValues, inputs: number): FormulaUnit {
  switch (unit?.kind) {
    case undefined:
      return networkUnit({ activation, inputs, bias, outputs, homogeneity });
    case 'gaussian':
      return gaussianUnit({ inputs, outputs, width: unit.width });
    case 'dirichlet':
      return dirichletUnit({ inputs, outputs, order: unit.order });
    case 'formula':
      return { formula: unit.formula, atom: unit.atom, outputs };
  }
}
