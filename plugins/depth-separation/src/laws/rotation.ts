import { fail, show } from '@muflow/core';

/** How far `U U^T` may be from the identity, entry by entry. */
const tolerance = 1e-10;

/**
 * A copy of an orthogonal matrix, checked.
 *
 * @param rotation U, dim*dim numbers, row-major.
 * @throws `shape-mismatch` for another size; `invalid-argument` unless `|U U^T - I| <= 1e-10` in every entry.
 */
export function checkedRotation(where: string, rotation: Float64Array, dim: number): Float64Array {
  if (rotation.length !== dim * dim) {
    fail({
      code: 'shape-mismatch',
      where,
      problem: 'the rotation is of another size',
      got: `${rotation.length} numbers`,
      expected: `${dim} x ${dim} numbers, row by row`,
      fix: 'pass an orthogonal matrix of the dimension of the data',
    });
  }
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let k = 0; k < dim; k++) product += rotation[i * dim + k] * rotation[j * dim + k];
      if (Math.abs(product - (i === j ? 1 : 0)) <= tolerance) continue;
      fail({
        code: 'invalid-argument',
        where,
        problem: 'the hypothesis "U is orthogonal" is not met',
        got: `<row ${i}, row ${j}> = ${show(product)}`,
        expected: `${i === j ? 1 : 0} to within ${tolerance}`,
        fix: 'draw one with randomOrthogonal(dim, stream), or leave the rotation out',
      });
    }
  }
  return rotation.slice();
}

/** `out = U x` for the row x of `points` that begins at `at`. */
export function rotateInto(out: Float64Array, rotation: Float64Array, points: Float64Array, at: number): void {
  const dim = out.length;
  for (let i = 0; i < dim; i++) {
    let sum = 0;
    for (let k = 0; k < dim; k++) sum += rotation[i * dim + k] * points[at + k];
    out[i] = sum;
  }
}
