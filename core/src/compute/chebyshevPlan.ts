import type { Expression } from '../formula/expression.js';
import { nodesOf } from '../formula/inspect.js';
import { type Cells, type EllipseBounder, ellipseBounder, interpolationErrors, lebesgue } from './chebyshevBound.js';
import { blockLength } from './chebyshevGrid.js';
import { type RoundingBound, roundingBounds, type ScalarBox, unitRoundoff } from './chebyshevRounding.js';
import type { Ranges, SumStructure } from './chebyshevStructure.js';

/** What a plan depends on. */
export interface Problem {
  readonly rows: number;
  readonly columns: number;
  readonly rowRanges: Ranges;
  readonly columnRanges: Ranges;
  readonly uniforms: ScalarBox;
}

/** How a sum is to be evaluated on a box, with a bound for every component per unit of weight. */
export interface Plan {
  readonly method: 'direct' | 'chebyshev';
  /** Why the sum is direct. */
  readonly reason?: string;
  /** By component; Infinity where nothing is proved. */
  readonly errors: Float64Array;
  /** Nodes of a cell on every axis. */
  readonly order: number;
  readonly rowCells: readonly number[];
  readonly columnCells: readonly number[];
  /** True where the plane is split into products of sums over its two axes. */
  readonly factored: boolean;
}

/** Chooses plans for one sum; everything that does not depend on the points is done once. */
export interface Planner {
  plan(problem: Problem): Plan;
}

/** Numbers of cells along the longest side that are tried. */
const cellCounts = [1, 2, 3, 5, 8, 12, 20, 32, 50, 80, 128, 200] as const;
const largestOrder = 48;
/** Nodes of a plane, at most: tables of this many numbers. */
const largestGrid = 2 ** 20;

/** What of the analysis is made once. */
interface Analysis {
  readonly structure: SumStructure;
  readonly tolerance: number;
  readonly bounder: EllipseBounder;
  readonly wholeRounding: ReturnType<typeof roundingBounds>;
  /** Left and right factors, component by component. */
  readonly factorRounding: Readonly<Record<'left' | 'right', ReturnType<typeof roundingBounds>>> | null;
  readonly pairCost: number;
  readonly factorCost: number;
}

/**
 * Plans `sum_j w_j k(x_i, y_j)` to a tolerance per unit of weight: over numbers of cells and nodes the cheapest whose
 * proved error, rounding included, stays below it, by a count of operations that knows no machine and no clock.
 */
export function planner(structure: SumStructure, tolerance: number): Planner {
  const expressions = structure.components.map(({ expression }) => expression);
  const factors = structure.components.flatMap((component) => component.factors ?? []);
  const factored = structure.components.every((component) => component.factors !== null);
  const parts = factors.flatMap(({ left, right }) => [left, right]);
  const analysis: Analysis = {
    structure,
    tolerance,
    bounder: ellipseBounder(structure),
    wholeRounding: roundingBounds(
      structure.components.map(({ weighted }) => weighted),
      structure,
    ),
    factorRounding: factored
      ? {
          left: roundingBounds(
            factors.map(({ left }) => left),
            structure,
          ),
          right: roundingBounds(
            factors.map(({ right }) => right),
            structure,
          ),
        }
      : null,
    pairCost: costOf(expressions),
    factorCost: costOf(parts),
  };
  return { plan: (problem) => choose(analysis, problem) };
}

/** Nanoseconds or so for one evaluation of graphs, on one lane of two. */
function costOf(expressions: readonly Expression[]): number {
  return nodesOf(...expressions).reduce((total, node) => {
    if (node.kind !== 'operation') return total;
    const { operation } = node;
    if (['exp', 'log', 'sin', 'cos', 'tanh', 'sigmoid', 'softplus', 'erf'].includes(operation)) return total + 4;
    return total + (operation === 'divide' || operation === 'sqrt' || operation === 'power' ? 1 : 0.4);
  }, 0.3);
}

function choose(analysis: Analysis, problem: Problem): Plan {
  const { tolerance } = analysis;
  // Values and errors are proportional to the weight, so bounds over [-1, 1] are those per unit of weight.
  const unit: ScalarBox = { ...problem.uniforms, [analysis.structure.weightName]: [-1, 1] };
  const whole = analysis.wholeRounding(problem.rowRanges, problem.columnRanges, unit);
  const direct = (reason: string): Plan => ({
    method: 'direct',
    reason,
    errors: directErrors(whole, problem.columns),
    order: 0,
    rowCells: [],
    columnCells: [],
    factored: false,
  });
  const directCost = problem.rows * problem.columns * analysis.pairCost;
  const rounding = roundingOf(analysis, problem, whole);
  if (whole.some(({ size }) => size === Infinity))
    return direct('a formula may be undefined in the boxes of the points');
  // Rounding grows with cells and nodes, so this is the least that any plan has.
  const least = roundingErrors(problem, { ...layoutOf(problem, 1), order: 2 }, rounding);
  if (!least.every((error) => error < tolerance)) return direct(tooTight(tolerance));
  let best: { cost: number; plan: Plan } | null = null;
  let misses: string | null = null;
  for (const count of cellCounts) {
    const layout = layoutOf(problem, count);
    const lower = costOfPlan(analysis, problem, { ...layout, order: 1, factored: rounding.factored });
    if (lower >= Math.min(directCost, best?.cost ?? Infinity)) break;
    const found = smallestOrder(analysis, problem, { layout, rounding });
    if (typeof found === 'string') {
      misses = found;
      continue;
    }
    const plan: Plan = { method: 'chebyshev', factored: rounding.factored, ...layout, ...found };
    const cost = costOfPlan(analysis, problem, plan);
    if (cost < (best?.cost ?? directCost)) best = { cost, plan };
    else if (best !== null && cost > 1.5 * best.cost) break;
  }
  if (best !== null) return best.plan;
  const hard = misses ?? `${problem.rows} x ${problem.columns} pairs are less work than an expansion to ${tolerance}`;
  return direct(hard);
}

type Layout = Pick<Plan, 'rowCells' | 'columnCells'>;

/** Cells of about one size on every axis, `count` along the longest. */
function layoutOf({ rowRanges, columnRanges }: Problem, count: number): Layout {
  const longest = Math.max(...[...rowRanges, ...columnRanges].map(([low, high]) => high - low));
  const cells = ([low, high]: readonly [number, number]): number =>
    Math.max(1, Math.ceil(((high - low) / longest) * count - 1e-9));
  return { rowCells: rowRanges.map(cells), columnCells: columnRanges.map(cells) };
}

/** Sums of products in the order of the columns: `n` roundings of the largest term, and the error of a term. */
function directErrors(whole: readonly RoundingBound[], columns: number): Float64Array {
  return Float64Array.from(
    whole,
    ({ size, error }) => 1.001 * (error + (columns + 16) * unitRoundoff * (size + error)),
  );
}

/** Sizes and errors of the kernel between nodes, as it is computed there. */
interface KernelRounding {
  readonly factored: boolean;
  readonly size: Float64Array;
  readonly error: Float64Array;
  /** Terms that are added for one component. */
  readonly terms: number;
}

function roundingOf(analysis: Analysis, problem: Problem, whole: readonly RoundingBound[]): KernelRounding {
  const { structure, factorRounding } = analysis;
  const size = Float64Array.from(whole, (bound) => bound.size);
  const error = Float64Array.from(whole, (bound) => bound.error);
  const plain: KernelRounding = { factored: false, size, error, terms: 1 };
  if (factorRounding === null) return plain;
  const { rowRanges, columnRanges, uniforms } = problem;
  const lefts = factorRounding.left(rowRanges, columnRanges, uniforms);
  const rights = factorRounding.right(rowRanges, columnRanges, uniforms);
  const sizes = new Float64Array(size.length);
  const errors = new Float64Array(size.length);
  let next = 0;
  structure.components.forEach(({ factors }, k) => {
    for (let t = 0; t < (factors ?? []).length; t++) {
      const [left, right] = [lefts[next], rights[next]];
      next++;
      sizes[k] += left.size * right.size;
      errors[k] += left.size * right.error + right.size * left.error + left.error * right.error;
    }
  });
  const terms = Math.max(1, ...structure.components.map(({ factors }) => factors?.length ?? 0));
  // Where a factor overflows, or terms cancel, the kernel as it stands is the better one.
  const usable = sizes.every((value, k) => value <= 100 * size[k] + Number.MIN_VALUE && Number.isFinite(errors[k]));
  return usable ? { factored: true, size: sizes, error: errors, terms } : plain;
}

const tooTight = (tolerance: number): string =>
  `rounding, or the growth of a formula off the real line, does not allow a tolerance of ${tolerance}`;

/** The least number of nodes per cell that meets the tolerance, or why there is none. */
function smallestOrder(
  { structure, tolerance, bounder }: Analysis,
  problem: Problem,
  { layout, rounding }: { layout: Layout; rounding: KernelRounding },
): { order: number; errors: Float64Array } | string {
  const cells = (ranges: Ranges, counts: readonly number[]): Cells[] =>
    ranges.map((range, k) => ({ range, cells: counts[k] }));
  const bounds = bounder.bound(
    cells(problem.rowRanges, layout.rowCells),
    cells(problem.columnRanges, layout.columnCells),
    problem.uniforms,
  );
  const count = structure.components.length;
  if (bounds.moduli.some(([smallest]) => smallest.some((modulus) => modulus === Infinity))) {
    return 'a formula is not proved analytic around the points';
  }
  for (let order = 2; order <= largestOrder; order++) {
    const errors = interpolationErrors(bounds, order, count);
    if (!errors.every((error) => error <= tolerance)) continue;
    const sum = roundingErrors(problem, { ...layout, order }, rounding);
    for (let k = 0; k < count; k++) errors[k] += sum[k];
    if (!isSharp(problem, layout, order)) return 'the points are too far from the origin for their spread';
    if (errors.every((error) => error <= tolerance)) return { order, errors };
  }
  return tooTight(tolerance);
}

/**
 * Rounding of the spreading to nodes, of the sums between nodes and of the gathering, per unit of weight: `Lambda` for
 * every axis times the error of the kernel, and the kernel times the relative errors of the three sums.
 */
function roundingErrors(
  { columns }: Problem,
  { rowCells, columnCells, order }: Layout & { readonly order: number },
  { factored, size, error, terms }: KernelRounding,
): Float64Array {
  const basis = (axes: number): number => axes * (4 * order + 10);
  const spread = basis(columnCells.length) + blockLength + Math.ceil(columns / blockLength) + 8;
  const nodes = columnCells.map((count) => count * order);
  const between = factored
    ? nodes[0] + order * Math.max(...rowCells, ...columnCells) + 2 * terms + 8
    : nodes.reduce((a, b) => a * b, 1) + 16;
  const gather = basis(rowCells.length) + 2 * order + 8;
  const relative = (spread + between + gather) * unitRoundoff;
  const norm = lebesgue(order) ** (rowCells.length + columnCells.length);
  return Float64Array.from(size, (modulus, k) => 1.01 * norm * (error[k] + (modulus + error[k]) * relative));
}

/** False where nodes and cells would be displaced by rounding more than the bounds allow for. */
function isSharp({ rowRanges, columnRanges }: Problem, { rowCells, columnCells }: Layout, order: number): boolean {
  const sharp =
    (counts: readonly number[]) =>
    ([low, high]: readonly [number, number], k: number) => {
      const displacement =
        16 * unitRoundoff * (counts[k] + (Math.abs(low) + Math.abs(high)) / ((high - low) / counts[k]));
      return displacement <= 2 ** -24 && lebesgue(order) * order * order * displacement <= 1e-4;
    };
  return rowRanges.every(sharp(rowCells)) && columnRanges.every(sharp(columnCells));
}

/** Nanoseconds or so; Infinity where the tables would not fit. */
function costOfPlan(
  { structure, pairCost, factorCost }: Analysis,
  { rows, columns }: Problem,
  { rowCells, columnCells, order, factored }: Layout & { readonly order: number; readonly factored: boolean },
): number {
  const size = (counts: readonly number[]): number => counts.reduce((total, count) => total * count * order, 1);
  const [rowNodes, columnNodes] = [size(rowCells), size(columnCells)];
  const tables = structure.components.length;
  if (Math.max(rowNodes, columnNodes) * tables > largestGrid) return Infinity;
  // Point by point on a line, by products of matrices in a plane.
  const point = (axes: number, values: number): number =>
    60 + 6 * order * axes + (axes === 1 ? 2 * values * order : values * (2 * order + 0.5 * order ** 2));
  const ends = columns * point(columnCells.length, 1) + rows * point(rowCells.length, tables);
  if (!factored) return ends + rowNodes * columnNodes * pairCost;
  const [r, c] = [rowCells.map((count) => count * order), columnCells.map((count) => count * order)];
  const terms = structure.components.reduce((total, { factors }) => total + (factors?.length ?? 0), 0);
  return ends + 0.5 * terms * (r[0] * c[0] * c[1] + r[0] * c[1] * r[1]) + factorCost * (r[0] * c[0] + r[1] * c[1]);
}
