import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFunction } from '../compute/evaluate.js';
import { parseFormula } from '../formula/parse.js';
import { randomKey, randomStream } from '../math/random.js';
import { logLogSlope } from '../math/slopes.js';
import { box } from '../space/box.js';
import { branchAndBound } from './branchAndBound.js';
import { certifiedMinimum } from './certifiedMinimum.js';
import { polynomialReader } from './polynomial.js';
import { polynomialBound } from './polynomialBound.js';
import { scalarGraph, scalarize } from './scalarGraph.js';

/** Random coefficients in [-1, 1], dense by exponents, the last coordinate fastest, with the value they give. */
function randomPolynomial(degrees: readonly number[], seed: number) {
  const random = randomStream(randomKey(`polynomial ${seed}`));
  const count = degrees.reduce((product, n) => product * (n + 1), 1);
  const coefficients = Float64Array.from({ length: count }, () => 2 * random.uniform() - 1);
  const value = (t: ArrayLike<number>): number => {
    let sum = 0;
    coefficients.forEach((coefficient, i) => {
      let rest = i;
      let term = coefficient;
      for (let j = degrees.length - 1; j >= 0; j--) {
        term *= t[j] ** (rest % (degrees[j] + 1));
        rest = Math.floor(rest / (degrees[j] + 1));
      }
      sum += term;
    });
    return sum;
  };
  const bound = polynomialBound(degrees);
  bound.setCoefficients(coefficients);
  return { bound, value };
}

const shapes: readonly (readonly number[])[] = [[1], [4], [9], [3, 2], [4, 4], [2, 0, 3]];

describe('polynomials', () => {
  test.each(shapes.map((degrees) => [degrees]))('of degrees %j are nowhere below the bound of a cell', (degrees) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 8 }), (seed, level) => {
        const { bound, value } = randomPolynomial(degrees, seed);
        const random = randomStream(randomKey(`cell ${seed}`));
        const width = 2 ** (1 - level);
        const lower = Float64Array.from(degrees, () => -1 + random.uniform() * (2 - width));
        const upper = lower.map((x) => Math.min(1, x + width));
        const [from, to] = [lower.slice(), upper.slice()];
        const least = bound.bound(lower, upper, 0);
        if (least === Infinity) return;
        for (let k = 0; k < 60; k++) {
          const t = from.map((x, j) => (k < 2 ? [from, to][k][j] : x + random.uniform() * (to[j] - x)));
          expect(value(t)).toBeGreaterThanOrEqual(least - 1e-13);
        }
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test.each(shapes.map((degrees) => [degrees]))(
    'of degrees %j have their minimum on a grid within the enclosure',
    (degrees) => {
      for (let seed = 0; seed < 6; seed++) {
        const { bound, value } = randomPolynomial(degrees, 500 + seed);
        const boxes = [{ lower: degrees.map(() => -1), upper: degrees.map(() => 1) }];
        const found = branchAndBound(bound, { boxes, tolerance: 1e-8, maxCells: 20_000, starts: new Float64Array(0) });
        const perAxis = [2000, 60, 16][degrees.length - 1];
        let seen = Infinity;
        for (let i = 0; i < perAxis ** degrees.length; i++) {
          const t = degrees.map((_, j) => -1 + (2 * (Math.floor(i / perAxis ** j) % perAxis)) / (perAxis - 1));
          seen = Math.min(seen, value(t));
        }
        expect(seen).toBeGreaterThanOrEqual(found.lower - 1e-13);
        expect(Math.abs(value(found.at) - found.upper)).toBeLessThan(1e-12);
        expect(found.upper - found.lower).toBeLessThan(1.001e-8);
        // The grid is fine enough that its least value is near the minimum; a bound that is far too low shows here.
        expect(seen - found.lower).toBeLessThan([1e-4, 0.1, 1][degrees.length - 1]);
      }
    },
  );

  test('of degree n are bounded from below by their Bernstein coefficients: exactly where least at a corner', () => {
    const bound = polynomialBound([3]);
    // (t + 1)^3 + (t + 1): increasing, 0 at -1.
    bound.setCoefficients(Float64Array.of(2, 4, 3, 1));
    const least = bound.bound(Float64Array.of(-1), Float64Array.of(1), 0);
    // Rounding: sums of sizes 10, at most 40 units in the last place.
    expect(Math.abs(least)).toBeLessThan(10 * 40 * 2 ** -51);
  });

  test('fall short of their minimum by the cube of the width of the cell', () => {
    const bound = polynomialBound([4]);
    // t^2 + t^3 + 2 t^4, least at 0.
    bound.setCoefficients(Float64Array.of(0, 0, 1, 1, 2));
    const widths = [0.1, 0.05, 0.025, 0.0125];
    const gaps = widths.map((w) => -bound.bound(Float64Array.of(-0.4 * w), Float64Array.of(0.6 * w), 0));
    expect(gaps.every((gap) => gap > 0)).toBe(true);
    expect(logLogSlope(widths, gaps)).toBeGreaterThan(2.7);
  });

  test('are read off the graph within their slack', () => {
    const formula = parseFormula('(x[0] - 0.3)^3 * (2 - x[1])/7 - norm2(x - 1) + dot(x, x)*x[0]', {
      variables: { x: { role: 'row', size: 2 } },
    });
    const graph = scalarGraph();
    const root = scalarize(graph, formula, { x: [graph.free(0), graph.free(1)] });
    const polynomial = polynomialReader(graph, [
      { middle: 0.5, half: 1.5 },
      { middle: -1, half: 0.25 },
    ])(root);
    if (polynomial === null) throw new Error('not recognized');
    const f = compileFunction(formula, [{ name: 'x', size: 2 }]);
    const random = randomStream(randomKey('read'));
    for (let k = 0; k < 300; k++) {
      const t = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
      let value = 0;
      for (const { exponents, coefficient } of polynomial.monomials.values())
        value += coefficient * t[0] ** exponents[0] * t[1] ** exponents[1];
      expect(Math.abs(f([0.5 + 1.5 * t[0], -1 + 0.25 * t[1]]) - value)).toBeLessThan(polynomial.slack + 2e-14);
    }
    expect(polynomial.slack).toBeLessThan(1e-12);
  });

  test.each(['sin(x)', 'x^0.5', '1/x', 'abs(x)', 'x^41'])('%s is not one', (text) => {
    const graph = scalarGraph();
    const formula = parseFormula(text, { variables: { x: { role: 'row' } } });
    const read = polynomialReader(graph, [{ middle: 0, half: 1 }]);
    expect(read(scalarize(graph, formula, { x: [graph.free(0)] }))).toBe(null);
  });

  test('are minimized the same by coefficients and by intervals', () => {
    const space = box([[-2, 2]]);
    const variables = [{ name: 'x', size: 1 }];
    const plain = 'x^4 - 3*x^2 + 0.5*x';
    const [a, b] = [plain, `log(exp(${plain}))`].map((text) =>
      certifiedMinimum({ formula: parseFormula(text, { variables: { x: { role: 'row' } } }), space, variables }),
    );
    expect([a.method, b.method, a.status, b.status]).toEqual(['polynomial', 'interval', 'certified', 'certified']);
    expect(a.lower).toBeLessThanOrEqual(b.upper);
    expect(b.lower).toBeLessThanOrEqual(a.upper);
  });
});
