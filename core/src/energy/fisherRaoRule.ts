import type { Measure } from '../measure/measure.js';
import type { DistanceRule } from './distanceRule.js';
import { massesByPlace, placeKey } from './places.js';

/**
 * Half of the squared Fisher-Rao distance (alpha = 1), masses compared place by place. On positive measures it is
 * `2 He^2` with `V = 2 (1 - sqrt(q/p))`; between probabilities `2 phi^2`, `phi = arccos sum sqrt(p q)`, with
 * `V = -(2 phi / sin phi) sqrt(q/p)`. V is -Infinity where the measure has no mass and the reference has some.
 */
export function fisherRaoRule(reference: Measure): DistanceRule {
  const sites = massesByPlace(reference);
  const solve = (mu: Measure): ReturnType<DistanceRule['solve']> => {
    const { dim } = mu;
    const own = massesByPlace(mu);
    const onSphere = mu.kind === 'probability' && reference.kind === 'probability';
    const hellinger = hellingerSquared(own, sites);
    const phi = 2 * Math.asin(Math.min(1, Math.sqrt(hellinger) / 2));
    const stretch = phi < 1e-8 ? 1 : phi / Math.sin(phi);
    return {
      value: onSphere ? 2 * phi * phi : 2 * hellinger,
      potentialInto(out, points, count) {
        for (let i = 0; i < count; i++) {
          const key = placeKey(points, i * dim, dim);
          const q = sites.get(key) ?? 0;
          const root = q === 0 ? 0 : Math.sqrt(q / (own.get(key) ?? 0));
          out[i] = onSphere ? -2 * stretch * root : 2 * (1 - root);
        }
      },
      gradientInto: (out) => void out.fill(0, 0, mu.count * dim),
    };
  };
  return {
    name: 'half squared Fisher-Rao',
    smooth: false,
    normalizes: false,
    value: (mu) => solve(mu).value,
    solve,
  };
}

function hellingerSquared(p: ReadonlyMap<string, number>, q: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [key, mass] of p) sum += (Math.sqrt(mass) - Math.sqrt(q.get(key) ?? 0)) ** 2;
  for (const [key, mass] of q) if (!p.has(key)) sum += mass;
  return sum;
}
