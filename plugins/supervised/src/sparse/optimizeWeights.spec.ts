import { box, randomKey, randomStream, sphere } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { featureProblem, kernelProblem } from '../certificate/penalizedProblem.js';
import { circle } from './deconvolution.js';
import { optimizeWeights, weightProblem } from './optimizeWeights.js';
import { dirichletKernel, kernelFormula } from './waveKernel.js';

const random = randomStream(randomKey('weights'));
const normals = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal());

describe('the problem in the weights', () => {
  test('is the penalized problem: equal energies for features and for kernels', () => {
    const inputs = normals(6);
    const features = featureProblem({
      space: box([[-2, 2]]),
      feature: 'tanh(3*(x - theta))',
      inputs,
      targets: normals(6),
      lambda: 0.1,
    });
    const target = { space: circle(1), positions: normals(3), weights: normals(3) };
    const kernel = kernelProblem({ target, kernel: kernelFormula(dirichletKernel(3), 1), lambda: 0.1, sign: 'signed' });
    for (const problem of [features, kernel]) {
      const positions = new Float64Array(4);
      problem.space.sampleInto(positions, 4, random);
      const weights = normals(4);
      const { constant, aim, gram } = weightProblem(problem, positions);
      let value = constant;
      for (let i = 0; i < 4; i++) {
        value -= 2 * aim[i] * weights[i];
        for (let j = 0; j < 4; j++) value += weights[i] * gram[i * 4 + j] * weights[j];
      }
      expect(value).toBeCloseTo(problem.residualOf({ space: problem.space, positions, weights }).squaredNorm, 10);
    }
  });
});

describe('weights over fixed positions', () => {
  test('of one atom are soft thresholding, of either sign', () => {
    const one = { space: box([[0, 1]]), feature: '2 + 0*theta*x', inputs: Float64Array.of(0) };
    for (const y of [3, -3, 0.1]) {
      const problem = featureProblem({ ...one, targets: Float64Array.of(y), lambda: 0.5 });
      const [weight] = optimizeWeights(problem, Float64Array.of(0.5)).weights;
      expect(weight).toBeCloseTo((Math.sign(y) * Math.max(0, 2 * Math.abs(y) - 0.5)) / 4, 14);
      const positive = featureProblem({ ...one, targets: Float64Array.of(y), lambda: 0.5, sign: 'positive' });
      expect(optimizeWeights(positive, Float64Array.of(0.5)).weights[0]).toBeCloseTo(Math.max(0, 2 * y - 0.5) / 4, 14);
    }
  });

  test('satisfy the conditions of an optimum to ten digits: correlations of lambda with the sign of the weight', () => {
    for (let k = 0; k < 60; k++) {
      const sign = k % 2 === 0 ? 'signed' : 'positive';
      const lambda = 0.1;
      const feature = k % 3 === 0 ? 'relu(dot(theta, x))' : 'tanh(2*dot(theta, x))';
      const data = { inputs: normals(24), targets: normals(12), lambda };
      const problem = featureProblem({ space: sphere(2), feature, ...data, sign });
      const positions = new Float64Array(2 * 15);
      problem.space.sampleInto(positions, 15, random);
      const atoms = optimizeWeights(problem, positions, { tolerance: 1e-14 });
      const { correlations } = problem.residualOf(atoms);
      atoms.weights.forEach((weight, i) => {
        if (weight !== 0) expect(Math.abs(correlations[i] - Math.sign(weight) * lambda)).toBeLessThan(1e-10);
        else expect(sign === 'signed' ? Math.abs(correlations[i]) : correlations[i]).toBeLessThan(lambda + 1e-10);
        if (sign === 'positive') expect(weight).toBeGreaterThanOrEqual(0);
      });
    }
  });
});
