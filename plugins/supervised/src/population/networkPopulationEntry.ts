import { type Backend, type Energy, type Entry, fail, show } from '@muflow/core';
import { z } from 'zod';
import { type DotKernel, erfKernel, reluKernel, stepKernel } from './dotKernels.js';
import { gaussianUnits } from './gaussianUnits.js';
import { networkPopulation } from './networkPopulation.js';
import { quadratureKernel } from './quadratureKernel.js';

const params = z.strictObject({
  activation: z
    .string()
    .default('relu')
    .describe(
      'relu, step, erf and gaussian (centers of bumps) in closed form; any other, or a formula in z, by quadrature',
    ),
  inputLaw: z
    .enum(['gaussian', 'unit-sphere', 'wide-sphere'])
    .default('gaussian')
    .describe('law of the inputs: N(0, I), or uniform on the sphere of radius 1 or sqrt(d)'),
  alpha: z.number().positive().optional().describe('inverse square of the width of gaussian units, default 5 / d'),
  teacherWeights: z.array(z.number()).min(1).default([1, -1]),
  teacherRows: z
    .array(z.array(z.number()).min(1))
    .min(1)
    .default([
      [1, 0, 0],
      [0, 1, 0],
    ])
    .describe('one row of input weights, or one center, for each unit of the teacher'),
});

type Params = z.output<typeof params>;

/** The population loss of a network against a teacher, as an energy that configurations can name. */
export const networkPopulationEntry: Entry<Energy> = {
  id: 'supervised/network-population',
  title:
    'Population loss of ReLU, step, erf or Gaussian units against a teacher in closed form, of others by quadrature',
  reference: 'ChoSaul2009, section 2.1',
  params,
  create: (given, { backend }) => {
    const values = given as Params;
    const { teacherWeights, teacherRows } = values;
    const inputs = teacherRows[0].length;
    const teacher = { weights: teacherWeights, rows: teacherRows.flat() };
    return networkPopulation(kernelOf(values, inputs, backend), inputs, teacher);
  },
  examples: [
    { activation: 'erf' },
    { activation: 'step', inputLaw: 'unit-sphere' },
    { activation: 'gaussian', inputLaw: 'wide-sphere', alpha: 1 },
    { activation: 'sigmoid' },
  ],
};

function kernelOf({ activation, inputLaw, alpha }: Params, inputs: number, backend: Backend): DotKernel {
  if (activation === 'relu') return reluKernel(inputLaw, inputs);
  if (activation === 'step') return stepKernel();
  if (activation === 'gaussian') {
    if (inputLaw === 'wide-sphere') return gaussianUnits(inputs, alpha ?? 5 / inputs).kernel;
    return refuseLaw('gaussian units is known on the sphere of radius sqrt(d) alone', inputLaw, 'wide-sphere');
  }
  if (inputLaw === 'gaussian') return activation === 'erf' ? erfKernel() : quadratureKernel(activation, { backend });
  return refuseLaw('this activation is not known on spheres', inputLaw, 'gaussian', show(activation));
}

function refuseLaw(problem: string, law: Params['inputLaw'], known: Params['inputLaw'], unit = 'gaussian'): never {
  return fail({
    code: 'unsupported',
    where: 'supervised/network-population',
    problem: `the population kernel of ${problem}`,
    got: `inputLaw ${law}, activation ${unit}`,
    expected: `inputLaw ${known}`,
    fix: `take inputLaw ${known}, or relu or step units`,
  });
}
