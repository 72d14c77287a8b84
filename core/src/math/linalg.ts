import { CholeskyDecomposition, EigenvalueDecomposition, LuDecomposition, Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix';
import { fail, show } from '../errors.js';
import type { RandomStream } from './random.js';

/** Factorizations of flat row-major matrices. This file is the only one that knows ml-matrix. */

function wrap(a: Float64Array, rows: number, columns: number, where: string): Matrix {
  if (a.length !== rows * columns || rows < 1 || columns < 1) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the matrix has the wrong number of entries',
      got: `${a.length} entries for ${rows} x ${columns}`,
      expected: `${rows * columns} entries, row by row`,
      fix: 'pass a flat row-major array',
    });
  }
  for (let i = 0; i < a.length; i++) {
    if (!Number.isFinite(a[i])) {
      fail({
        code: 'not-finite',
        where,
        problem: `entry (${Math.floor(i / columns)}, ${i % columns}) is not finite`,
        got: show(a[i]),
        expected: 'finite entries',
        fix: 'look for the first non-finite value upstream',
      });
    }
  }
  return Matrix.from1DArray(rows, columns, Array.from(a));
}

const flat = (matrix: Matrix): Float64Array => Float64Array.from(matrix.to1DArray());

function singular(where: string, what: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem: 'the matrix cannot be factorized',
    got: what,
    expected: where === 'cholesky' ? 'a symmetric positive definite matrix' : 'a regular matrix',
    fix: 'add a small multiple of the identity, or use leastSquares',
  });
}

/** Lower triangular L with `L L^T = a` (d*d). */
export function cholesky(a: Float64Array, d: number): Float64Array {
  const factor = new CholeskyDecomposition(wrap(a, d, d, 'cholesky'));
  if (!factor.isPositiveDefinite()) singular('cholesky', `a ${d} x ${d} matrix that is not positive definite`);
  return flat(factor.lowerTriangularMatrix);
}

/** Solves `a x = b` for a symmetric positive definite a (d*d) and one right-hand side (d). */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const factor = new CholeskyDecomposition(wrap(a, d, d, 'solvePositiveDefinite'));
  if (!factor.isPositiveDefinite()) singular('solvePositiveDefinite', `a ${d} x ${d} matrix that is not positive definite`);
  return flat(factor.solve(wrap(b, d, 1, 'solvePositiveDefinite')));
}

/** Solves `a x = b` for a regular a (d*d) by LU. */
export function solve(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const factor = new LuDecomposition(wrap(a, d, d, 'solve'));
  if (factor.isSingular()) singular('solve', `a singular ${d} x ${d} matrix`);
  return flat(factor.solve(wrap(b, d, 1, 'solve')));
}

/** The shortest x that minimizes `|a x - b|` for a (rows*columns), by singular values; `cutoff` relative to the largest. */
export function leastSquares(a: Float64Array, b: Float64Array, rows: number, columns: number, cutoff = 1e-13): Float64Array {
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = new SingularValueDecomposition(
    wrap(a, rows, columns, 'leastSquares'),
    { autoTranspose: true },
  );
  const right = wrap(b, rows, 1, 'leastSquares');
  const out = new Float64Array(columns);
  for (let k = 0; k < diagonal.length; k++) {
    if (diagonal[k] <= cutoff * diagonal[0]) continue;
    let coefficient = 0;
    for (let i = 0; i < rows; i++) coefficient += u.get(i, k) * right.get(i, 0);
    for (let j = 0; j < columns; j++) out[j] += (coefficient / diagonal[k]) * v.get(j, k);
  }
  return out;
}

/** Eigenvalues (ascending, d) and orthonormal eigenvectors (column k of d*d belongs to value k) of a symmetric matrix. */
export function symmetricEigen(a: Float64Array, d: number): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const factor = new EigenvalueDecomposition(wrap(a, d, d, 'symmetricEigen'), { assumeSymmetric: true });
  const order = factor.realEigenvalues.map((_, i) => i).sort((i, j) => factor.realEigenvalues[i] - factor.realEigenvalues[j]);
  const vectors = new Float64Array(d * d);
  order.forEach((from, to) => {
    for (let i = 0; i < d; i++) vectors[i * d + to] = factor.eigenvectorMatrix.get(i, from);
  });
  return { values: Float64Array.from(order, (i) => factor.realEigenvalues[i]), vectors };
}

/** Singular values, descending. */
export function singularValues(a: Float64Array, rows: number, columns: number): Float64Array {
  const factor = new SingularValueDecomposition(wrap(a, rows, columns, 'singularValues'), {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  });
  return Float64Array.from(factor.diagonal).sort().reverse();
}

/** The symmetric square root of a positive semidefinite matrix (d*d); eigenvalues below rounding count as 0. */
export function matrixSquareRoot(a: Float64Array, d: number): Float64Array {
  const { values, vectors } = symmetricEigen(a, d);
  const largest = Math.max(Math.abs(values[0]), Math.abs(values[d - 1]));
  if (values[0] < -1e-10 * largest) singular('matrixSquareRoot', `an eigenvalue ${values[0]}`);
  const out = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const root = Math.sqrt(Math.max(0, values[k]));
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) out[i * d + j] += root * vectors[i * d + k] * vectors[j * d + k];
    }
  }
  return out;
}

/** A random orthogonal matrix (d*d) of the uniform (Haar) law: QR of a Gaussian matrix with the signs of R removed. */
export function randomOrthogonal(d: number, random: RandomStream): Float64Array {
  const gaussian = Float64Array.from({ length: d * d }, () => random.normal());
  const factor = new QrDecomposition(wrap(gaussian, d, d, 'randomOrthogonal'));
  const q = factor.orthogonalMatrix;
  const r = factor.upperTriangularMatrix;
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) out[i * d + j] = q.get(i, j) * (r.get(j, j) < 0 ? -1 : 1);
  }
  return out;
}
