import { type Entry, type Recorder, risk } from '@muflow/core';
import { z } from 'zod';
import { type RiskValues, readRisk, riskFields } from './config.js';
import { lossRecorder } from './curves.js';

const { penalty: _, inputs, targets, ...model } = riskFields;
const params = z.strictObject({
  part: z.enum(['train', 'validation', 'test']).default('test').describe('names the column: trainLoss, ...'),
  inputs: inputs.unwrap(),
  targets: targets.unwrap(),
  ...model,
});

/** {@link lossRecorder} for configurations: one column, the loss of the network on rows of its own. */
export const lossRecorderEntry: Entry<Recorder> = {
  id: 'supervised/loss',
  title: 'Mean loss of the network on given rows, such as rows held out',
  reference: 'ChizatBach2018, section 2',
  params,
  create: (given, { backend }) => {
    const { part, ...values } = given as z.output<typeof params>;
    return lossRecorder({ [part]: risk({ ...readRisk('supervised/loss', values as RiskValues), backend }) });
  },
  examples: [
    {
      inputs: [[0], [1], [2]],
      targets: [1, 0, 1],
      unit: { kind: 'formula', formula: 'cos(k * x)', atom: { k: 1 } },
    },
  ],
};
