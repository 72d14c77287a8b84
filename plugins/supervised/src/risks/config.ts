import { type AnyLoss, fail, formulaLoss, type Penalty, type RiskOptions } from '@muflow/core';
import { z } from 'zod';
import { modelFields, readUnit } from '../models/config.js';

const lambda = z.number().min(0);
const parts = z.array(z.string()).min(1).optional();
const penalty = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mass'), lambda }),
  z.strictObject({ kind: z.literal('pathNorm'), lambda }),
  z.strictObject({ kind: z.literal('weightDecay'), lambda, parts }),
  z.strictObject({ kind: z.literal('l1'), lambda, parts }),
  z.strictObject({ kind: z.literal('formula'), lambda, formula: z.string() }),
]);
const range = z.tuple([z.number(), z.number()]).optional();
const loss = z
  .union([
    z.enum(['square', 'logistic', 'hinge', 'crossEntropy']),
    z.strictObject({ formula: z.string(), predictions: range, targets: range }),
  ])
  .default('square')
  .describe('a name, or a formula in f and y, convex in f');

/** Rows of data in a configuration. */
export const dataFields = {
  inputs: z
    .array(z.array(z.number()).min(1))
    .min(1)
    .default([[-1], [-0.5], [0], [0.5], [1]])
    .describe('rows of inputs'),
  targets: z
    .array(z.union([z.number(), z.array(z.number()).min(1)]))
    .min(1)
    .default([1, -1, 1, -1, 1])
    .describe('one number per row, or one list per row for several outputs'),
};

/** What a configuration says about a risk: data, model, loss and penalties. */
export const riskFields = {
  ...dataFields,
  ...modelFields,
  loss,
  penalty: z.union([penalty, z.array(penalty)]).optional(),
};

export type RiskValues = z.output<z.ZodObject<typeof riskFields>>;

/** The options of `risk` that a configuration describes. @throws `shape-mismatch` for rows that do not fit. */
export function readRisk(where: string, values: RiskValues): Omit<RiskOptions, 'backend'> {
  const { inputs, targets, penalty: charges } = values;
  checkRows(where, 'inputs', inputs);
  checkRows(
    where,
    'targets',
    targets.map((row) => [row].flat()),
  );
  if (inputs.length !== targets.length) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'inputs and targets do not fit',
      got: `${inputs.length} rows of inputs, ${targets.length} of targets`,
      expected: 'equally many',
      fix: 'give one target for each row of inputs',
    });
  }
  return {
    unit: readUnit(values, inputs[0].length),
    inputs: Float64Array.from(inputs.flat()),
    targets: Float64Array.from(targets.flat()),
    loss: readLossValue(values.loss),
    ...(charges && { penalty: charges as Penalty | readonly Penalty[] }),
  };
}

function readLossValue(given: RiskValues['loss']): AnyLoss {
  if (typeof given === 'string') return given;
  const { formula, predictions, targets } = given;
  return formulaLoss({ formula, ...(predictions && { predictions }), ...(targets && { targets }) });
}

function checkRows(where: string, name: string, rows: readonly (readonly number[])[]): void {
  const wrong = rows.findIndex((row) => row.length !== rows[0].length);
  if (wrong < 0) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: `row ${wrong} of the ${name} has another length`,
    got: `${rows[wrong].length} numbers`,
    expected: `${rows[0].length}, as row 0`,
    fix: 'give every row the same columns',
  });
}
