import type { CoordinateBlock } from './blocks.js';
import { descentMetric } from './descentMetric.js';
import type { Metric } from './metric.js';
import { transportGeometry } from './transportGeometry.js';

export interface WassersteinFisherRaoOptions {
  /** Reaction rate alpha >= 0, default 1; 0 leaves transport alone. */
  readonly alpha?: number;
  /** Transport rate gamma >= 0, default 1; 0 leaves reaction alone. */
  readonly gamma?: number;
  /** Coordinates that move at their own rate, relative to gamma; 0 freezes them. */
  readonly blocks?: readonly CoordinateBlock[];
}

/**
 * The Wasserstein-Fisher-Rao metric: atoms move by `v = -gamma grad V` and masses by `dm_i/dt = r_i m_i` with
 * `r = -alpha V` on positive measures, `r = -alpha (V - Vbar)` on probabilities.
 *
 * In the dynamics: `d_t mu = gamma div(mu grad V) - alpha (V - Vbar) mu`. Squared length of a tangent:
 * `int |v|^2 / gamma + r^2 / alpha dmu`; at gamma = 1, alpha = 4 it is Hellinger-Kantorovich.
 * Sources: [ChizatPeyreSchmitzerVialard2018], [LieroMielkeSavare2018].
 *
 * Without blocks it measures: `distance` is that of this action, with proven bounds, and `geodesic` its shortest path,
 * conserving mass (the spherical form) between probabilities.
 *
 * @throws `invalid-argument` for rates that are negative, not finite, or both 0.
 *
 * @example
 * ```ts
 * import { wassersteinFisherRao } from '@muflow/core';
 * const metric = wassersteinFisherRao({ alpha: 1, gamma: 0.1 });
 * console.log(metric.conservesMass('positive')); // => false
 * ```
 */
export function wassersteinFisherRao(options: WassersteinFisherRaoOptions = {}): Metric {
  const { alpha = 1, gamma = 1, blocks = [] } = options;
  const metric = descentMetric({ name: 'wassersteinFisherRao', gamma, alpha, blocks });
  return blocks.length === 0 ? { ...metric, ...transportGeometry(gamma, alpha) } : metric;
}
