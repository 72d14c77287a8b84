import { randomKey, randomStream, type SignedAtoms } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { solveCellProgram } from '../cells/cellProgram.js';
import { type ReluProblem, reluProblem } from '../cells/reluProblem.js';
import { circle } from '../sparse/deconvolution.js';
import { mergedSupport } from './mergedSupport.js';
import { optimality } from './optimality.js';

const random = randomStream(randomKey('optimality'));
const normals = (count: number): Float64Array => Float64Array.from({ length: count }, () => random.normal());
const variation = ({ weights }: SignedAtoms): number => weights.reduce((sum, w) => sum + Math.abs(w), 0);
const drawProblem = (): ReluProblem =>
  reluProblem({ inputs: normals(20), targets: normals(10), lambda: 0.05, bias: false });

describe('the potential against its mean', () => {
  test('is flat and least on the atoms of an optimum, where its value is 0', () => {
    for (let k = 0; k < 5; k++) {
      const problem = drawProblem();
      const { atoms } = solveCellProgram(problem);
      const { mean, spread, infimum, gap, status } = optimality(problem, atoms);
      expect(status).toBe('certified');
      expect(Math.abs(mean)).toBeLessThan(1e-12);
      expect(spread).toBeLessThan(1e-12);
      expect(Math.abs(infimum.lower)).toBeLessThan(1e-12);
      expect(Math.abs(gap)).toBeLessThan(1e-11);
    }
  });

  test('bounds the excess over all measures of one total variation', () => {
    for (let k = 0; k < 5; k++) {
      const problem = drawProblem();
      const { atoms } = solveCellProgram(problem);
      // An optimum of the penalized problem is one of the ball of its own size.
      const [least, size] = [problem.residualOf(atoms).squaredNorm / 2, variation(atoms)];
      for (let j = 0; j < 20; j++) {
        const positions = new Float64Array(8);
        problem.space.sampleInto(positions, 4, random);
        const drawn = { space: problem.space, positions, weights: normals(4) };
        const scaled = { ...drawn, weights: drawn.weights.map((w) => (w * size) / variation(drawn)) };
        const { gap, spread, mean, infimum } = optimality(problem, scaled);
        expect(gap).toBeGreaterThanOrEqual(problem.residualOf(scaled).squaredNorm / 2 - least - 1e-12);
        expect(spread).toBeGreaterThan(0);
        expect(mean).toBeGreaterThanOrEqual(infimum.lower);
      }
    }
  });
});

describe('the merged support of a signed measure', () => {
  test('keeps signs apart, total weights together, and the heaviest first', () => {
    const atoms = {
      space: circle(1),
      positions: Float64Array.of(1, 1.02, 1.01, 4, 5),
      weights: Float64Array.of(1, 3, -2, 0.5, 1e-6),
    };
    const merged = mergedSupport(atoms, { mergeRadius: 0.05, minShare: 1e-3 });
    expect([...merged.weights]).toEqual([4, -2, 0.5].map((w) => expect.closeTo(w, 14)));
    expect([...merged.positions]).toEqual([1.015, 1.01, 4].map((x) => expect.closeTo(x, 14)));
    expect(mergedSupport({ ...atoms, weights: new Float64Array(5) }).weights).toHaveLength(0);
  });

  test('without a radius joins equal places only', () => {
    const atoms = { space: circle(1), positions: Float64Array.of(1, 1, 2), weights: Float64Array.of(1, 2, -1) };
    expect([...mergedSupport(atoms).weights]).toEqual([expect.closeTo(3, 14), expect.closeTo(-1, 14)]);
  });
});
