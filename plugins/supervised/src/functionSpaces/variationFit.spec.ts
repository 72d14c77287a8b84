import { fillNormal, randomKey } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { solveCellProgram } from '../cells/cellProgram.js';
import { reluProblem } from '../cells/reluProblem.js';
import { dualityGap } from '../certificate/dualityGap.js';
import { variationFit } from './variationFit.js';

const normals = (count: number, key: string): Float64Array => {
  const out = new Float64Array(count);
  fillNormal(out, randomKey(key));
  return out;
};

describe('the fit of small variation norm', () => {
  test.each([
    [1, true],
    [2, false],
    [2, true],
  ])('comes within 0.02 of the proven minimum and never below, inputs of dimension %d, bias %s', (d, bias) => {
    const inputs = normals(12 * d, `inputs ${d}`);
    const targets = normals(12, 'targets');
    const fit = variationFit({ inputs, targets, lambda: 0.05, bias, steps: 400 });
    const problem = reluProblem({ inputs, targets, lambda: 0.05, bias });
    const { gap } = solveCellProgram(problem);
    const energy = fit.energies[fit.energies.length - 1];
    expect(energy / gap.primal).toBeGreaterThan(1 - 1e-6);
    expect(energy / gap.primal).toBeLessThan(1.02);
    const own = dualityGap(problem, fit.atoms);
    expect(own.primal / energy).toBeCloseTo(1, 10);
    expect(own.primal - own.gap).toBeLessThan(gap.primal * (1 + 1e-9));
  });

  test('has energies that fall, and values that are those of its atoms', () => {
    const [inputs, targets] = [normals(120, 'x'), normals(30, 'y')];
    const { energies, atoms, norm, trainError, predict } = variationFit({ inputs, targets, lambda: 0.02 });
    for (let k = 1; k < energies.length; k++) expect(energies[k]).toBeLessThanOrEqual(energies[k - 1] * (1 + 1e-12));
    const [values, { positions, weights }] = [predict(inputs, 30), atoms];
    let [error, size] = [0, 0];
    for (let l = 0; l < 30; l++) {
      let value = 0;
      for (let i = 0; i < weights.length; i++) {
        let inner = positions[5 * i + 4];
        for (let k = 0; k < 4; k++) inner += positions[5 * i + k] * inputs[4 * l + k];
        value += weights[i] * Math.max(0, inner);
      }
      expect(values[l]).toBeCloseTo(value, 12);
      error += (value - targets[l]) ** 2 / 30;
    }
    for (const weight of weights) size += Math.abs(weight);
    expect(norm).toBeCloseTo(size, 12);
    expect(trainError).toBeCloseTo(error, 12);
    expect(energies[energies.length - 1]).toBeCloseTo(error / 2 + 0.02 * size, 12);
  });

  test('finds a hidden neuron in 20 dimensions, of norm 1 up to its penalty', () => {
    const inputs = normals(20 * 300, 'rows');
    const targets = Float64Array.from({ length: 300 }, (_, l) => Math.max(0, inputs[20 * l + 3]));
    const { atoms, norm, optimality } = variationFit({ inputs, targets, lambda: 0.01, tolerance: 0.01 });
    expect(norm).toBeGreaterThan(0.9);
    expect(norm).toBeLessThan(1);
    expect(optimality).toBeLessThanOrEqual(1.01);
    const largest = atoms.weights.indexOf(Math.max(...atoms.weights));
    expect(atoms.positions[21 * largest + 3]).toBeGreaterThan(0.99);
  });

  test('is nothing where the penalty is above all correlations, and starts from another fit', () => {
    const [inputs, targets] = [normals(40, 'x'), normals(20, 'y')];
    expect(variationFit({ inputs, targets, lambda: 100 }).norm).toBe(0);
    const from = variationFit({ inputs, targets, lambda: 0.1 }).atoms;
    const [near, far] = [{ from }, {}].map((given) => variationFit({ inputs, targets, lambda: 0.099, ...given }));
    expect(near.energies[0]).toBeLessThan(far.energies[0]);
  });

  test('refuses no penalty and rows that do not fit', () => {
    const inputs = new Float64Array(7);
    expect(() => variationFit({ inputs, targets: new Float64Array(3), lambda: 1 })).toThrow(/do not fit/);
    expect(() => variationFit({ inputs, targets: new Float64Array(7), lambda: 0 })).toThrow(/no penalty/);
  });
});
