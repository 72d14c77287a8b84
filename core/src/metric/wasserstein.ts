import type { CoordinateBlock } from './blocks.js';
import { descentMetric } from './descentMetric.js';
import type { Metric } from './metric.js';
import { transportGeometry } from './transportGeometry.js';

export interface WassersteinOptions {
  /** Transport rate gamma > 0, default 1. */
  readonly rate?: number;
  /** Coordinates that move at their own rate, relative to `rate`; 0 freezes them. */
  readonly blocks?: readonly CoordinateBlock[];
}

/**
 * The metric of optimal transport, W2: steepest descent is `v = -gamma grad V`, masses stay.
 *
 * Squared length of a tangent: `int |v|^2 / gamma dmu`, per block `|v_b|^2 / (gamma rate_b)`. Hence
 * `dF/dt = -gamma int |grad V|^2 dmu` along the flow. Source: [AmbrosioGigliSavare2008], chapter 8.
 *
 * Without blocks it measures: `distance` is `W2 / sqrt gamma` with proven bounds, `geodesic` displacement interpolation.
 *
 * @throws `invalid-argument` for a rate that is not finite and positive, or blocks that overlap.
 *
 * @example
 * ```ts
 * import { wasserstein } from '@muflow/core';
 * const metric = wasserstein({ blocks: [{ start: 0, end: 1, rate: 0 }] }); // coordinate 0 is frozen
 * console.log(metric.transports, metric.reacts); // => true false
 * ```
 */
export function wasserstein({ rate = 1, blocks = [] }: WassersteinOptions = {}): Metric {
  const metric = descentMetric({ name: 'wasserstein', gamma: rate, alpha: 0, blocks });
  return blocks.length === 0 ? { ...metric, ...transportGeometry(rate, 0) } : metric;
}
