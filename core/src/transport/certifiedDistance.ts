/** A sparse coupling: `masses[k]` goes from atom `rows[k]` of the first measure to atom `columns[k]` of the second. */
export interface TransportPlan {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** Positive masses, one per entry; entries are ordered by row, then by column. */
  readonly masses: Float64Array;
}

/**
 * Dual potentials, one number per atom of either measure, in the units of the squared distance (of the cost where
 * the cost is a formula): feasible, so that their dual value is a lower bound.
 */
export interface TransportPotentials {
  readonly source: Float64Array;
  readonly target: Float64Array;
}

/** A distance with what is proved about it: `lower <= true distance <= upper`. */
export interface CertifiedDistance {
  readonly value: number;
  readonly squared: number;
  readonly lower: number;
  readonly upper: number;
  /** `exact`: a closed form, or a finite algorithm that ended; true up to rounding. */
  readonly status: 'exact' | 'converged' | 'maxIterations';
  readonly iterations: number;
  readonly plan?: TransportPlan;
  readonly potentials?: TransportPotentials;
}

/** The certificate of a closed form: both bounds are the value. */
export function exactDistance(value: number): CertifiedDistance {
  return { value, squared: value * value, lower: value, upper: value, status: 'exact', iterations: 0 };
}
