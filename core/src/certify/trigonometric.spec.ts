import { describe, expect, test } from 'vitest';
import { compileFunction } from '../compute/evaluate.js';
import { parseFormula } from '../formula/parse.js';
import { randomKey, randomStream } from '../math/random.js';
import { torus } from '../space/torus.js';
import { branchAndBound } from './branchAndBound.js';
import { certifiedMinimum } from './certifiedMinimum.js';
import { scalarGraph, scalarize } from './scalarGraph.js';
import { trigonometricReader, type Wave } from './trigonometric.js';
import { trigonometricBound } from './trigonometricBound.js';

/** Random waves up to a degree, in the order of their names, with coefficients in [-1, 1]. */
function randomWaves(dim: number, degree: number, seed: number): Wave[] {
  const random = randomStream(randomKey(`waves ${seed}`));
  const size = 2 * degree + 1;
  return Array.from({ length: size ** dim }, (_, i) => ({
    frequency: Array.from({ length: dim }, (_, j) => (Math.floor(i / size ** j) % size) - degree),
    cosine: 2 * random.uniform() - 1,
    sine: 2 * random.uniform() - 1,
  }));
}

const waveSum = (waves: readonly Wave[], u: ArrayLike<number>, start = 0): number =>
  waves.reduce((sum, { frequency, cosine, sine }) => {
    const angle = 2 * Math.PI * frequency.reduce((turns, k, j) => turns + k * u[start + j], 0);
    return sum + cosine * Math.cos(angle) + sine * Math.sin(angle);
  }, 0);

function boundOf(waves: readonly Wave[], dim: number) {
  const bound = trigonometricBound(waves, dim);
  bound.setCoefficients(
    Float64Array.from(waves, ({ cosine }) => cosine),
    Float64Array.from(waves, ({ sine }) => sine),
  );
  return bound;
}

describe('trigonometric polynomials', () => {
  test.each([
    [1, 3],
    [1, 8],
    [2, 2],
    [3, 1],
  ])('in dimension %d of degree %d are nowhere below the proven bound of a cell', (dim, degree) => {
    const random = randomStream(randomKey(`cells ${dim} ${degree}`));
    for (let seed = 0; seed < 20; seed++) {
      const waves = randomWaves(dim, degree, seed);
      const bound = boundOf(waves, dim);
      for (let cell = 0; cell < 10; cell++) {
        const width = 0.5 ** (1 + (cell % 8));
        const lower = Float64Array.from({ length: dim }, () => random.uniform() * (1 - width));
        const upper = lower.map((x) => x + width);
        const least = bound.bound(lower, upper, 0);
        const u = new Float64Array(dim);
        let seen = Infinity;
        for (let k = 0; k < 60; k++) {
          for (let j = 0; j < dim; j++) u[j] = lower[j] + random.uniform() * width;
          seen = Math.min(seen, waveSum(waves, u));
        }
        // A cell is dropped only where a slope keeps its sign: then the least value seen is near its border.
        if (least < Infinity) expect(seen).toBeGreaterThanOrEqual(least - 1e-12);
      }
    }
  });

  test.each([
    [1, 3],
    [1, 6],
    [2, 2],
    [3, 1],
  ])('in dimension %d of degree %d have their minimum on a fine grid within the enclosure', (dim, degree) => {
    for (let seed = 0; seed < 8; seed++) {
      const waves = randomWaves(dim, degree, 100 + seed);
      const bound = boundOf(waves, dim);
      const boxes = [{ lower: new Array(dim).fill(0), upper: new Array(dim).fill(1) }];
      const options = { boxes, tolerance: 1e-7, maxCells: 50_000, starts: new Float64Array(0) };
      const { lower, upper, at } = branchAndBound(bound, options);
      const perAxis = dim === 1 ? 4000 : dim === 2 ? 90 : 24;
      let seen = Infinity;
      const u = new Float64Array(dim);
      for (let i = 0; i < perAxis ** dim; i++) {
        for (let j = 0; j < dim; j++) u[j] = (Math.floor(i / perAxis ** j) % perAxis) / perAxis;
        seen = Math.min(seen, waveSum(waves, u));
      }
      expect(seen).toBeGreaterThanOrEqual(lower - 1e-12);
      expect(Math.abs(waveSum(waves, at) - upper)).toBeLessThan(1e-11);
      expect(upper - lower).toBeLessThan(1e-7 + 1e-15);
    }
  });

  test('are read off the graph: products, powers, phases and quotients, within their slack', () => {
    const text =
      '(1 + 0.5*cos(2*pi*(x[0] - 2*x[1]) + 0.3))^3 * sin(4*pi*x[1] - 1) / 2 - (cos(2*pi*x[0]) - 3)*sin(-2*pi*(x[0]+x[1]))';
    const formula = parseFormula(text, { variables: { x: { role: 'row', size: 2 } } });
    const graph = scalarGraph();
    const root = scalarize(graph, formula, { x: [graph.free(0), graph.free(1)] });
    const polynomial = trigonometricReader(graph, [1, 1])(root);
    if (polynomial === null) throw new Error('not recognized');
    const f = compileFunction(formula, [{ name: 'x', size: 2 }]);
    const random = randomStream(randomKey('read'));
    const x = new Float64Array(2);
    for (let k = 0; k < 500; k++) {
      for (let j = 0; j < 2; j++) x[j] = random.uniform();
      expect(Math.abs(f(x) - waveSum([...polynomial.waves.values()], x))).toBeLessThan(polynomial.slack + 1e-13);
    }
    expect(polynomial.slack).toBeLessThan(1e-12);
  });

  test.each(['x*cos(2*pi*x)', 'cos(2*pi*x^2)', 'cos(x)', 'exp(cos(2*pi*x))', 'cos(2*pi*x)^0.5'])(
    '%s is not one',
    (text) => {
      const graph = scalarGraph();
      const formula = parseFormula(text, { variables: { x: { role: 'row' } } });
      expect(trigonometricReader(graph, [1])(scalarize(graph, formula, { x: [graph.free(0)] }))).toBe(null);
    },
  );

  test('are minimized the same by coefficients and by intervals', () => {
    const formula = parseFormula('cos(2*pi*(x + y)) + 0.5*sin(6*pi*x) - 0.2*cos(4*pi*(x - y))', {
      variables: { x: { role: 'row' }, y: { role: 'column' } },
    });
    const against = {
      variables: [{ name: 'y', size: 1 }],
      over: { count: 3, positions: Float64Array.of(0.1, 0.4, 0.85), weights: Float64Array.of(0.5, -0.2, 0.7) },
    };
    const problem = { formula, space: torus(1), variables: [{ name: 'x', size: 1 }], against };
    const waves = certifiedMinimum(problem);
    // The same function, hidden from the reader by exp(log ...) of a positive number.
    const hidden = parseFormula('exp(log(4 + cos(2*pi*(x + y)) + 0.5*sin(6*pi*x) - 0.2*cos(4*pi*(x - y)))) - 4', {
      variables: { x: { role: 'row' }, y: { role: 'column' } },
    });
    const intervals = certifiedMinimum({ ...problem, formula: hidden });
    expect([waves.method, intervals.method]).toEqual(['trigonometric', 'interval']);
    expect(waves.lower).toBeLessThanOrEqual(intervals.upper);
    expect(intervals.lower).toBeLessThanOrEqual(waves.upper);
    expect([waves.status, intervals.status]).toEqual(['certified', 'certified']);
  });
});
