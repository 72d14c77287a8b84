import {
  EigenvalueDecomposition,
  LuDecomposition,
  Matrix,
  QrDecomposition,
  SingularValueDecomposition,
} from 'ml-matrix';
import { fail, show } from '../errors.js';
import type { RandomStream } from './random.js';
import { maxAbs } from './vectors.js';

/**
 * Factorizations of flat row-major matrices, for small and middle sizes: O(d^3) time, every call allocates its result.
 * This file is the only one that knows ml-matrix. Every function refuses wrong sizes (`shape-mismatch`) and entries
 * that are not finite (`not-finite`).
 */

/** How far a matrix may be from its transpose, relative to its largest entry, to count as symmetric. */
const symmetryTolerance = 1e-9;

/**
 * Lower triangular L (d*d) with `L L^T = a` for a symmetric positive definite a (d*d).
 *
 * @throws `invalid-argument` if a is not symmetric, or not positive definite up to rounding.
 *
 * @example
 * cholesky(Float64Array.of(4, 2, 2, 5), 2); // [2, 0, 1, 2]
 */
export function cholesky(a: Float64Array, d: number): Float64Array {
  return choleskyFactor(a, d, 'cholesky');
}

/**
 * Solves `a x = b` for a symmetric positive definite a (d*d) and right-hand sides b (d*columns); returns x (d*columns).
 *
 * @throws as {@link cholesky}.
 */
export function solvePositiveDefinite(a: Float64Array, b: Float64Array, d: number, columns = 1): Float64Array {
  const factor = choleskyFactor(a, d, 'solvePositiveDefinite');
  checkMatrix(b, d, columns, 'solvePositiveDefinite');
  const x = b.slice();
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < i; k++)
      for (let j = 0; j < columns; j++) x[i * columns + j] -= factor[i * d + k] * x[k * columns + j];
    for (let j = 0; j < columns; j++) x[i * columns + j] /= factor[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    for (let k = i + 1; k < d; k++)
      for (let j = 0; j < columns; j++) x[i * columns + j] -= factor[k * d + i] * x[k * columns + j];
    for (let j = 0; j < columns; j++) x[i * columns + j] /= factor[i * d + i];
  }
  return x;
}

/**
 * Solves `a x = b` for a regular a (d*d) and right-hand sides b (d*columns) by LU; returns x (d*columns).
 *
 * @throws `invalid-argument` if a is singular up to rounding: a pivot below `d` roundings of its column.
 */
export function solve(a: Float64Array, b: Float64Array, d: number, columns = 1): Float64Array {
  const factor = new LuDecomposition(wrap(a, d, d, 'solve'));
  const right = wrap(b, d, columns, 'solve');
  const pivots = factor.upperTriangularMatrix.diagonal();
  for (let k = 0; k < d; k++) {
    let largest = 0;
    for (let i = 0; i < d; i++) largest = Math.max(largest, Math.abs(a[i * d + k]));
    if (Math.abs(pivots[k]) <= d * Number.EPSILON * largest) {
      refuse('solve', `a singular ${d} x ${d} matrix (pivot ${k} is ${pivots[k]})`, 'a regular matrix');
    }
  }
  return flat(factor.solve(right));
}

/**
 * The shortest x (columns) that minimizes `|a x - b|` for a (rows*columns) and b (rows), by singular values.
 *
 * @param cutoff singular values up to this share of the largest count as 0.
 *
 * @example
 * leastSquares(Float64Array.of(1, 0, 1, 1, 1, 2), Float64Array.of(1, 3, 5), 3, 2); // [1, 2]
 */
export function leastSquares(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  columns: number,
  cutoff = 1e-13,
): Float64Array {
  const factor = new SingularValueDecomposition(wrap(a, rows, columns, 'leastSquares'), { autoTranspose: true });
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = factor;
  checkMatrix(b, rows, 1, 'leastSquares');
  const out = new Float64Array(columns);
  for (let k = 0; k < diagonal.length; k++) {
    if (diagonal[k] <= cutoff * diagonal[0]) continue;
    let coefficient = 0;
    for (let i = 0; i < rows; i++) coefficient += u.get(i, k) * b[i];
    for (let j = 0; j < columns; j++) out[j] += (coefficient / diagonal[k]) * v.get(j, k);
  }
  return out;
}

/** Eigenvalues, ascending, and orthonormal eigenvectors: column k of `vectors` belongs to value k. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** d*d, row-major. */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix (d*d): `a = sum_k values_k v_k v_k^T`.
 *
 * @throws `invalid-argument` if a is not symmetric.
 */
export function symmetricEigen(a: Float64Array, d: number): SymmetricEigen {
  checkMatrix(a, d, d, 'symmetricEigen');
  checkSymmetric(a, d, 'symmetricEigen');
  const factor = new EigenvalueDecomposition(wrap(a, d, d, 'symmetricEigen'), { assumeSymmetric: true });
  const found = factor.realEigenvalues;
  const order = found.map((_, i) => i).sort((i, j) => found[i] - found[j]);
  const vectors = new Float64Array(d * d);
  order.forEach((from, to) => {
    for (let i = 0; i < d; i++) vectors[i * d + to] = factor.eigenvectorMatrix.get(i, from);
  });
  return { values: Float64Array.from(order, (i) => found[i]), vectors };
}

/** Eigenvalues of a real matrix with eigenvectors, largest modulus first; of a conjugate pair the one above the axis first. */
export interface EigenSystem {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
  /**
   * d*d, row-major. Column k belongs to a real eigenvalue k; of a conjugate pair k, k + 1 the columns are the real and
   * the imaginary part of the eigenvector of eigenvalue k.
   */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of any real matrix a (d*d) by the Hessenberg and real Schur forms. Vectors have length 1
 * (pairs: both parts together). Of defective matrices the vectors are dependent.
 *
 * @example
 * eigenSystem(Float64Array.of(0, -2, 2, 0), 2).imaginary; // [2, -2]
 */
export function eigenSystem(a: Float64Array, d: number): EigenSystem {
  const factor = new EigenvalueDecomposition(wrap(a, d, d, 'eigenSystem'), { assumeSymmetric: false });
  const { realEigenvalues: re, imaginaryEigenvalues: im, eigenvectorMatrix: columns } = factor;
  const modulus = (k: number): number => Math.hypot(re[k], im[k]);
  // Pairs are adjacent, the one above the axis first: they are moved together.
  const blocks: number[][] = [];
  for (let k = 0; k < d; k += im[k] === 0 ? 1 : 2) blocks.push(im[k] === 0 ? [k] : [k, k + 1]);
  blocks.sort(([i], [j]) => modulus(j) - modulus(i) || re[j] - re[i]);
  const vectors = new Float64Array(d * d);
  let to = 0;
  for (const block of blocks) {
    let squared = 0;
    for (const from of block) for (let i = 0; i < d; i++) squared += columns.get(i, from) ** 2;
    for (const from of block) {
      for (let i = 0; i < d; i++) vectors[i * d + to] = columns.get(i, from) / Math.sqrt(squared);
      to++;
    }
  }
  const order = blocks.flat();
  return {
    real: Float64Array.from(order, (k) => re[k]),
    imaginary: Float64Array.from(order, (k) => im[k]),
    vectors,
  };
}

/** Singular values of a (rows*columns), descending; min(rows, columns) of them. */
export function singularValues(a: Float64Array, rows: number, columns: number): Float64Array {
  const factor = new SingularValueDecomposition(wrap(a, rows, columns, 'singularValues'), {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  });
  return Float64Array.from(factor.diagonal).sort().reverse();
}

/** `a = q r` with orthonormal columns q (rows*columns) and upper triangular r (columns*columns), its diagonal >= 0. */
export interface QrFactors {
  readonly q: Float64Array;
  readonly r: Float64Array;
}

/**
 * Thin QR factorization of a (rows*columns), rows >= columns; unique where the columns are independent.
 *
 * @throws `invalid-argument` if the columns are dependent up to rounding.
 */
export function qr(a: Float64Array, rows: number, columns: number): QrFactors {
  if (rows < columns) refuse('qr', `a ${rows} x ${columns} matrix`, 'at least as many rows as columns');
  const factor = new QrDecomposition(wrap(a, rows, columns, 'qr'));
  const q = flat(factor.orthogonalMatrix);
  const r = flat(factor.upperTriangularMatrix);
  const least = rows * Number.EPSILON * maxAbs(a);
  for (let k = 0; k < columns; k++) {
    if (Math.abs(r[k * columns + k]) <= least) {
      refuse('qr', `column ${k} of ${rows} x ${columns} depends on those before it`, 'independent columns');
    }
    if (r[k * columns + k] > 0) continue;
    for (let i = 0; i < rows; i++) q[i * columns + k] *= -1;
    for (let j = k; j < columns; j++) r[k * columns + j] *= -1;
  }
  return { q, r };
}

/**
 * The symmetric positive semidefinite s (d*d) with `s s = a`; eigenvalues of a down to -1e-10 of the largest count as 0.
 *
 * @throws `invalid-argument` if a is not symmetric or has a smaller eigenvalue.
 */
export function matrixSquareRoot(a: Float64Array, d: number): Float64Array {
  const { values, vectors } = symmetricEigen(a, d);
  if (values[0] < -1e-10 * Math.abs(values[d - 1])) {
    refuse('matrixSquareRoot', `an eigenvalue ${values[0]}`, 'a symmetric positive semidefinite matrix');
  }
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += Math.sqrt(Math.max(0, values[k])) * (vectors[i * d + k] * vectors[j * d + k]);
      out[i * d + j] = sum;
      out[j * d + i] = sum;
    }
  }
  return out;
}

/**
 * A random orthogonal matrix (d*d) of the uniform (Haar) law: the q of a Gaussian matrix, r having a positive
 * diagonal (without that sign rule the law is not uniform).
 */
export function randomOrthogonal(d: number, random: RandomStream): Float64Array {
  return qr(
    Float64Array.from({ length: d * d }, () => random.normal()),
    d,
    d,
  ).q;
}

function choleskyFactor(a: Float64Array, d: number, where: string): Float64Array {
  checkMatrix(a, d, d, where);
  checkSymmetric(a, d, where);
  const factor = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * d + j];
      for (let k = 0; k < j; k++) sum -= factor[i * d + k] * factor[j * d + k];
      if (j < i) factor[i * d + j] = sum / factor[j * d + j];
      else if (sum > Number.EPSILON * a[i * d + i]) factor[i * d + i] = Math.sqrt(sum);
      else
        refuse(where, `a ${d} x ${d} matrix with pivot ${i} equal to ${sum}`, 'a symmetric positive definite matrix');
    }
  }
  return factor;
}

function checkMatrix(a: Float64Array, rows: number, columns: number, where: string): void {
  if (a.length !== rows * columns || !(rows >= 1 && columns >= 1)) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the matrix has the wrong number of entries',
      got: `${a.length} entries for ${rows} x ${columns}`,
      expected: rows >= 1 && columns >= 1 ? `${rows * columns} entries, row by row` : 'at least one row and one column',
      fix: 'pass a flat row-major array and its sizes',
    });
  }
  for (let i = 0; i < a.length; i++) {
    if (Number.isFinite(a[i])) continue;
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

function checkSymmetric(a: Float64Array, d: number, where: string): void {
  const allowed = symmetryTolerance * maxAbs(a);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(a[i * d + j] - a[j * d + i]) <= allowed) continue;
      refuse(
        where,
        `entries ${a[i * d + j]} at (${i}, ${j}) and ${a[j * d + i]} at (${j}, ${i})`,
        'a symmetric matrix',
      );
    }
  }
}

function refuse(where: string, got: string, expected: string): never {
  return fail({
    code: 'invalid-argument',
    where,
    problem: 'the matrix cannot be factorized',
    got,
    expected,
    fix: 'check how it was made; add a small multiple of the identity, or use leastSquares',
  });
}

function wrap(a: Float64Array, rows: number, columns: number, where: string): Matrix {
  checkMatrix(a, rows, columns, where);
  return Matrix.from1DArray(rows, columns, Array.from(a));
}

function flat(matrix: Matrix): Float64Array {
  return Float64Array.from(matrix.to1DArray());
}
