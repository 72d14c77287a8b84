import { type Backend, fail } from '@muflow/core';

/** Side of the square blocks: products of 128 columns keep the multiplication at its speed, and little is left to the rest. */
const side = 128;

/**
 * Factorizes a symmetric positive definite a (n*n) in place: on return the lower triangle with the diagonal is L, `L L^T = a`.
 * Reads the lower triangle alone and leaves what is strictly above the diagonal as it is. Yields the share of the work that is
 * done after every block of columns. Cost n^3/3 operations, nearly all in products of matrices; allocates 4 blocks of rows.
 * Source: [GotoVanDeGeijn2008] for the products; right-looking in blocks.
 *
 * @throws `invalid-argument` naming the pivot where a is not positive definite up to rounding.
 */
export function* blockCholesky(a: Float64Array, n: number, backend: Backend): Generator<number, void> {
  const panel = new Float64Array(n * side);
  const products = new Float64Array(side * n);
  for (let first = 0; first < n; first += side) {
    const width = Math.min(side, n - first);
    const below = first + width;
    factorDiagonal(a, n, first, width);
    solvePanel(a, n, first, width);
    const rows = n - below;
    for (let i = 0; i < rows; i++) {
      const from = (below + i) * n + first;
      for (let k = 0; k < width; k++) panel[i * width + k] = a[from + k];
    }
    for (let top = 0; top < rows; top += side) {
      const height = Math.min(side, rows - top);
      const columns = top + height;
      const strip = panel.subarray(top * width, (top + height) * width);
      backend.matmulInto(products, strip, panel, { n: height, k: width, m: columns, transposeB: true });
      for (let i = 0; i < height; i++) {
        const to = (below + top + i) * n + below;
        const from = i * columns;
        for (let j = 0; j <= top + i; j++) a[to + j] -= products[from + j];
      }
    }
    yield 1 - (rows / n) ** 3;
  }
}

/** The block on the diagonal, row by row. */
function factorDiagonal(a: Float64Array, n: number, first: number, width: number): void {
  for (let i = first; i < first + width; i++) {
    const original = a[i * n + i];
    for (let j = first; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = first; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      if (j < i) a[i * n + j] = sum / a[j * n + j];
      else if (sum > Number.EPSILON * Math.abs(original)) a[i * n + i] = Math.sqrt(sum);
      else refuse(n, i, sum);
    }
  }
}

/** Rows below the block: `x L11^T = a21`. */
function solvePanel(a: Float64Array, n: number, first: number, width: number): void {
  for (let i = first + width; i < n; i++) {
    for (let j = first; j < first + width; j++) {
      let sum = a[i * n + j];
      for (let k = first; k < j; k++) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = sum / a[j * n + j];
    }
  }
}

/** Solves `L L^T x = b` in place for the lower triangle of a factor (n*n). */
export function solveFactored(factor: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = x[i];
    for (let k = 0; k < i; k++) sum -= factor[i * n + k] * x[k];
    x[i] = sum / factor[i * n + i];
  }
  // By columns of L^T, which are rows of L.
  for (let i = n - 1; i >= 0; i--) {
    x[i] /= factor[i * n + i];
    for (let k = 0; k < i; k++) x[k] -= factor[i * n + k] * x[i];
  }
}

/**
 * Diagonal of `(L L^T)^-1`: sums of squares of the columns of L^-1, which overwrites the lower triangle of the factor. Yields
 * the share that is done after every block of rows. Cost n^3/3 operations in products of matrices.
 */
export function* inverseDiagonalInto(
  out: Float64Array,
  factor: Float64Array,
  n: number,
  backend: Backend,
): Generator<number, void> {
  const left = new Float64Array(side * n);
  const right = new Float64Array(n * side);
  const [sum, part] = [new Float64Array(side * side), new Float64Array(side * side)];
  out.fill(0, 0, n);
  for (let top = 0; top < n; top += side) {
    const height = Math.min(side, n - top);
    const inverse = invertDiagonal(factor, n, top, height);
    for (let first = 0; first < top; first += side) {
      // Block (top, first) of L^-1 is `-inverse(L_tt) sum_k L_tk (L^-1)_kf`, k from first on: what is above is 0.
      const depth = top - first;
      copyBlock(left, factor, n, { row: top, column: first, rows: height, columns: depth });
      copyBlock(right, factor, n, { row: first, column: first, rows: depth, columns: side });
      for (let i = 0; i < side; i++) right.fill(0, i * side + i + 1, (i + 1) * side);
      backend.matmulInto(sum, left, right, { n: height, k: depth, m: side });
      backend.matmulInto(part, inverse, sum, { n: height, k: height, m: side });
      // Row `top` of the factor is read from column `first` on only in this step and from later columns in later ones.
      for (let i = 0; i < height; i++) {
        const to = (top + i) * n + first;
        for (let j = 0; j < side; j++) {
          const entry = -part[i * side + j];
          factor[to + j] = entry;
          out[first + j] += entry * entry;
        }
      }
    }
    for (let i = 0; i < height; i++) {
      for (let j = 0; j <= i; j++) {
        const entry = inverse[i * height + j];
        factor[(top + i) * n + top + j] = entry;
        out[top + j] += entry * entry;
      }
    }
    yield ((top + height) / n) ** 3;
  }
}

/** Inverse (height*height) of a lower triangular block. */
function invertDiagonal(a: Float64Array, n: number, top: number, height: number): Float64Array {
  const out = new Float64Array(height * height);
  for (let i = 0; i < height; i++) {
    const row = (top + i) * n + top;
    const own = 1 / a[row + i];
    out[i * height + i] = own;
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += a[row + k] * out[k * height + j];
      out[i * height + j] = -own * sum;
    }
  }
  return out;
}

interface Block {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

function copyBlock(out: Float64Array, a: Float64Array, n: number, { row, column, rows, columns }: Block): void {
  for (let i = 0; i < rows; i++) {
    const from = (row + i) * n + column;
    for (let j = 0; j < columns; j++) out[i * columns + j] = a[from + j];
  }
}

function refuse(n: number, pivot: number, value: number): never {
  return fail({
    code: 'invalid-argument',
    where: 'kernelRidge',
    problem: 'the matrix of kernel values and penalty is not positive definite',
    got: `a ${n} x ${n} matrix with pivot ${pivot} equal to ${value}`,
    expected: 'positive pivots',
    fix: 'take a larger penalty, or leave out rows that are there twice',
  });
}
