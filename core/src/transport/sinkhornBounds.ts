import { compensatedSum, weightedSum } from '../math/sums.js';
import { roundingUnit } from './groundCost.js';
import { costsInto, kernelRowOf, type Scaling } from './sinkhornKernel.js';

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
  const needed = compensatedSum(lacking);
  // Where rounding leaves rows that lack mass and no such column, any column will do.
  const repairCost = needed > 0 ? weightedSum(missing, pass.lackingCosts) / needed : repaired * pass.largest;
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
  const { rows, columns, w, places, engine } = scaling;
  const { numbers } = engine;
  const [rowMasses, lackingCosts, hard, costs] = [0, 1, 2, 3].map(() => new Float64Array(rows));
  const masses = places.masses / 8;
  for (let j = 0; j < columns; j++) numbers[masses + j] = w[j] * y[j];
  numbers.set(lacking, places.lacking / 8);
  let largest = 0;
  for (let i = 0; i < rows; i++) {
    const row = judgeRow(scaling, i);
    rowMasses[i] = row.mass;
    costs[i] = row.moved;
    lackingCosts[i] = row.repair;
    hard[i] = row.least;
    largest = Math.max(largest, row.largest);
  }
  return { rowMasses, lackingCosts, hard, transport: compensatedSum(costs), largest };
}

/**
 * Of row i: mass and cost of the plan `t_i K_ij m_j` with the masses m in the engine, `sum_j lacking_j c_ij`, `min_j c_ij - g_j` and
 * `max_j |c_ij|`.
 */
export function judgeRow(scaling: Scaling, i: number) {
  const { places, engine, t } = scaling;
  const { line, width, masses, lacking, g, results } = places;
  const row = kernelRowOf(scaling, i);
  costsInto(scaling, i, line);
  engine.loops.judge(line, line + width, row, masses, lacking, g, results);
  const pair = (k: number): readonly [number, number] => {
    const at = results / 8 + 2 * k;
    return [engine.numbers[at], engine.numbers[at + 1]];
  };
  const sum = (k: number): number => pair(k)[0] + pair(k)[1];
  return {
    mass: t[i] * sum(0),
    moved: t[i] * sum(1),
    repair: sum(2),
    least: Math.min(...pair(3)),
    largest: Math.max(...pair(4)),
  };
}

/** A row of the plan `P_ij = t_i K_ij w_j` of the last sweep. */
export function planRowInto(out: Float64Array, scaling: Scaling, i: number): void {
  const { columns, t, w, engine } = scaling;
  const scale = t[i];
  const at = kernelRowOf(scaling, i) / 8;
  for (let j = 0; j < columns; j++) out[j] = engine.numbers[at + j] * scale * w[j];
}

/** `sum r log(r / a)`. */
function relativeLogs(r: Float64Array, a: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < r.length; i++) if (r[i] > 0) sum += r[i] * Math.log(r[i] / a[i]);
  return sum;
}
