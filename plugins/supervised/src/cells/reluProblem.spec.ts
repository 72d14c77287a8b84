import { randomKey, randomStream, sphere } from '@muflow/core';
import { expect, test } from 'vitest';
import { dualityGap } from '../certificate/dualityGap.js';
import { featureProblem } from '../certificate/penalizedProblem.js';
import { reluProblem } from './reluProblem.js';

function draw(label: string, rows: number, inputDim: number) {
  const random = randomStream(randomKey(label));
  const normals = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  return { inputs: normals(rows * inputDim), targets: normals(rows), weights: normals(4), random };
}

test('the gap by cells is that by branch and bound, and its supremum no wider', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { inputs, targets, weights, random } = draw(`gap ${seed}`, 8, 1);
    const problem = reluProblem({ inputs, targets, lambda: 0.1, bias: true });
    const feature = 'relu(theta[0]*x + theta[1])';
    const plain = featureProblem({ space: sphere(2), feature, inputs, targets, lambda: 0.1 });
    const positions = new Float64Array(8);
    problem.space.sampleInto(positions, 4, random);
    const atoms = { space: problem.space, positions, weights };
    const [exact, searched] = [dualityGap(problem, atoms), dualityGap(plain, atoms, { tolerance: 1e-6 })];
    expect(exact.status).toBe('certified');
    expect(exact.primal).toBeCloseTo(searched.primal, 12);
    expect(exact.supremum.upper).toBeLessThanOrEqual(searched.supremum.upper);
    expect(exact.supremum.upper).toBeGreaterThanOrEqual(searched.supremum.lower);
    expect(exact.supremum.upper - exact.supremum.lower).toBeLessThan(1e-8);
    expect(exact.gap).toBeLessThanOrEqual(searched.gap + 1e-12);
    expect(exact.gap).toBeGreaterThan(-1e-12);
  }
});

test('where every neuron raises the risk of a positive problem, no neurons at all are certified optimal', () => {
  const inputs = Float64Array.of(1, 0, -1, 0, 0, 1, 0, -1);
  const targets = new Float64Array(4).fill(-1);
  const problem = reluProblem({ inputs, targets, lambda: 0.1, bias: false, sign: 'positive' });
  const none = { space: problem.space, positions: new Float64Array(0), weights: new Float64Array(0) };
  const { gap, supremum } = dualityGap(problem, none);
  expect(gap).toBeCloseTo(0, 12);
  expect(supremum.lower).toBeLessThan(0);
});

test('a hundred rows of two inputs with a bias have 9902 cells, and one gap takes them all', () => {
  const { inputs, targets } = draw('many', 100, 2);
  const problem = reluProblem({ inputs, targets, lambda: 0.01, bias: true });
  expect(problem.cells.count).toBe(9902);
  const none = { space: problem.space, positions: new Float64Array(0), weights: new Float64Array(0) };
  const { gap, primal, supremum } = dualityGap(problem, none);
  expect(gap).toBeGreaterThan(0);
  expect(gap).toBeLessThan(primal);
  expect(supremum.upper - supremum.lower).toBeLessThan(1e-12);
});
