import { defaultBackend } from '../compute/defaultBackend.js';
import { fail, show } from '../errors.js';
import { column, row } from '../formula/build.js';
import type { Expression } from '../formula/expression.js';
import { substitute, variablesOf } from '../formula/inspect.js';
import { parseFormula } from '../formula/parse.js';
import type { Space } from '../space/space.js';
import { squaredDistanceRows } from './groundCostKernel.js';

/** Costs between two families of points, computed when they are asked for: no rows*columns matrix is stored. */
export interface GroundCost {
  readonly rows: number;
  readonly columns: number;
  /** Bound of the relative rounding error of one cost. */
  readonly relativeError: number;
  /** True where no cost is below 0. */
  readonly nonnegative: boolean;
  /** `out_j = c(x_i, y_j)` for all columns j. */
  rowInto(out: Float64Array, i: number): void;
  between(i: number, j: number): number;
}

/** The points of a transport problem: rows*dim and columns*dim numbers, row-major. */
export interface CostPoints {
  readonly space: Space;
  readonly rows: number;
  readonly columns: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Atoms of one end: count*dim numbers. */
interface EndPoints {
  readonly count: number;
  readonly positions: Float64Array;
}

/** The atoms of both ends as points of a transport problem. */
export const costPoints = (space: Space, [source, target]: readonly [EndPoints, EndPoints]): CostPoints => ({
  space,
  rows: source.count,
  columns: target.count,
  x: source.positions,
  y: target.positions,
});

/** Half a unit in the last place of 1. */
export const roundingUnit = 2 ** -53;

/**
 * The cost `c(x, y) = dist(x, y)^p` of the geodesic distance of the space; about a nanosecond a coordinate on flat spaces.
 *
 * @param p - exponent > 0.
 */
export function distanceCost(points: CostPoints, p: number): GroundCost {
  const { space, rows, columns } = points;
  const rowInto = distanceRows(points, p);
  const one = { ...points, columns: 1, y: new Float64Array(space.dim) };
  const single = distanceRows({ ...one, rows: 1 }, p);
  const value = new Float64Array(1);
  return {
    rows,
    columns,
    relativeError: (space.dim + 8 + 4 * p) * roundingUnit,
    nonnegative: true,
    rowInto,
    // The same code for one pair and for a row, so that both give the same bits.
    between(i, j) {
      for (let c = 0; c < space.dim; c++) one.y[c] = points.y[j * space.dim + c];
      single(value, i);
      return value[0];
    },
  };
}

function distanceRows(points: CostPoints, p: number): GroundCost['rowInto'] {
  const { space, columns } = points;
  const flat = space.kind === 'euclidean' || space.kind === 'box';
  if (flat || space.kind === 'torus') {
    const squaredInto = flat ? euclideanRows(points) : torusRows(points);
    if (p === 2) return squaredInto;
    return (out, i) => {
      squaredInto(out, i);
      if (p === 1) for (let j = 0; j < columns; j++) out[j] = Math.sqrt(out[j]);
      else for (let j = 0; j < columns; j++) out[j] **= p / 2;
    };
  }
  const { x, y } = points;
  const d = space.dim;
  return (out, i) => {
    for (let j = 0; j < columns; j++) out[j] = space.distance(x, i * d, y, j * d) ** p;
  };
}

/** Squared Euclidean distances, coordinates in order: a kernel and a loop give the same bits. */
function euclideanRows({ space, rows, columns, x, y }: CostPoints): GroundCost['rowInto'] {
  const d = space.dim;
  const fast = squaredDistanceRows({ rows, columns, dim: d, x, y });
  if (fast !== null) return fast;
  if (d === 1) {
    return (out, i) => {
      const x0 = x[i];
      for (let j = 0; j < columns; j++) out[j] = (x0 - y[j]) * (x0 - y[j]);
    };
  }
  if (d === 2) {
    return (out, i) => {
      const x0 = x[2 * i];
      const x1 = x[2 * i + 1];
      for (let j = 0; j < columns; j++) {
        const a = x0 - y[2 * j];
        const b = x1 - y[2 * j + 1];
        out[j] = a * a + b * b;
      }
    };
  }
  return (out, i) => {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let c = 0; c < d; c++) {
        const difference = x[i * d + c] - y[j * d + c];
        sum += difference * difference;
      }
      out[j] = sum;
    }
  };
}

/** Squared distances on a flat torus: each difference to the nearest representative. */
function torusRows({ space, columns, x, y }: CostPoints): GroundCost['rowInto'] {
  const d = space.dim;
  const period = (2 * space.diameter) / Math.sqrt(d);
  return (out, i) => {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let c = 0; c < d; c++) {
        const difference = Math.abs(x[i * d + c] - y[j * d + c]);
        const short = Math.min(difference, period - difference);
        sum += short * short;
      }
      out[j] = sum;
    }
  };
}

/**
 * The cost given by a formula in `x` (a point of the first measure) and `y` (of the second): vectors of the dimension
 * of the space, scalars on the line.
 *
 * @throws `parse` where the text is no formula; `shape-mismatch` if it is a vector or uses other variables.
 */
export function formulaCost(where: string, points: CostPoints, formula: string | Expression): GroundCost {
  const { space, rows, columns, x, y } = points;
  const d = space.dim;
  const reads = readCost(where, formula, d);
  // A row of costs is one value for each y, so the points y are the rows of the kernel.
  const kernel = defaultBackend().compile({ outputs: [{ name: 'cost', expression: reads, reduce: 'sum' }] });
  const point = new Float64Array(d);
  const other = new Float64Array(d);
  const single = new Float64Array(1);
  const run = (out: Float64Array, i: number, targets: Float64Array, count: number): void => {
    for (let c = 0; c < d; c++) point[c] = x[i * d + c];
    kernel.run({ rows: count, columns: 1, inputs: { x: point, y: targets }, out: { cost: out } });
  };
  return {
    rows,
    columns,
    relativeError: 64 * roundingUnit,
    nonnegative: false,
    rowInto: (out, i) => run(out, i, y, columns),
    between(i, j) {
      for (let c = 0; c < d; c++) other[c] = y[j * d + c];
      run(single, i, other, 1);
      return single[0];
    },
  };
}

/** The formula with `y` as the row and `x` as the column variable. */
function readCost(where: string, formula: string | Expression, d: number): Expression {
  const names = { x: { role: 'row', size: d }, y: { role: 'column', size: d } } as const;
  const expression = typeof formula === 'string' ? parseFormula(formula, { variables: names }) : formula;
  for (const { name, role, size } of variablesOf(expression)) {
    if ((name === 'x' && role === 'row' && size === d) || (name === 'y' && role === 'column' && size === d)) continue;
    refuse(
      where,
      `the cost uses ${show(name)}`,
      `a ${role} variable of size ${size}`,
      `x (row, ${d}), y (column, ${d})`,
    );
  }
  if (expression.size !== 1) refuse(where, 'the cost is a vector', `size ${expression.size}`, 'a scalar');
  return substitute(
    expression,
    new Map([
      [row('x', d), column('x', d)],
      [column('y', d), row('y', d)],
    ]),
  );
}

function refuse(where: string, problem: string, got: string, expected: string): never {
  return fail({
    code: 'shape-mismatch',
    where,
    problem,
    got,
    expected,
    fix: 'write the cost of x and y as one number',
  });
}
