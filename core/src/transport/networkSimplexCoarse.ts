import { refuseInfinite } from './exactResult.js';
import type { GroundCost } from './groundCost.js';
import type { SpanningTree } from './networkSimplexTree.js';

/** One atom of so many is taken into the coarse problem. */
const sampled = 4;
/** Smaller problems have none: their first tree is as good. */
const fewAtoms = 100;

/** Rows and columns in orders where near atoms are near each other. */
export interface AtomOrders {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

/** A transport problem between some of the rows and columns. */
export interface CoarseProblem {
  readonly cost: GroundCost;
  readonly units: Float64Array;
  readonly orders: AtomOrders;
  /** Rows of the whole problem behind its rows. */
  readonly rows: Int32Array;
}

/**
 * The problem between a quarter of the atoms, taken at equal steps of mass along the orders, or null where the problem is
 * small already.
 *
 * @param units - whole masses of rows, then of columns.
 */
export function coarseProblem(cost: GroundCost, units: Float64Array, orders: AtomOrders): CoarseProblem | null {
  if (Math.min(cost.rows, cost.columns) < fewAtoms) return null;
  const from = sampleByMass(units.subarray(0, cost.rows), orders.rows);
  const to = sampleByMass(units.subarray(cost.rows), orders.columns);
  const [rows, columns] = [from.atoms, to.atoms];
  const coarse = new Float64Array(rows.length + columns.length);
  rows.forEach((_, k) => {
    coarse[k] = from.points[k] * to.total;
  });
  columns.forEach((_, k) => {
    coarse[rows.length + k] = to.points[k] * from.total;
  });
  return {
    cost: costBetween(cost, rows, columns),
    units: coarse,
    orders: { rows: rows.map((_, k) => k), columns: columns.map((_, k) => k) },
    rows,
  };
}

/** Atoms with how many of the points each holds that halve equal parts of the mass, and the number of these points. */
interface MassSample {
  readonly atoms: Int32Array;
  readonly points: Float64Array;
  readonly total: number;
}

function sampleByMass(units: Float64Array, order: Int32Array): MassSample {
  let mass = 0;
  for (let k = 0; k < units.length; k++) mass += units[k];
  const total = Math.ceil(units.length / sampled);
  const atoms = new Int32Array(total);
  const points = new Float64Array(total);
  let [count, taken, passed] = [0, 0, 0];
  for (const x of order) {
    passed += units[x];
    const reached = Math.min(total, Math.floor((passed / mass) * total + 0.5));
    if (reached === taken) continue;
    atoms[count] = x;
    points[count++] = reached - taken;
    taken = reached;
  }
  return { atoms: atoms.slice(0, count), points: points.slice(0, count), total };
}

function costBetween(cost: GroundCost, rows: Int32Array, columns: Int32Array): GroundCost {
  const line = new Float64Array(cost.columns);
  return {
    ...cost,
    rows: rows.length,
    columns: columns.length,
    rowInto(out, i) {
      cost.rowInto(line, rows[i]);
      let sum = 0;
      for (let k = 0; k < columns.length; k++) {
        const c = line[columns[k]];
        out[k] = c;
        sum += c;
      }
      if (!Number.isFinite(sum)) checkCosts(line, rows[i]);
    },
    between: (i, j) => cost.between(rows[i], columns[j]),
  };
}

/** Refuses costs of a row that are no finite numbers. */
export function checkCosts(line: Float64Array, i: number): void {
  const j = line.findIndex((c) => !Number.isFinite(c));
  if (j < 0) return;
  refuseInfinite(line[j], `between atom ${i} with mass of the first measure and ${j} of the second`);
}

/**
 * Potentials of all columns from those of the coarse rows, `v_j = min_k c(x_k, y_j) - u_k`. Cost: a pass over the coarse
 * rows.
 */
export function extendedPotentials(cost: GroundCost, rows: Int32Array, { potential }: SpanningTree): Float64Array {
  const line = new Float64Array(cost.columns);
  const v = new Float64Array(cost.columns).fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < rows.length; k++) {
    cost.rowInto(line, rows[k]);
    const u = potential[k];
    for (let j = 0; j < v.length; j++) if (line[j] - u < v[j]) v[j] = line[j] - u;
  }
  return v;
}
