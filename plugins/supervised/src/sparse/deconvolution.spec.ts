import {
  checkFirstVariation,
  compileFunction,
  euclidean,
  euler,
  gradientFlow,
  type Measure,
  measure,
  parseFormula,
  product,
  type RandomStream,
  randomKey,
  randomStream,
  type SignedAtoms,
  simulate,
  support,
  wassersteinFisherRao,
} from '@muflow/core';
import { assertLaws, energyLaws } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { dualityGap } from '../certificate/dualityGap.js';
import { kernelProblem, signedAtoms } from '../certificate/penalizedProblem.js';
import { circle, deconvolutionEnergy } from './deconvolution.js';
import { dirichletKernel, gaussianKernel, kernelFormula, type WaveKernel } from './waveKernel.js';

const kernels: readonly WaveKernel[] = [dirichletKernel(2), dirichletKernel(7), gaussianKernel(0.6)];
const cases = kernels.flatMap((kernel) =>
  [1, 2].flatMap((dim) => [false, true].map((signed) => ({ kernel, dim, signed, name: `${kernel.name}, d = ${dim}` }))),
);

function randomSpikes(random: RandomStream, count: number, dim: number, signed: boolean): SignedAtoms {
  const positions = Float64Array.from({ length: count * dim }, () => 2 * Math.PI * random.uniform());
  const weights = Float64Array.from({ length: count }, () => (signed ? random.normal() : 0.2 + random.uniform()));
  return { space: circle(dim), positions, weights };
}

/** Atoms of the energy: theta, or (s, theta). */
function randomState(random: RandomStream, count: number, dim: number, signed: boolean): Measure {
  const { positions } = randomSpikes(random, count, dim, signed);
  const masses = Float64Array.from({ length: count }, () => 0.1 + random.uniform());
  if (!signed) return measure({ space: circle(dim), kind: 'positive', positions, masses });
  const lifted = Array.from({ length: count }, (_, i) => [
    (i % 2 === 0 ? 1 : -1) * (0.5 + random.uniform()),
    ...positions.slice(i * dim, (i + 1) * dim),
  ]).flat();
  return measure({ space: product([euclidean(1), circle(dim)]), kind: 'positive', positions: lifted, masses });
}

describe('kernels', () => {
  test('the Dirichlet kernel is sin((p + 1/2) t) / sin(t / 2)', () => {
    for (const order of [0, 2, 7]) {
      const { coefficients } = dirichletKernel(order);
      for (const t of [0.3, 1.7, 4]) {
        const value = coefficients.reduce((sum, c, k) => sum + c * Math.cos(k * t), 0);
        expect(value).toBeCloseTo(Math.sin((order + 0.5) * t) / Math.sin(t / 2), 12);
      }
    }
  });

  test.each([0.2, 0.6, 2])('the Gaussian kernel of width %d is a sum of Gaussians around the circle', (width) => {
    const { coefficients } = gaussianKernel(width);
    for (const t of [0, 0.3, 1.7, 4]) {
      let wrapped = 0;
      for (let n = -9; n <= 9; n++) wrapped += Math.exp(-((t + 2 * Math.PI * n) ** 2) / (2 * width * width));
      const value = coefficients.reduce((sum, c, k) => sum + c * Math.cos(k * t), 0);
      expect(value).toBeCloseTo(wrapped, 13);
    }
  });

  test('are refused with a wrong order or width', () => {
    expect(() => dirichletKernel(-1)).toThrow(/dirichletKernel.*order -1/);
    expect(() => gaussianKernel(0)).toThrow(/gaussianKernel.*width 0/);
  });
});

describe('the energy of deconvolution', () => {
  test.each(cases)('is the double sum of the kernel, with its potential: $name, signed $signed', (one) => {
    const { kernel, dim, signed } = one;
    const random = randomStream(randomKey(`double sum ${one.name} ${signed}`));
    const target = randomSpikes(random, 3, dim, signed);
    const mu = randomState(random, 4, dim, signed);
    const energy = deconvolutionEnergy({ target, kernel, lambda: 0.7, signed });
    const problem = kernelProblem({ target, kernel: kernelFormula(kernel, dim), lambda: 0.7, sign: 'signed' });
    const nu = signedAtoms(mu);
    const { squaredNorm } = problem.residualOf(nu);
    const variation = nu.weights.reduce((sum, w) => sum + Math.abs(w), 0);
    expect(energy.value(mu) / (squaredNorm / 2 + 0.7 * variation)).toBeCloseTo(1, 12);
    const names = { x: { role: 'row', size: dim }, y: { role: 'column', size: dim } } as const;
    const value = compileFunction(parseFormula(kernelFormula(kernel, dim), { variables: names }), [
      { name: 'x', size: dim },
      { name: 'y', size: dim },
    ]);
    const point = Array.from({ length: dim }, () => random.uniform() * 6);
    const against = ({ positions, weights }: SignedAtoms): number =>
      weights.reduce((sum, w, j) => sum + w * value([...point, ...positions.slice(j * dim, (j + 1) * dim)]), 0);
    const expected = against(nu) - against(target);
    const out = new Float64Array(1);
    energy.potentialAt(out, Float64Array.from(signed ? [-0.4, ...point] : point), 1, mu);
    expect(out[0]).toBeCloseTo(signed ? -0.4 * expected + 0.4 * 0.7 : expected + 0.7, 10);
  });

  test.each(cases)('has the first variation of its differences: $name, signed $signed', (one) => {
    const random = randomStream(randomKey(`variation ${one.name} ${one.signed}`));
    const target = randomSpikes(random, 3, one.dim, one.signed);
    const energy = deconvolutionEnergy({ target, kernel: one.kernel, lambda: 0.7, signed: one.signed });
    const report = checkFirstVariation(energy, randomState(random, 4, one.dim, one.signed));
    expect(report.holds).toBe(true);
  });

  test('obeys the laws of energies', () => {
    const target = randomSpikes(randomStream(randomKey('laws')), 3, 2, false);
    const energy = deconvolutionEnergy({ target, kernel: dirichletKernel(2), lambda: 0.5 });
    assertLaws(energy, energyLaws, { seed: 11, runs: 25 });
  });

  test('refuses another torus and a negative penalty', () => {
    const target = randomSpikes(randomStream(randomKey('laws')), 3, 2, false);
    const kernel = dirichletKernel(2);
    expect(() => deconvolutionEnergy({ target, kernel, lambda: -1 })).toThrow(/lambda -1/);
    const elsewhere = measure({ space: euclidean(1), positions: [0] });
    expect(() => deconvolutionEnergy({ target: elsewhere, kernel, lambda: 1 })).toThrow(/euclidean|R\^1/);
  });
});

test('conic descent is Wasserstein-Fisher-Rao descent with alpha = 4 in Euler steps', () => {
  const random = randomStream(randomKey('conic'));
  const target = randomSpikes(random, 3, 2, false);
  const energy = deconvolutionEnergy({ target, kernel: dirichletKernel(2), lambda: 0.5 });
  const initial = randomState(random, 5, 2, false);
  const [count, dt, steps] = [initial.count, 0.01, 200];
  const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 4 }));
  const [end] = simulate({ flow, initial }, { stepper: euler(), dt, maxSteps: steps, seed: 1 }).profile;
  // nu = (1/m) sum r_i^2 delta: r <- r exp(-2 dt V), theta <- theta - dt grad V, both from the state before the step.
  const r = Array.from(initial.masses, (mass) => Math.sqrt(count * mass));
  const theta = initial.positions.slice();
  const variation = { potential: new Float64Array(count), gradient: new Float64Array(2 * count) };
  for (let k = 0; k < steps; k++) {
    const masses = r.map((radius) => radius ** 2 / count);
    energy.firstVariationInto(variation, measure({ space: circle(2), kind: 'positive', positions: theta, masses }));
    for (let i = 0; i < count; i++) r[i] *= Math.exp(-2 * dt * variation.potential[i]);
    for (let c = 0; c < 2 * count; c++) theta[c] -= dt * variation.gradient[c];
    circle(2).projectInto(theta, theta, count);
  }
  for (let i = 0; i < count; i++) {
    expect(r[i] ** 2 / count / end.masses[i] - 1).toBeCloseTo(0, 9);
    const turns = [0, 1].map((j) => (theta[2 * i + j] - end.positions[2 * i + j]) / (2 * Math.PI));
    for (const turn of turns) expect(turn - Math.round(turn)).toBeCloseTo(0, 9);
  }
});

/**
 * Spikes nu* that are the optimum: `eta = lambda (1 - b prod_j sin^2((t - t_j) / 2))` is at most lambda, with equality
 * at the t_j only; p with `K p = eta` is found on a grid, and the target is `nu* + p`.
 */
function plantedSpikes(places: readonly number[], weights: readonly number[], lambda: number) {
  const kernel = dirichletKernel(7);
  const grid = 15;
  const at = (g: number): number => (2 * Math.PI * g) / grid;
  const eta = (t: number): number =>
    lambda * (1 - places.reduce((product, place) => product * Math.sin((t - place) / 2) ** 2, 1));
  // Frequencies up to 7 on 15 points: sum_h D(t - t_h) f(t_h) = 15 f(t).
  const density = Array.from({ length: grid }, (_, g) => eta(at(g)) / grid);
  const positions = Float64Array.from([...places, ...Array.from({ length: grid }, (_, g) => at(g))]);
  return { kernel, target: { space: circle(1), positions, weights: Float64Array.from([...weights, ...density]) } };
}

test.each([1, 2, 3])('planted spikes are found to 1e-4 with a certified gap below 1e-8: seed %i', (seed) => {
  const random = randomStream(randomKey(`planted ${seed}`));
  const places = [0.5, 2.4, 4.4].map((place) => place + 0.5 * random.uniform());
  const weights = places.map(() => 0.5 + random.uniform());
  const lambda = 2;
  const { kernel, target } = plantedSpikes(places, weights, lambda);
  const energy = deconvolutionEnergy({ target, kernel, lambda });
  const problem = kernelProblem({ target, kernel: kernelFormula(kernel, 1), lambda });
  const exact = { space: circle(1), positions: Float64Array.from(places), weights: Float64Array.from(weights) };
  expect(dualityGap(problem, exact, { tolerance: 1e-10 }).gap).toBeLessThan(1e-9);

  const atoms = 30;
  const initial = measure({
    space: circle(1),
    kind: 'positive',
    positions: Array.from({ length: atoms }, (_, i) => (2 * Math.PI * (i + 0.5)) / atoms),
    masses: new Array<number>(atoms).fill(0.1),
  });
  const flow = gradientFlow(energy, wassersteinFisherRao({ alpha: 4, gamma: 0.05 }));
  const descend = (from: Measure, maxSteps: number): Measure =>
    simulate({ flow, initial: from }, { stepper: euler(), dt: 0.01, maxSteps, seed: 1 }).profile[0];
  // Atoms of one spike are merged, and what is left between spikes is dropped: the descent then is of linear rate.
  const spikes = support(descend(initial, 2000), { mergeRadius: 0.2, minShare: 1e-3 });
  const found = descend(
    measure({
      space: circle(1),
      kind: 'positive',
      positions: spikes.flatMap(({ at }) => at),
      masses: spikes.map(({ mass }) => mass),
    }),
    3000,
  );
  const { gap, status } = dualityGap(problem, found, { tolerance: 1e-10 });
  expect(status).toBe('certified');
  expect(gap).toBeLessThan(1e-8);
  expect(found.count).toBe(places.length);
  for (let j = 0; j < places.length; j++) {
    const i = found.positions.findIndex((t) => Math.abs(t - places[j]) < 1e-4);
    expect(i).toBeGreaterThanOrEqual(0);
    expect(Math.abs(found.masses[i] - weights[j])).toBeLessThan(1e-4);
  }
});
