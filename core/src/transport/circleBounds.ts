import { compensatedSum } from '../math/sums.js';
import type { PlanEntries } from './exactResult.js';
import { roundingUnit } from './groundCost.js';
import type { SortedEnd } from './lineEnd.js';
import { power } from './oneDimensional.js';

/** Two ends of a problem on a circle, in the order of one turn. */
export interface Circle {
  readonly from: SortedEnd;
  readonly to: SortedEnd;
  readonly total: number;
  readonly period: number;
  readonly p: number;
}

/** Entries between places of both ends, in the order of one turn; the place of a column is `y_j + lift`. */
export interface LiftedEntries extends PlanEntries {
  readonly lifts: Float64Array;
}

/**
 * How far below the cost of a coupling the least cost may lie. The coupling follows the order of one turn, so that
 * potentials u, tight along it and periodic, are feasible everywhere as the cost is convex: between rows i and i + 1
 * they grow by a number from `c(i + 1, j') - c(i, j')` to `c(i + 1, j) - c(i, j)`, j the last column of row i and j' the
 * first of row i + 1. Such potentials exist if the sums of these bounds over a turn have 0 between them, and prove the
 * cost up to what the marginals are off.
 *
 * @param slack - bound of the rounding of the cost itself.
 */
export function slackBelow(circle: Circle, entries: LiftedEntries, slack: number): number {
  const { from, total, period, p } = circle;
  const steps = stepsOfPotentials(circle, entries);
  const sum = { low: compensatedSum(steps.low), high: compensatedSum(steps.high) };
  // Sums and costs are rounded; places are off by some roundings of the period.
  const blur = 2 ** -49 * period;
  const error = 2 * from.count * power(blur, p) + steps.sizes * (p + 12) * roundingUnit + p * steps.tilt * blur;
  const { least, most } = flattest(steps, sum);
  const size = (most - least) / 2 + steps.largest;
  const open = Math.max(0, sum.low + error, error - sum.high);
  return slack + (defect(circle, entries) + 2 ** -51 * total) * size + open * total;
}

/** Range of potentials that grow as little as they may: by what is nearest to 0, and back to the start by one share of the rest. */
function flattest(
  { low, high }: PotentialSteps,
  sum: { readonly low: number; readonly high: number },
): { readonly least: number; readonly most: number } {
  const nearest = low.map((step, i) => Math.min(Math.max(step, 0), high[i]));
  const excess = compensatedSum(nearest);
  const back = excess > 0 ? low : high;
  const room = excess > 0 ? excess - sum.low : excess - sum.high;
  const share = room === 0 ? 0 : Math.min(excess / room, 1);
  let [u, least, most] = [0, 0, 0];
  for (let i = 0; i < nearest.length; i++) {
    u += nearest[i] + share * (back[i] - nearest[i]);
    if (u < least) least = u;
    if (u > most) most = u;
  }
  return { least, most };
}

interface PotentialSteps {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Sums of the costs met and of their `|x - y|^(p - 1)`, and the largest cost of an entry. */
  readonly sizes: number;
  readonly tilt: number;
  readonly largest: number;
}

function stepsOfPotentials({ from, to, period, p }: Circle, entries: LiftedEntries): PotentialSteps {
  const [x, n] = [from.positions, from.count];
  const low = new Float64Array(n);
  const high = new Float64Array(n);
  let [sizes, tilt, largest] = [0, 0, 0];
  const costOf = (apart: number): number => {
    const cost = power(apart, p);
    sizes += cost;
    tilt += power(apart, p - 1);
    return cost;
  };
  const place = (k: number): number => to.positions[entries.columns[k]] + entries.lifts[k];
  const first = place(0);
  let k = 0;
  for (let i = 0; i < n; i++) {
    // The last entry of row i; a row that has none stays at the column before.
    while (k + 1 < entries.rows.length && entries.rows[k + 1] <= i) k++;
    const ends = place(k);
    const onto = k + 1 < entries.rows.length && entries.rows[k + 1] === i + 1 ? place(k + 1) : ends;
    const begins = i + 1 < n ? onto : first + period;
    const next = i + 1 < n ? x[i + 1] : x[0] + period;
    low[i] = costOf(next - begins) - costOf(x[i] - begins);
    high[i] = costOf(next - ends) - costOf(x[i] - ends);
    largest = Math.max(largest, power(x[i] - ends, p), power(next - begins, p));
  }
  return { low, high, sizes, tilt, largest };
}

/** How much mass the marginals of a coupling are off. */
function defect({ from, to }: Circle, { rows, columns, masses }: PlanEntries): number {
  const [a, b] = [from.masses.slice(), to.masses.slice()];
  for (let k = 0; k < masses.length; k++) {
    a[rows[k]] -= masses[k];
    b[columns[k]] -= masses[k];
  }
  let sum = 0;
  for (const left of a) sum += Math.abs(left);
  for (const left of b) sum += Math.abs(left);
  return sum;
}

/**
 * How far above the cost of a coupling the least cost may lie: what atoms lack beyond a relative 1e-14, which is the
 * rounding of sums, is moved half around, and the rest is allowed for in the bound as for {@link planCost}.
 */
export function slackAbove({ from, to, period, p }: Circle, entries: PlanEntries, value: number): number {
  const lack = (end: SortedEnd, places: Int32Array): number => {
    const left = end.masses.slice();
    for (let k = 0; k < places.length; k++) left[places[k]] -= entries.masses[k];
    return left.reduce((sum, m, k) => sum + (m > 1e-14 * end.masses[k] ? m : 0), 0);
  };
  const most = Math.max(lack(from, entries.rows), lack(to, entries.columns));
  return 2e-14 * value + most * power(period / 2, p);
}

/** A circle whose order starts where a coupling was cut. */
export interface CutCircle {
  readonly circle: Circle;
  /** Whether a place to cut was found. */
  readonly cut: boolean;
}

/**
 * The circle cut where the coupling passes to another row and another column at once, if it does: followed from there, ties
 * of masses come out as ties.
 */
export function cutAtTie(circle: Circle, { rows, columns, lifts }: LiftedEntries): CutCircle {
  const { from, to, period } = circle;
  const last = rows.length - 1;
  for (let k = 0; k <= last; k++) {
    // The first entry comes after the last one of the turn before.
    const same =
      k > 0
        ? rows[k] === rows[k - 1] || columns[k] === columns[k - 1]
        : columns[0] === columns[last] && lifts[last] > lifts[0];
    if (same) continue;
    return {
      circle: {
        ...circle,
        from: turned(from, rows[k], { lift: 0, period }),
        to: turned(to, columns[k], { lift: lifts[k], period }),
      },
      cut: true,
    };
  }
  return { circle, cut: false };
}

/** The atoms of one turn from place `start` on. */
function turned(
  end: SortedEnd,
  start: number,
  { lift, period }: { readonly lift: number; readonly period: number },
): SortedEnd {
  const { count } = end;
  const at = (k: number): number => (start + k) % count;
  return {
    count,
    order: end.order.map((_, k) => end.order[at(k)]),
    masses: end.masses.map((_, k) => end.masses[at(k)]),
    positions: end.positions.map((_, k) => end.positions[at(k)] + lift + (start + k < count ? 0 : period)),
  };
}
