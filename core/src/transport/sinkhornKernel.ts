import type { GroundCost } from './groundCost.js';
import { columnStep, panelRows } from './sinkhornCode.js';
import { giveBack, type SweepEngine, sweepEngine } from './sinkhornEngine.js';

/** Kernels with more entries than this (128 MB) are computed anew in every sweep instead of stored. */
const storedEntries = 2 ** 24;
/** Scalings larger than e^this are absorbed into the kernel. */
const largestScaling = 60;
const numberBytes = 8;
/** Numbers that a loop leaves behind at most. */
const resultNumbers = 2 * panelRows;

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
  /** What an iteration makes of g. */
  readonly image: Float64Array;
  /** The stabilizers F and G: potentials that the kernel has absorbed. */
  readonly rowShift: Float64Array;
  readonly columnShift: Float64Array;
  /** `a_i exp((f_i - F_i) / epsilon)` and `b_j exp((g_j - G_j) / epsilon)`, as of the last sweep. */
  readonly t: Float64Array;
  readonly w: Float64Array;
  /** Sums `sum_j K_ij w_j` and `sum_i K_ij t_i`, as of the last sweep. */
  readonly rowSums: Float64Array;
  readonly columnSums: Float64Array;
  readonly stored: boolean;
  readonly engine: SweepEngine;
  readonly places: Places;
  /** True as long as the stored kernel holds the costs themselves. */
  holdsCosts: boolean;
  /** The largest cost by absolute value; NaN where a sum of costs is not finite. */
  largest: number;
  epsilon: number;
  /** Mass of the plan of the last sweep. */
  mass: number;
}

/** Addresses in the memory of the engine. Columns are padded to multiples of `columnStep`, rows to whole panels. */
interface Places {
  readonly kernel: number;
  readonly w: number;
  readonly columnSums: number;
  readonly columnShift: number;
  readonly g: number;
  readonly t: number;
  readonly line: number;
  readonly masses: number;
  readonly lacking: number;
  readonly results: number;
  /** Where all but the kernel begins and ends. */
  readonly vectors: number;
  readonly end: number;
  /** Bytes of a padded line of columns, and from a line to the next. */
  readonly width: number;
  readonly stride: number;
}

/** Options of {@link createScaling}. */
export interface ScalingOptions {
  /** The most entries of a kernel that is stored. */
  readonly stored?: number;
  /** Makes the memory; the fastest for so many pairs by default. */
  readonly engine?: typeof sweepEngine;
}

/**
 * A problem at potentials from two hard c-transforms, `f_i = min_j c_ij` and `g_j = min_i c_ij - f_i`: every row and
 * every column of the kernel then has an entry 1, whatever the costs.
 */
export function createScaling(
  cost: GroundCost,
  a: Float64Array,
  b: Float64Array,
  options: ScalingOptions = {},
): Scaling {
  const [rows, columns] = [a.length, b.length];
  const stored = rows * columns <= (options.stored ?? storedEntries);
  const { engine, places } = layOut({ rows, columns, stored }, options.engine ?? sweepEngine);
  const view = (address: number, count: number): Float64Array => {
    const first = address / numberBytes;
    return engine.numbers.subarray(first, first + count);
  };
  const scaling: Scaling = {
    ...{
      cost,
      rows,
      columns,
      a,
      b,
      stored,
      engine,
      places,
      holdsCosts: stored,
      largest: 0,
      epsilon: Number.NaN,
      mass: 0,
    },
    ...{ f: new Float64Array(rows), rowShift: new Float64Array(rows), rowSums: new Float64Array(rows) },
    ...{ g: view(places.g, columns), columnShift: view(places.columnShift, columns), t: view(places.t, rows) },
    ...{ w: view(places.w, columns), columnSums: view(places.columnSums, columns), image: new Float64Array(columns) },
  };
  // All but the kernel, and the rows that are missing in its last panel.
  view(places.vectors, (places.end - places.vectors) / numberBytes).fill(0);
  clearMissingRows(scaling);
  transformCosts(scaling);
  // Columns that are not there have no entries in the kernel, and no part in any minimum.
  for (const address of [places.columnShift, places.g]) {
    view(address, places.width / numberBytes).fill(Number.NEGATIVE_INFINITY, columns);
  }
  return scaling;
}

function layOut(
  { rows, columns, stored }: Pick<Scaling, 'rows' | 'columns' | 'stored'>,
  engineWith: typeof sweepEngine,
): { engine: SweepEngine; places: Places } {
  const upTo64 = (bytes: number): number => Math.ceil(bytes / 64) * 64;
  const width = Math.ceil(columns / columnStep) * columnStep * numberBytes;
  // An odd number of cache lines, so that the rows of a panel do not contend for the same places in the cache.
  const stride = upTo64(width) + (upTo64(width) % 128 === 0 ? 64 : 0);
  const padded = Math.ceil(rows / panelRows) * panelRows;
  const heights = upTo64(padded * numberBytes);
  const kernelBytes = (stored ? padded : panelRows) * stride;
  const total = kernelBytes + 7 * stride + heights + resultNumbers * numberBytes;
  const engine = engineWith(total, rows * columns);
  const vectors = engine.start + kernelBytes;
  const line = (k: number): number => vectors + k * stride;
  const places = {
    ...{ kernel: engine.start, vectors, end: engine.start + total, width, stride },
    ...{ w: line(0), columnSums: line(1), columnShift: line(2), g: line(3) },
    ...{ line: line(4), masses: line(5), lacking: line(6) },
    ...{ t: line(7), results: line(7) + heights },
  };
  return { engine, places };
}

/** Zeros in the rows that the last panel lacks: with t = 0 they take no part. */
function clearMissingRows({ rows, stored, engine, places }: Scaling): void {
  const held = rows % panelRows;
  if (held === 0) return;
  const first = places.kernel + (stored ? rows : held) * places.stride;
  const end = first + (panelRows - held) * places.stride;
  engine.numbers.fill(0, first / numberBytes, end / numberBytes);
}

function transformCosts(scaling: Scaling): void {
  const { rows, f, g, engine, places, stored } = scaling;
  const { numbers, loops } = engine;
  g.fill(Number.POSITIVE_INFINITY);
  const at = places.results / numberBytes;
  for (let i = 0; i < rows; i++) {
    const row = stored ? kernelRow(scaling, i) : places.line;
    costsInto(scaling, i, row);
    loops.scan(row, places.g, places.g + places.width, places.results);
    f[i] = Math.min(numbers[at], numbers[at + 1]);
    const most = Math.max(Math.abs(f[i]), Math.abs(numbers[at + 2]), Math.abs(numbers[at + 3]));
    const sum = numbers[at + 4] + numbers[at + 5];
    scaling.largest = Number.isFinite(sum) ? Math.max(scaling.largest, most) : sum - sum;
  }
}

/** The costs of row i at an address of the engine, the last one once more for each column that pads. */
export function costsInto({ cost, columns, engine: { numbers }, places }: Scaling, i: number, address: number): void {
  const first = address / numberBytes;
  cost.rowInto(numbers.subarray(first, first + columns), i);
  for (let at = first + columns; at < first + places.width / numberBytes; at++) numbers[at] = numbers[at - 1];
}

/** Address of the first entry of row i in a stored kernel. */
const kernelRow = ({ places }: Scaling, i: number): number => places.kernel + i * places.stride;

/** Computes row i of the kernel at an address. */
function fillRow(scaling: Scaling, i: number, row: number): void {
  const { places, engine, epsilon, rowShift, holdsCosts } = scaling;
  const { columnShift, width } = places;
  if (!holdsCosts) costsInto(scaling, i, row);
  engine.loops.gibbs(row, columnShift, columnShift + width, rowShift[i], 1 / epsilon);
}

/** Address of row i of the kernel, which is computed if it is not stored. */
export function kernelRowOf(scaling: Scaling, i: number): number {
  if (scaling.stored) return kernelRow(scaling, i);
  fillRow(scaling, i, scaling.places.kernel);
  return scaling.places.kernel;
}

/** Takes the potentials as stabilizers, at a given epsilon. Cost n m exponentials where the kernel is stored. */
export function absorb(scaling: Scaling, epsilon = scaling.epsilon): void {
  const { rows, f, g, rowShift, columnShift, stored } = scaling;
  scaling.epsilon = epsilon;
  rowShift.set(f);
  columnShift.set(g);
  if (!stored) return;
  for (let i = 0; i < rows; i++) fillRow(scaling, i, kernelRow(scaling, i));
  scaling.holdsCosts = false;
}

/**
 * One iteration in a single pass over the kernel: `f_i <- lambda T_i(g)` with the soft c-transform
 * `T_i(g) = -epsilon log sum_j b_j exp((g_j - c_ij) / epsilon)` and `lambda = rho / (rho + epsilon)`, then the same of
 * f into `image`; g stays. A panel of rows is used for both directions while it is in the cache.
 *
 * @param rho - weight of the marginals; Infinity fixes them.
 * @returns how far the column marginal is from what optimality asks, `sum_j |P'1_j - b_j e^(-g_j/rho)|`; rows have
 * what it asks. NaN where a sum has left the range of numbers.
 */
export function sweep(scaling: Scaling, rho: number): number {
  const { rows, columns, b, g, image, places, engine, columnShift, w, columnSums, epsilon } = scaling;
  const balanced = rho === Number.POSITIVE_INFINITY;
  const damping = balanced ? 1 : rho / (rho + epsilon);
  scaleColumns(scaling);
  columnSums.fill(0);
  for (let i = 0; i < rows; i += panelRows) {
    const panel = rowSumsOf(scaling, i);
    if (!scaleRows(scaling, i, rho)) return Number.NaN;
    const { columnSums: sums, width, stride, t } = places;
    engine.loops.spread(panel, stride, sums, sums + width, t + i * numberBytes);
  }
  let error = 0;
  let mass = 0;
  for (let j = 0; j < columns; j++) {
    image[j] = g[j];
    if (columnSums[j] === 0) {
      if (!isForsaken(g[j], rho)) return Number.NaN;
      continue;
    }
    image[j] = damping * (columnShift[j] - epsilon * Math.log(columnSums[j]));
    const moved = w[j] * columnSums[j];
    error += Math.abs(moved - (balanced ? b[j] : b[j] * Math.exp(-g[j] / rho)));
    mass += moved;
  }
  scaling.mass = mass;
  return error < Number.POSITIVE_INFINITY ? error : Number.NaN;
}

/**
 * Half an iteration of a symmetric problem with f = g: the transform `T(g)` into `image`.
 *
 * @returns `sum_i |P1_i - a_i|`, NaN where a sum has left the range of numbers.
 */
export function halfSweep(scaling: Scaling): number {
  const { rows, a, image, w, rowShift, rowSums, epsilon } = scaling;
  scaleColumns(scaling);
  let error = 0;
  let mass = 0;
  for (let i = 0; i < rows; i += panelRows) rowSumsOf(scaling, i);
  for (let i = 0; i < rows; i++) {
    if (rowSums[i] === 0) return Number.NaN;
    image[i] = rowShift[i] - epsilon * Math.log(rowSums[i]);
    error += Math.abs(w[i] * rowSums[i] - a[i]);
    mass += a[i];
  }
  scaling.mass = mass;
  return error < Number.POSITIVE_INFINITY ? error : Number.NaN;
}

function scaleColumns({ columns, b, g, columnShift, w, epsilon }: Scaling): void {
  for (let j = 0; j < columns; j++) w[j] = b[j] * Math.exp((g[j] - columnShift[j]) / epsilon);
}

/** `sum_j K_ij w_j` for the panel of rows from i on, whose address it returns. */
function rowSumsOf(scaling: Scaling, i: number): number {
  const { rows, stored, rowSums, engine, places } = scaling;
  const end = Math.min(i + panelRows, rows);
  const panel = stored ? kernelRow(scaling, i) : places.kernel;
  if (!stored) {
    for (let r = i; r < end; r++) fillRow(scaling, r, panel + (r - i) * places.stride);
    if (end < i + panelRows) clearMissingRows(scaling);
  }
  engine.loops.sums(panel, places.stride, places.w, places.w + places.width, places.results);
  const first = places.results / numberBytes - 2 * i;
  for (let r = i; r < end; r++) rowSums[r] = engine.numbers[first + 2 * r] + engine.numbers[first + 2 * r + 1];
  return panel;
}

/** Sets f, and with it t, for the panel of rows from i on. False where a row has no entry left. */
function scaleRows({ rows, a, f, t, rowShift, rowSums, epsilon }: Scaling, i: number, rho: number): boolean {
  const end = Math.min(i + panelRows, rows);
  const damping = rho / (rho + epsilon);
  for (let r = i; r < end; r++) {
    const sum = rowSums[r];
    if (sum === 0) {
      if (!isForsaken(f[r], rho)) return false;
      t[r] = 0;
    } else if (rho === Number.POSITIVE_INFINITY) {
      f[r] = rowShift[r] - epsilon * Math.log(sum);
      t[r] = a[r] / sum;
    } else {
      f[r] = damping * (rowShift[r] - epsilon * Math.log(sum));
      t[r] = a[r] * Math.exp((f[r] - rowShift[r]) / epsilon);
    }
  }
  return true;
}

/** True where an atom keeps less than 1e-280 of its mass, so that neither plan nor dual value can see its potential. */
const isForsaken = (potential: number, rho: number): boolean => Math.exp(-potential / rho) < 1e-280;

/** Gives the memory of a scaling back: none of its arrays may be read afterwards. */
export function release({ engine }: Scaling): void {
  giveBack(engine);
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
