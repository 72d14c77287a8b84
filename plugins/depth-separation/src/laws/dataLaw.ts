import type { RandomStream } from '@muflow/core';

/** A law of the data that can be sampled exactly. */
export interface DataLaw {
  readonly dim: number;
  /** A sentence part for reports, such as `sinc^4 product`. */
  readonly name: string;
  /**
   * The r for which the square root of the density has its Fourier transform (frequencies `xi`, phases
   * `exp(i <xi, x>)`) in `[-r, r]^dim`; null where there is no such r.
   */
  readonly band: number | null;
  /** Fills `points` with independent draws, row-major; its length is a multiple of `dim`. */
  sampleInto(points: Float64Array, stream: RandomStream): void;
}
