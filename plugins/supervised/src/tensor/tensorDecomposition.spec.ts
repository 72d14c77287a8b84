import {
  checkFirstVariation,
  euclidean,
  type Measure,
  measure,
  product,
  type RandomStream,
  randomKey,
  randomOrthogonal,
  randomStream,
  type SignedAtoms,
  sphere,
  symmetricEigen,
} from '@muflow/core';
import { assertLaws, energyLaws } from '@muflow/core/testing';
import { describe, expect, test } from 'vitest';
import { dualityGap } from '../certificate/dualityGap.js';
import { signedAtoms } from '../certificate/penalizedProblem.js';
import { matrixEnergy, matrixProblem, unitPairs } from './matrixDecomposition.js';
import { largestEigenvalue } from './spectrum.js';
import { momentTensor } from './symmetricTensor.js';
import { tensorEnergy, tensorProblem } from './tensorDecomposition.js';

const random = (seed: string): RandomStream => randomStream(randomKey(`tensor ${seed}`));

function atomsOn(stream: RandomStream, dim: number, count: number, signed: boolean): SignedAtoms {
  const positions = new Float64Array(count * dim);
  sphere(dim).sampleInto(positions, count, stream);
  const weights = Float64Array.from({ length: count }, () => (signed ? stream.normal() : 0.2 + stream.uniform()));
  return { space: sphere(dim), positions, weights };
}

function stateOn(stream: RandomStream, dim: number, count: number, signed: boolean): Measure {
  const { space, positions, weights } = atomsOn(stream, dim, count, false);
  if (!signed) return measure({ space, kind: 'positive', positions, masses: weights });
  const lifted = Array.from(weights, (_, i) => [
    (i % 2 === 0 ? 1 : -1) * (0.5 + stream.uniform()),
    ...positions.slice(i * dim, (i + 1) * dim),
  ]).flat();
  return measure({ space: product([euclidean(1), space]), kind: 'positive', positions: lifted, masses: weights });
}

/** Orthonormal columns as atoms with the given masses. */
function orthogonal(seed: string, dim: number, masses: readonly number[]): Measure {
  const q = randomOrthogonal(dim, random(seed));
  const positions = masses.flatMap((_, k) => Array.from({ length: dim }, (_unused, i) => q[i * dim + k]));
  return measure({ space: sphere(dim), kind: 'positive', positions, masses });
}

const cases = [2, 3, 4].flatMap((order) => [false, true].map((signed) => ({ order, signed })));

describe('the energy of tensor decomposition', () => {
  test.each(cases)('is the double sum of <x, y>^k, with its potential: k = $order, signed $signed', (one) => {
    const { order, signed } = one;
    const dim = 3;
    const stream = random(`double sum ${order} ${signed}`);
    const target = atomsOn(stream, dim, 3, signed);
    const mu = stateOn(stream, dim, 4, signed);
    const energy = tensorEnergy({ target, order, lambda: 0.3, signed });
    const nu = signedAtoms(mu);
    const all = {
      positions: [...nu.positions, ...target.positions],
      weights: [...nu.weights, ...target.weights.map((weight) => -weight)],
    };
    const against = (x: ArrayLike<number>, start: number): number =>
      all.weights.reduce((sum, weight, j) => {
        let inner = 0;
        for (let k = 0; k < dim; k++) inner += x[start + k] * all.positions[j * dim + k];
        return sum + weight * inner ** order;
      }, 0);
    const squared = all.weights.reduce((sum, weight, i) => sum + weight * against(all.positions, i * dim), 0);
    const variation = nu.weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    expect(energy.value(mu)).toBeCloseTo(squared / 2 + 0.3 * variation, 12);
    const point = atomsOn(stream, dim, 1, false).positions;
    const out = new Float64Array(1);
    energy.potentialAt(out, Float64Array.from(signed ? [-0.4, ...point] : point), 1, mu);
    expect(out[0]).toBeCloseTo(signed ? -0.4 * against(point, 0) + 0.12 : against(point, 0) + 0.3, 12);
    expect(tensorProblem({ target, order, lambda: 0.3, signed }).residualOf(nu).squaredNorm).toBeCloseTo(squared, 12);
  });

  test.each(cases)('has the first variation of its differences: k = $order, signed $signed', ({ order, signed }) => {
    const stream = random(`variation ${order} ${signed}`);
    const energy = tensorEnergy({ target: atomsOn(stream, 3, 3, signed), order, lambda: 0.3, signed });
    expect(checkFirstVariation(energy, stateOn(stream, 3, 4, signed)).holds).toBe(true);
  });

  test('obeys the laws of energies', () => {
    const energy = tensorEnergy({ target: orthogonal('laws', 3, [1, 2]), order: 3, lambda: 0.5 });
    assertLaws(energy, energyLaws, { seed: 12, runs: 25 });
  });

  test('refuses other spaces, orders and penalties', () => {
    const target = orthogonal('refused', 3, [1, 2]);
    const elsewhere = measure({ space: euclidean(2), positions: [0, 1] });
    expect(() => tensorEnergy({ target: elsewhere, order: 3, lambda: 1 })).toThrow(/order 3 on .*2/);
    expect(() => tensorEnergy({ target, order: 1, lambda: 1 })).toThrow(/order 1/);
    expect(() => tensorEnergy({ target, order: 3, lambda: -1 })).toThrow(/got -1/);
  });
});

describe('orthogonal tensors', () => {
  test.each([3, 4])('have the soft-thresholded decomposition as their optimum, to a certified gap: k = %i', (order) => {
    const [masses, lambda] = [[2, 1.5, 0.1], 0.25];
    const target = orthogonal(`optimum ${order}`, 3, masses);
    const shrunk = { ...signedAtoms(target), weights: Float64Array.from(masses, (w) => Math.max(0, w - lambda)) };
    const { gap, primal, status } = dualityGap(tensorProblem({ target, order, lambda }), shrunk, { tolerance: 1e-10 });
    expect(status).toBe('certified');
    expect(gap).toBeLessThan(1e-9);
    expect(gap).toBeGreaterThan(-1e-12);
    const least = masses.reduce((sum, w) => sum + (w > lambda ? lambda * w - lambda ** 2 / 2 : w ** 2 / 2), 0);
    expect(primal).toBeCloseTo(least, 12);
  });

  test('of order 2 are matrices: eigenvalues are lowered by lambda, whichever atoms give the matrix', () => {
    const lambda = 0.25;
    const target = atomsOn(random('matrix'), 8, 5, false);
    const { values, vectors } = symmetricEigen(momentTensor(target, 2).values, 8);
    const weights = values.map((value) => Math.max(0, value - lambda));
    const positions = Float64Array.from({ length: 64 }, (_, f) => vectors[(f % 8) * 8 + Math.floor(f / 8)]);
    const problem = tensorProblem({ target, order: 2, lambda });
    const { gap, status } = dualityGap(problem, { space: sphere(8), positions, weights });
    expect(status).toBe('certified');
    expect(Math.abs(gap)).toBeLessThan(1e-12);
    const off = dualityGap(problem, { space: sphere(8), positions, weights: weights.map((w) => 1.01 * w) });
    expect(off.gap).toBeGreaterThan(1e-5);
  });
});

describe('matrix decomposition', () => {
  const [rows, columns, lambda] = [4, 3, 0.2];
  const stream = random('rectangle');
  const matrix = Float64Array.from({ length: rows * columns }, () => stream.normal());
  const pairs = (count: number): Measure => {
    const positions = new Float64Array(count * (rows + columns));
    unitPairs(rows, columns).sampleInto(positions, count, stream);
    const masses = Array.from({ length: count }, () => 0.2 + stream.uniform());
    return measure({ space: unitPairs(rows, columns), kind: 'positive', positions, masses });
  };

  test('has the first variation of its differences, and obeys the laws of energies', () => {
    const energy = matrixEnergy({ matrix, rows, columns, lambda });
    expect(checkFirstVariation(energy, pairs(5)).holds).toBe(true);
    assertLaws(energy, energyLaws, { seed: 13, runs: 25 });
  });

  test('has singular values lowered by lambda as its optimum, to a certified gap', () => {
    // Right singular vectors and values by the eigenvectors of M^T M.
    const gram = new Float64Array(columns * columns);
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        for (let k = 0; k < rows; k++) gram[i * columns + j] += matrix[k * columns + i] * matrix[k * columns + j];
      }
    }
    const { values, vectors } = symmetricEigen(gram, columns);
    const sigma = values.map(Math.sqrt);
    const positions = Array.from(sigma, (s, l) => {
      const v = Array.from({ length: columns }, (_, j) => vectors[j * columns + l]);
      const u = Array.from(
        { length: rows },
        (_, i) => v.reduce((sum, x, j) => sum + matrix[i * columns + j] * x, 0) / s,
      );
      return [...u, ...v];
    }).flat();
    const space = unitPairs(rows, columns);
    const weights = sigma.map((s) => Math.max(0, s - lambda));
    const problem = matrixProblem({ matrix, rows, columns, lambda });
    const { gap, primal, status } = dualityGap(problem, { space, positions: Float64Array.from(positions), weights });
    expect(status).toBe('certified');
    expect(Math.abs(gap)).toBeLessThan(1e-12);
    const least = sigma.reduce((sum, s) => sum + (s > lambda ? lambda * s - lambda ** 2 / 2 : s ** 2 / 2), 0);
    expect(primal).toBeCloseTo(least, 12);
  });

  test('has the same energy and excess in both forms, and its supremum is reached', () => {
    const mu = pairs(4);
    const problem = matrixProblem({ matrix, rows, columns, lambda });
    const { primal, supremum } = dualityGap(problem, mu);
    expect(primal).toBeCloseTo(matrixEnergy({ matrix, rows, columns, lambda }).value(mu), 12);
    expect(supremum.upper - supremum.lower).toBeLessThan(1e-12);
    const at = measure({ space: mu.space, kind: 'positive', positions: supremum.at, masses: [0] });
    const [reached] = problem.residualOf({ ...signedAtoms(mu), positions: mu.positions }).correlations;
    const out = new Float64Array(1);
    matrixEnergy({ matrix, rows, columns, lambda }).potentialAt(out, at.positions, 1, mu);
    expect(lambda - out[0]).toBeCloseTo(supremum.lower, 12);
    expect(reached).toBeLessThanOrEqual(supremum.upper);
  });

  test('refuses a matrix that does not fit', () => {
    expect(() => matrixEnergy({ matrix, rows: 5, columns, lambda })).toThrow(/12 entries for 5 rows and 3 columns/);
  });
});

test('largest eigenvalues are enclosed tightly, those of known matrices exactly', () => {
  const stream = random('eigenvalues');
  for (const d of [2, 5, 20]) {
    const q = randomOrthogonal(d, stream);
    const eigenvalues = Array.from({ length: d }, (_, k) => 1 - k / 4);
    const matrix = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        for (let k = 0; k < d; k++) matrix[i * d + j] += eigenvalues[k] * q[i * d + k] * q[j * d + k];
        matrix[j * d + i] = matrix[i * d + j];
      }
    }
    const { lower, upper, at } = largestEigenvalue(matrix, d);
    expect(lower).toBeLessThanOrEqual(1 + 1e-14 * d);
    expect(upper).toBeGreaterThanOrEqual(1 - 1e-14 * d);
    expect(upper - lower).toBeLessThan(1e-13 * d * d);
    const overlap = at.reduce((sum, x, k) => sum + x * q[k * d], 0);
    expect(Math.abs(overlap)).toBeCloseTo(1, 12);
  }
});
