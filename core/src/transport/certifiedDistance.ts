/** A distance with what is proved about it: `lower <= true distance <= upper`. */
export interface CertifiedDistance {
  readonly value: number;
  readonly squared: number;
  readonly lower: number;
  readonly upper: number;
  /** `exact`: a closed form, or a finite algorithm that ended; true up to rounding. */
  readonly status: 'exact' | 'converged' | 'maxIterations';
  readonly iterations: number;
}

/** The certificate of a closed form: both bounds are the value. */
export function exactDistance(value: number): CertifiedDistance {
  return { value, squared: value * value, lower: value, upper: value, status: 'exact', iterations: 0 };
}
