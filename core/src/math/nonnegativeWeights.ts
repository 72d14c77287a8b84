import { fail, show } from '../errors.js';
import { solvePositiveDefinite } from './linalg.js';

/**
 * `P(w) = constant / 2 - <aim, w> + (1/2) <w, G w> + lambda sum_i w_i` over `w >= 0`, `sum_i w_i <= total`, with
 * `P - lambda sum w >= 0`, as where it is half a mean square error.
 */
export interface WeightQuadratic {
  readonly constant: number;
  /** n numbers. */
  readonly aim: Float64Array;
  /** n*n, symmetric positive semidefinite. */
  readonly gram: Float64Array;
  /** Default 0. */
  readonly lambda?: number;
  /** Largest sum of weights, > 0; default Infinity. One of lambda and total has to bound the weights. */
  readonly total?: number;
}

export interface NonnegativeWeights {
  readonly weights: Float64Array;
  readonly value: number;
  /** `value - gap` is below the minimum, up to rounding. */
  readonly gap: number;
}

/** Share of the largest diagonal entry that is added to all: enough for dependent columns to be solved for. */
const ridge = 1e-13;

/**
 * The weights `w >= 0` that minimize a {@link WeightQuadratic}, by the active-set method for nonnegative least squares with
 * one constraint more, the bound of the sum. Every step enters the weight of steepest descent, goes to the minimum on the
 * weights that are free, and lets go of those that reach 0 on the way. Bounded by
 *
 *     P(w) - min P <= T max(0, max_i s_i) - <s, w>,   s = aim - lambda - G w,   T = min(total, P(w) / lambda),
 *
 * since a minimizer has no sum larger than T. Cost O(n^3) a step, about as many steps as weights enter or leave.
 * Source: [LawsonHanson1995], chapter 23, for the method without the bound.
 *
 * @param start - weights to begin with that satisfy the constraints, default 0.
 * @throws `shape-mismatch` for arrays that do not fit; `invalid-argument` where nothing bounds the weights.
 * @example
 * const gram = Float64Array.of(1, 0, 0, 1);
 * nonnegativeWeights({ constant: 5, aim: Float64Array.of(2, -1), gram, lambda: 0.5 }).weights; // [1.5, 0]
 */
export function nonnegativeWeights(problem: WeightQuadratic, start?: Float64Array): NonnegativeWeights {
  check(problem, start);
  const { aim, gram, total = Infinity } = problem;
  const n = aim.length;
  const w = start ? start.slice() : new Float64Array(n);
  const free = Array.from(w, (_, i) => i).filter((i) => w[i] > 0);
  const slope = new Float64Array(n);
  const state: ActiveSet = { problem, w, free, isFull: free.length > 0 && sumOf(w) >= total };
  let best: NonnegativeWeights | null = null;
  for (let step = 0; step < 6 * n + 20; step++) {
    const price = descend(state);
    slopeInto(slope, problem, w);
    const now = { weights: w.slice(), ...valueAndGap(problem, w, slope) };
    // Rounding alone can let it rise; then no step helps any more.
    if (best !== null && !(now.value < best.value)) return best.gap <= now.gap ? best : now;
    best = now;
    let entering = -1;
    let steepest = price + 1e-15 * Math.abs(price);
    for (let i = 0; i < n; i++) {
      if (slope[i] > steepest && w[i] === 0 && gram[i * n + i] > 0) [entering, steepest] = [i, slope[i]];
    }
    if (entering < 0) return now;
    free.push(entering);
  }
  return best ?? { weights: w, ...valueAndGap(problem, w, slope) };
}

interface ActiveSet {
  readonly problem: WeightQuadratic;
  readonly w: Float64Array;
  /** Weights that are not held at 0. */
  readonly free: number[];
  /** Whether the sum is held at its bound. */
  isFull: boolean;
}

/** Moves w to the minimum on its free weights, with constraints met on the way; returns the price >= 0 of the bound. */
function descend(state: ActiveSet): number {
  const { w, free, problem } = state;
  const { total = Infinity } = problem;
  for (let round = 0; round < 4 * w.length + 8; round++) {
    if (free.length === 0) return 0;
    const { target, price } = minimumOnFree(state);
    if (state.isFull && price < 0) {
      state.isFull = false;
      continue;
    }
    const [from, to] = [sumOf(w), sumOf(target)];
    let step = 1;
    let blocking = -1;
    free.forEach((i, p) => {
      if (target[p] >= 0 || !(w[i] / (w[i] - target[p]) < step)) return;
      step = w[i] / (w[i] - target[p]);
      blocking = i;
    });
    const meetsBound = !state.isFull && to > total && (total - from) / (to - from) < step;
    if (meetsBound) step = Math.max(0, (total - from) / (to - from));
    free.forEach((i, p) => {
      w[i] = step === 1 ? Math.max(0, target[p]) : Math.max(0, w[i] + step * (target[p] - w[i]));
    });
    if (meetsBound) state.isFull = true;
    else if (blocking < 0) return state.isFull ? price : 0;
    else release(state, blocking);
  }
  return 0;
}

/** Holds a weight at 0, and all others that rounding left there. */
function release({ w, free }: ActiveSet, blocking: number): void {
  w[blocking] = 0;
  for (let p = free.length - 1; p >= 0; p--) if (free[p] === blocking) free.splice(p, 1);
}

/** `G_FF t = aim_F - lambda - price`, the price such that t sums to the bound where that is held, else 0. */
function minimumOnFree({ problem, free, isFull }: ActiveSet): {
  readonly target: Float64Array;
  readonly price: number;
} {
  const { aim, gram, lambda = 0, total = Infinity } = problem;
  const n = aim.length;
  const k = free.length;
  const matrix = new Float64Array(k * k);
  const right = new Float64Array(2 * k);
  let largest = 0;
  for (const i of free) largest = Math.max(largest, gram[i * n + i]);
  free.forEach((i, p) => {
    right[2 * p] = aim[i] - lambda;
    right[2 * p + 1] = 1;
    // From one triangle, so that the matrix is symmetric to the bit.
    for (let q = 0; q < k; q++) matrix[p * k + q] = gram[Math.max(i, free[q]) * n + Math.min(i, free[q])];
    matrix[p * k + p] += ridge * largest;
  });
  const solved = solvePositiveDefinite(matrix, right, k, 2);
  const target = new Float64Array(k);
  let [sum, ones] = [0, 0];
  for (let p = 0; p < k; p++) {
    sum += solved[2 * p];
    ones += solved[2 * p + 1];
  }
  const price = isFull ? (sum - total) / ones : 0;
  for (let p = 0; p < k; p++) target[p] = solved[2 * p] - price * solved[2 * p + 1];
  return { target, price };
}

/** `aim - lambda - G w`. */
function slopeInto(out: Float64Array, { aim, gram, lambda = 0 }: WeightQuadratic, w: Float64Array): void {
  const n = aim.length;
  for (let i = 0; i < n; i++) {
    let sum = aim[i] - lambda;
    for (let j = 0; j < n; j++) sum -= gram[i * n + j] * w[j];
    out[i] = sum;
  }
}

function valueAndGap(
  { constant, aim, lambda = 0, total = Infinity }: WeightQuadratic,
  w: Float64Array,
  slope: Float64Array,
): { readonly value: number; readonly gap: number } {
  let [along, pull, steepest] = [0, 0, 0];
  for (let i = 0; i < w.length; i++) {
    along += slope[i] * w[i];
    pull += (aim[i] - lambda) * w[i];
    steepest = Math.max(steepest, slope[i]);
  }
  // <w, G w> = pull - along.
  const value = Math.max(0, constant / 2 - (pull + along) / 2);
  const most = lambda > 0 ? Math.min(total, value / lambda) : total;
  return { value, gap: Math.max(0, most * steepest - along) };
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

function check({ constant, aim, gram, lambda = 0, total = Infinity }: WeightQuadratic, start?: Float64Array): void {
  const n = aim.length;
  if (gram.length !== n * n || (start !== undefined && start.length !== n)) {
    fail({
      code: 'shape-mismatch',
      where: 'nonnegativeWeights',
      problem: 'matrix or start do not fit',
      got: `${n} aims, ${gram.length} entries, a start of ${start ? start.length : 'none'}`,
      expected: `${n * n} entries and ${n} weights`,
      fix: 'pass the n*n products of all columns',
    });
  }
  const isBounded = lambda >= 0 && total > 0 && (lambda > 0 || total < Infinity) && lambda < Infinity;
  if (isBounded && constant >= 0) return;
  fail({
    code: 'invalid-argument',
    where: 'nonnegativeWeights',
    problem: 'the weights are not bounded',
    got: `constant ${show(constant)}, lambda ${show(lambda)}, total ${show(total)}`,
    expected: 'a constant >= 0, and lambda > 0 or a finite total > 0, or both',
    fix: 'pass for instance { total: 10 }',
  });
}
