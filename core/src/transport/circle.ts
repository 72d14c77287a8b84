import { fail } from '../errors.js';
import { compensatedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { type Circle, cutAtTie, type LiftedEntries, slackAbove, slackBelow } from './circleBounds.js';
import { checkExponent, orderedPlan, type PlanEntries, refuseInfinite, rooted } from './exactResult.js';
import { roundingUnit } from './groundCost.js';
import { sortedEnd } from './lineEnd.js';
import { type LineOptions, power } from './oneDimensional.js';
import { type TransportSide, transportSides } from './sides.js';

/**
 * The Wasserstein distance on a circle, `W_p^p = min_s int_0^M |F^-1(t) - G^-1(t + s)|^p dt`, where the quantile function
 * of the second measure goes on around the circle. The integral is convex and piecewise linear in the shift s; its minimum
 * lies where two tangents meet, which are moved together until they leave no gap. Cost O((n + m) log(n + m)) to sort and
 * O(n + m) for each of some tens of shifts.
 *
 * @param mu - measure with n atoms on a torus of dimension 1.
 * @param nu - measure with m atoms there, of the same total within 1e-9.
 * @returns the certified distance, lower bound from periodic potentials or from the tangents; plan (unless turned off) with at most n + m entries;
 * `iterations` counts shifts. No potentials: {@link wassersteinDistance} gives them.
 * @throws `unsupported` on other spaces, `invalid-argument` where totals differ or p < 1.
 * Source: [DelonSalomonSobolevski2010].
 *
 * @example
 * ```ts
 * import { diracs, torus, wassersteinOnCircle } from '@muflow/core';
 * const [mu, nu] = [diracs([0.25], [1], { space: torus(1) }), diracs([0.875], [1], { space: torus(1) })];
 * console.log(wassersteinOnCircle(mu, nu).value); // => 0.375
 * ```
 */
export function wassersteinOnCircle(
  mu: Measure,
  nu: Measure,
  { p = 2, plan = true }: LineOptions = {},
): CertifiedDistance {
  checkExponent('wassersteinOnCircle', p);
  const sides = transportSides('wassersteinOnCircle', [mu, nu], { balanced: true });
  if (mu.space.kind !== 'torus' || mu.dim !== 1) {
    fail({
      code: 'unsupported',
      where: 'wassersteinOnCircle',
      problem: 'the space is not a circle',
      got: mu.space.name,
      expected: 'torus(1) or torus(1,period)',
      fix: 'use wassersteinDistance or wassersteinOnLine',
    });
  }
  const period = 2 * mu.space.diameter;
  const whole = { from: sortedEnd(sides[0]), to: sortedEnd(sides[1]), total: sides[0].total, period, p };
  const { best, lower, shifts } = bestShift(whole);
  const path = walk(whole, best.shift, true).entries;
  const { circle, cut } = cutAtTie(whole, withoutDust(whole, path));
  const followed = cut ? walk(circle, 0, true).entries : path;
  const entries = withoutDust(circle, followed);
  const value = compensatedSum(pathCosts(circle, entries, sides));
  const all = compensatedSum(pathCosts(circle, followed, sides));
  // Distances that go around are rounded with the period.
  const slack = value * (p + 8) * roundingUnit + roundingAround(circle, entries, sides);
  const tangents = Math.min(lower, value) - 2 ** -49 * circle.total * best.variation - slack;
  return {
    ...rooted(
      value,
      {
        lower: Math.max(value - slackBelow(circle, entries, slack), tangents),
        upper: all + slackAbove(circle, followed, all) + slack,
      },
      p,
    ),
    status: 'exact',
    iterations: shifts,
    ...(plan && { plan: orderedPlan(named(circle, entries), sides) }),
  };
}

/** The cost at one shift, with a slope of it there. */
interface ShiftedCost {
  readonly shift: number;
  readonly value: number;
  readonly slope: number;
  /** Sum of the sizes of the terms of the slope: what an error in a shift can do to the value. */
  readonly variation: number;
  /** Places in the order of both ends, only where asked for. */
  readonly entries: LiftedEntries;
}

/** Shifts tried at most: enough to halve the first interval down to rounding, with as many tangent steps. */
const maxShifts = 200;

/**
 * The best shift, between minus and plus the total, where every atom of the second measure lies below and above all of the
 * first. Steps go to where the tangents of both ends meet, every third one to the middle.
 */
function bestShift(circle: Circle): { readonly best: ShiftedCost; readonly lower: number; readonly shifts: number } {
  let low = walk(circle, -circle.total, false);
  let high = walk(circle, circle.total, false);
  let best = low.value < high.value ? low : high;
  if (!Number.isFinite(best.value)) refuseInfinite(best.value);
  let shifts = 2;
  for (;;) {
    const { shift, value: lower } = meeting(low, high);
    const closed = best.value - lower <= 2 ** -51 * best.value || high.shift - low.shift <= 2 ** -51 * circle.total;
    if (closed || shifts >= maxShifts) return { best, lower: Math.min(lower, best.value), shifts };
    const middle = (low.shift + high.shift) / 2;
    const inside = shift > low.shift && shift < high.shift && shifts % 3 !== 0;
    const next = walk(circle, inside ? shift : middle, false);
    shifts++;
    if (next.value < best.value) best = next;
    if (next.slope === 0) return { best: next, lower: next.value, shifts };
    if (next.slope < 0) low = next;
    else high = next;
  }
}

/** Where the tangents from both sides meet: no shift between them costs less. */
function meeting(low: ShiftedCost, high: ShiftedCost): { readonly shift: number; readonly value: number } {
  if (low.slope >= 0) return low;
  if (high.slope <= 0) return high;
  const width = high.shift - low.shift;
  const step = (high.value - low.value - high.slope * width) / (low.slope - high.slope);
  const inside = Math.min(Math.max(step, 0), width);
  return { shift: low.shift + inside, value: low.value + low.slope * inside };
}

const nothing: LiftedEntries = {
  rows: new Int32Array(0),
  columns: new Int32Array(0),
  masses: new Float64Array(0),
  lifts: new Float64Array(0),
};

/**
 * Walks once around: the first end from its first atom on, the second from where a mass `shift` of it has gone by. The
 * slope gains `c(x, y') - c(x, y)` wherever the second end passes from y to y' at x. Hot for large clouds.
 */
function walk({ from, to, total, period, p }: Circle, shift: number, record: boolean): ShiftedCost {
  const { positions: x, masses: a, count: n } = from;
  const { positions: y, masses: b, count: m } = to;
  const turns = Math.floor(shift / total);
  let [i, j, k] = [0, 0, 0];
  let skip = shift - turns * total;
  while (j < m - 1 && skip >= b[j]) skip -= b[j++];
  let lift = turns * period;
  let rowLeft = a[0];
  let columnLeft = Math.max(b[j] - skip, 0);
  const most = record ? n + m + 1 : 0;
  const [rows, columns] = [new Int32Array(most), new Int32Array(most)];
  const [masses, lifts] = [new Float64Array(most), new Float64Array(most)];
  let [sum, correction, slope, variation] = [0, 0, 0, 0];
  let cost = power(x[0] - y[j] - lift, p);
  // Each step ends an atom; at most m + 1 columns, as the first may come again at the end.
  let passed = 0;
  for (;;) {
    const rowEnds = rowLeft <= columnLeft || passed === m;
    // What an atom has left is none where it is rounding of its mass; the bounds take it so.
    const tie = record && Math.abs(rowLeft - columnLeft) <= 2 ** -47 * (rowEnds ? b[j] : a[i]);
    const mass = rowEnds ? rowLeft : columnLeft;
    const term = mass * cost;
    const next = sum + term;
    correction += sum >= term ? sum - next + term : term - next + sum;
    sum = next;
    if (record && mass > 0) {
      rows[k] = i;
      columns[k] = j;
      lifts[k] = lift;
      masses[k++] = mass;
    }
    if (rowEnds) {
      columnLeft = tie ? 0 : columnLeft - mass;
      if (++i === n) break;
      rowLeft = a[i];
      cost = power(x[i] - y[j] - lift, p);
    } else {
      rowLeft = tie ? 0 : rowLeft - mass;
      passed++;
      if (++j === m) {
        j = 0;
        lift += period;
      }
      columnLeft = b[j];
      const other = power(x[i] - y[j] - lift, p);
      slope += other - cost;
      variation += Math.abs(other - cost);
      cost = other;
    }
  }
  // Of the m ends of columns each counts once a turn: one that meets the start counts at the end.
  if (passed < m) {
    const after = j + 1 < m ? power(x[n - 1] - y[j + 1] - lift, p) : power(x[n - 1] - y[0] - lift - period, p);
    slope += after - cost;
    variation += Math.abs(after - cost);
  }
  const cut = <T extends Int32Array | Float64Array>(list: T): T => list.subarray(0, k) as T;
  const entries = record ? { rows: cut(rows), columns: cut(columns), masses: cut(masses), lifts: cut(lifts) } : nothing;
  return { shift, value: sum + correction, slope, variation, entries };
}

type Sides = readonly [TransportSide, TransportSide];

/** How far the atoms of an entry are apart on the line, from their places as they were given. */
function apartOnLine({ from, to }: Circle, { rows, columns }: PlanEntries, [source, target]: Sides, k: number): number {
  return Math.abs(source.positions[from.order[rows[k]]] - target.positions[to.order[columns[k]]]);
}

/** Mass times the cost of the shorter way, entry by entry. */
function pathCosts(circle: Circle, entries: PlanEntries, sides: Sides): Float64Array {
  return entries.masses.map((mass, k) => {
    const apart = apartOnLine(circle, entries, sides, k);
    return mass * power(Math.min(apart, circle.period - apart), circle.p);
  });
}

/** What the rounding of differences from the period may do to the cost. */
function roundingAround(circle: Circle, entries: PlanEntries, sides: Sides): number {
  const { period, p } = circle;
  const blur = 2 * roundingUnit * period;
  let sum = 0;
  for (let k = 0; k < entries.masses.length; k++) {
    const apart = apartOnLine(circle, entries, sides, k);
    if (apart > period - apart) sum += entries.masses[k] * p * power(period - apart + blur, p - 1) * blur;
  }
  return sum;
}

/** The entries that are not rounding for both of their atoms. */
function withoutDust({ from, to, total }: Circle, { rows, columns, masses, lifts }: LiftedEntries): LiftedEntries {
  const kept: number[] = [];
  for (let k = 0; k < masses.length; k++) {
    const dust = masses[k] <= 2 ** -48 * total;
    if (!dust || masses[k] > 1e-3 * Math.min(from.masses[rows[k]], to.masses[columns[k]])) kept.push(k);
  }
  return {
    rows: Int32Array.from(kept, (k) => rows[k]),
    columns: Int32Array.from(kept, (k) => columns[k]),
    masses: Float64Array.from(kept, (k) => masses[k]),
    lifts: Float64Array.from(kept, (k) => lifts[k]),
  };
}

/** The same entries between packed atoms, rather than places in the order. */
function named({ from, to }: Circle, { rows, columns, masses }: PlanEntries): PlanEntries {
  return { rows: rows.map((i) => from.order[i]), columns: columns.map((j) => to.order[j]), masses };
}
