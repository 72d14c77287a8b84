import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFunction } from '../compute/evaluate.js';
import { parseFormula } from '../formula/parse.js';
import { randomKey, randomStream } from '../math/random.js';
import { logLogSlope } from '../math/slopes.js';
import { box } from '../space/box.js';
import { product } from '../space/product.js';
import { simplex } from '../space/simplex.js';
import type { Space } from '../space/space.js';
import { sphere } from '../space/sphere.js';
import { torus } from '../space/torus.js';
import { cellBound } from './cellBound.js';
import { chartOf } from './charts.js';
import { derivativeCount } from './derivativeSlots.js';
import { emptyJet } from './jet.js';
import { type PotentialProgram, potentialProgram } from './potentialProgram.js';
import { scalarGraph, scalarize } from './scalarGraph.js';
import { separateTerms } from './separateTerms.js';

/** The programs of a formula in x alone over a space, with its plain value. */
function programOf(text: string, space: Space) {
  const formula = parseFormula(text, { variables: { x: { role: 'row', size: space.dim } } });
  const graph = scalarGraph();
  const chart = chartOf(space);
  if (chart === null) throw new Error(`no chart of ${space.name}`);
  const root = scalarize(graph, formula, { x: chart.point(graph, 0) });
  const program = potentialProgram(graph, separateTerms(graph, root), chart.dim);
  const one = Float64Array.of(1);
  program.prepare({ count: 1, dim: 0, points: new Float64Array(0), lower: one, upper: one });
  const value = compileFunction(formula, [{ name: 'x', size: space.dim }]);
  const x = new Float64Array(space.dim);
  const at = (u: Float64Array): number => {
    chart.pointInto(x, 0, u, 0);
    return value(x);
  };
  return { chart, program, at };
}

interface Cell {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** A cell of a chart of about the given relative width, with one of its boxes. */
function randomCell(
  chart: { readonly boxes: readonly { lower: readonly number[]; upper: readonly number[] }[] },
  seed: number,
  width: number,
): Cell {
  const random = randomStream(randomKey(`cell ${seed}`));
  const { lower, upper } = chart.boxes[random.integer(chart.boxes.length)];
  const low = Float64Array.from(lower, (p, k) => p + random.uniform() * (1 - width) * (upper[k] - p));
  return { lower: low, upper: low.map((p, k) => Math.min(upper[k], p + width * (upper[k] - lower[k]))) };
}

type Compiled = ReturnType<typeof programOf>;

/** By how much the least of 200 values in the cell is below the bound, relative to the size of the values. */
function violation({ program, chart, at }: Compiled, seed: number, width: number): number {
  const { lower, upper } = randomCell(chart, seed, width);
  const [from, to] = [lower.slice(), upper.slice()];
  const bound = cellBound(program, chart).bound(lower, upper, 0);
  // A dropped cell says nothing about its values.
  if (bound === Infinity) return 0;
  const random = randomStream(randomKey(`points ${seed}`));
  let [least, size] = [Infinity, 1];
  const u = new Float64Array(chart.dim);
  for (let k = 0; k < 200; k++) {
    for (let j = 0; j < chart.dim; j++) u[j] = from[j] + (k < 2 ? k : random.uniform()) * (to[j] - from[j]);
    if (chart.sums.some((group) => group.reduce((sum, j) => sum + u[j], 0) > 1)) continue;
    least = Math.min(least, at(u));
    size = Math.max(size, Math.abs(at(u)));
  }
  return (bound - least) / size;
}

const cases: readonly [string, Space][] = [
  ['sin(5*x) + x^3 - 0.3*abs(x - 0.2)', box([[-1, 2]])],
  ['exp(-3*(x - 0.4)^2) * tanh(4*x) + softplus(3*x) - relu(x)^2', box([[-1, 2]])],
  ['sqrt(1 + x^2) + log(2 + x) - erf(2*x) / (3 + x) + sigmoid(-5*x)', box([[-1, 2]])],
  ['0.1*x - 2*relu(x - 0.4)', box([[-1, 2]])],
  ['min(0.1*x, 1 - 3*x)', box([[-1, 2]])],
  ['min(x^2, 1 - x) + max(sin(4*x), x)^3', box([[-1, 2]])],
  ['(2 + x)^1.5 / (1 + x^2)^2 - 1/(3 + x)', box([[-1, 2]])],
  [
    'sin(3*x[0]*x[1]) + (x[0] - x[1]^2)^2 / (2 + x[0])',
    box([
      [-1, 1],
      [0, 2],
    ]),
  ],
  ['cos(2*pi*(x[0] - x[1])) * exp(sin(2*pi*x[1]))', torus(2)],
  ['x[0]*x[1]*x[2] + exp(x[0] - x[2])', sphere(3)],
  ['tanh(3*x[0]) - x[1]^3', sphere(2)],
  ['x[0]*x[3] - x[1]^2*x[2] + sin(4*x[3])', sphere(4)],
  ['x[0]*log(0.1 + x[0]) + x[1]*x[2]', simplex(3)],
  ['sin(4*x[0]) * x[1] + x[3]^2 * x[2]', product([box([[-1, 1]]), sphere(3)])],
];

describe('the bound of a cell', () => {
  test.each(cases)('is below every value in it: %s', (text, space) => {
    const compiled = programOf(text, space);
    for (let seed = 0; seed < 40; seed++) {
      const width = 0.5 ** (seed % 10);
      expect(violation(compiled, seed, width)).toBeLessThan(1e-13);
    }
  });

  test('falls short by the cube of the width around a minimizer', () => {
    // Least at 0, where it is 0, with third derivative 6.
    const { program, chart } = programOf('x^2 + x^3 + sin(x)^4', box([[-1, 2]]));
    const widths = [0.1, 0.05, 0.025, 0.0125];
    const gaps = widths.map(
      (w) => -cellBound(program, chart).bound(Float64Array.of(-0.4 * w), Float64Array.of(0.6 * w), 0),
    );
    expect(gaps.every((gap) => gap > 0)).toBe(true);
    expect(logLogSlope(widths, gaps)).toBeGreaterThan(2.8);
  });

  test.each([
    [
      'second derivatives too large by half',
      (lower: number, upper: number) => [lower + 0.5 * Math.abs(lower) + 0.5, upper + 0.5 * Math.abs(upper) + 0.5],
    ],
    [
      'second derivatives of the middle alone',
      (lower: number, upper: number) => [(lower + upper) / 2, (lower + upper) / 2],
    ],
  ] as const)('is caught where it uses %s', (_, tamper) => {
    // A function whose second derivative varies by much: a cell must know its range.
    const text = 'sin(6*x) + x^3';
    const space = box([[-1, 2]]);
    const honest = programOf(text, space);
    const { program } = honest;
    const lying: PotentialProgram = {
      ...program,
      run: (out, lower, upper, start, order) => {
        program.run(out, lower, upper, start, order);
        // Only the second-order form is to decide.
        if (order < 2) return;
        out.lower = -Infinity;
        for (let k = 0; k < derivativeCount(1); k++) {
          if (k < 1) {
            out.derivatives.lower[k] = -Infinity;
            out.derivatives.upper[k] = Infinity;
          } else {
            [out.derivatives.lower[k], out.derivatives.upper[k]] = tamper(
              out.derivatives.lower[k],
              out.derivatives.upper[k],
            );
          }
        }
      },
    };
    let worst = 0;
    for (let seed = 0; seed < 40; seed++)
      worst = Math.max(worst, violation({ ...honest, program: lying }, seed, 0.5 ** (seed % 6)));
    expect(worst).toBeGreaterThan(1e-3);
  });
});

describe('jets', () => {
  test.each(cases)('contain values and difference quotients: %s', (text, space) => {
    const { program, chart, at } = programOf(text, space);
    const { dim } = chart;
    const jet = emptyJet(dim);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 1, max: 8 }), (seed, level) => {
        const { lower, upper } = randomCell(chart, seed, 0.5 ** level);
        program.run(jet, lower, upper, 0, 2);
        const random = randomStream(randomKey(`inside ${seed}`));
        const u = Float64Array.from(lower, (p, k) => p + random.uniform() * (upper[k] - p));
        if (chart.sums.some((group) => group.reduce((sum, j) => sum + u[j], 0) > 0.99)) return;
        const value = at(u);
        expect(value).toBeGreaterThanOrEqual(jet.lower - 1e-13);
        expect(value).toBeLessThanOrEqual(jet.upper + 1e-13);
        if (jet.kind > 0) return;
        let entry = dim;
        for (let i = 0; i < dim; i++) {
          const h = 1e-4;
          const shifted = (a: number, j: number, b: number): number => {
            const v = u.slice();
            v[i] += a * h;
            v[j] += b * h;
            return at(v);
          };
          const slack = 1e-5 * (1 + Math.abs(jet.derivatives.upper[i]) + Math.abs(jet.derivatives.lower[i]));
          const slope = (shifted(1, i, 0) - shifted(-1, i, 0)) / (2 * h);
          const smoothAround = upper.every((q, k) => q === lower[k] || (u[k] - lower[k] > 2 * h && q - u[k] > 2 * h));
          if (!smoothAround || space.kind === 'simplex') continue;
          expect(slope).toBeGreaterThanOrEqual(jet.derivatives.lower[i] - slack);
          expect(slope).toBeLessThanOrEqual(jet.derivatives.upper[i] + slack);
          for (let j = i; j < dim; j++, entry++) {
            const second =
              i === j
                ? (shifted(1, i, 0) - 2 * value + shifted(-1, i, 0)) / h ** 2
                : (shifted(1, j, 1) - shifted(1, j, -1) - shifted(-1, j, 1) + shifted(-1, j, -1)) / (4 * h ** 2);
            const room = 1e-4 * (1 + Math.abs(jet.derivatives.upper[entry]) + Math.abs(jet.derivatives.lower[entry]));
            expect(second).toBeGreaterThanOrEqual(jet.derivatives.lower[entry] - room);
            expect(second).toBeLessThanOrEqual(jet.derivatives.upper[entry] + room);
          }
        }
      }),
      { seed: 4, numRuns: 80 },
    );
  });
});
