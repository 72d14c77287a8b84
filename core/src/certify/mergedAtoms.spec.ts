import { expect, test } from 'vitest';
import { compileFunction } from '../compute/evaluate.js';
import { parseFormula } from '../formula/parse.js';
import { randomKey, randomStream } from '../math/random.js';
import { box } from '../space/box.js';
import { certifiedMinimum } from './certifiedMinimum.js';
import { mergedAtoms } from './mergedAtoms.js';
import type { MinimumProblem, WeightedPoints } from './minimumProblem.js';

const texts = [
  'exp(-3*(x - y)^2) + 0.2*sin(5*x*y)',
  'abs(x - 0.7*y) + relu(sin(4*x*y))',
  '1/(2 + x*y) - tanh(2*(x - y))',
];

/** Points in groups of the given width around few centers. */
function grouped(width: number, count = 40): WeightedPoints {
  const random = randomStream(randomKey(8));
  const centers = [-0.8, -0.1, 0.35, 0.9];
  const positions = Float64Array.from({ length: count }, (_, j) => centers[j % 4] + width * (random.uniform() - 0.5));
  return { count, positions, weights: Float64Array.from({ length: count }, () => (0.5 + random.uniform()) / count) };
}

function problemOf(text: string, over: WeightedPoints, sign: 1 | -1 = 1): MinimumProblem {
  const formula = parseFormula(text, { variables: { x: { role: 'row' }, y: { role: 'column' } } });
  const variables = [{ name: 'x', size: 1 }];
  return { formula, space: box([[-1, 1]]), variables, against: { variables: [{ name: 'y', size: 1 }], over }, sign };
}

const atomsOf = ({ count, positions, weights }: WeightedPoints) => ({
  count,
  dim: 1,
  points: positions,
  lower: weights,
  upper: weights,
});

test('no value of the potential changes by more than the slack, which keeps the allowance', () => {
  for (const text of texts) {
    for (const width of [1e-8, 1e-5, 1e-3]) {
      const over = grouped(width);
      const problem = problemOf(text, over);
      const l = compileFunction(problem.formula, [
        { name: 'x', size: 1 },
        { name: 'y', size: 1 },
      ]);
      const allowance = 1e-5;
      const { atoms, slack } = mergedAtoms(problem, atomsOf(over), allowance);
      expect(slack).toBeLessThanOrEqual(allowance);
      if (width <= 1e-5) expect(atoms.count).toBeLessThanOrEqual(12);
      const value = (x: number, points: Float64Array, weights: Float64Array): number =>
        points.reduce((sum, y, j) => sum + weights[j] * l(Float64Array.of(x, y)), 0);
      for (let x = -1; x <= 1; x += 1 / 64) {
        const change = value(x, over.positions, over.weights) - value(x, atoms.points, atoms.lower);
        expect(Math.abs(change)).toBeLessThanOrEqual(slack + 1e-14);
      }
    }
  }
});

test('equal atoms become one without slack, whatever the formula is', () => {
  const one = grouped(0);
  const { atoms, slack } = mergedAtoms(problemOf('sqrt(2 + x - y)*step(x*y)', one), atomsOf(one), 0);
  expect([atoms.count, slack]).toEqual([4, 0]);
  const total = one.weights.reduce((sum, weight) => sum + weight, 0);
  expect(atoms.upper.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(total, 14);
});

test('enclosures with and without merging meet, and spread atoms are left alone', () => {
  for (const text of texts) {
    for (const sign of [1, -1] as const) {
      const over = grouped(1e-6);
      const merged = certifiedMinimum(problemOf(text, over, sign), { tolerance: 1e-4 });
      // A tolerance so small that nothing may be merged.
      const whole = certifiedMinimum(problemOf(text, over, sign), { tolerance: 1e-13, maxCells: 3000 });
      expect(merged.status).toBe('certified');
      expect(merged.lower).toBeLessThanOrEqual(whole.upper);
      expect(whole.lower).toBeLessThanOrEqual(merged.upper);
    }
  }
  const spread = grouped(0.2);
  expect(mergedAtoms(problemOf(texts[0], spread), atomsOf(spread), 1e-9)).toMatchObject({
    slack: 0,
    atoms: { count: 40 },
  });
});
