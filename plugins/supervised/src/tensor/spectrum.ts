import { symmetricEigen } from '@muflow/core';

/** `lower <= lambda_max <= upper`, both proven, and a unit vector near the eigenvector. */
export interface LargestEigenvalue {
  readonly lower: number;
  readonly upper: number;
  /** d coordinates; its Rayleigh quotient is at least `lower`. */
  readonly at: Float64Array;
}

const unit = Number.EPSILON;

/**
 * An enclosure of the largest eigenvalue of a symmetric matrix R (d*d) from computed eigenvectors V, whatever their
 * errors: with `E = V^T V - I`, `|E| < 1`, and `g = max_i (B_ii + sum_{j != i} |B_ij|)` of `B = V^T R V`,
 *
 *     lambda_max(R) <= g / (1 - sign(g) |E|),
 *
 * by the circles of Gershgorin; sums of d products carry the error `(2 d + 2) u |R|_F` each. About d^2 u |R|_F wide.
 *
 * @throws `invalid-argument` if R is not symmetric.
 */
export function largestEigenvalue(matrix: Float64Array, d: number): LargestEigenvalue {
  const { vectors } = symmetricEigen(matrix, d);
  let squares = 0;
  for (const r of matrix) squares += r * r;
  const entryError = 1.1 * (2 * d + 2) * unit * Math.sqrt(squares);
  const images = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < d; k++) {
      const r = matrix[i * d + k];
      for (let j = 0; j < d; j++) images[i * d + j] += r * vectors[k * d + j];
    }
  }
  let departure = 0;
  let circle = -Infinity;
  for (let i = 0; i < d; i++) {
    let radius = d * entryError;
    for (let j = 0; j < d; j++) {
      let [quotient, product] = [0, 0];
      for (let k = 0; k < d; k++) {
        quotient += vectors[k * d + i] * images[k * d + j];
        product += vectors[k * d + i] * vectors[k * d + j];
      }
      radius += i === j ? quotient : Math.abs(quotient);
      departure += (product - (i === j ? 1 : 0)) ** 2;
    }
    circle = Math.max(circle, radius);
  }
  const skew = 1.1 * (Math.sqrt(departure) + d * (d + 2) * unit);
  const upper = circle / (circle > 0 ? 1 - skew : 1 + skew);
  const at = Float64Array.from({ length: d }, (_, k) => vectors[k * d + d - 1]);
  let top = 0;
  for (let k = 0; k < d; k++) top += at[k] * images[k * d + d - 1];
  return { lower: Math.min(upper, top - d * entryError - skew * Math.abs(top)), upper, at };
}
