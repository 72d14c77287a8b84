import { fisherRaoGeodesic } from '../transport/fisherRao.js';
import { descentMetric } from './descentMetric.js';
import type { Metric } from './metric.js';
import { placewiseDistance } from './transportGeometry.js';

export interface FisherRaoOptions {
  /** Reaction rate alpha > 0, default 1. */
  readonly alpha?: number;
}

/**
 * The Fisher-Rao metric: atoms stay, masses follow `dm_i/dt = r_i m_i` with `r = -alpha V` on positive measures
 * and `r = -alpha (V - Vbar)` on probabilities (the replicator equation).
 *
 * Squared length of a tangent: `int r^2 / alpha dmu`; at alpha = 1 it is `sum mdot^2 / m`.
 * Hence `dF/dt = -alpha int (V - Vbar)^2 dmu`. Distances compare masses place by place: an atom that only one of
 * the measures has is as far as it can be. Geodesics are between measures with the same atoms. Source: [LieroMielkeSavare2018].
 *
 * @throws `invalid-argument` for an alpha that is not finite and positive.
 *
 * @example
 * ```ts
 * import { fisherRao } from '@muflow/core';
 * console.log(fisherRao({ alpha: 4 }).conservesMass('probability')); // => true
 * ```
 */
export function fisherRao({ alpha = 1 }: FisherRaoOptions = {}): Metric {
  const metric = descentMetric({ name: 'fisherRao', gamma: 0, alpha, blocks: [] });
  return {
    ...metric,
    distance: (mu, nu) => placewiseDistance(mu, nu, alpha),
    geodesic: fisherRaoGeodesic,
  };
}
