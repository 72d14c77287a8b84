import type { GroundCost } from './groundCost.js';
import { kernelRow } from './sinkhornExp.js';

/** Kernels with more entries than this (128 MB) are computed anew in every sweep instead of stored. */
const storedEntries = 2 ** 24;
/** Scalings larger than e^this are absorbed into the kernel. */
const largestScaling = 60;

/** An entropic problem with its potentials and the Gibbs kernel `K_ij = exp((F_i + G_j - c_ij) / epsilon)` around (F, G). */
export interface Scaling {
  readonly cost: GroundCost;
  readonly rows: number;
  readonly columns: number;
  /** Masses of the rows (n) and columns (m), all > 0. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** Potentials f (n) and g (m), in the units of the cost. */
  readonly f: Float64Array;
  readonly g: Float64Array;
  /** The stabilizers F and G: potentials that the kernel has absorbed. */
  readonly rowShift: Float64Array;
  readonly columnShift: Float64Array;
  /** `a_i exp((f_i - F_i) / epsilon)` and `b_j exp((g_j - G_j) / epsilon)`, as of the last sweep. */
  readonly t: Float64Array;
  readonly w: Float64Array;
  /** Sums `sum_j K_ij w_j` and `sum_i K_ij t_i`, as of the last sweep. */
  readonly rowSums: Float64Array;
  readonly columnSums: Float64Array;
  /** n*m kernel entries; four rows of them where the kernel is not stored. */
  readonly kernel: Float64Array;
  readonly stored: boolean;
  /** The largest cost by absolute value; NaN where a sum of costs is not finite. */
  largest: number;
  epsilon: number;
}

/** How a sweep moves the potentials. */
export interface SweepRule {
  /** Weight of the marginals; Infinity fixes them. */
  readonly rho: number;
  /** Overrelaxation in (0, 2); 1 is Sinkhorn's iteration. */
  readonly relaxation: number;
}

/**
 * A problem at potentials from two hard c-transforms, `f_i = min_j c_ij` and `g_j = min_i c_ij - f_i`: every row and
 * every column of the kernel then has an entry 1, whatever the costs.
 */
export function createScaling(cost: GroundCost, a: Float64Array, b: Float64Array, limit = storedEntries): Scaling {
  const [rows, columns] = [a.length, b.length];
  const stored = rows * columns <= limit;
  const numbers = (count: number): Float64Array => new Float64Array(count);
  const scaling: Scaling = {
    ...{ cost, rows, columns, a, b, stored, largest: 0, epsilon: Number.NaN },
    ...{ f: numbers(rows), rowShift: numbers(rows), t: numbers(rows), rowSums: numbers(rows) },
    ...{ g: numbers(columns), columnShift: numbers(columns), w: numbers(columns), columnSums: numbers(columns) },
    kernel: numbers(stored ? rows * columns : 4 * columns),
  };
  const row = numbers(columns);
  const { f, g } = scaling;
  g.fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < rows; i++) {
    cost.rowInto(row, i);
    let least = row[0];
    let most = least;
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const c = row[j];
      sum += c;
      if (c < least) least = c;
      if (c > most) most = c;
    }
    f[i] = least;
    scaling.largest = Number.isFinite(sum) ? Math.max(scaling.largest, Math.abs(least), Math.abs(most)) : sum - sum;
    for (let j = 0; j < columns; j++) if (row[j] - least < g[j]) g[j] = row[j] - least;
  }
  return scaling;
}

/** Takes the potentials as stabilizers, at a given epsilon. Cost n m exponentials where the kernel is stored. */
export function absorb(scaling: Scaling, epsilon = scaling.epsilon): void {
  const { rows, columns, f, g, rowShift, columnShift, kernel, stored } = scaling;
  scaling.epsilon = epsilon;
  rowShift.set(f);
  columnShift.set(g);
  if (!stored) return;
  for (let i = 0; i < rows; i++) fillRow(scaling, kernel.subarray(i * columns, (i + 1) * columns), i);
}

function fillRow({ cost, rowShift, columnShift, epsilon }: Scaling, row: Float64Array, i: number): void {
  cost.rowInto(row, i);
  kernelRow(row, { f: rowShift[i], g: columnShift }, 1 / epsilon);
}

/**
 * One iteration in a single pass over the kernel: `f_i <- f_i + omega (lambda T_i(g) - f_i)` with the soft c-transform
 * `T_i(g) = -epsilon log sum_j b_j exp((g_j - c_ij) / epsilon)` and `lambda = rho / (rho + epsilon)`, then the same for
 * g with the new f; a row is used for both directions while it is in the cache.
 *
 * @param columnsToo - false leaves g as it is (the column sums are of the new f all the same).
 * @returns how far the marginals of (f, g) before the sweep, and of the new f with the old g, are from what
 * optimality asks, `sum_i |P1_i - a_i e^(-f_i/rho)|` and the same for columns: NaN where a sum has left the range of
 * numbers.
 */
export function sweep(scaling: Scaling, { rho, relaxation }: SweepRule, columnsToo = true): number {
  const { rows, columns, a, b, f, g, rowShift, columnShift, t, w, rowSums, columnSums, epsilon } = scaling;
  const damping = rho === Number.POSITIVE_INFINITY ? 1 : rho / (rho + epsilon);
  let error = 0;
  for (let j = 0; j < columns; j++) w[j] = b[j] * Math.exp((g[j] - columnShift[j]) / epsilon);
  columnSums.fill(0);
  for (let i = 0; i < rows; i += 4) {
    const end = Math.min(i + 4, rows);
    const start = rowBlock(scaling, i, end);
    sumRows(scaling, i, end, start);
    for (let r = i; r < end; r++) {
      if (rowSums[r] === 0) {
        if (!isForsaken(f[r], rho)) return Number.NaN;
        t[r] = 0;
        continue;
      }
      const transform = rowShift[r] - epsilon * Math.log(rowSums[r]);
      error += a[r] * Math.abs(Math.exp((f[r] - transform) / epsilon) - Math.exp(-f[r] / rho));
      f[r] += relaxation * (damping * transform - f[r]);
      t[r] = a[r] * Math.exp((f[r] - rowShift[r]) / epsilon);
    }
    addToColumns(scaling, i, end, start);
  }
  for (let j = 0; j < columns; j++) {
    if (columnSums[j] === 0) {
      if (!isForsaken(g[j], rho)) return Number.NaN;
      continue;
    }
    const transform = columnShift[j] - epsilon * Math.log(columnSums[j]);
    error += b[j] * Math.abs(Math.exp((g[j] - transform) / epsilon) - Math.exp(-g[j] / rho));
    if (columnsToo) g[j] += relaxation * (damping * transform - g[j]);
  }
  return error < Number.POSITIVE_INFINITY ? error : Number.NaN;
}

/** True where an atom keeps less than 1e-280 of its mass, so that neither plan nor dual value can see its potential. */
const isForsaken = (potential: number, rho: number): boolean => Math.exp(-potential / rho) < 1e-280;

/** Where rows i to end of the kernel begin, once they are there. */
function rowBlock(scaling: Scaling, i: number, end: number): number {
  const { stored, kernel, columns } = scaling;
  if (stored) return i * columns;
  for (let r = i; r < end; r++) fillRow(scaling, kernel.subarray((r - i) * columns, (r - i + 1) * columns), r);
  return 0;
}

/** `sum_j K_ij w_j` of up to four rows at once, each in the order of the columns. */
function sumRows({ kernel, columns, w, rowSums }: Scaling, i: number, end: number, start: number): void {
  if (end - i === 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    const k1 = start + columns;
    const k2 = k1 + columns;
    const k3 = k2 + columns;
    for (let j = 0; j < columns; j++) {
      const mass = w[j];
      s0 += kernel[start + j] * mass;
      s1 += kernel[k1 + j] * mass;
      s2 += kernel[k2 + j] * mass;
      s3 += kernel[k3 + j] * mass;
    }
    rowSums[i] = s0;
    rowSums[i + 1] = s1;
    rowSums[i + 2] = s2;
    rowSums[i + 3] = s3;
    return;
  }
  for (let r = i, at = start; r < end; r++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += kernel[at++] * w[j];
    rowSums[r] = sum;
  }
}

/** Adds `t_i K_ij` of up to four rows to the column sums. */
function addToColumns({ kernel, columns, t, columnSums }: Scaling, i: number, end: number, start: number): void {
  if (end - i === 4) {
    const t0 = t[i];
    const t1 = t[i + 1];
    const t2 = t[i + 2];
    const t3 = t[i + 3];
    const k1 = start + columns;
    const k2 = k1 + columns;
    const k3 = k2 + columns;
    for (let j = 0; j < columns; j++) {
      columnSums[j] += t0 * kernel[start + j] + t1 * kernel[k1 + j] + (t2 * kernel[k2 + j] + t3 * kernel[k3 + j]);
    }
    return;
  }
  for (let r = i, at = start; r < end; r++) {
    for (let j = 0; j < columns; j++) columnSums[j] += t[r] * kernel[at++];
  }
}

/** True where a scaling has left the range in which the kernel around the stabilizers keeps its accuracy. */
export function needsAbsorption({ f, g, rowShift, columnShift, epsilon, stored }: Scaling): boolean {
  const limit = stored ? largestScaling * epsilon : 0;
  for (let i = 0; i < f.length; i++) if (Math.abs(f[i] - rowShift[i]) > limit) return true;
  for (let j = 0; j < g.length; j++) if (Math.abs(g[j] - columnShift[j]) > limit) return true;
  return false;
}

/** One iteration in the logarithmic domain: two exponentials an entry, but right for potentials of any size. */
export function logSweep(scaling: Scaling, rho: number): void {
  const { rows, columns, a, b, f, g, cost, epsilon } = scaling;
  const damping = rho === Number.POSITIVE_INFINITY ? 1 : rho / (rho + epsilon);
  const row = new Float64Array(columns);
  const most = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  const sums = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    cost.rowInto(row, i);
    let high = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < columns; j++) high = Math.max(high, g[j] - row[j]);
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += b[j] * Math.exp((g[j] - row[j] - high) / epsilon);
    f[i] = -damping * (high + epsilon * Math.log(sum));
    for (let j = 0; j < columns; j++) {
      const exponent = f[i] - row[j];
      if (exponent > most[j]) {
        sums[j] = sums[j] * Math.exp((most[j] - exponent) / epsilon) + a[i];
        most[j] = exponent;
      } else sums[j] += a[i] * Math.exp((exponent - most[j]) / epsilon);
    }
  }
  for (let j = 0; j < columns; j++) g[j] = -damping * (most[j] + epsilon * Math.log(sums[j]));
}
