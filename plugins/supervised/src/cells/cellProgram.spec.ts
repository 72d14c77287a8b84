import { randomKey, randomStream, type SignedAtoms } from '@muflow/core';
import { describe, expect, test } from 'vitest';
import { dualityGap } from '../certificate/dualityGap.js';
import { solveCellProgram } from './cellProgram.js';
import { mergeWithinCells, touches } from './mergeCells.js';
import { type ReluProblem, reluProblem } from './reluProblem.js';

interface Draw {
  readonly rows: number;
  readonly lambda: number;
  readonly bias: boolean;
  readonly sign?: 'signed' | 'positive';
}

function drawn(label: string, { rows, lambda, bias, sign = 'signed' }: Draw): ReluProblem {
  const random = randomStream(randomKey(label));
  const normals = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  return reluProblem({ inputs: normals(rows * 2), targets: normals(rows), lambda, bias, sign });
}

const cases = [
  { name: 'on a circle', problems: 8, rows: 12, lambda: 0.02, bias: false },
  { name: 'on a sphere', problems: 2, rows: 12, lambda: 0.02, bias: true },
  { name: 'of positive weights', problems: 4, rows: 10, lambda: 0.05, bias: true, sign: 'positive' },
  { name: 'with a small penalty', problems: 2, rows: 15, lambda: 1e-3, bias: false },
  { name: 'with a large penalty', problems: 4, rows: 15, lambda: 0.3, bias: false },
] as const;

describe('the program of cells', () => {
  test.each(cases)('is solved to a certified gap of rounding size, with one atom per cell and sign: $name', (one) => {
    for (let seed = 0; seed < one.problems; seed++) {
      const problem = drawn(`program ${one.name} ${seed}`, one);
      const { atoms, gap, gaps } = solveCellProgram(problem);
      expect(gap.status).toBe('certified');
      expect(Math.abs(gap.gap)).toBeLessThanOrEqual(1e-12 * gaps[0].primal);
      expect(gap.primal).toBeLessThanOrEqual(gaps[0].primal);
      // Even closed cells hold no two atoms of one sign: their merger would be cheaper.
      for (let c = 0; c < problem.cells.count; c++) {
        for (const sign of [1, -1]) {
          const inside = Array.from(atoms.weights, (_, i) => i).filter(
            (i) =>
              sign * atoms.weights[i] > 0 &&
              touches(
                problem.cells,
                c,
                atoms.positions.slice(i * problem.space.dim, (i + 1) * problem.space.dim),
                1e-9,
              ),
          );
          expect(inside.length).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  test('of one row is soft thresholding along it', () => {
    const problem = reluProblem({
      inputs: Float64Array.of(3, 4),
      targets: Float64Array.of(2),
      lambda: 0.5,
      bias: false,
    });
    const { atoms, gap } = solveCellProgram(problem);
    // min (5 c - 2)^2 / 2 + c / 2.
    expect(atoms.weights[0]).toBeCloseTo((2 - 0.1) / 5, 13);
    expect([...atoms.positions]).toEqual([0.6, 0.8].map((x) => expect.closeTo(x, 13)));
    expect(gap.gap).toBeLessThan(1e-14);
    const heavy = { inputs: Float64Array.of(3, 4), targets: Float64Array.of(2), lambda: 10, bias: false };
    expect(solveCellProgram(reluProblem(heavy)).atoms.weights).toHaveLength(0);
  });

  test('finds what equal and opposite rows share', () => {
    const inputs = Float64Array.of(1, 0, 1, 0, -1, 0, 0, 1, 0, -2);
    const targets = Float64Array.of(1, 2, -1, 0.5, 1);
    const { gap, gaps } = solveCellProgram(reluProblem({ inputs, targets, lambda: 0.02, bias: false }));
    expect(Math.abs(gap.gap)).toBeLessThanOrEqual(1e-12 * gaps[0].primal);
  });

  test('refuses to go without a penalty', () => {
    expect(() => solveCellProgram(drawn('free', { rows: 5, lambda: 0, bias: false }))).toThrow(/no penalty.*lambda 0/);
  });
});

describe('merging within cells', () => {
  const many = (problem: ReluProblem, count: number, label: string): SignedAtoms => {
    const random = randomStream(randomKey(label));
    const positions = new Float64Array(count * problem.space.dim);
    problem.space.sampleInto(positions, count, random);
    return { space: problem.space, positions, weights: Float64Array.from({ length: count }, () => random.normal()) };
  };

  test('keeps the function on the rows and never raises the penalty', () => {
    for (const bias of [false, true]) {
      for (let seed = 0; seed < 10; seed++) {
        const problem = drawn(`merge ${seed}`, { rows: 8, lambda: 1, bias });
        const before = many(problem, 200, `atoms ${seed}`);
        const after = mergeWithinCells(problem.cells, before);
        expect(after.weights.length).toBeLessThanOrEqual(2 * problem.cells.count);
        expect(after.merged.reduce((a, b) => a + b, 0)).toBe(200);
        const [first, last] = [before, after].map((atoms) => problem.residualOf(atoms));
        expect(last.squaredNorm).toBeCloseTo(first.squaredNorm, 9);
        const size = ({ weights }: SignedAtoms): number => weights.reduce((sum, w) => sum + Math.abs(w), 0);
        expect(size(after)).toBeLessThanOrEqual(size(before));
        const again = mergeWithinCells(problem.cells, after);
        expect(again.weights.length).toBe(after.weights.length);
      }
    }
  });

  test('leaves an optimum as it is', () => {
    const problem = drawn('optimum', { rows: 12, lambda: 0.02, bias: false });
    const { atoms, gap } = solveCellProgram(problem);
    const merged = mergeWithinCells(problem.cells, atoms, 1e-9);
    expect(merged.weights.length).toBe(atoms.weights.length);
    expect(dualityGap(problem, merged).primal).toBeCloseTo(gap.primal, 13);
  });
});
