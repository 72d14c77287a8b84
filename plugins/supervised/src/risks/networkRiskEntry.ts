import { type Energy, type Entry, risk } from '@muflow/core';
import { z } from 'zod';
import { type RiskValues, readRisk, riskFields } from './config.js';

/** {@link risk} for configurations: every unit, lift, scaling, loss and penalty. */
export const networkRiskEntry: Entry<Energy> = {
  id: 'supervised/network-risk',
  title: 'Risk of a shallow network on given rows, lifted to measures of neurons',
  reference: 'ChizatBach2018, section 2',
  params: z.strictObject(riskFields),
  create: (given, { backend }) => risk({ ...readRisk('supervised/network-risk', given as RiskValues), backend }),
  examples: [
    { loss: 'logistic', penalty: { kind: 'weightDecay', lambda: 0.1 } },
    { activation: 'erf', loss: { formula: 'log(exp(f - y) + exp(y - f))' }, penalty: { kind: 'l1', lambda: 0.1 } },
    { activation: 'cos', bias: false, scaling: { kind: 'square-root', width: 9 } },
    { activation: 'leaky-relu', homogeneity: 2, penalty: [{ kind: 'mass', lambda: 0.1 }] },
    { activation: 'squared-relu', penalty: { kind: 'pathNorm', lambda: 0.05 } },
    { unit: { kind: 'gaussian', width: 0.5 } },
    { unit: { kind: 'dirichlet', order: 2 } },
    {
      unit: { kind: 'formula', formula: 'a * sin(k * x)', atom: { a: 1, k: 1 } },
      penalty: { kind: 'formula', formula: 'a^4', lambda: 0.1 },
    },
    {
      outputs: 2,
      inputs: [[-1], [0], [2]],
      targets: [
        [1, 0],
        [0, 1],
        [0.5, 0.5],
      ],
      loss: 'crossEntropy',
    },
  ],
};
