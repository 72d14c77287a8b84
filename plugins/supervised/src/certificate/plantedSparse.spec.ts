import {
  isMuflowError,
  type RandomStream,
  randomKey,
  randomStream,
  type SignedAtoms,
  type Space,
  sphere,
} from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { solveCellProgram } from '../cells/cellProgram.js';
import { type ReluProblem, reluProblem } from '../cells/reluProblem.js';
import { circle } from '../sparse/deconvolution.js';
import { slidingFrankWolfe } from '../sparse/slidingFrankWolfe.js';
import { dirichletKernel, kernelFormula } from '../sparse/waveKernel.js';
import { dualityGap } from './dualityGap.js';
import { featureProblem, type PenalizedProblem } from './penalizedProblem.js';
import { type PlantedSparse, plantedSparse } from './plantedSparse.js';

const drawWeights = (random: RandomStream, count: number, signed: boolean): Float64Array =>
  Float64Array.from({ length: count }, () => (signed && random.uniform() < 0.5 ? -1 : 1) * (0.5 + random.uniform()));

/** Points at least 0.6 apart: nearer spikes of one sign can be optimal too, but their places are soft. */
function apart(space: Space, count: number, random: RandomStream): Float64Array {
  const points = new Float64Array(count * space.dim);
  const isApart = (i: number, j: number): boolean =>
    i <= j || space.distance(points, i * space.dim, points, j * space.dim) >= 0.6;
  for (;;) {
    space.sampleInto(points, count, random);
    const every = Array.from({ length: count }, (_, i) => i);
    if (every.every((i) => every.every((j) => isApart(i, j)))) return points;
  }
}

interface Spikes {
  readonly name: string;
  readonly dim: number;
  readonly order: number;
  readonly count: number;
  readonly signed: boolean;
  readonly problems: number;
}

/** Spikes seen at `(2p + 1)^d` places through the Dirichlet kernel of order p: all that the kernel lets through. */
function plantSpikes(random: RandomStream, { dim, order, count, signed }: Spikes): PlantedSparse {
  const space = circle(dim);
  const side = 2 * order + 1;
  const rowCount = side ** dim;
  const inputs = Float64Array.from({ length: rowCount * dim }, (_, i) => {
    const digit = Math.floor(Math.floor(i / dim) / side ** (i % dim)) % side;
    return (2 * Math.PI * digit) / side;
  });
  const feature = kernelFormula(dirichletKernel(order), dim).replaceAll('x', 'theta').replaceAll('y', 'x');
  const positions = apart(space, count, random);
  const sign = signed ? 'signed' : 'positive';
  return plantedSparse({
    problemFor: (targets) => featureProblem({ space, feature, inputs, targets, lambda: 0.5, sign }),
    rowCount,
    atoms: { space, positions, weights: drawWeights(random, count, signed) },
  });
}

function plantNeurons(random: RandomStream, count: number, rowCount: number, bias: boolean): PlantedSparse {
  const space = sphere(bias ? 3 : 2);
  const inputs = Float64Array.from({ length: rowCount * 2 }, () => random.normal());
  const positions = new Float64Array(count * space.dim);
  space.sampleInto(positions, count, random);
  return plantedSparse({
    problemFor: (targets) => reluProblem({ inputs, targets, lambda: 0.02, bias }),
    rowCount,
    atoms: { space, positions, weights: drawWeights(random, count, true) },
  });
}

/** The first planted problem whose certificate holds. */
function firstOptimal(plant: () => PlantedSparse): PlantedSparse {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      const planted = plant();
      if (planted.isOptimal) return planted;
    } catch (error) {
      // Atoms whose conditions contradict each other are refused; others are drawn.
      if (!isMuflowError(error)) throw error;
    }
  }
  throw new Error('no optimal atoms in 200 draws');
}

/** The largest distance of an atom from the nearest of the others with its sign, either way. */
function supportDistance(a: SignedAtoms, b: SignedAtoms): number {
  const { space } = a;
  const toNearest = (from: SignedAtoms, to: SignedAtoms): number =>
    Math.max(
      0,
      ...Array.from(from.weights, (weight, i) =>
        Math.min(
          ...Array.from(to.weights, (other, j) =>
            weight * other > 0
              ? space.distance(from.positions, i * space.dim, to.positions, j * space.dim)
              : Number.POSITIVE_INFINITY,
          ),
        ),
      ),
    );
  return Math.max(toNearest(a, b), toNearest(b, a));
}

const families: readonly Spikes[] = [
  { name: 'signed spikes on a circle', dim: 1, order: 10, count: 4, signed: true, problems: 5 },
  { name: 'positive spikes on a circle', dim: 1, order: 10, count: 4, signed: false, problems: 4 },
  { name: 'signed spikes on a torus', dim: 2, order: 3, count: 3, signed: true, problems: 2 },
];

describe('planted atoms are found again: places within 1e-4, gap below 1e-8, energy that was planted', () => {
  test.each(families)('$name, by sliding Frank-Wolfe', { timeout: 60_000 }, (family) => {
    const random = randomStream(randomKey(`planted ${family.name}`));
    for (let k = 0; k < family.problems; k++) {
      const { problem, optimum, gap: planted } = firstOptimal(() => plantSpikes(random, family));
      const { atoms, gaps } = slidingFrankWolfe(problem, { tolerance: 1e-12 });
      const last = gaps[gaps.length - 1];
      expect(last.status).toBe('certified');
      expect(last.gap).toBeLessThan(1e-8);
      expect(atoms.weights).toHaveLength(optimum.weights.length);
      expect(supportDistance(atoms, optimum)).toBeLessThan(1e-4);
      expect(Math.abs(last.primal / planted.primal - 1)).toBeLessThan(1e-11);
    }
  });

  test.each([
    { bias: false, count: 2, problems: 4 },
    { bias: false, count: 3, problems: 2 },
    { bias: true, count: 2, problems: 1 },
  ])('$count rectifiers of two inputs, bias $bias, by the program of cells', ({ bias, count, problems }) => {
    const random = randomStream(randomKey(`planted neurons ${bias} ${count}`));
    for (let k = 0; k < problems; k++) {
      const { problem, optimum, gap: planted } = firstOptimal(() => plantNeurons(random, count, 20, bias));
      const { atoms, gap } = solveCellProgram(problem as ReluProblem);
      expect(gap.gap).toBeLessThan(1e-8);
      expect(atoms.weights).toHaveLength(count);
      expect(supportDistance(atoms, optimum)).toBeLessThan(1e-4);
      expect(Math.abs(gap.primal / planted.primal - 1)).toBeLessThan(1e-11);
    }
  });
});

describe('a planted problem', () => {
  test('has its dual point as the residual of its optimum', () => {
    const random = randomStream(randomKey('dual'));
    const { problem, optimum, dual } = firstOptimal(() => plantSpikes(random, families[0]));
    const { correlation, correlations } = problem.residualOf(optimum);
    dual.forEach((p, l) => {
      expect(correlation.against.over.weights[l]).toBeCloseTo(p, 12);
    });
    optimum.weights.forEach((weight, i) => {
      expect(correlations[i]).toBeCloseTo(Math.sign(weight) * problem.lambda, 12);
    });
  });

  test('bounds the excess of other atoms by their gap', () => {
    const random = randomStream(randomKey('excess'));
    const planted: { readonly problem: PenalizedProblem; readonly least: number }[] = [];
    for (let k = 0; k < 6; k++) {
      const { problem, gap } = firstOptimal(() =>
        k % 2 === 0 ? plantSpikes(random, families[0]) : plantNeurons(random, 2, 20, false),
      );
      planted.push({ problem, least: gap.dual });
    }
    for (let k = 0; k < 60; k++) {
      const { problem, least } = planted[k % 6];
      const positions = new Float64Array(3 * problem.space.dim);
      problem.space.sampleInto(positions, 3, random);
      const atoms = { space: problem.space, positions, weights: drawWeights(random, 3, true) };
      const { gap, primal } = dualityGap(problem, atoms);
      expect(gap).toBeGreaterThanOrEqual(primal - least - 1e-8 * primal);
    }
  });

  test('says where atoms cannot be optimal: two of opposite sign side by side', () => {
    const random = randomStream(randomKey('close'));
    const order = 5;
    const inputs = Float64Array.from({ length: 11 }, (_, l) => (2 * Math.PI * l) / 11);
    const feature = kernelFormula(dirichletKernel(order), 1).replaceAll('x', 'theta').replaceAll('y', 'x');
    const at = random.uniform();
    const space = circle(1);
    const { isOptimal, gap } = plantedSparse({
      problemFor: (targets) => featureProblem({ space, feature, inputs, targets, lambda: 0.5 }),
      rowCount: 11,
      atoms: { space, positions: Float64Array.of(at, at + 0.1), weights: Float64Array.of(1, -1) },
    });
    expect(isOptimal).toBe(false);
    expect(gap.gap).toBeGreaterThan(0.01);
  });

  test('refuses more conditions than rows', () => {
    const space = circle(1);
    const positions = Float64Array.of(1, 2, 3);
    const weights = Float64Array.of(1, 1, -1);
    const feature = 'exp(cos(theta - x))';
    const problemFor = (targets: Float64Array) =>
      featureProblem({ space, feature, inputs: Float64Array.of(0, 1), targets, lambda: 0.5 });
    expect(() => plantedSparse({ problemFor, rowCount: 2, atoms: { space, positions, weights } })).toThrow(
      /6 conditions on 2 rows/,
    );
  });
});
