import type { Space } from '../space/space.js';

/** `probability`: total mass 1, conserved by every metric; `positive`: a finite mass. */
export type MeasureKind = 'probability' | 'positive';

/**
 * A discrete measure `sum_i m_i delta_{x_i}` on a space. The stored state is the log-mass, so masses
 * stay positive by construction. A measure handed out is immutable by contract: nobody writes to its arrays.
 */
export interface Measure {
  readonly space: Space;
  readonly kind: MeasureKind;
  /** Number of atoms n. */
  readonly count: number;
  /** Coordinates per atom d. */
  readonly dim: number;
  /** n*d, row-major. */
  readonly positions: Float64Array;
  /** n; -Infinity is an atom of no mass. */
  readonly logMasses: Float64Array;
  /** n; exp of the log-masses, computed on first use. */
  readonly masses: Float64Array;
  /** n; stable lineage: an atom keeps its id for life, a newborn gets a fresh one. */
  readonly ids: Uint32Array;
  /** The id that the next newborn atom gets. */
  readonly nextId: number;
}

/** The state of a run: one measure per player; learning is the case of one player. */
export type Profile = readonly Measure[];

/** A tangent vector at a measure: velocity of each atom (n*d) and growth rate `d log m_i / dt` (n); null is zero. */
export interface Tangent {
  readonly velocity: Float64Array | null;
  readonly growth: Float64Array | null;
}
