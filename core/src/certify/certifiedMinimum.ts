import { fail, show } from '../errors.js';
import type { Expression } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import type { Space } from '../space/space.js';
import { branchAndBound } from './branchAndBound.js';
import { type CellBound, cellBound } from './cellBound.js';
import { type Chart, type ChartBox, chartOf, jumpChart } from './charts.js';
import { above, below } from './derivativeSlots.js';
import { exactMinimum } from './exactMinimum.js';
import { type Jumps, jumpProgram } from './jumpProgram.js';
import { mergedAtoms } from './mergedAtoms.js';
import type { CertifiedMinimum, CertifyOptions, MinimumProblem } from './minimumProblem.js';
import type { Stretch } from './polynomial.js';
import { type PolynomialProgram, polynomialProgram } from './polynomialProgram.js';
import { type PotentialProgram, potentialProgram } from './potentialProgram.js';
import { keptByFormula, problemTerms } from './problemTerms.js';
import { scalarGraph } from './scalarGraph.js';
import { type TrigonometricProgram, trigonometricProgram } from './trigonometricProgram.js';
import { atomsOf, checkSize } from './weightedAtoms.js';

/** So few atoms are not merged. */
const fewAtoms = 4;

/**
 * A proven enclosure of `inf_X V`, `V(x) = sign sum_j w_j l(x, y_j)`, by best-first branch and bound over the charts of
 * the space, with natural, mean-value and second-order interval bounds; all rounding, that of the sum over atoms
 * included, is outward. Quadratic potentials on spheres are solved by duality. Where V is undefined at some points, the infimum is over the others.
 * Where the cost grows with the number of atoms, close ones are merged first, with a proven bound of what that changes.
 * Cost: 1 to 50 microseconds per cell and coordinate squared; a smooth V in one dimension takes 50 to 300 cells.
 *
 * @throws `unsupported` for an unbounded space, `not-finite` for NaN, `shape-mismatch` for sizes that do not fit.
 * @example
 * const formula = parseFormula('(x^2 - 1)^2 + 0.1*x', { variables: { x: { role: 'row' } } });
 * certifiedMinimum({ formula, space: box([[-2, 2]]), variables: [{ name: 'x', size: 1 }] }).lower; // -0.1006...
 */
export function certifiedMinimum(problem: MinimumProblem, options: CertifyOptions = {}): CertifiedMinimum {
  const { space } = problem;
  const { tolerance = 1e-9, maxCells = 100_000 } = options;
  checkSize('variables', problem.variables, space.dim, space.name);
  const exact = exactMinimum(problem);
  if (exact !== null) return { ...exact, status: exact.upper - exact.lower <= tolerance ? 'certified' : 'budget' };
  const compiled = compiledFor(problem);
  const { chart } = compiled;
  const all = atomsOf(problem);
  const merged =
    compiled.program.perAtom && all.count > fewAtoms
      ? mergedAtoms(problem, all, tolerance / 8)
      : { atoms: all, slack: 0 };
  compiled.program.prepare(merged.atoms);
  const points = chartPoints(chart, space, options.startingPoints);
  const search = searchOf(compiled);
  const { boxes, stretches } = search;
  const slack = search.slack + merged.slack;
  const starts = points.map((x, i) => {
    const { middle, half } = stretches[i % chart.dim];
    return (x - middle) / half;
  });
  // What the slack takes on either side is not left for the search, but some tolerance always is.
  const aim = Math.max(tolerance - 2.5 * slack, tolerance / 8);
  const found = branchAndBound(search.bound, { boxes, tolerance: aim, maxCells, starts });
  const u = found.at.map((t, k) => stretches[k].middle + stretches[k].half * t);
  const at = new Float64Array(space.dim);
  chart.pointInto(at, 0, u, 0);
  const lower = slack === 0 ? found.lower : below(found.lower - slack);
  const upper = slack === 0 ? found.upper : above(found.upper + slack);
  const status = upper - lower <= tolerance ? 'certified' : 'budget';
  return { lower, upper, at, status, cells: found.cells, method: space.intrinsicDim === 0 ? 'finite' : search.method };
}

/** What is searched: a function within `slack` of V, of coordinates t with `u = middle + half t`. */
interface Search {
  readonly method: 'trigonometric' | 'polynomial' | 'interval' | 'pieces';
  readonly bound: CellBound;
  readonly boxes: readonly ChartBox[];
  readonly stretches: readonly Stretch[];
  readonly slack: number;
}

/** The search of a compiled potential with its atoms: by coefficients where these are finite. */
function searchOf({ chart, program, bound, trigonometric, polynomial, jumps }: Compiled): Search {
  const boxOf = (low: number): readonly ChartBox[] => [
    { lower: chart.walls.map(() => low), upper: chart.walls.map(() => 1) },
  ];
  const waveSlack = trigonometric === null ? Infinity : trigonometric.prepare(program.moments);
  if (trigonometric !== null && Number.isFinite(waveSlack)) {
    const stretches = chart.periods.map((period) => ({ middle: 0, half: period ?? 1 }));
    return { method: 'trigonometric', bound: trigonometric.bound, boxes: boxOf(0), stretches, slack: waveSlack };
  }
  const slack = polynomial === null ? Infinity : polynomial.prepare(program.moments);
  if (polynomial !== null && Number.isFinite(slack)) {
    const { stretches } = polynomial;
    return { method: 'polynomial', bound: polynomial.bound, boxes: boxOf(-1), stretches, slack };
  }
  const stretches = chart.walls.map(() => ({ middle: 0, half: 1 }));
  return { method: jumps === undefined ? 'interval' : 'pieces', bound, boxes: chart.boxes, stretches, slack: 0 };
}

interface Compiled {
  readonly chart: Chart;
  readonly program: PotentialProgram;
  readonly bound: CellBound;
  readonly trigonometric: TrigonometricProgram | null;
  readonly polynomial: PolynomialProgram | null;
  readonly jumps?: Jumps;
}

/** The compiled form of a formula with one part free, kept as long as the formula lives. */
const compiledFor = keptByFormula((problem): Compiled => jumpsFor(problem) ?? potentialFor(problem));

/** A potential that jumps at coordinates of atoms only, on a space with flat coordinates; null for all else. */
function jumpsFor(problem: MinimumProblem): Compiled | null {
  const { space, formula } = problem;
  const chart = nodesOf(formula).some(isJump) ? jumpChart(space) : null;
  if (chart === null) return null;
  const graph = scalarGraph();
  const found = jumpProgram(graph, problemTerms(graph, problem, chart.point(graph, 0)), chart.dim);
  // With a sum to keep, cells are searched by their jumps alone.
  if (found === null || (chart.total !== undefined && !found.constant)) return null;
  const { program, jumps } = found;
  return { chart, program, bound: cellBound(program, chart, jumps), trigonometric: null, polynomial: null, jumps };
}

const isJump = (node: Expression): boolean =>
  node.kind === 'operation' && (node.operation === 'sign' || node.operation === 'step');

/** Any other potential, by the charts of its space. */
function potentialFor(problem: MinimumProblem): Compiled {
  const { space } = problem;
  const chart = chartOf(space);
  if (chart === null) {
    return fail({
      code: 'unsupported',
      where: 'certifiedMinimum',
      problem: 'there is no chart for this kind of space',
      got: show(space.kind),
      expected: 'a box, torus, sphere, simplex, finite space or product of these',
      fix: 'estimate the minimum by a search',
    });
  }
  const graph = scalarGraph();
  const terms = problemTerms(graph, problem, chart.point(graph, 0));
  const program = potentialProgram(graph, terms, chart.dim);
  const trigonometric = trigonometricProgram(graph, terms, chart.periods);
  const sides = chart.sums.length > 0 || trigonometric !== null ? [] : chart.walls.filter((wall) => wall !== null);
  const polynomial = sides.length === chart.dim ? polynomialProgram(graph, terms, sides) : null;
  return { chart, program, bound: cellBound(program, chart), trigonometric, polynomial };
}

/** Points of the space in chart coordinates; those outside are moved into it. */
function chartPoints(chart: Chart, space: Space, points: Float64Array | undefined): Float64Array {
  const count = points === undefined ? 0 : Math.floor(points.length / space.dim);
  const out = new Float64Array(count * chart.dim);
  if (points === undefined) return out;
  const inside = new Float64Array(count * space.dim);
  space.projectInto(inside, points, count);
  for (let i = 0; i < count; i++) chart.coordinatesInto(out, i * chart.dim, inside, i * space.dim);
  return out;
}
