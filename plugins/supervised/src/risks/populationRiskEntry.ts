import {
  boxLaw,
  compileFunction,
  deriveKey,
  type Energy,
  type Entry,
  gaussianLaw,
  type InitialLaw,
  parseFormula,
  randomKey,
  risk,
  shellLaw,
} from '@muflow/core';
import { z } from 'zod';
import { type RiskValues, readRisk, riskFields } from './config.js';
import { drawSamples, teacherSamples } from './freshSamples.js';
import { populationRisk } from './populationRisk.js';

const { inputs: _inputs, targets: _targets, outputs: _outputs, ...model } = riskFields;
const params = z.strictObject({
  inputDim: z.int().min(1).max(10_000).default(2).describe('numbers in a row of inputs'),
  inputLaw: z
    .enum(['gaussian', 'unit-sphere', 'wide-sphere', 'cube'])
    .default('gaussian')
    .describe('law of the inputs: N(0, I), uniform on the sphere of radius 1 or sqrt(d), uniform on [-1, 1]^d'),
  target: z.string().default('sin(x[0]) + relu(x[1])').describe('the target as a formula in x, the row of inputs'),
  noise: z.number().min(0).default(0).describe('standard deviation of Gaussian noise on the targets'),
  sampleRows: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1000)
    .describe('rows of the fixed sample on which the energy is read'),
  seed: z.union([z.int().min(0), z.string()]).default(0),
  ...model,
});

type Params = z.output<typeof params>;

/** {@link populationRisk} for configurations: with `problem.minibatch`, every step sees new rows. */
export const populationRiskEntry: Entry<Energy> = {
  id: 'supervised/population-risk',
  title: 'Risk of a shallow network in a population: with a minibatch, every step sees rows that are drawn anew',
  reference: 'RotskoffVandenEijnden2018, section 3',
  params,
  create: (given, { backend }) => {
    const { inputDim, inputLaw, target, noise, sampleRows, seed, ...values } = given as Params;
    const formula = parseFormula(target, { variables: { x: { role: 'row', size: inputDim } } });
    const value = compileFunction(formula, [{ name: 'x', size: inputDim }]);
    const row = new Float64Array(inputDim);
    const law = teacherSamples({
      inputs: lawOf(inputLaw, inputDim),
      teacher: (inputs, start) => {
        for (let k = 0; k < inputDim; k++) row[k] = inputs[start + k];
        return value(row);
      },
      noise,
    });
    const key = deriveKey(randomKey(seed), 'population risk');
    const sample = drawSamples(law, sampleRows, deriveKey(key, 'sample'));
    const { inputs, targets } = sample;
    const read = readRisk('supervised/population-risk', {
      ...values,
      outputs: 1,
      inputs: Array.from({ length: sampleRows }, (_, l) => [...inputs.subarray(l * inputDim, (l + 1) * inputDim)]),
      targets: [...targets],
    } as RiskValues);
    return populationRisk({ risk: risk({ ...read, backend }), law, key });
  },
  examples: [
    { inputDim: 3, inputLaw: 'wide-sphere', target: 'x[0]*x[1]', activation: 'sigmoid', noise: 0.1, sampleRows: 50 },
    { inputDim: 1, inputLaw: 'cube', target: 'abs(x)', activation: 'relu', sampleRows: 20 },
  ],
};

function lawOf(name: Params['inputLaw'], dim: number): InitialLaw {
  switch (name) {
    case 'gaussian':
      return gaussianLaw({ dim });
    case 'unit-sphere':
      return shellLaw({ dim, radius: 1 });
    case 'wide-sphere':
      return shellLaw({ dim, radius: Math.sqrt(dim) });
    case 'cube':
      return boxLaw(Array.from({ length: dim }, () => [-1, 1] as const));
  }
}
