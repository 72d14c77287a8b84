import type { FirstVariation } from '../energy/energy.js';
import type { Measure, MeasureKind, Tangent } from '../measure/measure.js';

/** A distance with what is proved about it: `lower <= true distance <= upper`. */
export interface CertifiedDistance {
  readonly value: number;
  readonly squared: number;
  readonly lower: number;
  readonly upper: number;
  readonly status: 'exact' | 'converged' | 'maxIterations';
  readonly iterations: number;
}

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
  conservesMass(kind: MeasureKind): boolean;
  /** Steepest descent: writes velocity and growth; parts the metric does not use are null in `out`. */
  descendInto(out: Tangent, firstVariation: FirstVariation, mu: Measure): void;
  /** Squared length of a tangent vector, e.g. `int |v|^2 / gamma + r^2 / alpha dmu`. */
  norm2(mu: Measure, tangent: Tangent): number;
  distance?(mu: Measure, nu: Measure): CertifiedDistance;
  /** Constant-speed geodesic from mu (t = 0) to nu (t = 1). */
  geodesic?(mu: Measure, nu: Measure): (t: number) => Measure;
}
