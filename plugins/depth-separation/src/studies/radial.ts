import {
  allocatePass,
  deriveKey,
  forward,
  type RandomKey,
  randomKey,
  type Study,
  type StudyContext,
} from '@muflow/core';
import { z } from 'zod';
import { type DepthThree, depthThreeInto, depthThreeNetwork } from '../constructions/index.js';
import { drawSamples, type FitProblem, networkCeiling, randomFeatureFit } from '../fits/index.js';
import { gaussianData } from '../laws/index.js';
import { type Ceiling, measuredCeiling } from '../probe/index.js';
import { bandLimitedRadialData } from '../radial/bandLimitedRadial.js';
import { attainedNormBudget, type RadialEnergies, radialNormBudget, shellEnergies } from '../radial/gaussianRadial.js';
import { radialConstruction } from '../radial/radialConstruction.js';
import { radialWave, shellTarget } from '../radial/shellFloor.js';
import { type BallRow, type NormBudgets, type NormRow, type RadialOutcome, radialResult } from './radialReport.js';

const oddDim = z
  .int()
  .min(3)
  .max(63)
  .refine((dim) => dim % 2 === 1, 'the hypothesis "d is odd" is not met: even dimensions have no sharp shell');

const params = z.strictObject({
  rate: z.number().gt(2).max(50).default(4).describe('kappa of the target cos(kappa |x|); the band r of the law is 1'),
  deepDims: z.array(oddDim).min(1).default([3, 5, 9, 13]).describe('odd dimensions of the depth-three networks'),
  fitDims: z.array(oddDim).default([3, 5, 9, 13]).describe('odd dimensions in which shallow networks are fitted'),
  width: z.int().min(8).max(1024).default(128).describe('units of the fitted networks'),
  restarts: z.int().min(1).max(20).default(2).describe('draws of their units'),
  points: z.int().min(200).max(1_000_000).default(2000).describe('independent points that errors are measured on'),
  reach: z.number().min(2).max(100).default(16).describe('the networks of depth three stop at this times d'),
  outerStep: z.number().positive().max(1).default(0.2).describe('distance of their outer knots in the radius'),
  innerStep: z.number().positive().max(1).default(0.1).describe('distance of their inner knots in asinh(x_i)'),
  ballDims: z.array(z.int().min(2).max(64)).default([8, 32]).describe('for balls by depth three'),
  normDims: z.array(z.int().min(2).max(64)).min(3).default([4, 8, 16, 32, 64]).describe('for the norm budgets'),
  shells: z.number().positive().max(3).default(0.5).describe('alternating shells a dimension, for the norm budgets'),
});

type Params = z.output<typeof params>;

/** Half the largest Hermite degree that norm budgets count. */
const degrees = 8000;

const problemOf = (dim: number, rate: number) => ({
  target: radialWave({ dim, rate }),
  law: bandLimitedRadialData({ dim }),
  label: `d = ${dim}`,
});

/** A construction's error by its formula, on independent points; over the variance where that is told. */
function constructionCeiling(
  problem: FitProblem,
  shape: DepthThree,
  { points, key, variance }: { readonly points: number; readonly key: RandomKey; readonly variance?: number },
): Ceiling {
  const samples = drawSamples(problem, points, key);
  const values = new Float64Array(points);
  depthThreeInto(values, shape, samples.points, points);
  return measuredCeiling({
    squaredErrors: values.map((value, l) => (value - samples.values[l]) ** 2),
    squaredTargets: variance ?? samples.values.map((value) => value * value),
    method: 'explicit depth-three network',
    units: problem.law.dim * shape.inner.knots.length + shape.outer.knots.length,
    problem: problem.label,
  });
}

function deepCeiling(dim: number, given: Params, context: StudyContext): Ceiling {
  const { rate, points, reach, outerStep, innerStep } = given;
  const profile = (s: number): number => Math.cos(rate * s);
  const shape = radialConstruction({ dim, profile, cutoff: reach * dim, outerStep, innerStep });
  const key = deriveKey(randomKey(context.seed), 'depth three', dim);
  return constructionCeiling(problemOf(dim, rate), shape, { points, key });
}

/** The ball of radius sqrt(d) under the Gaussian law, by a step of two outer knots; error over the variance. */
function ballRow(dim: number, given: Params, context: StudyContext): BallRow {
  const radius = Math.sqrt(dim);
  const ball = ballEnergies(dim);
  const problem = {
    target: shellTarget({ dim, name: 'ball', radii: [radius], values: [1] }),
    law: gaussianData({ dim }),
    label: `ball, d = ${dim}`,
  };
  const squares = radialConstruction({
    dim,
    profile: () => 1,
    cutoff: radius + 6,
    outerStep: 1,
    innerStep: given.innerStep,
  });
  // A step between two knots in place of the outer part.
  const knots = Float64Array.of((radius - 0.005) ** 2, (radius + 0.005) ** 2);
  const shape = { ...squares, outer: { knots, values: Float64Array.of(1, 0) } };
  const key = deriveKey(randomKey(context.seed), 'ball', dim);
  const ceiling = constructionCeiling(problem, shape, { points: given.points, key, variance: ball.variance });
  return { dim, ceiling, needed: radialNormBudget(ball, Math.min(0.999, Math.sqrt(ceiling.high))) };
}

const ballEnergies = (dim: number): RadialEnergies =>
  shellEnergies({ dim, name: 'indicator of a ball', radii: [Math.sqrt(dim)], values: [1], degrees });

/** Largest difference of the construction as a network and by its formula, on a few points. */
function networkDifference({ rate, reach, outerStep, innerStep, deepDims }: Params, context: StudyContext): number {
  const [dim, count] = [Math.min(...deepDims), 20];
  const profile = (s: number): number => Math.cos(rate * s);
  const shape = radialConstruction({ dim, profile, cutoff: reach * dim, outerStep, innerStep });
  const samples = drawSamples(problemOf(dim, rate), count, deriveKey(randomKey(context.seed), 'network'));
  const { network, parameters } = depthThreeNetwork(shape, context.backend);
  const pass = allocatePass(network, count);
  forward(network, pass, parameters, samples.points);
  const values = new Float64Array(count);
  depthThreeInto(values, shape, samples.points, count);
  return values.reduce((most, value, l) => Math.max(most, Math.abs(value - pass.outputs[l])), 0);
}

async function fitAll(given: Params, context: StudyContext): Promise<Ceiling[]> {
  const ceilings: Ceiling[] = [];
  for (const [index, dim] of given.fitDims.entries()) {
    const problem = problemOf(dim, given.rate);
    for (let restart = 0; restart < given.restarts; restart++) {
      const key = deriveKey(randomKey(context.seed), 'fit', dim, restart);
      const fit = randomFeatureFit(problem, { width: given.width, key, backend: context.backend });
      ceilings.push(networkCeiling(problem, fit, { points: given.points, key: deriveKey(key, 'test') }));
      await context.pause({
        label: `fits, d = ${dim}`,
        step: restart + 1,
        fraction: (index + 1) / given.fitDims.length,
      });
    }
  }
  return ceilings;
}

const bothBudgets = (energies: RadialEnergies): NormBudgets => ({
  proved: radialNormBudget(energies, 0.5),
  attained: attainedNormBudget(energies, 0.5),
});

/** Budgets of the ball of radius sqrt(d), and of alternating shells whose number grows with d. */
function normRows({ normDims, shells }: Params): NormRow[] {
  return normDims.map((dim) => {
    const ball = ballEnergies(dim);
    const count = Math.max(1, Math.round(shells * dim));
    // |x| lies within 0.71 of sqrt(d) most of the time, whatever the dimension: shells between +-1.5.
    const first = Math.max(0.2, Math.sqrt(dim) - 1.5);
    const width = (Math.sqrt(dim) + 1.5 - first) / count;
    const radii = Array.from({ length: count + 1 }, (_, i) => first + i * width);
    const values = radii.map((_, i) => (i % 2 === 0 ? -1 : 1));
    const alternating = shellEnergies({ dim, name: 'alternating shells', radii, values, degrees });
    return { dim, shells: count, ball: bothBudgets(ball), alternating: bothBudgets(alternating) };
  });
}

/** Radial targets: a floor in units for any weights, a norm that is attained, and depth three by squares. */
export const radialStudy: Study<Params> = {
  id: 'depth-separation/radial',
  title: 'Radial targets: units one hidden layer needs, with any weights',
  reference: 'EldanShamir2016',
  params,
  async run(given, context) {
    const deep: Ceiling[] = [];
    for (const [index, dim] of given.deepDims.entries()) {
      deep.push(deepCeiling(dim, given, context));
      await context.pause({ label: 'depth three', step: index + 1, fraction: (index + 1) / given.deepDims.length });
    }
    const outcome: RadialOutcome = {
      rate: given.rate,
      width: given.width,
      deepDims: given.deepDims,
      deep,
      difference: networkDifference(given, context),
      fitDims: given.fitDims.flatMap((dim) => new Array<number>(given.restarts).fill(dim)),
      fits: await fitAll(given, context),
      norms: normRows(given),
      balls: given.ballDims.map((dim) => ballRow(dim, given, context)),
    };
    return radialResult(outcome);
  },
};
