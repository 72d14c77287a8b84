import { type AnalyticProgram, analyticProgram } from './chebyshevAnalytic.js';
import type { ScalarBox } from './chebyshevRounding.js';
import {
  byDifferences,
  type Coordinate,
  coordinateRange,
  type Ranges,
  type SumStructure,
} from './chebyshevStructure.js';

/** Parameters of the ellipses on which formulas are bounded. */
const parameters = [1.3, 1.7, 2.2, 3, 4, 6, 9, 14, 25, 60, 200] as const;

/** Into how many parts the range of a coordinate is cut when a formula is bounded over it. */
const parts = { difference: 8, cell: 2 } as const;

/** A bound on the norm of interpolation in n Chebyshev nodes, as sup over sup [Rivlin1974]. */
export function lebesgue(order: number): number {
  // A thousandth more covers nodes that are rounded, see `isSharp` of the plan.
  return order === 1 ? 1 : 1.001 * (1 + (2 / Math.PI) * Math.log(order));
}

/** Where a box is cut into cells: half widths of the cells, and their centers. */
export interface Cells {
  readonly range: readonly [number, number];
  readonly cells: number;
}

/** For every coordinate, and every ellipse, the largest modulus of every component; `moduli[c][e][k]`. */
export interface EllipseBounds {
  readonly moduli: readonly (readonly Float64Array[])[];
  /** How often each coordinate is interpolated in: once for a point, twice for a difference. */
  readonly times: readonly number[];
}

/** Bounds the components of a sum off the real line, on the ellipses around the cells of one coordinate at a time. */
export interface EllipseBounder {
  bound(rows: readonly Cells[], columns: readonly Cells[], uniforms: ScalarBox): EllipseBounds;
}

/**
 * Chebyshev interpolation on a cell of half width r converges like `rho^-n` where the function is analytic in the ellipse
 * with half axes `r (rho +- 1/rho)/2` around it. This finds `M(rho) = sup |k|` over the ellipses of all cells of one
 * coordinate, the others running over their real boxes, in interval arithmetic on strips that cover the upper halves
 * (the lower ones are mirror images, formulas being real on the real line). A difference of two coordinates is one coordinate
 * whose ellipses have their centers anywhere in its range. Cost: coordinates x ellipses x strips runs of the program.
 */
export function ellipseBounder(structure: SumStructure): EllipseBounder {
  const { expressions, coordinates } = byDifferences(
    structure.components.map(({ expression }) => expression),
    structure,
  );
  const program = analyticProgram(expressions);
  const count = expressions.length;
  const found = new Float64Array(count);
  return {
    bound(rows, columns, uniforms) {
      const ranges = coordinates.map((coordinate) => coordinateRange(coordinate, rangesOf(rows), rangesOf(columns)));
      const moduli = coordinates.map((coordinate) => {
        const cells = cellsOf(coordinate, rows, columns);
        let analytic = true;
        return parameters.map((rho) => {
          const most = new Float64Array(count);
          // A larger ellipse holds the smaller ones.
          if (!analytic) return most.fill(Infinity);
          setReal(program, { coordinates, ranges, uniforms });
          const slot = 2 * program.inputs.indexOf(coordinate.variable);
          forStrips({ ...cells, rho }, (low, high, height) => {
            program.lower[slot] = low;
            program.upper[slot] = high;
            program.lower[slot + 1] = 0;
            program.upper[slot + 1] = height;
            program.boundInto(found);
            for (let k = 0; k < count; k++) most[k] = Math.max(most[k], found[k]);
            return most.some(Number.isFinite);
          });
          analytic = most.some(Number.isFinite);
          return most;
        });
      });
      return {
        moduli,
        times: coordinates.map(({ row, column }) => (row !== undefined && column !== undefined ? 2 : 1)),
      };
    },
  };
}

const halfWidth = ({ range, cells }: Cells): number => ((range[1] - range[0]) / cells / 2) * (1 + 2 ** -19);

const rangesOf = (cells: readonly Cells[]): Ranges => cells.map(({ range }) => range);

interface CellRange {
  readonly range: readonly [number, number];
  readonly radius: number;
  /** Cells that are bounded one by one, or 0: then every center of the range, in so many parts. */
  readonly cells: number;
}

function cellsOf(coordinate: Coordinate, rows: readonly Cells[], columns: readonly Cells[]): CellRange {
  const x = coordinate.row === undefined ? undefined : rows[coordinate.row];
  const y = coordinate.column === undefined ? undefined : columns[coordinate.column];
  const isDifference = x !== undefined && y !== undefined;
  const range = isDifference
    ? coordinateRange(coordinate, rangesOf(rows), rangesOf(columns))
    : ((x ?? y)?.range ?? [0, 0]);
  const radius = Math.max(x === undefined ? 0 : halfWidth(x), y === undefined ? 0 : halfWidth(y));
  return { range, radius, cells: isDifference ? 0 : ((x ?? y)?.cells ?? 1) };
}

/** Visits rectangles that cover the upper halves of the ellipses; stops where `visit` returns false. */
function forStrips(
  { range, radius, cells, rho }: CellRange & { readonly rho: number },
  visit: (low: number, high: number, height: number) => boolean,
): void {
  const safe = 1 + 1e-9;
  const long = (safe * radius * (rho + 1 / rho)) / 2;
  const high = (safe * radius * (rho - 1 / rho)) / 2;
  const [from, to] = range;
  if (cells === 0) {
    const [start, end] = [from - (long - radius), to + (long - radius)];
    const width = (end - start) / parts.difference;
    for (let p = 0; p < parts.difference; p++) {
      if (!visit(start + p * width, p + 1 === parts.difference ? end : start + (p + 1.0001) * width, high)) return;
    }
    return;
  }
  for (let c = 0; c < cells; c++) {
    const center = from + ((to - from) * (c + 0.5)) / cells;
    const width = (2 * long) / parts.cell;
    for (let p = 0; p < parts.cell; p++) {
      if (!visit(center - long + p * width, center - long + (p + 1.0001) * width, high)) return;
    }
  }
}

/** Sets every input to its real range. */
function setReal(
  { inputs, lower, upper }: AnalyticProgram,
  given: {
    readonly coordinates: readonly Coordinate[];
    readonly ranges: readonly (readonly [number, number])[];
    readonly uniforms: ScalarBox;
  },
): void {
  const byName = new Map(given.coordinates.map(({ variable }, c) => [variable, given.ranges[c]]));
  for (let k = 0; k < inputs.length; k++) {
    const [low, high] = byName.get(inputs[k]) ?? given.uniforms[inputs[k]];
    lower[2 * k] = low;
    upper[2 * k] = high;
    lower[2 * k + 1] = 0;
    upper[2 * k + 1] = 0;
  }
}

/**
 * The error of tensor interpolation in n nodes per coordinate, for every component. On one coordinate the polynomial is
 * at most `1 + Lambda` times as far away as the truncated Chebyshev series, which is within
 * `2 M rho^-(n-1)/(rho - 1)` [Trefethen2019, theorem 8.2]; further coordinates cost a factor `Lambda` each.
 */
export function interpolationErrors({ moduli, times }: EllipseBounds, order: number, count: number): Float64Array {
  const norm = lebesgue(order);
  const errors = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    let factor = 1;
    for (let c = 0; c < moduli.length; c++) {
      let least = Infinity;
      for (let e = 0; e < parameters.length; e++) {
        const rho = parameters[e];
        const tail = (2 * moduli[c][e][k] * rho ** (1 - order)) / (rho - 1);
        if (tail < least) least = tail;
      }
      for (let t = 0; t < times[c]; t++) {
        errors[k] += factor * (1 + norm) * least;
        factor *= norm;
      }
    }
    errors[k] *= 1 + 1e-9;
  }
  return errors;
}
