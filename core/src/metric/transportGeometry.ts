import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from '../transport/certifiedDistance.js';
import { exactDistance } from '../transport/certifiedDistance.js';
import { wassersteinDistance } from '../transport/exactWasserstein.js';
import { fisherRaoDistance, fisherRaoGeodesic } from '../transport/fisherRao.js';
import { sharedSupport } from '../transport/sharedSupport.js';
import { sphericalGeodesic, sphericalHellingerKantorovich } from '../transport/sphericalHellingerKantorovich.js';
import { wassersteinGeodesic } from '../transport/wassersteinGeodesic.js';
import { wfrDistance } from '../transport/wfrDistance.js';
import { wfrGeodesic } from '../transport/wfrGeodesic.js';
import type { Metric } from './metric.js';

/**
 * Distance and geodesics of the metric `int |v|^2 / gamma + r^2 / alpha dmu`: `W2 / sqrt gamma` without reaction,
 * Fisher-Rao divided by `sqrt alpha` without transport, else `WFR_{alpha/gamma} / sqrt gamma`, in its spherical form
 * between probabilities, as the metric conserves their mass.
 */
export function transportGeometry(gamma: number, alpha: number): Required<Pick<Metric, 'distance' | 'geodesic'>> {
  if (alpha === 0) {
    return {
      distance: (mu, nu) => scaled(wassersteinDistance(mu, nu), 1 / Math.sqrt(gamma)),
      geodesic: (mu, nu) => wassersteinGeodesic(mu, nu),
    };
  }
  if (gamma === 0) {
    return {
      distance: (mu, nu) => placewiseDistance(mu, nu, alpha),
      geodesic: fisherRaoGeodesic,
    };
  }
  const options = { alpha: alpha / gamma };
  const conserved = (mu: Measure, nu: Measure): boolean => mu.kind === 'probability' && nu.kind === 'probability';
  return {
    distance: (mu, nu) => {
      const solve = conserved(mu, nu) ? sphericalHellingerKantorovich : wfrDistance;
      return scaled(solve(mu, nu, options), 1 / Math.sqrt(gamma));
    },
    geodesic: (mu, nu) => (conserved(mu, nu) ? sphericalGeodesic : wfrGeodesic)(mu, nu, options),
  };
}

/** A distance in other units; bounds give way by the rounding of the product. */
function scaled(found: CertifiedDistance, factor: number): CertifiedDistance {
  if (factor === 1) return found;
  const { potentials } = found;
  const rescale = (values: Float64Array): Float64Array => values.map((value) => value * factor * factor);
  return {
    ...found,
    value: found.value * factor,
    squared: found.squared * factor * factor,
    lower: found.lower * factor * (1 - 2 ** -50),
    upper: found.upper * factor * (1 + 2 ** -50),
    ...(potentials && {
      potentials: { source: rescale(potentials.source), target: rescale(potentials.target) },
    }),
  };
}

/** The Fisher-Rao distance at rate alpha of masses place by place: an atom that one measure lacks has no mass there. */
export function placewiseDistance(mu: Measure, nu: Measure, alpha: number): CertifiedDistance {
  const kind = mu.kind === 'positive' || nu.kind === 'positive' ? 'positive' : 'probability';
  const shared = mu.count === nu.count && mu.positions.every((x, k) => x === nu.positions[k]);
  const [p, q] = shared ? [mu, nu] : sharedSupport(mu, nu);
  return exactDistance(fisherRaoDistance(p, q, kind) / Math.sqrt(alpha));
}
