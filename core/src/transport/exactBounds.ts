import { compensatedSum } from '../math/sums.js';
import type { PlanEntries } from './exactResult.js';
import { type GroundCost, roundingUnit } from './groundCost.js';
import type { SpanningTree } from './networkSimplexTree.js';
import type { TransportSide } from './sides.js';

/** Entries that are rounding for both of their atoms, relative to the masses. */
const dust = 1e-12;

/**
 * Whole numbers in the ratio of the masses, at least 1 each, with equal totals about 2^52 on both sides (equal masses
 * get small whole numbers, so that assignments stay assignments).
 */
export function wholeMasses(source: Float64Array, target: Float64Array): Float64Array {
  const units = new Float64Array(source.length + target.length);
  if (isUniform(source) && isUniform(target)) {
    return units.fill(target.length, 0, source.length).fill(source.length, source.length);
  }
  const total = 2 ** 52;
  scaleInto(units, 0, source, total);
  scaleInto(units, source.length, target, total);
  return units;
}

function isUniform(masses: Float64Array): boolean {
  let [low, high] = [masses[0], masses[0]];
  for (const mass of masses) {
    low = Math.min(low, mass);
    high = Math.max(high, mass);
  }
  return high - low <= 1e-13 * high;
}

function scaleInto(units: Float64Array, start: number, masses: Float64Array, total: number): void {
  const sum = compensatedSum(masses);
  let largest = start;
  let left = total;
  for (let i = 0; i < masses.length; i++) {
    units[start + i] = Math.max(1, Math.round((masses[i] / sum) * total));
    left -= units[start + i];
    if (units[start + i] > units[largest]) largest = start + i;
  }
  units[largest] += left;
}

/** Entries of a plan with their costs. */
export interface PricedPlan extends PlanEntries {
  readonly costs: Float64Array;
}

/**
 * The plan on a spanning tree with the true masses: the flow of each arc is what the nodes below it have left. Flows that
 * rounding makes negative, or that are dust for both ends, are dropped.
 */
export function planOnTree(tree: SpanningTree, source: TransportSide, target: TransportSide): PricedPlan {
  const { rows, parent, root, cost } = tree;
  const left = new Float64Array(parent.length);
  left.set(source.masses);
  for (let j = 0; j < target.count; j++) left[rows + j] = -target.masses[j];
  const plan = {
    rows: new Int32Array(parent.length),
    columns: new Int32Array(parent.length),
    masses: new Float64Array(parent.length),
    costs: new Float64Array(parent.length),
  };
  let count = 0;
  for (const x of leavesFirst(tree)) {
    if (x === root) continue;
    left[parent[x]] += left[x];
    const i = x < rows ? x : parent[x];
    const j = (x < rows ? parent[x] : x) - rows;
    const mass = x < rows ? left[x] : -left[x];
    if (!(mass > 0) || (mass <= dust * source.masses[i] && mass <= dust * target.masses[j])) continue;
    plan.rows[count] = i;
    plan.columns[count] = j;
    plan.masses[count] = mass;
    plan.costs[count++] = cost[x];
  }
  return {
    rows: plan.rows.subarray(0, count),
    columns: plan.columns.subarray(0, count),
    masses: plan.masses.subarray(0, count),
    costs: plan.costs.subarray(0, count),
  };
}

/** All nodes, those below before those above. */
function leavesFirst({ parent }: SpanningTree): Int32Array {
  const waiting = new Int32Array(parent.length);
  for (let x = 0; x < parent.length; x++) if (parent[x] >= 0) waiting[parent[x]]++;
  const order = new Int32Array(parent.length);
  let count = 0;
  for (let x = 0; x < parent.length; x++) if (waiting[x] === 0) order[count++] = x;
  for (let k = 0; k < count; k++) {
    const above = parent[order[k]];
    if (above >= 0 && --waiting[above] === 0) order[count++] = above;
  }
  return order;
}

/** The cost of a plan, and a bound from above of the least cost. */
export interface PlanCost {
  readonly value: number;
  readonly upper: number;
}

/**
 * `sum_k P_k c_k`, and that of a plan with the right marginals: entries are scaled down where a marginal is exceeded and
 * what is missing is moved from north-west to south-east. Marginals right to a relative 1e-14 count as right: that is the
 * rounding of the sums, allowed for in the bound. Source: [AltschulerWeedRigollet2017], algorithm 2.
 */
export function planCost(cost: GroundCost, plan: PricedPlan, source: TransportSide, target: TransportSide): PlanCost {
  const terms = plan.masses.map((mass, k) => mass * plan.costs[k]);
  const value = compensatedSum(terms);
  let sizes = 0;
  for (const term of terms) sizes += Math.abs(term);
  const rowLeft = missing(plan.rows, plan.masses, source.masses);
  const columnLeft = missing(plan.columns, plan.masses, target.masses);
  let repair = 0;
  for (let i = 0, j = 0; i < rowLeft.length && j < columnLeft.length; ) {
    const moved = Math.min(rowLeft[i], columnLeft[j]);
    if (moved > 0) repair += moved * Math.abs(cost.between(i, j));
    rowLeft[i] -= moved;
    columnLeft[j] -= moved;
    if (rowLeft[i] <= 0) i++;
    else j++;
  }
  return { value, upper: value + repair + sizes * (cost.relativeError + 2e-14) };
}

/** What each atom lacks, 0 where that is rounding. */
function missing(nodes: Int32Array, masses: Float64Array, wanted: Float64Array): Float64Array {
  const left = wanted.slice();
  for (let k = 0; k < nodes.length; k++) left[nodes[k]] -= masses[k];
  for (let i = 0; i < left.length; i++) if (left[i] <= 1e-14 * wanted[i]) left[i] = 0;
  return left;
}

/** Potentials that are feasible, `u_i + v_j <= c_ij`, with the bound they prove. */
export interface DualBound {
  readonly source: Float64Array;
  readonly target: Float64Array;
  readonly lower: number;
}

/**
 * Lowers the potentials of the columns to feasible ones and sums
 * `sum_i a_i u_i + sum_j b_j v_j`, less what rounding may have added. For a cost with relative error e the least of
 * `c_ij - u_i` over i is off by at most `e |v_j| + 2 (e + 2^-52) max |u|`.
 *
 * @param columnMinimum - at most the least of `c_ij - u_i - v_j` over i.
 */
export function dualBound(
  cost: GroundCost,
  { potential, rows }: Pick<SpanningTree, 'potential' | 'rows'>,
  columnMinimum: Float64Array,
  [source, target]: readonly [TransportSide, TransportSide],
): DualBound {
  const u = potential.slice(0, rows);
  const v = columnMinimum.map((least, j) => least - potential[rows + j]);
  let [low, high] = [u[0], u[0]];
  for (const value of u) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const shift = (low + high) / 2;
  const largest = (high - low) / 2;
  const unit = cost.relativeError + 8 * roundingUnit;
  const terms = new Float64Array(rows + v.length);
  let slack = 0;
  for (let i = 0; i < rows; i++) {
    u[i] -= shift;
    terms[i] = source.masses[i] * u[i];
    slack += source.masses[i] * roundingUnit * Math.abs(u[i]);
  }
  for (let j = 0; j < v.length; j++) {
    v[j] += shift;
    terms[rows + j] = target.masses[j] * v[j];
    slack += target.masses[j] * unit * (Math.abs(v[j]) + 2 * largest + 4 * Math.abs(shift) * roundingUnit);
  }
  return { source: u, target: v, lower: compensatedSum(terms) - slack };
}
