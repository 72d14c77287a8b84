import { describe, expect, test } from 'vitest';
import { compileFunction } from '../compute/evaluate.js';
import { isMuflowError } from '../errors.js';
import { parseFormula } from '../formula/parse.js';
import { randomKey, randomStream } from '../math/random.js';
import { measure } from '../measure/createMeasure.js';
import { box } from '../space/box.js';
import { euclidean } from '../space/euclidean.js';
import { finite } from '../space/finite.js';
import { product } from '../space/product.js';
import { simplex } from '../space/simplex.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { certifiedMinimum } from './certifiedMinimum.js';
import type { CertifyOptions } from './minimumProblem.js';

function minimize(text: string, space: Space, options: CertifyOptions = {}) {
  const formula = parseFormula(text, { variables: { x: { role: 'row', size: space.dim } } });
  return certifiedMinimum({ formula, space, variables: [{ name: 'x', size: space.dim }] }, options);
}

const cube = (d: number): Space => box(Array.from({ length: d }, () => [-1, 1] as const));

describe('the infimum lies in the enclosure, known in closed form', () => {
  test.each<[string, Space, number, number]>([
    ['(x - 0.3)^2', cube(1), 0, 20],
    ['x^4', cube(1), 0, 100],
    ['abs(x - 0.3) + x^2', cube(1), 0.09, 150],
    ['relu(x) - 0.5*x', cube(1), 0, 150],
    ['x', cube(1), -1, 5],
    ['-exp(-x^2)', cube(1), -1, 60],
    ['exp(x)', cube(1), Math.exp(-1), 5],
    ['exp(-x)', cube(1), Math.exp(-1), 5],
    ['exp(x[0] - x[1]) + relu(x[0])', cube(2), Math.exp(-2), 20],
    ['sign(x - 0.25) * (x + 1)', cube(1), -1.25, 200],
    ['cos(2*pi*x)', torus(1), -1, 60],
    ['cos(2*pi*x) + 0*x', torus(1, { period: 3 }), -1, 200],
    ['(x[0]^2 - x[1])^2 + (x[0] - 0.5)^2', cube(2), 0, 400],
    ['x[0]*x[1]', cube(2), -1, 50],
    ['cos(2*pi*(x[0] + x[1])) + cos(2*pi*(x[0] - x[1]))', torus(2), -2, 1000],
    ['x[0] + x[1]', sphere(2), -Math.SQRT2, 100],
    ['x[0]*x[1]', sphere(3), -0.5, 1000],
    ['x[0] + 2*x[1] - 2*x[2]', sphere(3, { radius: 2 }), -6, 2000],
    ['x[0] + x[1] + x[2] + x[3]', sphere(4), -2, 20_000],
    ['norm2(x)', simplex(3), 1 / 3, 100],
    ['x[0]^2 + 2*x[1]^2 + 0.5*x[2]^2', simplex(3), 2 / 7, 100],
    ['-x[0]*x[1]*x[2]', simplex(3), -1 / 27, 500],
    ['-norm2(x)', simplex(3), -1, 100],
    ['(x - 2.2)^2', finite(5), 0.2 ** 2, 5],
    ['(x[0] - x[1])^2 + (x[1] - 0.5)^2', product([finite(3), cube(1)]), 0.125, 100],
    ['x[0]*x[1] + 0.1*x[2]', product([cube(1), sphere(2)]), -Math.hypot(1, 0.1), 500],
  ])('%s', (text, space, expected, mostCells) => {
    const { lower, upper, status, cells, at } = minimize(text, space);
    // Closed forms in doubles are rounded.
    expect(lower).toBeLessThanOrEqual(expected + 1e-15);
    expect(upper).toBeGreaterThanOrEqual(expected - 1e-15);
    expect([status, upper - lower <= 1e-9]).toEqual(['certified', true]);
    expect(cells).toBeLessThanOrEqual(mostCells);
    expect(space.contains(at)).toBe(true);
  });
});

test('no random point is below the lower bound, none of the enclosures is wrong', () => {
  const texts = ['sin(7*x[0]) * x[1] + exp(-(x[0] - x[1])^2)', 'tanh(3*x[0]*x[1]) + softplus(x[0] - x[1])'];
  for (const [k, text] of texts.entries()) {
    const space = cube(2);
    const { lower, upper, at, status } = minimize(text, space, { tolerance: 1e-6 });
    const f = compileFunction(parseFormula(text, { variables: { x: { role: 'row', size: 2 } } }), [
      { name: 'x', size: 2 },
    ]);
    const points = new Float64Array(2 * 20_000);
    space.sampleInto(points, 20_000, randomStream(randomKey(`certify ${k}`)));
    let least = Infinity;
    for (let i = 0; i < 20_000; i++) least = Math.min(least, f(points, 2 * i));
    expect(least).toBeGreaterThanOrEqual(lower);
    expect(f(at)).toBeLessThanOrEqual(upper + 1e-14);
    expect(status).toBe('certified');
  }
});

test('a potential of a measure is that of its normalized masses', () => {
  const space = cube(1);
  const formula = parseFormula('(x - y)^2', { variables: { x: { role: 'row' }, y: { role: 'column' } } });
  const over = measure({ space, kind: 'positive', positions: [-1, 0.5, 1], masses: [3, 0, 1] });
  const { lower, upper } = certifiedMinimum({
    formula,
    space,
    variables: [{ name: 'x', size: 1 }],
    against: { variables: [{ name: 'y', size: 1 }], over },
  });
  // 3/4 (x + 1)^2 + 1/4 (x - 1)^2 is least at -1/2, where it is 3/16 + 9/16.
  expect(lower).toBeLessThanOrEqual(0.75);
  expect(upper).toBeGreaterThanOrEqual(0.75);
  expect(upper - lower).toBeLessThan(1e-12);
});

test.each([
  ['(x^2 + x) * exp(-8*(x - y)^2) - sin(3*x) * tanh(4*(x - y))', 1],
  ['x * abs(x - y) + cos(5*x) / (2 + x*y)', 1],
  ['(x[0] + x[1]^2) * exp(-4*norm2(x - y)) - x[1] * tanh(3*(x[0] - y[1]))', 2],
])('factors of x on what does not separate are bounded too: %s', (text, d) => {
  const space = cube(d);
  const names = (role: 'row' | 'column') => ({ role, size: d });
  const formula = parseFormula(text, { variables: { x: names('row'), y: names('column') } });
  const value = compileFunction(formula, [
    { name: 'x', size: d },
    { name: 'y', size: d },
  ]);
  for (let seed = 0; seed < 5; seed++) {
    const random = randomStream(randomKey(`mixed ${seed}`));
    const positions = Float64Array.from({ length: 4 * d }, () => 2 * random.uniform() - 1);
    const weights = Float64Array.from({ length: 4 }, () => 2 * random.uniform() - 1);
    const { lower, upper, status } = certifiedMinimum(
      {
        formula,
        space,
        variables: [{ name: 'x', size: d }],
        against: { variables: [{ name: 'y', size: d }], over: { count: 4, positions, weights } },
      },
      { tolerance: 1e-6 },
    );
    const perAxis = d === 1 ? 2001 : 101;
    let least = Infinity;
    for (let i = 0; i < perAxis ** d; i++) {
      const x = Array.from(
        { length: d },
        (_, k) => -1 + (2 * (Math.floor(i / perAxis ** k) % perAxis)) / (perAxis - 1),
      );
      let sum = 0;
      for (let j = 0; j < 4; j++) sum += weights[j] * value([...x, ...positions.subarray(j * d, (j + 1) * d)]);
      least = Math.min(least, sum);
    }
    expect(status).toBe('certified');
    expect(least).toBeGreaterThanOrEqual(lower - 1e-13);
    // Within the spacing of the grid squared, times the second derivatives.
    expect(least - upper).toBeLessThan(d === 1 ? 1e-4 : 1e-2);
    expect(least - upper).toBeGreaterThan(-1e-6);
  }
});

test('a budget that runs out still proves both bounds', () => {
  const { lower, upper, status, cells } = minimize('sin(40*x[0]) * cos(30*x[1]) + x[0]*x[1]', cube(2), {
    maxCells: 50,
  });
  const full = minimize('sin(40*x[0]) * cos(30*x[1]) + x[0]*x[1]', cube(2));
  expect([status, full.status]).toEqual(['budget', 'certified']);
  expect(cells).toBeLessThanOrEqual(51);
  expect(lower).toBeLessThanOrEqual(full.lower);
  expect(upper).toBeGreaterThanOrEqual(full.upper);
});

test.each([
  ['an unbounded space', () => minimize('x^2', euclidean(1)), 'unsupported'],
  [
    'a variable that stands for nothing',
    () =>
      certifiedMinimum({
        formula: parseFormula('x*z', { variables: { x: { role: 'row' }, z: { role: 'row' } } }),
        space: cube(1),
        variables: [{ name: 'x', size: 1 }],
      }),
    'unknown-id',
  ],
  [
    'coordinates that do not fit',
    () =>
      certifiedMinimum({
        formula: parseFormula('x', { variables: { x: { role: 'row' } } }),
        space: cube(2),
        variables: [{ name: 'x', size: 1 }],
      }),
    'shape-mismatch',
  ],
])('%s is refused', (_, attempt, code) => {
  let caught: unknown;
  try {
    attempt();
  } catch (error) {
    caught = error;
  }
  expect(isMuflowError(caught) && caught.code).toBe(code);
});
