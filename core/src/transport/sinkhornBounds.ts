import { compensatedSum, weightedSum } from '../math/sums.js';
import { roundingUnit } from './groundCost.js';
import { kernelRow } from './sinkhornExp.js';
import type { Scaling } from './sinkhornKernel.js';

/** A number with proven bounds. */
export interface Bracket {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** What is known of a balanced problem at potentials (f, g). */
export interface BalancedBounds {
  /** `OT_epsilon`, value and lower bound of the dual. */
  readonly entropic: Bracket;
  /** The problem without entropy: value that of the repaired plan, lower bound by a hard c-transform of g. */
  readonly plain: Bracket;
  /** Mass that had to be moved to repair the marginals. */
  readonly repaired: number;
}

/**
 * Bounds from a sweep that has just set f to its soft c-transform (rows have the right marginals) and left g.
 *
 * Lower: the entropic dual `sum a f + sum b g - epsilon (sum P - M^2)` holds at any potentials. Upper: columns that are
 * too heavy are scaled down by `y_j`, what rows and columns then lack, r and s, comes back as `r s^T / |r|`
 * [AltschulerWeedRigollet2017, algorithm 2]; its entropy is bounded by the convexity of KL, mixing the two parts at
 * `tau = |r| / M`, so that both have closed sums. Without entropy the same plan bounds from above and
 * `u_i = min_j c_ij - g_j` from below. One pass over the kernel and the costs.
 */
export function balancedBounds(scaling: Scaling): BalancedBounds {
  const { a, b, f, g, w, columnSums, epsilon } = scaling;
  const total = compensatedSum(a);
  const y = new Float64Array(b.length);
  const lacking = new Float64Array(b.length);
  let columnTerms = 0;
  for (let j = 0; j < b.length; j++) {
    const mass = w[j] * columnSums[j];
    y[j] = mass > b[j] ? b[j] / mass : 1;
    lacking[j] = Math.max(0, b[j] - mass);
    columnTerms += mass * y[j] * (g[j] + epsilon * Math.log(y[j]));
  }
  const pass = repairPass(scaling, y, lacking);
  const missing = new Float64Array(a.length);
  let rowTerms = 0;
  for (let i = 0; i < a.length; i++) {
    missing[i] = Math.max(0, a[i] - pass.rowMasses[i]);
    rowTerms += pass.rowMasses[i] * f[i];
  }
  const repaired = compensatedSum(missing);
  const repairCost = repaired > 0 ? weightedSum(missing, pass.lackingCosts) / compensatedSum(lacking) : 0;
  const share = Math.min(repaired / total, 1 - roundingUnit);
  const mixing =
    repaired > 0
      ? relativeLogs(missing, a) + relativeLogs(lacking, b) - repaired * (Math.log(repaired) + Math.log(share))
      : 0;
  const slack = roundingSlack(scaling, total, pass.largest);
  const constant = epsilon * total * (total - 1);
  const dual = weightedSum(a, f) + weightedSum(b, g) + constant;
  const entropy = epsilon * (mixing - total * (1 - share) * Math.log1p(-share)) + constant;
  const primal = rowTerms + columnTerms + repairCost + entropy;
  const transport = pass.transport + repairCost;
  return {
    entropic: { value: dual, lower: dual - slack, upper: Math.max(dual, primal) + slack },
    plain: {
      value: transport,
      lower: Math.min(transport, weightedSum(a, pass.hard) + weightedSum(b, g) - slack),
      upper: transport + slack,
    },
    repaired,
  };
}

/**
 * Bound of what rounding may do to the sums: exponents are off by a few units of the largest potential or cost, sums over
 * n and m terms by as many roundings.
 */
export function roundingSlack({ f, g, epsilon, cost, rows, columns }: Scaling, total: number, largest: number): number {
  let size = largest * (1 + cost.relativeError / roundingUnit);
  for (const side of [f, g]) {
    let most = 0;
    for (const value of side) most = Math.max(most, Math.abs(value));
    size += most;
  }
  return total * roundingUnit * (8 * size + epsilon * (1 + total) * (rows + columns + 64));
}

interface RepairPass {
  /** Row sums of the plan with columns scaled by y. */
  readonly rowMasses: Float64Array;
  /** `sum_j lacking_j c_ij`. */
  readonly lackingCosts: Float64Array;
  /** `min_j c_ij - g_j`. */
  readonly hard: Float64Array;
  readonly transport: number;
  /** The largest cost by absolute value. */
  readonly largest: number;
}

function repairPass(scaling: Scaling, y: Float64Array, lacking: Float64Array): RepairPass {
  const { rows, columns, cost, g } = scaling;
  const out = [rows, rows, rows, rows].map((count) => new Float64Array(count));
  const [rowMasses, lackingCosts, hard, costs] = out;
  const row = new Float64Array(columns);
  const plan = new Float64Array(columns);
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    cost.rowInto(row, i);
    planRowInto(plan, scaling, i);
    let mass = 0;
    let moved = 0;
    let repair = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < columns; j++) {
      const c = row[j];
      const entry = plan[j] * y[j];
      mass += entry;
      moved += entry * c;
      repair += lacking[j] * c;
      if (c - g[j] < least) least = c - g[j];
      if (c > largest) largest = c;
      if (-c > largest) largest = -c;
    }
    rowMasses[i] = mass;
    costs[i] = moved;
    lackingCosts[i] = repair;
    hard[i] = least;
  }
  return { rowMasses, lackingCosts, hard, transport: compensatedSum(costs), largest };
}

/** A row of the plan `P_ij = t_i K_ij w_j` of the last sweep. */
export function planRowInto(out: Float64Array, scaling: Scaling, i: number): void {
  const { stored, kernel, columns, cost, rowShift, columnShift, epsilon, t, w } = scaling;
  if (stored) {
    const scale = t[i];
    for (let j = 0, at = i * columns; j < columns; j++, at++) out[j] = kernel[at] * scale * w[j];
    return;
  }
  cost.rowInto(out, i);
  kernelRow(out, { f: rowShift[i], g: columnShift }, 1 / epsilon);
  for (let j = 0; j < columns; j++) out[j] *= t[i] * w[j];
}

/** `sum r log(r / a)`. */
function relativeLogs(r: Float64Array, a: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < r.length; i++) if (r[i] > 0) sum += r[i] * Math.log(r[i] / a[i]);
  return sum;
}
