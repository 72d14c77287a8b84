import type { Measure } from '../measure/measure.js';
import { sphericalHellingerKantorovich } from '../transport/sphericalHellingerKantorovich.js';
import { type DistanceRule, scaledSolution } from './distanceRule.js';
import { wfrRule } from './wfrRule.js';

/**
 * Half of the squared spherical distance of shapes, `SHK = (4/sqrt alpha) arcsin(sqrt(alpha) WFR / 4)`: by the chain rule
 * the derivatives of half of WFR^2 times `SHK / (WFR sqrt(1 - alpha WFR^2 / 16))`, at most pi/2. Source: [LaschosMielke2019].
 */
export function sphericalRule(reference: Measure, alpha: number): DistanceRule {
  const flat = wfrRule(reference, alpha);
  return {
    name: `half squared SHK(${alpha})`,
    smooth: true,
    normalizes: true,
    value: (mu) => sphericalHellingerKantorovich(mu, reference, { alpha }).squared / 2,
    solve(mu) {
      const solved = flat.solve(mu);
      const square = 2 * solved.value;
      const sine = Math.sqrt((alpha * square) / 16);
      const angle = Math.asin(Math.min(1, sine));
      const factor = sine > 0 ? angle / (sine * Math.cos(angle)) : 1;
      return scaledSolution(solved, factor, (8 / alpha) * angle * angle);
    },
  };
}
