import { fail, show } from '../errors.js';
import {
  type Backend,
  checkCall,
  checkReduction,
  type Kernel,
  type KernelCall,
  type Reduction,
  reductionVariables,
} from './backend.js';
import { chebyshevAxis, type GridPoints, noAxis, type Plane } from './chebyshevGrid.js';
import { factoredNodeSum, type NodeSum, pairwiseNodeSum } from './chebyshevNodes.js';
import { inPlane, onLine, type Transfer } from './chebyshevPanels.js';
import { type Plan, type Planner, type Problem, planner } from './chebyshevPlan.js';
import { unitRoundoff } from './chebyshevRounding.js';
import { type PointAxis, type Ranges, type SumStructure, sumStructure } from './chebyshevStructure.js';
import { defaultBackend } from './defaultBackend.js';
import { momentKernel } from './moments.js';

export interface FastSumOptions {
  /** Largest absolute error per unit of weight, for every component of every output. */
  readonly tolerance: number;
  /** The column variable of size 1 by which every output is proportional; without it every column weighs 1. */
  readonly weight?: string;
  readonly backend?: Backend;
}

/** How one sum was evaluated, and how far from the exact sum its values can be. */
export interface FastSumReport {
  readonly method: 'direct' | 'chebyshev';
  /** Why the sum was direct. */
  readonly reason?: string;
  /**
   * Proved bound of `|out - exact sum|` over all rows and components, rounding included; Infinity where nothing is proved.
   * With method `chebyshev` it is at most `tolerance * sum_j |w_j|`.
   */
  readonly errorBound: number;
  /** The same, output by output. */
  readonly errorBounds: Readonly<Record<string, number>>;
  /** `sum_j |w_j|`, or the number of columns. */
  readonly totalWeight: number;
  /** Nodes in which the columns, and the rows, were represented. */
  readonly nodes?: { readonly rows: number; readonly columns: number };
}

/** A kernel that says of every call how exact it was. */
export interface FastKernel extends Kernel {
  run(call: KernelCall): FastSumReport;
}

/**
 * Sums of smooth kernels over points of a line or a plane, `out_i = sum_j w_j k(x_i, y_j)`, through an expansion
 * `k(x, y) ~ sum_pq k(x_p, y_q) l_p(x) l_q(y)` in Chebyshev nodes on cells of the boxes that hold the points:
 * weights are spread to nodes, summed from node to node, and read off at the rows [FongDarve2009]. Cost O((rows + columns) n^d) and the
 * sum between nodes, instead of O(rows columns).
 *
 * The error is proved. For every formula, interval arithmetic in the complex plane bounds its modulus `M` on ellipses around
 * the cells, interpolation then converges like `M rho^-n` [Trefethen2019, theorem 8.2], and the rounding of every step is
 * added. Numbers of cells and nodes are the cheapest that meet the tolerance. The sum is direct, and says why,
 * where that is less work, where a formula has kinks (abs, relu, min, max, sign, step) or is not seen to be analytic
 * near the points (`norm(x - y)` where x meets y), where points have more than two coordinates or are not finite, or where
 * the tolerance is below what rounding allows. Rows share a box: unlike those of other kernels, the bits of a row depend
 * on the other rows, within the bound. The same call gives the same bits every time.
 *
 * @throws `invalid-argument` for a tolerance that is not positive, or a reduction that no backend compiles.
 * @example
 * import { fastSum, parseFormula } from '@muflow/core';
 * const variables = { x: { role: 'row' }, y: { role: 'column' }, w: { role: 'column' } } as const;
 * const expression = parseFormula('w*exp(-(x - y)^2)', { variables });
 * const kernel = fastSum({ outputs: [{ name: 'f', expression, reduce: 'sum' }] }, { tolerance: 1e-9, weight: 'w' });
 * const x = Float64Array.from({ length: 2000 }, (_, i) => i / 2000);
 * const call = { rows: 2000, columns: 2000, inputs: { x, y: x, w: x }, out: { f: new Float64Array(2000) } };
 * const { method, errorBound, totalWeight } = kernel.run(call);
 * console.log(method, errorBound <= 1e-9 * totalWeight); // => chebyshev true
 */
export function fastSum(reduction: Reduction, options: FastSumOptions): FastKernel {
  const { tolerance, weight, backend = defaultBackend() } = options;
  checkReduction(reduction);
  checkTolerance(tolerance);
  const variables = reductionVariables(reduction);
  const direct = momentKernel(reduction, (part) => backend.compile(part)) ?? backend.compile(reduction);
  const structure = sumStructure(reduction, weight);
  if (typeof structure === 'string') {
    return {
      reduction,
      run(call) {
        direct.run(call);
        return unproved(reduction, call, { reason: structure, weight });
      },
    };
  }
  const plans = planCache(planner(structure, tolerance));
  const panels = inPlane(backend);
  const transfer = (plane: Plane): Transfer => (plane[1] === noAxis ? onLine : panels);
  const sums: { pairwise?: NodeSum; factored?: NodeSum } = {};
  const nodeSum = (factored: boolean): NodeSum => {
    if (factored) return (sums.factored ??= factoredNodeSum(structure, backend));
    return (sums.pairwise ??= pairwiseNodeSum(structure, backend.compile(structure.weighted)));
  };
  return {
    reduction,
    run(call) {
      checkCall(reduction, variables, call);
      const problem = problemOf(structure, call);
      const plan = problem === null ? null : plans(problem);
      if (problem === null || plan === null || plan.method === 'direct') {
        direct.run(call);
        const reason =
          plan?.reason ?? (call.rows * call.columns === 0 ? 'there are no pairs' : 'a number is not finite');
        return report(structure, call, { method: 'direct', reason, errors: plan?.errors ?? null });
      }
      const nodes = expand(structure, call, { plan, problem, sum: nodeSum(plan.factored), transfer });
      return { ...report(structure, call, plan), nodes };
    },
  };
}

function checkTolerance(tolerance: number): void {
  if (Number.isFinite(tolerance) && tolerance > 0) return;
  fail({
    code: 'invalid-argument',
    where: 'fastSum',
    problem: 'the tolerance is not usable',
    got: show(tolerance),
    expected: 'a finite number > 0',
    fix: 'pass the largest error per unit of weight, such as 1e-8',
  });
}

/** The latest plans by what they depend on; a flow stays in one box for many steps. */
function planCache({ plan }: Planner): (problem: Problem) => Plan {
  const known = new Map<string, Plan>();
  return (problem) => {
    const key = JSON.stringify(problem);
    const found = known.get(key) ?? plan(problem);
    known.delete(key);
    known.set(key, found);
    if (known.size > 16) known.delete(known.keys().next().value as string);
    return found;
  };
}

/** Boxes and uniforms of a call; null where something is not finite or there is nothing to sum. */
function problemOf({ rowAxes, columnAxes, variables, weight }: SumStructure, call: KernelCall): Problem | null {
  const { rows, columns, inputs } = call;
  if (rows === 0 || columns === 0) return null;
  const rowRanges = rowAxes.map(({ name, size, component }) => extent(inputs[name], rows, { size, component }));
  const columnRanges = columnAxes.map(({ name, size, component }) =>
    extent(inputs[name], columns, { size, component }),
  );
  const uniforms: Record<string, [number, number]> = {};
  for (const { name, role, size } of variables.values()) {
    if (role !== 'uniform') continue;
    for (let k = 0; k < size; k++) uniforms[size === 1 ? name : `${name}[${k}]`] = [inputs[name][k], inputs[name][k]];
  }
  const sizes = weight === undefined ? 0 : sumOfSizes(inputs[weight], columns);
  const numbers = [...rowRanges, ...columnRanges, ...Object.values(uniforms)].flat();
  return [...numbers, sizes].every(Number.isFinite)
    ? { rows, columns, rowRanges: rowRanges as Ranges, columnRanges: columnRanges as Ranges, uniforms }
    : null;
}

/**
 * The smallest interval with ends on a grid of a sixteenth of its length that holds a coordinate of all points, so that
 * plans are found again while points move a little. NaN where a coordinate is not finite.
 */
function extent(
  values: Float64Array,
  count: number,
  { size, component }: { readonly size: number; readonly component: number },
): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < count; i++) {
    const value = values[i * size + component];
    if (!(value - value === 0)) return [Number.NaN, Number.NaN];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const width = Math.max(high - low, 2 ** -20 * Math.max(Math.abs(low), Math.abs(high)), 2 ** -200);
  const step = 2 ** (Math.floor(Math.log2(width)) - 4);
  const [from, to] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  return from < to ? [from, to] : [from - step, to + step];
}

function sumOfSizes(weights: Float64Array, count: number): number {
  let total = 0;
  for (let j = 0; j < count; j++) total += Math.abs(weights[j]);
  return total * (1 + count * unitRoundoff);
}

interface Expansion {
  readonly plan: Plan;
  readonly problem: Problem;
  readonly sum: NodeSum;
  /** How points and the nodes of a plane exchange weights and values. */
  readonly transfer: (plane: Plane) => Transfer;
}

/** Spreads the weights, sums from node to node and gathers at the rows; returns the numbers of nodes. */
function expand(
  structure: SumStructure,
  call: KernelCall,
  { plan, problem, sum, transfer }: Expansion,
): NonNullable<FastSumReport['nodes']> {
  const { rows, columns, inputs } = call;
  const plane = (ranges: Ranges, cells: readonly number[]): Plane => {
    const [first, second = noAxis] = ranges.map((range, k) => chebyshevAxis(range, cells[k], plan.order));
    return [first, second];
  };
  const rowPlane = plane(problem.rowRanges, plan.rowCells);
  const columnPlane = plane(problem.columnRanges, plan.columnCells);
  const weights = new Float64Array(columnPlane[0].nodes.length * columnPlane[1].nodes.length);
  const given = structure.weight === undefined ? null : inputs[structure.weight];
  transfer(columnPlane).spread(weights, columnPlane, pointsOf(structure.columnAxes, columns, inputs), given);
  const values = sum({ rows: rowPlane, columns: columnPlane, weights, inputs: withScalars(structure, inputs) });
  const { outputs } = structure.weighted;
  // Outputs may be the memory of inputs, so nothing is written before every row is read.
  const found = outputs.map(({ expression }) => new Float64Array(rows * expression.size));
  const tables = structure.components.map(({ output, component }, k) => {
    return { values: values[k], out: found[output], stride: outputs[output].expression.size, offset: component };
  });
  transfer(rowPlane).gather(tables, rowPlane, pointsOf(structure.rowAxes, rows, inputs));
  for (let o = 0; o < outputs.length; o++) call.out[outputs[o].name].set(found[o]);
  return { rows: rowPlane[0].nodes.length * rowPlane[1].nodes.length, columns: weights.length };
}

function pointsOf(axes: readonly PointAxis[], count: number, inputs: KernelCall['inputs']): GridPoints {
  const [first, second] = axes;
  return {
    count,
    data: [inputs[first.name], second === undefined ? null : inputs[second.name]],
    stride: [first.size, second === undefined ? 1 : second.size],
    offset: [first.component, second === undefined ? 0 : second.component],
  };
}

/** Uniform vectors by their components too, which is how scalar graphs call them. */
function withScalars({ variables }: SumStructure, inputs: KernelCall['inputs']): Record<string, Float64Array> {
  const all: Record<string, Float64Array> = { ...inputs };
  for (const { name, role, size } of variables.values()) {
    if (role !== 'uniform' || size === 1) continue;
    for (let k = 0; k < size; k++) all[`${name}[${k}]`] = inputs[name].subarray(k, k + 1);
  }
  return all;
}

/** Scales the errors of a plan to the weights of a call. */
function report(
  structure: SumStructure,
  { columns, inputs }: KernelCall,
  { method, reason, errors }: Pick<Plan, 'method' | 'reason'> & { readonly errors: Float64Array | null },
): FastSumReport {
  const totalWeight = structure.weight === undefined ? columns : sumOfSizes(inputs[structure.weight], columns);
  const bounds: Record<string, number> = {};
  structure.components.forEach(({ output }, k) => {
    const { name } = structure.weighted.outputs[output];
    const bound = columns === 0 ? 0 : errors === null ? Infinity : errors[k] * totalWeight;
    bounds[name] = Math.max(bounds[name] ?? 0, bound);
  });
  return {
    method,
    ...(reason !== undefined && { reason }),
    errorBound: Math.max(...Object.values(bounds)),
    errorBounds: bounds,
    totalWeight,
  };
}

/** The report of a sum that was never taken apart. */
function unproved(
  { outputs }: Reduction,
  { columns, inputs }: KernelCall,
  { reason, weight }: { readonly reason: string; readonly weight: string | undefined },
): FastSumReport {
  const weights = weight === undefined ? undefined : inputs[weight];
  return {
    method: 'direct',
    reason,
    errorBound: Infinity,
    errorBounds: Object.fromEntries(outputs.map(({ name }) => [name, Infinity])),
    totalWeight: weights === undefined ? columns : sumOfSizes(weights, columns),
  };
}
