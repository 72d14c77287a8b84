/** More than the rounding error of a Cholesky factorization of `M + shift I`, by which its diagonal is lowered. */
export function choleskyMargin(matrix: Float64Array, m: number, shift: number): number {
  let trace = 0;
  for (let k = 0; k < m; k++) trace += Math.abs(matrix[k * m + k]) + Math.abs(shift);
  return trace * (m + 4) * 2 ** -50;
}

/**
 * True only if `M + shift I` is positive semidefinite: its Cholesky factorization in doubles ends although the
 * diagonal was lowered by more than the rounding error of the factorization. Cost m^3/6. Source: [Rump2006].
 * @param matrix - m*m, symmetric; the lower triangle is read.
 * @param factor - m*m numbers of room.
 */
export function isPositiveSemidefinite(matrix: Float64Array, factor: Float64Array, m: number, shift: number): boolean {
  const margin = choleskyMargin(matrix, m, shift);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * m + j] + (i === j ? shift - margin : 0);
      for (let k = 0; k < j; k++) sum -= factor[i * m + k] * factor[j * m + k];
      if (i === j) {
        if (!(sum > 0)) return false;
        factor[i * m + i] = Math.sqrt(sum);
      } else factor[i * m + j] = sum / factor[j * m + j];
    }
  }
  return true;
}
