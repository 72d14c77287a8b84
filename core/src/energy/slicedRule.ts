import type { Measure } from '../measure/measure.js';
import { slicedDirections, slicedWasserstein } from '../transport/sliced.js';
import { type LineSorter, lineSorter } from '../transport/slicedLine.js';
import type { DistanceRule } from './distanceRule.js';
import { firstAtPlace } from './places.js';

/** How the directions of a sliced energy are chosen, once and for all. */
export interface SlicedRuleOptions {
  readonly directions: number | ArrayLike<number>;
  readonly seed: number | string;
}

/**
 * Half of the squared sliced distance along fixed directions u_k (k of them). Each direction is a problem on the line:
 * `V(x) = (1/2k) sum_k min_j (<u_k, x> - s_j)^2 - psi_j` with the potential psi of the monotone coupling of the projections
 * `s_j = <u_k, y_j>`, and `grad V(x_i)` the mean over k of `u_k (<u_k, x_i> - mean of the s_j that atom i is sent to)`.
 * A derivative costs O(k (n log n + n m)). Source: [BonneelEtAl2015], section 3.
 */
export function slicedRule(reference: Measure, { directions, seed }: SlicedRuleOptions): DistanceRule {
  const units = slicedDirections(directions, reference.dim, seed);
  const half = (mu: Measure): number => slicedWasserstein(mu, reference, { directions: units }).squared / 2;
  return {
    name: `half squared sliced W2(${units.length / reference.dim})`,
    smooth: true,
    normalizes: true,
    value: half,
    solve(mu) {
      const value = half(mu);
      const slices = slicesOf(mu, reference, units);
      return {
        value,
        potentialInto(out, points, count) {
          out.fill(0, 0, count);
          for (const slice of slices) {
            for (let i = 0; i < count; i++)
              out[i] += nearest(slice, along(slice.unit, points, i)).least / (2 * slices.length);
          }
        },
        gradientInto: (out) => gradientInto(out, mu, slices),
      };
    },
  };
}

/** One direction, solved: the projections of the reference in order with their potential, and the pulls of the atoms. */
interface Slice {
  readonly unit: Float64Array;
  readonly targets: Float64Array;
  readonly psi: Float64Array;
  /** Per atom of mu, `sum_j P_ij (<u, x_i> - s_j)`. */
  readonly pulls: Float64Array;
}

function slicesOf(mu: Measure, nu: Measure, units: Float64Array): readonly Slice[] {
  const { dim } = mu;
  const [rows, columns] = [withMass(mu), withMass(nu)];
  const [x, y] = [lineSorter(rows.length), lineSorter(columns.length)];
  return Array.from({ length: units.length / dim }, (_, k) => {
    const unit = units.subarray(k * dim, (k + 1) * dim);
    x.sort(Float64Array.from(rows, (i) => along(unit, mu.positions, i)));
    y.sort(Float64Array.from(columns, (j) => along(unit, nu.positions, j)));
    const masses = [ordered(mu, rows, x), ordered(nu, columns, y)] as const;
    const { psi, moments } = monotone(x.values, y.values, masses);
    const pulls = new Float64Array(mu.count);
    for (let i = 0; i < rows.length; i++) pulls[rows[x.order[i]]] = moments[i];
    return { unit, targets: y.values.slice(), psi, pulls };
  });
}

/**
 * The monotone coupling of sorted points on the line: `moments_i = sum_j P_ij (x_i - y_j)`, and a potential with
 * `phi_i + psi_j = (x_i - y_j)^2` along its staircase of pairs, which is optimal since the cost is convex. Where a row and a
 * column end at once, the stairs go on through the next row with no mass.
 */
function monotone(x: Float64Array, y: Float64Array, [a, b]: readonly [Float64Array, Float64Array]) {
  const psi = new Float64Array(y.length);
  const moments = new Float64Array(x.length);
  let [i, j, left, wanted] = [0, 0, a[0], b[0]];
  let phi = (x[0] - y[0]) ** 2;
  for (;;) {
    const moved = Math.min(left, wanted);
    moments[i] += moved * (x[i] - y[j]);
    left -= moved;
    wanted -= moved;
    // A side without further atoms keeps what rounding left to it.
    if (i + 1 < x.length && (left <= 0 || j + 1 === y.length)) {
      left = a[++i];
      phi = (x[i] - y[j]) ** 2 - psi[j];
    } else if (j + 1 < y.length) {
      wanted = b[++j];
      psi[j] = (x[i] - y[j]) ** 2 - phi;
    } else return { psi, moments };
  }
}

function gradientInto(out: Float64Array, mu: Measure, slices: readonly Slice[]): void {
  const { dim, count, masses, positions } = mu;
  const places = firstAtPlace(mu);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) weights[places[i]] += masses[i];
  out.fill(0, 0, count * dim);
  const pulls = new Float64Array(count);
  for (const slice of slices) {
    pulls.fill(0);
    for (let i = 0; i < count; i++) pulls[places[i]] += slice.pulls[i];
    for (let i = 0; i < count; i++) {
      const place = places[i];
      const here = along(slice.unit, positions, i);
      const pull = weights[place] > 0 ? pulls[place] / weights[place] : here - nearest(slice, here).target;
      for (let c = 0; c < dim; c++) out[i * dim + c] += (pull * slice.unit[c]) / slices.length;
    }
  }
}

/** `min_j (t - s_j)^2 - psi_j`, and the s_j where it is attained. */
function nearest({ targets, psi }: Slice, t: number) {
  let least = Number.POSITIVE_INFINITY;
  let target = t;
  for (let j = 0; j < targets.length; j++) {
    const value = (t - targets[j]) ** 2 - psi[j];
    if (value >= least) continue;
    least = value;
    target = targets[j];
  }
  return { least, target };
}

function along(unit: Float64Array, points: Float64Array, i: number): number {
  let sum = 0;
  for (let c = 0; c < unit.length; c++) sum += unit[c] * points[i * unit.length + c];
  return sum;
}

const withMass = ({ masses }: Measure): Int32Array => Int32Array.from(masses.keys()).filter((i) => masses[i] > 0);

const ordered = ({ masses }: Measure, atoms: Int32Array, { order }: LineSorter): Float64Array =>
  Float64Array.from(order, (k) => masses[atoms[k]]);
