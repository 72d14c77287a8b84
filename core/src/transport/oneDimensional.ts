import { fail } from '../errors.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { checkExponent, orderedPlan, type PlanEntries, refuseInfinite, rooted, spread } from './exactResult.js';
import { roundingUnit } from './groundCost.js';
import { type LineEnd, lineEnd, type SortedEnd, sortedEnd } from './lineEnd.js';
import { type TransportSide, transportSides } from './sides.js';

/** Options of the distances on the line and on the circle. */
export interface LineOptions {
  /** Exponent, a finite number >= 1; default 2. */
  readonly p?: number;
  /** Whether to return plan and potentials; default true. Without them a distance takes about half the time. */
  readonly plan?: boolean;
}

/**
 * The Wasserstein distance on the line, `W_p^p = int_0^M |F^-1(t) - G^-1(t)|^p dt` with the quantile functions of both
 * measures and M their common total. The coupling that keeps the order is optimal as the cost is convex; potentials come
 * along it. Cost O((n + m) log(n + m)), allocates.
 *
 * @param mu - measure with n atoms on a space of dimension 1 with the distance `|x - y|`.
 * @param nu - measure with m atoms there, of the same total within 1e-9.
 * @returns the certified distance; plan with at most n + m - 1 entries, potentials in the units of `|x - y|^p`.
 * @throws `unsupported` on other spaces, `invalid-argument` where totals differ or p < 1. Source: [PeyreCuturi2019],
 * section 2.6.
 *
 * @example
 * ```ts
 * import { diracs, wassersteinOnLine } from '@muflow/core';
 * console.log(wassersteinOnLine(diracs([0, 1]), diracs([3, 1]), { p: 1 }).value); // => 1.5
 * ```
 */
export function wassersteinOnLine(
  mu: Measure,
  nu: Measure,
  { p = 2, plan = true }: LineOptions = {},
): CertifiedDistance {
  checkExponent('wassersteinOnLine', p);
  const sides = transportSides('wassersteinOnLine', [mu, nu], { balanced: true });
  if (!isLine(mu)) {
    fail({
      code: 'unsupported',
      where: 'wassersteinOnLine',
      problem: 'the space is not a line',
      got: mu.space.name,
      expected: 'euclidean(1) or an interval',
      fix: 'use wassersteinDistance, wassersteinOnCircle or slicedWasserstein',
    });
  }
  return lineDistance([mu, nu], sides, { p, plan });
}

/** {@link wassersteinOnLine} for ends that have been packed and checked. */
export function lineDistance(
  [mu, nu]: readonly [Measure, Measure],
  sides: readonly [TransportSide, TransportSide],
  { p, plan }: Required<LineOptions>,
): CertifiedDistance {
  const [source, target] = sides;
  const { path, coupling } = plan ? recorded(sortedEnd(source), sortedEnd(target), p) : unrecorded(source, target, p);
  const { value, size, drift, largest } = coupling;
  if (!Number.isFinite(largest)) refuseInfinite(largest);
  // Masses are right to a relative 2^-50, which moves the dual value by that much of the potentials at most.
  const slack = 2 ** -49 * source.total * size + value * (p + 8) * roundingUnit;
  const upper = value + value * 2 ** -48 + drift * largest;
  return {
    ...rooted(value, { lower: value - slack, upper }, p),
    status: 'exact',
    iterations: 0,
    ...(path && {
      plan: orderedPlan(path.entries(), sides),
      potentials: {
        source: spread(path.source, source, mu.count),
        target: spread(path.target, target, nu.count),
      },
    }),
  };
}

/** True on the line and its intervals, where {@link wassersteinOnLine} applies. */
export function isLine({ space }: Measure): boolean {
  return space.dim === 1 && (space.kind === 'euclidean' || space.kind === 'box');
}

/** `|x|^p`. */
export function power(x: number, p: number): number {
  return p === 2 ? x * x : p === 1 ? Math.abs(x) : Math.abs(x) ** p;
}

interface Followed {
  readonly path: Path | null;
  readonly coupling: OrderedCoupling;
}

function recorded(from: SortedEnd, to: SortedEnd, p: number): Followed {
  const path = emptyPath(from, to);
  return { path, coupling: followOrder(from, to, p, path) };
}

function unrecorded(source: TransportSide, target: TransportSide, p: number): Followed {
  const [from, to] = [lineEnd(source), lineEnd(target)];
  const [a, b] = [from.masses[0], to.masses[0]];
  const alike = Math.abs(a - b) <= ulp * Math.max(a, b);
  const paired = alike && from.uniform && to.uniform && from.count === to.count;
  return { path: null, coupling: paired ? followPairs(from, to, p) : followOrder(from, to, p, null) };
}

/** Where the path of a coupling is written: entries between packed atoms, and potentials. */
interface Path {
  count: number;
  /** Packed atom behind each place of either end. */
  readonly rowOrder: Int32Array;
  readonly columnOrder: Int32Array;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly masses: Float64Array;
  readonly source: Float64Array;
  readonly target: Float64Array;
  entries(): PlanEntries;
}

function emptyPath(from: SortedEnd, to: SortedEnd): Path {
  const most = from.count + to.count - 1;
  const [rows, columns, masses] = [new Int32Array(most), new Int32Array(most), new Float64Array(most)];
  return {
    count: 0,
    rowOrder: from.order,
    columnOrder: to.order,
    rows,
    columns,
    masses,
    source: new Float64Array(from.count),
    target: new Float64Array(to.count),
    entries() {
      const end = this.count;
      return { rows: rows.subarray(0, end), columns: columns.subarray(0, end), masses: masses.subarray(0, end) };
    },
  };
}

/** Two roundings of a mass. */
const ulp = 2 ** -51;

/** What is known of the coupling that keeps the order. */
interface OrderedCoupling {
  readonly value: number;
  /** Largest size of a potential, these being centered. */
  readonly size: number;
  /** Mass that rounding left over at the end, and the largest cost met. */
  readonly drift: number;
  readonly largest: number;
}

/**
 * Walks along the coupling that keeps the order and sums its cost, with compensation; potentials follow from the costs of
 * consecutive pairs, which share an atom. Hot for large clouds: no objects inside.
 */
function followOrder(from: LineEnd, to: LineEnd, p: number, path: Path | null): OrderedCoupling {
  const [n, m] = [from.count, to.count];
  const [x, a, y, b] = [from.positions, from.masses, to.positions, to.masses];
  let [i, j, sum, correction] = [0, 0, 0, 0];
  let [rowLeft, columnLeft] = [a[0], b[0]];
  let cost = power(x[0] - y[0], p);
  let [u, v, low, high, largest] = [0, cost, 0, 0, cost];
  if (path !== null) path.target[path.columnOrder[0]] = v;
  for (;;) {
    const excess = rowLeft - columnLeft;
    // A difference within the rounding of either mass is none: both atoms are done.
    const tie = Math.abs(excess) <= ulp * Math.max(a[i], b[j]);
    const rowDone = i < n - 1 && (tie || excess < 0 || j === m - 1);
    const columnDone = j < m - 1 && (tie || excess > 0 || i === n - 1);
    const last = !rowDone && !columnDone;
    const mass = rowDone || (last && excess > 0) ? rowLeft : columnLeft;
    const term = mass * cost;
    const next = sum + term;
    correction += sum >= term ? sum - next + term : term - next + sum;
    sum = next;
    if (path !== null) {
      path.rows[path.count] = path.rowOrder[i];
      path.columns[path.count] = path.columnOrder[j];
      path.masses[path.count++] = mass;
    }
    if (last) break;
    rowLeft = excess;
    columnLeft = -excess;
    if (rowDone) {
      rowLeft = a[++i];
      cost = power(x[i] - y[j], p);
      u = cost - v;
      if (u < low) low = u;
      if (u > high) high = u;
      if (path !== null) path.source[path.rowOrder[i]] = u;
    }
    if (columnDone) {
      columnLeft = b[++j];
      cost = power(x[i] - y[j], p);
      v = cost - u;
      if (path !== null) path.target[path.columnOrder[j]] = v;
    }
    if (cost > largest) largest = cost;
  }
  const middle = (low + high) / 2;
  if (path !== null) shiftPotentials(path, middle);
  const value = sum + correction;
  // Potentials of columns are costs less potentials of rows.
  return { value, size: (high - low) / 2 + largest, drift: Math.abs(rowLeft - columnLeft), largest };
}

/**
 * {@link followOrder} where all atoms have the same mass, `mass sum_k |x_k - y_k|^p`: the k-th goes to the k-th. What each
 * sum loses is found without a branch. Hot for large clouds. Source of the sum: [OgitaRumpOishi2005], algorithm 4.4.
 */
function followPairs(from: LineEnd, to: LineEnd, p: number): OrderedCoupling {
  const [x, y, count, mass] = [from.positions, to.positions, from.count, from.masses[0]];
  const drift = Math.abs(mass - to.masses[0]) * count;
  let before = y[0];
  let sum = power(x[0] - before, p);
  let lost = 0;
  let v = sum;
  let low = 0;
  let high = 0;
  let largest = sum;
  for (let k = 1; k < count; k++) {
    const across = x[k] - before;
    before = y[k];
    const straight = x[k] - before;
    const costAcross = p === 2 ? across * across : power(across, p);
    const cost = p === 2 ? straight * straight : power(straight, p);
    const u = costAcross - v;
    v = cost - u;
    low = Math.min(low, u);
    high = Math.max(high, u);
    largest = Math.max(largest, Math.max(cost, costAcross));
    const next = sum + cost;
    const added = next - sum;
    lost += sum - (next - added) + (cost - added);
    sum = next;
  }
  return { value: mass * (sum + lost), size: (high - low) / 2 + largest, drift, largest };
}

/** Shifts u down and v up: sums u_i + v_j stay, sizes become small. */
function shiftPotentials({ source, target }: Path, shift: number): void {
  for (let i = 0; i < source.length; i++) source[i] -= shift;
  for (let j = 0; j < target.length; j++) target[j] += shift;
}
