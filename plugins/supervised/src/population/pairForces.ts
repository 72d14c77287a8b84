import type { DotKernel } from './dotKernels.js';

/** What charged points do to each other through a kernel: `S(w_i) = sum_j c_j K(w_i, w_j)` and its gradient. */
export interface PairForces {
  readonly squares: Float64Array;
  /** Charges `c_j`, set by the caller. */
  readonly charges: Float64Array;
  /** S at the points. */
  readonly sums: Float64Array;
  /** Coefficient of w_i itself in `grad S(w_i)`, and the rest of that gradient (n*d). */
  readonly radial: Float64Array;
  readonly slopes: Float64Array;
}

/** Buffers for `capacity` points of `d` coordinates. */
export const allocateForces = (capacity: number, d: number): PairForces => ({
  squares: new Float64Array(capacity),
  charges: new Float64Array(capacity),
  sums: new Float64Array(capacity),
  radial: new Float64Array(capacity),
  slopes: new Float64Array(capacity * d),
});

/** Rows of `d` coordinates, the i-th of them from `1 + i (d + 1)` on, as in positions (a, w). */
export interface LiftedRows {
  readonly count: number;
  readonly d: number;
  readonly positions: Float64Array;
}

const scratch = new Float64Array(4);

/**
 * Fills sums, radial and slopes from the charges: every pair is evaluated once and used for both of its points.
 * O(n^2 d / 2), no allocation. Rows j are taken four at a time, so that four products run side by side and each
 * coordinate of w_i is read once for four pairs; the order of summation is that of j, in fours.
 */
export function pairForcesInto(work: PairForces, kernel: DotKernel, rows: LiftedRows): void {
  const { count: n, d, positions: u } = rows;
  const { squares, sums, radial, slopes } = work;
  sums.fill(0, 0, n);
  radial.fill(0, 0, n);
  slopes.fill(0, 0, n * d);
  for (let i = 0; i < n; i++) {
    const at = i * (d + 1) + 1;
    let square = 0;
    for (let k = 0; k < d; k++) square += u[at + k] * u[at + k];
    squares[i] = square;
  }
  for (let i = 0; i < n; i++) {
    let j = 0;
    for (; j + 4 <= i; j += 4) addFour(work, kernel, rows, i, j);
    for (; j <= i; j++) addOne(work, kernel, rows, i, j);
  }
}

/** The pairs (i, j), ..., (i, j + 3) with j + 3 < i. Hot: `S_i += c_j K`, `S_j += c_i K`, and gradients likewise. */
function addFour(work: PairForces, kernel: DotKernel, { d, positions: u }: LiftedRows, i: number, j: number): void {
  const { squares, charges, sums, radial, slopes } = work;
  const atI = i * (d + 1) + 1;
  const [at0, at1, at2, at3] = [j * (d + 1) + 1, (j + 1) * (d + 1) + 1, (j + 2) * (d + 1) + 1, (j + 3) * (d + 1) + 1];
  let [dot0, dot1, dot2, dot3] = [0, 0, 0, 0];
  for (let k = 0; k < d; k++) {
    const x = u[atI + k];
    dot0 += x * u[at0 + k];
    dot1 += x * u[at1 + k];
    dot2 += x * u[at2 + k];
    dot3 += x * u[at3 + k];
  }
  const [square, charge] = [squares[i], charges[i]];
  const [c0, c1, c2, c3] = [charges[j], charges[j + 1], charges[j + 2], charges[j + 3]];
  kernel.evaluateInto(scratch, square, squares[j], dot0);
  let sum = c0 * scratch[0];
  let own = c0 * scratch[1];
  sums[j] += charge * scratch[0];
  radial[j] += charge * scratch[2];
  const pull0 = scratch[3];
  kernel.evaluateInto(scratch, square, squares[j + 1], dot1);
  sum += c1 * scratch[0];
  own += c1 * scratch[1];
  sums[j + 1] += charge * scratch[0];
  radial[j + 1] += charge * scratch[2];
  const pull1 = scratch[3];
  kernel.evaluateInto(scratch, square, squares[j + 2], dot2);
  sum += c2 * scratch[0];
  own += c2 * scratch[1];
  sums[j + 2] += charge * scratch[0];
  radial[j + 2] += charge * scratch[2];
  const pull2 = scratch[3];
  kernel.evaluateInto(scratch, square, squares[j + 3], dot3);
  sum += c3 * scratch[0];
  own += c3 * scratch[1];
  sums[j + 3] += charge * scratch[0];
  radial[j + 3] += charge * scratch[2];
  const pull3 = scratch[3];
  sums[i] += sum;
  radial[i] += own;
  const [to0, to1, to2, to3] = [c0 * pull0, c1 * pull1, c2 * pull2, c3 * pull3];
  const [from0, from1, from2, from3] = [charge * pull0, charge * pull1, charge * pull2, charge * pull3];
  const [rowI, row] = [i * d, j * d];
  for (let k = 0; k < d; k++) {
    const x = u[atI + k];
    slopes[rowI + k] += to0 * u[at0 + k] + to1 * u[at1 + k] + to2 * u[at2 + k] + to3 * u[at3 + k];
    slopes[row + k] += from0 * x;
    slopes[row + d + k] += from1 * x;
    slopes[row + 2 * d + k] += from2 * x;
    slopes[row + 3 * d + k] += from3 * x;
  }
}

/** The pair (i, j) with j <= i; a point acts on itself once. */
function addOne(work: PairForces, kernel: DotKernel, { d, positions: u }: LiftedRows, i: number, j: number): void {
  const { squares, charges, sums, radial, slopes } = work;
  const [atI, atJ] = [i * (d + 1) + 1, j * (d + 1) + 1];
  let product = 0;
  for (let k = 0; k < d; k++) product += u[atI + k] * u[atJ + k];
  kernel.evaluateInto(scratch, squares[i], squares[j], product);
  const pull = scratch[3];
  sums[i] += charges[j] * scratch[0];
  radial[i] += charges[j] * scratch[1];
  const toI = charges[j] * pull;
  for (let k = 0; k < d; k++) slopes[i * d + k] += toI * u[atJ + k];
  if (j === i) return;
  sums[j] += charges[i] * scratch[0];
  radial[j] += charges[i] * scratch[2];
  const toJ = charges[i] * pull;
  for (let k = 0; k < d; k++) slopes[j * d + k] += toJ * u[atI + k];
}
