import { describe, expect, test } from 'vitest';
import { compileFunction } from '../compute/evaluate.js';
import { parseFormula } from '../formula/parse.js';
import { randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { box } from '../space/box.js';
import { simplex } from '../space/simplex.js';
import type { Space } from '../space/space.js';
import { certifiedMinimum } from './certifiedMinimum.js';

const duel = 'y - x + x*y*sign(x - y)';

function problemOf(text: string, space: Space, atoms: number[][], sign: 1 | -1 = 1) {
  const size = space.dim;
  const formula = parseFormula(text, { variables: { x: { role: 'row', size }, y: { role: 'column', size } } });
  const masses = atoms.map(() => 1 / atoms.length);
  return {
    formula,
    space,
    variables: [{ name: 'x', size }],
    against: { variables: [{ name: 'y', size }], over: measure({ space, positions: atoms.flat(), masses }) },
    sign,
  };
}

/** V at points of the space. */
function valuesAt(problem: ReturnType<typeof problemOf>, points: readonly (readonly number[])[]): number[] {
  const { formula, against, sign, space } = problem;
  const l = compileFunction(formula, [
    { name: 'x', size: space.dim },
    { name: 'y', size: space.dim },
  ]);
  const { positions, masses, count } = against.over;
  return points.map((point) => {
    let sum = 0;
    for (let j = 0; j < count; j++) {
      const y = Array.from(positions.subarray(j * space.dim, (j + 1) * space.dim));
      sum += masses[j] * l(Float64Array.from([...point, ...y]));
    }
    return sign * sum;
  });
}

const beside = (at: number): number[] => [at, at - 1e-12, at + 1e-12].filter((t) => t >= 0 && t <= 1);

describe('potentials of duels are enclosed piece by piece', () => {
  test.each([
    ['silent', duel],
    ['noisy', 'step(x - y)*(2*y - 1) + step(y - x)*(1 - 2*x)'],
    ['curved', 'step(x - y)*(x^2 - y*x) - sign(y - x)*x*(1 - x)*y^2 + exp(-x)'],
  ])('%s: limits at jumps count, and nothing lies lower', (_, text) => {
    const random = randomStream(randomKey(5));
    for (let trial = 0; trial < 14; trial++) {
      const atoms = Array.from({ length: 1 + trial * 3 }, (_, i) => [i === 3 ? 0 : i === 4 ? 1 : random.uniform()]);
      // Atoms may coincide.
      if (trial > 4) atoms[1] = atoms[2];
      const problem = problemOf(text, box([[0, 1]]), atoms, trial % 2 === 0 ? 1 : -1);
      const { lower, upper, method, status, cells, at } = certifiedMinimum(problem, { tolerance: 1e-6 });
      expect([method, status]).toEqual(['pieces', 'certified']);
      expect(cells).toBeLessThan(60 + 40 * atoms.length);
      const trials = Array.from({ length: 501 }, (_, i) => i / 500);
      const values = valuesAt(
        problem,
        [...trials, ...atoms.flatMap(([t]) => beside(t))].map((t) => [t]),
      );
      expect(Math.min(...values)).toBeGreaterThanOrEqual(lower);
      expect(valuesAt(problem, [Array.from(at)])[0]).toBeLessThanOrEqual(upper);
    }
  });

  test('closed form: against one atom at 1/2 the silent duelist loses 1/4 by waiting until just after', () => {
    // V(x) = 1/2 - x - x/2 for x < 1/2, 0 at 1/2, and 1/2 - x + x/2 = (1 - x)/2 for x > 1/2.
    const { lower, upper } = certifiedMinimum(problemOf(duel, box([[0, 1]]), [[0.5]]), { tolerance: 1e-9 });
    expect(lower).toBeLessThanOrEqual(-0.25);
    expect(lower).toBeGreaterThan(-0.25 - 1e-9);
    expect(upper).toBeGreaterThan(-0.25);
  });
});

describe('potentials of Blotto games are enclosed by their steps', () => {
  const blotto = 'sign(y[0] - x[0]) + sign(y[1] - x[1]) + sign(y[2] - x[2])';

  test('against one division the best reply loses one field and wins two', () => {
    const atoms = [[0.5, 0.25, 0.25]];
    const { lower, upper, at, method } = certifiedMinimum(problemOf(blotto, simplex(3), atoms));
    expect([lower, upper, method]).toEqual([-1, -1, 'pieces']);
    expect(simplex(3).contains(at)).toBe(true);
  });

  test('the minimum is that over all orders of thresholds', () => {
    const random = randomStream(randomKey(9));
    for (let trial = 0; trial < 8; trial++) {
      // Thresholds on a lattice of sixteenths, so that all their sums are exact; ties abound.
      const atoms = Array.from({ length: 2 + trial }, () => {
        const i = random.integer(17);
        const j = random.integer(17 - i);
        return [i / 16, j / 16, (16 - i - j) / 16];
      });
      const problem = problemOf(blotto, simplex(3), atoms);
      const { lower, upper, cells } = certifiedMinimum(problem);
      // Between neighbors of the lattice nothing changes, so a lattice of 48ths meets every piece.
      const lattice: number[][] = [];
      for (let i = 0; i <= 48; i++)
        for (let j = 0; i + j <= 48; j++) lattice.push([i, j, 48 - i - j].map((k) => k / 48));
      const best = Math.min(...valuesAt(problem, lattice));
      expect(lower).toBeLessThanOrEqual(best + 1e-14);
      expect(lower).toBeGreaterThanOrEqual(best - 1e-13);
      expect(upper).toBeGreaterThanOrEqual(best - 1e-14);
      expect(upper - lower).toBeLessThan(1e-9);
      expect(cells).toBeLessThan(20_000);
    }
  });
});

test('two-dimensional jumps along the axes', () => {
  const problem = problemOf(
    'sign(x[0] - y[0])*x[1] + sign(y[1] - x[1])*x[0] + x[0]^2',
    box([
      [0, 1],
      [0, 1],
    ]),
    [
      [0.25, 0.5],
      [0.75, 0.125],
    ],
  );
  const { lower, method, status } = certifiedMinimum(problem, { tolerance: 1e-6 });
  expect([method, status]).toEqual(['pieces', 'certified']);
  const grid = Array.from({ length: 65 }, (_, i) => i / 64).flatMap((t) => beside(t));
  const values = valuesAt(
    problem,
    grid.flatMap((s) => grid.map((t) => [s, t])),
  );
  const best = values.reduce((a, b) => Math.min(a, b));
  expect(best).toBeGreaterThanOrEqual(lower);
  expect(best - lower).toBeLessThan(0.02);
});
