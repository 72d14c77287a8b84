import type { FirstVariation } from '../energy/energy.js';
import type { Measure, MeasureKind, Tangent } from '../measure/measure.js';
import type { CertifiedDistance } from '../transport/certifiedDistance.js';

export type { CertifiedDistance } from '../transport/certifiedDistance.js';

/**
 * A Riemannian metric on measures: it turns a first variation into motion.
 * Steepest descent has `dF/dt = -norm2(tangent)`: that identity is a law of every metric.
 */
export interface Metric {
  readonly name: string;
  /** Moves atoms (needs gradients). */
  readonly transports: boolean;
  /** Changes masses. */
  readonly reacts: boolean;
  /**
   * The transport rate gamma, where all coordinates have the same one: following `(1/beta) int log mu dmu`
   * in this metric takes noise of temperature `gamma / beta`.
   */
  readonly mobility?: number;
  /** The transport rate of each of `dim` coordinates, where the metric has such rates. */
  rates?(dim: number): Float64Array;
  conservesMass(kind: MeasureKind): boolean;
  /** Steepest descent: writes velocity and growth; parts the metric does not use are null in `out`. */
  descendInto(out: Tangent, firstVariation: FirstVariation, mu: Measure): void;
  /** Squared length of a tangent vector, e.g. `int |v|^2 / gamma + r^2 / alpha dmu`. */
  norm2(mu: Measure, tangent: Tangent): number;
  distance?(mu: Measure, nu: Measure): CertifiedDistance;
  /** Constant-speed geodesic from mu (t = 0) to nu (t = 1). */
  geodesic?(mu: Measure, nu: Measure): (t: number) => Measure;
}
