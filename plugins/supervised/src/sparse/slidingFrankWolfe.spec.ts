import { box, randomKey, randomStream, type SignedAtoms, sphere } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { featureProblem, kernelProblem } from '../certificate/penalizedProblem.js';
import { circle } from './deconvolution.js';
import { energyOf, slideAtoms } from './slideAtoms.js';
import { slidingFrankWolfe } from './slidingFrankWolfe.js';
import { dirichletKernel, gaussianKernel, kernelFormula, type WaveKernel } from './waveKernel.js';

/** Spikes of alternating sign, one in each of as many strips. */
function spikes(seed: number, dim: number, count: number): SignedAtoms {
  const random = randomStream(randomKey(`signed spikes ${dim} ${seed}`));
  const strip = 6 / count;
  const positions = Float64Array.from({ length: count * dim }, (_, i) =>
    i % dim === 0 ? 0.3 + strip * (Math.floor(i / dim) + 0.25 * random.uniform()) : 6 * random.uniform(),
  );
  const weights = Float64Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1) * (0.5 + random.uniform()));
  return { space: circle(dim), positions, weights };
}

const signedProblem = (target: SignedAtoms, kernel: WaveKernel, lambda: number) =>
  kernelProblem({ target, kernel: kernelFormula(kernel, target.space.dim), lambda, sign: 'signed' });

describe('sliding Frank-Wolfe over signed measures', () => {
  test.each([
    { name: 'five spikes on a circle, Dirichlet kernel', dim: 1, count: 5, kernel: dirichletKernel(7), lambda: 0.5 },
    { name: 'four spikes on a torus, Dirichlet kernel', dim: 2, count: 4, kernel: dirichletKernel(3), lambda: 0.5 },
    { name: 'four spikes on a torus, Gaussian kernel', dim: 2, count: 4, kernel: gaussianKernel(1), lambda: 0.01 },
  ])('takes one atom a spike and proves it: $name', ({ dim, count, kernel, lambda }) => {
    for (let seed = 0; seed < 3; seed++) {
      const { atoms, gaps } = slidingFrankWolfe(signedProblem(spikes(seed, dim, count), kernel, lambda));
      expect(gaps).toHaveLength(count + 1);
      expect(atoms.weights).toHaveLength(count);
      expect(gaps.every(({ status }) => status === 'certified')).toBe(true);
      expect(gaps[count].gap).toBeLessThan(1e-10 * gaps[0].primal);
      for (let k = 1; k <= count; k++) expect(gaps[k].primal).toBeLessThan(gaps[k - 1].primal);
    }
  });

  test('without sliding it stays above', () => {
    const problem = signedProblem(spikes(1, 1, 5), dirichletKernel(7), 0.5);
    const [still, sliding] = [false, true].map((slide) => slidingFrankWolfe(problem, { slide, maxAtoms: 5 }).gaps[5]);
    expect(still.gap).toBeGreaterThan(1e4 * sliding.gap);
    expect(still.primal).toBeGreaterThan(sliding.primal);
  });

  test('over positive measures leaves negative spikes alone', () => {
    const target = spikes(2, 1, 4);
    const problem = kernelProblem({ target, kernel: kernelFormula(dirichletKernel(7), 1), lambda: 0.5 });
    const { atoms, gaps } = slidingFrankWolfe(problem);
    expect(Math.min(...atoms.weights)).toBeGreaterThan(0);
    expect(gaps[gaps.length - 1].gap).toBeLessThan(1e-9 * gaps[0].primal);
  });

  test('finds smooth neurons on a sphere and bumps at the end of an interval', () => {
    const inputs = Float64Array.from({ length: 12 }, (_, l) => -2 + l / 3);
    const neurons = featureProblem({
      space: sphere(2),
      feature: 'tanh(2*theta[0]*x + 2*theta[1])',
      inputs,
      targets: inputs.map((x) => Math.sin(1.5 * x)),
      lambda: 0.02,
    });
    const bumps = featureProblem({
      space: box([[-1, 1]]),
      feature: 'exp(-2*(theta - x)^2)',
      inputs,
      // Beyond the interval, so that the nearest place is its end.
      targets: inputs.map((x) => Math.exp(-2 * (1.3 - x) ** 2)),
      lambda: 0.01,
    });
    for (const problem of [neurons, bumps]) {
      const { gaps, atoms } = slidingFrankWolfe(problem, { tolerance: 1e-8 });
      expect(gaps[gaps.length - 1].gap).toBeLessThan(1e-8 * gaps[0].primal);
      expect(atoms.weights.length).toBeLessThan(6);
    }
    const { atoms } = slidingFrankWolfe(bumps);
    expect(atoms.positions[0]).toBe(1);
  });
});

describe('sliding', () => {
  test('never raises the energy and ends where the gradient vanishes', () => {
    const problem = signedProblem(spikes(3, 2, 3), dirichletKernel(2), 0.5);
    const random = randomStream(randomKey('start'));
    for (let k = 0; k < 5; k++) {
      const positions = new Float64Array(6);
      problem.space.sampleInto(positions, 3, random);
      const start = { space: problem.space, positions, weights: Float64Array.of(0.3, -0.3, 0.3) };
      const end = slideAtoms(problem, start, { maxSteps: 200 });
      const least = energyOf(problem, end);
      expect(least).toBeLessThan(energyOf(problem, start));
      // Central differences in every coordinate: at most the second order of the step.
      for (let c = 0; c < end.positions.length; c++) {
        const at = (h: number) => {
          const moved = { ...end, positions: end.positions.slice() };
          moved.positions[c] += h;
          return energyOf(problem, moved);
        };
        expect(Math.abs((at(1e-4) - at(-1e-4)) / 2e-4)).toBeLessThan(1e-5 * least);
      }
    }
  });
});
