import { type Energy, type Entry, fail } from '@muflow/core';
import { z } from 'zod';
import { type DotKernel, erfKernel, type InputLaw, reluKernel, stepKernel } from './dotKernels.js';
import { networkPopulation } from './networkPopulation.js';

const params = z.strictObject({
  activation: z.enum(['relu', 'step', 'erf']).default('relu'),
  inputLaw: z
    .enum(['gaussian', 'unit-sphere', 'wide-sphere'])
    .default('gaussian')
    .describe('law of the inputs: N(0, I), or uniform on the sphere of radius 1 or sqrt(d)'),
  teacherWeights: z.array(z.number()).min(1).default([1, -1]),
  teacherRows: z
    .array(z.array(z.number()).min(1))
    .min(1)
    .default([
      [1, 0, 0],
      [0, 1, 0],
    ])
    .describe('one row of input weights for each unit of the teacher'),
});

/** The population loss of a network against a teacher, as an energy that configurations can name. */
export const networkPopulationEntry: Entry<Energy> = {
  id: 'supervised/network-population',
  title: 'Population loss of ReLU, step or erf units against a teacher, in closed form',
  reference: 'ChoSaul2009, section 2.1',
  params,
  create: (given) => {
    const { activation, inputLaw, teacherWeights, teacherRows } = given as z.output<typeof params>;
    const inputs = teacherRows[0].length;
    const teacher = { weights: teacherWeights, rows: teacherRows.flat() };
    return networkPopulation(kernelOf(activation, inputLaw, inputs), inputs, teacher);
  },
  examples: [{ activation: 'erf' }, { activation: 'step', inputLaw: 'unit-sphere' }],
};

function kernelOf(activation: 'relu' | 'step' | 'erf', law: InputLaw, inputs: number): DotKernel {
  if (activation === 'relu') return reluKernel(law, inputs);
  if (activation === 'step') return stepKernel();
  if (law === 'gaussian') return erfKernel();
  return fail({
    code: 'unsupported',
    where: 'supervised/network-population',
    problem: 'the population kernel of erf units is not closed on spheres',
    got: `inputLaw ${law}`,
    expected: 'inputLaw gaussian',
    fix: 'take gaussian inputs, or relu or step units',
  });
}
