import { fail, show } from '../errors.js';
import type { CertifiedDistance, TransportPlan } from './certifiedDistance.js';
import type { TransportSide } from './sides.js';

/** Refuses exponents for which W_p is no distance. */
export function checkExponent(where: string, p: number): void {
  if (p >= 1 && Number.isFinite(p)) return;
  fail({
    code: 'invalid-argument',
    where,
    problem: 'the exponent is not usable',
    got: show(p),
    expected: 'a finite number >= 1',
    fix: 'pass { p: 2 }, or a cost as a formula',
  });
}

/** Refuses a cost that is no finite number. */
export function refuseInfinite(cost: number, pair = 'between two atoms'): never {
  return fail({
    code: 'not-finite',
    where: 'wassersteinDistance',
    problem: 'the cost between two atoms is not a finite number',
    got: `${cost} ${pair}`,
    expected: 'finite costs',
    fix: 'scale the positions down, or write a cost that is finite on all pairs',
  });
}

/** Distances from costs: the p-th root of all three, kept in order. */
export function rooted(
  value: number,
  bounds: { readonly lower: number; readonly upper: number },
  p: number | undefined,
): Pick<CertifiedDistance, 'value' | 'squared' | 'lower' | 'upper'> {
  const root = (x: number): number =>
    p === undefined ? x : p === 2 ? Math.sqrt(Math.max(x, 0)) : Math.max(x, 0) ** (1 / p);
  // A root rounds once more; powers are within two units in the last place.
  const [down, up] = p === undefined ? [0, 0] : [1 - 2 ** -51, 1 + 2 ** -51];
  const distance = root(value);
  return {
    value: distance,
    squared: p === 2 ? Math.max(value, 0) : distance * distance,
    lower: p === undefined ? Math.min(bounds.lower, value) : Math.min(root(bounds.lower) * down, distance),
    upper: p === undefined ? Math.max(bounds.upper, value) : Math.max(root(bounds.upper) * up, distance),
  };
}

/** Entries of a plan between packed atoms, in any order. */
export interface PlanEntries {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly masses: Float64Array;
}

/**
 * The plan between the atoms of the measures, rather than those that have mass, by row and then by column, each
 * pair once. Cost linear, as it sorts by counting.
 */
export function orderedPlan(
  { rows, columns, masses }: PlanEntries,
  [source, target]: readonly [TransportSide, TransportSide],
): TransportPlan {
  const byColumn = countingOrder(columns, null, target.count);
  const order = countingOrder(rows, byColumn, source.count);
  const plan = {
    rows: new Int32Array(order.length),
    columns: new Int32Array(order.length),
    masses: new Float64Array(order.length),
  };
  let count = 0;
  for (let k = 0; k < order.length; k++) {
    const i = source.atoms[rows[order[k]]];
    const j = target.atoms[columns[order[k]]];
    const again = count > 0 && plan.rows[count - 1] === i && plan.columns[count - 1] === j;
    if (!again) count++;
    plan.rows[count - 1] = i;
    plan.columns[count - 1] = j;
    plan.masses[count - 1] += masses[order[k]];
  }
  if (count === order.length) return plan;
  return {
    rows: plan.rows.slice(0, count),
    columns: plan.columns.slice(0, count),
    masses: plan.masses.slice(0, count),
  };
}

/** The places of an earlier order sorted by their keys, which are below `size`; equal keys keep their order. */
function countingOrder(keys: Int32Array, earlier: Int32Array | null, size: number): Int32Array {
  const start = new Int32Array(size + 1);
  for (let k = 0; k < keys.length; k++) start[keys[k] + 1]++;
  for (let s = 0; s < size; s++) start[s + 1] += start[s];
  const order = new Int32Array(keys.length);
  for (let k = 0; k < keys.length; k++) {
    const place = earlier === null ? k : earlier[k];
    order[start[keys[place]]++] = place;
  }
  return order;
}

/** One number for each atom of a measure from those with mass; 0 for the others. */
export function spread(values: Float64Array, side: TransportSide, count: number): Float64Array {
  const all = new Float64Array(count);
  for (let k = 0; k < side.count; k++) all[side.atoms[k]] = values[k];
  return all;
}
