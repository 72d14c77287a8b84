/** A function to approximate. */
export interface Target {
  readonly dim: number;
  /** True for complex values, written as re, im interleaved. */
  readonly complex: boolean;
  /** A sentence part for reports, such as `exp(i <omega, relu(x)>)`. */
  readonly name: string;
  /**
   * Writes g at the first `count` rows of `points`.
   *
   * @param out count numbers, or 2 count where `complex`.
   * @param points count * dim, row-major.
   */
  valuesInto(out: Float64Array, points: Float64Array, count: number): void;
}
