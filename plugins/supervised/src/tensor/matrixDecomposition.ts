import { type Energy, fail, parseFormula, product, type SignedAtoms, type Space, sphere } from '@muflow/core';
import type { PenalizedProblem } from '../certificate/penalizedProblem.js';
import { largestEigenvalue } from './spectrum.js';
import { squareEnergy } from './squareEnergy.js';

/** A matrix to be written as a sum of few `u v^T` of unit vectors. */
export interface MatrixDecomposition {
  /** p*q, row-major. */
  readonly matrix: Float64Array;
  /** p and q, at least 2. */
  readonly rows: number;
  readonly columns: number;
  /** Penalty lambda >= 0 of the total variation: of the nuclear norm. */
  readonly lambda: number;
}

/** The space of the atoms `(u, v)`. */
export const unitPairs = (rows: number, columns: number): Space => product([sphere(rows), sphere(columns)]);

/**
 * The energy of low-rank matrix decomposition over positive measures on pairs of unit vectors,
 *
 *     F(mu) = (1/2) |int u v^T dmu - M|^2 + lambda |mu|,   V(u, v) = <R, u v^T> + lambda,   R = int u v^T dmu - M.
 *
 * The least mass of a measure with `int u v^T dmu = A` is the nuclear norm of A, so that the minimizing matrix is M with
 * its singular values lowered by lambda: `F* = sum_i h(sigma_i)`, `h(s) = lambda s - lambda^2 / 2` above lambda and
 * `s^2 / 2` below. Cost O(n p q). Source: [ChizatBach2018], section 2.
 *
 * @throws `shape-mismatch` for a matrix that does not fit, `invalid-argument` for a lambda below 0.
 * @example
 * const energy = matrixEnergy({ matrix: Float64Array.of(2, 0, 0, 1), rows: 2, columns: 2, lambda: 0.1 });
 */
export function matrixEnergy({ matrix, rows, columns, lambda }: MatrixDecomposition): Energy {
  checkShape('matrixEnergy', matrix, rows, columns);
  const map = {
    name: `matrix decomposition, ${rows} by ${columns}`,
    space: unitPairs(rows, columns),
    size: rows * columns,
    goal: matrix,
    featuresInto: (out: Float64Array, points: Float64Array, start: number, weight: number) => {
      for (let i = 0; i < rows; i++) {
        const u = weight * points[start + i];
        for (let j = 0; j < columns; j++) out[i * columns + j] = u * points[start + rows + j];
      }
    },
    correlateInto: (out: Float64Array, at: number, residual: Float64Array, points: Float64Array, start: number) => {
      let value = 0;
      for (let j = 0; j < columns; j++) out[at + rows + j] = 0;
      for (let i = 0; i < rows; i++) {
        const u = points[start + i];
        let image = 0;
        for (let j = 0; j < columns; j++) {
          const r = residual[i * columns + j];
          image += r * points[start + rows + j];
          out[at + rows + j] += u * r;
        }
        out[at + i] = image;
        value += u * image;
      }
      return value;
    },
  };
  return squareEnergy(map, { lambda });
}

/**
 * The same problem for `dualityGap`: its supremum is the largest singular value of the residual, enclosed as the largest
 * eigenvalue of `(0 R; R^T 0)`.
 *
 * @throws as {@link matrixEnergy}.
 */
export function matrixProblem({ matrix, rows, columns, lambda }: MatrixDecomposition): PenalizedProblem {
  checkShape('matrixProblem', matrix, rows, columns);
  const space = unitPairs(rows, columns);
  const formula = parseFormula('dot(u, x)*dot(v, y)', {
    variables: {
      u: { role: 'row', size: rows },
      v: { role: 'row', size: columns },
      x: { role: 'column', size: rows },
      y: { role: 'column', size: columns },
    },
  });
  return {
    space,
    lambda,
    sign: 'positive',
    residualOf(nu) {
      const residual = residualMatrix(matrix, rows, columns, nu);
      let squaredNorm = 0;
      for (const r of residual) squaredNorm += r * r;
      const dim = rows + columns;
      const correlations = Float64Array.from(nu.weights, (_, k) =>
        bilinear(residual, rows, columns, nu.positions, k * dim),
      );
      // <R, u v^T> = sum_i <u, e_i> <v, R_i>: a sum over the rows of R.
      const positions = new Float64Array(rows * dim);
      for (let i = 0; i < rows; i++) {
        positions[i * dim + i] = 1;
        positions.set(residual.subarray(i * columns, (i + 1) * columns), i * dim + rows);
      }
      const names = (first: string, second: string) => [
        { name: first, size: rows },
        { name: second, size: columns },
      ];
      const over = { count: rows, positions, weights: new Float64Array(rows).fill(1) };
      const correlation = { formula, space, variables: names('u', 'v'), against: { variables: names('x', 'y'), over } };
      return { squaredNorm, correlations, correlation, supremum: () => largestSingularValue(residual, rows, columns) };
    },
  };
}

function residualMatrix(matrix: Float64Array, rows: number, columns: number, nu: SignedAtoms): Float64Array {
  const residual = matrix.slice();
  for (let k = 0; k < nu.weights.length; k++) {
    const start = k * (rows + columns);
    for (let i = 0; i < rows; i++) {
      const u = nu.weights[k] * nu.positions[start + i];
      for (let j = 0; j < columns; j++) residual[i * columns + j] -= u * nu.positions[start + rows + j];
    }
  }
  return residual;
}

/** `u^T R v` of the pair at `start`. */
function bilinear(residual: Float64Array, rows: number, columns: number, points: Float64Array, start: number): number {
  let value = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) value += points[start + i] * residual[i * columns + j] * points[start + rows + j];
  }
  return value;
}

/** An enclosure of the largest singular value, with a pair of unit vectors near it. */
function largestSingularValue(residual: Float64Array, rows: number, columns: number) {
  const d = rows + columns;
  const dilation = new Float64Array(d * d);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      dilation[i * d + rows + j] = residual[i * columns + j];
      dilation[(rows + j) * d + i] = residual[i * columns + j];
    }
  }
  const { lower, upper, at } = largestEigenvalue(dilation, d);
  unitPairs(rows, columns).projectInto(at, at, 1);
  // At the moved point, so that it is a value; never above the bound.
  return { lower: Math.min(lower, bilinear(residual, rows, columns, at, 0)), upper, at };
}

function checkShape(where: string, matrix: Float64Array, rows: number, columns: number): void {
  const whole = Number.isInteger(rows) && Number.isInteger(columns) && rows >= 2 && columns >= 2;
  if (whole && matrix.length === rows * columns && matrix.every(Number.isFinite)) return;
  fail({
    code: 'shape-mismatch',
    where,
    problem: 'the matrix does not fit',
    got: `${matrix.length} entries for ${rows} rows and ${columns} columns`,
    expected: 'rows * columns finite entries, rows and columns at least 2',
    fix: 'pass the entries row by row',
  });
}
