import { domainCode } from '../formula/intervalArithmetic.js';
import { addDown, addUp } from '../formula/intervalRounding.js';
import type { Chart } from './charts.js';
import { above, below } from './derivativeSlots.js';
import { emptyJet } from './jet.js';
import { smoothness } from './jetRules.js';
import type { Jumps } from './jumpProgram.js';
import type { PotentialProgram } from './potentialProgram.js';
import { quadraticBound } from './quadraticBound.js';

/** Lower bounds of a potential over the cells of a chart. */
export interface CellBound {
  /**
   * A lower bound of V over the cell `lower[start …], upper[start …]` and over what the potential can still gain
   * there: Infinity where no point of the cell is a global minimizer. A cell on which V is monotone toward a wall is
   * shrunk onto the wall in place. Afterwards `center`, `candidate` and `split` describe the cell.
   */
  bound(lower: Float64Array, upper: Float64Array, start: number): number;
  /** The middle of the cell, and the least value of V there, rounded up (Infinity where V is not defined). */
  readonly center: Float64Array;
  centerUpper(): number;
  /** Where the quadratic model is least, and that value; the center where there is no model. */
  readonly candidate: Float64Array;
  candidateValue(): number;
  /** The coordinate to split. */
  split(): number;
  /**
   * Where to split the cell in coordinate k if the potential jumps inside, a place that becomes a cell of its own;
   * NaN where it does not. Absent where no jumps are known.
   */
  jumpIn?(k: number, lower: number, upper: number): number;
  /** True where the potential is constant on the cell, which is not to be split. */
  isConstant?(): boolean;
  /** V at one point, rounded up, and the width of its enclosure. */
  valueAt(point: Float64Array): { readonly upper: number; readonly width: number };
}

/** Makes bounds for one prepared program; `chart` says where its boxes end, `jumps` where the potential jumps. */
export function cellBound(program: PotentialProgram, chart: Chart, jumps?: Jumps): CellBound {
  const { dim } = program;
  const box = emptyJet(dim);
  const point = emptyJet(dim);
  const center = new Float64Array(dim);
  const candidate = new Float64Array(dim);
  const radius = new Float64Array(dim);
  const active = new Int32Array(dim);
  const lift = new Float64Array(dim);
  const quadratic = quadraticBound(dim);
  const state = { centerUpper: 0, candidateValue: 0, split: 0, constant: false };

  /** Shrinks monotone directions onto walls; false if the cell holds no minimizer. */
  const monotone = (lower: Float64Array, upper: Float64Array, start: number): boolean => {
    const { derivatives } = box;
    let shrunk = false;
    for (let k = 0; k < dim; k++) {
      const low = start + k;
      if (lower[low] === upper[low]) continue;
      const wall = chart.walls[k];
      if (derivatives.lower[k] > 0) {
        if (wall === null || lower[low] > wall.lower) return false;
        upper[low] = lower[low];
        shrunk = true;
      } else if (derivatives.upper[k] < 0 && freeAbove(upper, start, k)) {
        if (wall === null || upper[low] < wall.upper) return false;
        lower[low] = upper[low];
        shrunk = true;
      }
    }
    if (shrunk) program.run(box, lower, upper, start, 2);
    return true;
  };

  /** False where raising coordinate k may leave the space through a slanted wall. */
  const freeAbove = (upper: Float64Array, start: number, k: number): boolean => {
    for (const group of chart.sums) {
      if (!group.includes(k)) continue;
      let total = 0;
      for (const l of group) total = above(total + upper[start + l]);
      if (!(total < 1)) return false;
    }
    return true;
  };

  /** True where the cell misses the space; cells with an extent are open, see {@link Jumps}. */
  const misses = (lower: Float64Array, upper: Float64Array, start: number): boolean => {
    if (chart.total !== undefined) {
      let [least, most, open] = [0, 0, false];
      for (let k = start; k < start + dim; k++) {
        least = addDown(least, lower[k]);
        most = addUp(most, upper[k]);
        open = open || lower[k] < upper[k];
      }
      return open ? least >= chart.total || most <= chart.total : least > chart.total || most < chart.total;
    }
    for (const group of chart.sums) {
      let total = 0;
      for (const l of group) total = below(total + lower[start + l]);
      if (total > 1) return true;
    }
    return false;
  };

  /** Moves the center along the diagonal of the cell to where its coordinates have the right sum. */
  const onTotal = (lower: Float64Array, upper: Float64Array, start: number): void => {
    let [least, most] = [0, 0];
    for (let k = start; k < start + dim; k++) {
      least += lower[k];
      most += upper[k];
    }
    const share = most > least ? Math.min(1, Math.max(0, ((chart.total ?? 0) - least) / (most - least))) : 0;
    for (let k = 0; k < dim; k++) {
      center[k] = lower[start + k] + share * (upper[start + k] - lower[start + k]);
      candidate[k] = center[k];
    }
  };

  /** Middle, half widths rounded up, and the coordinates that have one. */
  const measureCell = (lower: Float64Array, upper: Float64Array, start: number): number => {
    let m = 0;
    for (let k = 0; k < dim; k++) {
      const [p, q] = [lower[start + k], upper[start + k]];
      const middle = p === q ? p : Math.min(q, Math.max(p, p / 2 + q / 2));
      center[k] = middle;
      candidate[k] = middle;
      radius[k] = p === q ? 0 : above(Math.max(middle - p, q - middle));
      if (radius[k] > 0) active[m++] = k;
    }
    if (chart.total !== undefined) onTotal(lower, upper, start);
    return m;
  };

  /**
   * Adds `mu (sum x - 1) <= 0` with the mu >= 0 that cancels most of the descent through a slanted wall; returns a
   * lower bound of the change at the center. `lift` is its gradient.
   */
  const liftWalls = (upper: Float64Array, start: number): number => {
    lift.fill(0);
    let change = 0;
    for (const group of chart.sums) {
      let reach = 0;
      let total = 0;
      let slope = 0;
      let count = 0;
      for (const k of group) {
        reach += upper[start + k];
        total = below(total + center[k]);
        if (radius[k] === 0) continue;
        slope += (point.derivatives.lower[k] + point.derivatives.upper[k]) / 2;
        count++;
      }
      if (reach < 1 || count === 0) continue;
      const mu = Math.max(0, -slope / count);
      if (!(mu > 0 && mu < Infinity)) continue;
      for (const k of group) if (radius[k] > 0) lift[k] = mu;
      change = below(change + below(mu * below(total - 1)));
    }
    return change;
  };

  const meanValue = (m: number): number => {
    let sum = point.lower;
    for (let i = 0; i < m; i++) {
      const k = active[i];
      const slope = Math.max(-box.derivatives.lower[k], box.derivatives.upper[k]);
      sum = below(sum - above(slope * radius[k]));
    }
    return sum;
  };

  const secondOrder = (m: number, upper: Float64Array, start: number): number => {
    const { derivatives } = box;
    const change = chart.sums.length > 0 ? liftWalls(upper, start) : 0;
    for (let i = 0; i < m; i++) {
      const k = active[i];
      const [low, high] = [point.derivatives.lower[k] + lift[k], point.derivatives.upper[k] + lift[k]];
      quadratic.linear[i] = ((low + high) / 2) * radius[k];
      quadratic.linearError[i] = above(
        above((high - low) / 2 + above(Math.abs(high) + Math.abs(low)) * 2 ** -51) * radius[k],
      );
      for (let j = i; j < m; j++) {
        const l = active[j];
        const at = dim + k * dim - (k * (k - 1)) / 2 + (l - k);
        const scale = radius[k] * radius[l];
        const [p, q] = [derivatives.lower[at], derivatives.upper[at]];
        const middle = ((p + q) / 2) * scale;
        const half = above(above((q - p) / 2 + (Math.abs(p) + Math.abs(q)) * 2 ** -51) * above(scale));
        quadratic.middle[i * m + j] = middle;
        quadratic.middle[j * m + i] = middle;
        quadratic.radius[i * m + j] = half;
        quadratic.radius[j * m + i] = half;
      }
    }
    const least = quadratic.least(m);
    if (!(least > -Infinity)) return -Infinity;
    for (let i = 0; i < m; i++) {
      const k = active[i];
      candidate[k] = center[k] + quadratic.minimizer[i] * radius[k];
    }
    state.candidateValue = point.upper + least;
    return below(below(point.lower + change) + least);
  };

  /** Scales a point that left through a slanted wall back under it; false if it was inside. */
  const clip = (at: Float64Array): boolean => {
    let moved = false;
    for (const group of chart.sums) {
      let total = 0;
      for (const k of group) total = above(total + at[k]);
      if (total <= 1) continue;
      for (const k of group) at[k] *= (1 - 2 ** -50) / total;
      moved = true;
    }
    return moved;
  };

  /** Chooses the widest coordinate with a jump inside; false if there is none. */
  const widestJump = (m: number, lower: Float64Array, upper: Float64Array, start: number): boolean => {
    let widest = 0;
    for (let i = 0; i < m; i++) {
      const k = active[i];
      if (radius[k] <= widest || Number.isNaN(jumps?.between(k, lower[start + k], upper[start + k]))) continue;
      widest = radius[k];
      state.split = k;
    }
    return widest > 0;
  };

  const chooseSplit = (m: number, lower: Float64Array, upper: Float64Array, start: number): void => {
    const crossed = jumps !== undefined && widestJump(m, lower, upper, start);
    // With a sum to keep, potentials are constant between jumps; halves of a cell might both miss its only point.
    state.constant = chart.total !== undefined && !crossed;
    if (crossed) return;
    let best = -1;
    state.split = active[0];
    const useSlopes = box.kind < smoothness.jump && box.domain === domainCode.inside;
    for (let i = 0; i < m; i++) {
      const k = active[i];
      const slope = useSlopes ? Math.max(-box.derivatives.lower[k], box.derivatives.upper[k]) : 1;
      const score = (slope < Infinity ? slope : 1) * radius[k];
      if (score > best) {
        best = score;
        state.split = k;
      }
    }
  };

  return {
    center,
    candidate,
    centerUpper: () => state.centerUpper,
    candidateValue: () => state.candidateValue,
    split: () => state.split,
    ...(jumps && { jumpIn: jumps.between, isConstant: () => state.constant }),
    valueAt(at) {
      program.run(point, at, at, 0, 0);
      const defined = point.domain === domainCode.inside;
      return { upper: defined ? point.upper : Infinity, width: defined ? point.upper - point.lower : 0 };
    },
    bound(lower, upper, start) {
      if ((chart.sums.length > 0 || chart.total !== undefined) && misses(lower, upper, start)) return Infinity;
      program.run(box, lower, upper, start, 2);
      if (box.domain === domainCode.outside) return Infinity;
      const differentiable = box.domain === domainCode.inside && box.kind < smoothness.jump;
      // Beside a jump a minimum may be a limit, so no direction is ruled out there.
      if (differentiable && jumps === undefined && !monotone(lower, upper, start)) return Infinity;
      const m = measureCell(lower, upper, start);
      program.run(point, center, center, 0, differentiable ? 1 : 0);
      state.centerUpper = point.domain === domainCode.inside ? point.upper : Infinity;
      state.candidateValue = state.centerUpper;
      if (m === 0) return Math.max(box.lower, point.lower);
      chooseSplit(m, lower, upper, start);
      let least = box.lower;
      // Below, `center` is the point of expansion; as a point of the space it counts only if it is one.
      if (differentiable) least = Math.max(least, meanValue(m));
      if (differentiable && box.kind === smoothness.smooth) least = Math.max(least, secondOrder(m, upper, start));
      for (let k = 0; k < dim; k++) {
        const inside = jumps === undefined ? 0 : (upper[start + k] - lower[start + k]) * 2 ** -36;
        candidate[k] = Math.min(upper[start + k] - inside, Math.max(lower[start + k] + inside, candidate[k]));
      }
      if (chart.sums.length > 0) {
        clip(candidate);
        if (clip(center)) {
          state.centerUpper = Infinity;
          state.candidateValue = -Infinity;
        }
      }
      return least;
    },
  };
}
