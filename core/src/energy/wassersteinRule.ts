import type { Measure } from '../measure/measure.js';
import { displacementInto } from '../transport/displacement.js';
import { wassersteinDistance } from '../transport/exactWasserstein.js';
import { type DistanceRule, nearestTarget, pullGradientInto } from './distanceRule.js';

/**
 * Half of W2^2. With the potential psi of the reference, `V(x) = min_j dist(x, y_j)^2 - psi_j` over 2, and at an atom
 * `grad V(x_i) = -sum_j (P_ij / m_i) log_{x_i}(y_j)` for an optimal plan P: the envelope theorem, where P is unique.
 * Source: [PeyreCuturi2019], section 9.1.
 */
export function wassersteinRule(reference: Measure): DistanceRule {
  return {
    name: 'half squared W2',
    smooth: true,
    normalizes: true,
    value: (mu) => wassersteinDistance(mu, reference).squared / 2,
    solve: (mu) => solve(mu, reference),
  };
}

function solve(mu: Measure, nu: Measure): ReturnType<DistanceRule['solve']> {
  const { squared, plan, potentials } = wassersteinDistance(mu, nu);
  const target = potentials?.target ?? new Float64Array(nu.count);
  const { rows, columns, masses } = plan ?? noPlan;
  return {
    value: squared / 2,
    potentialInto(out, points, count) {
      for (let i = 0; i < count; i++) out[i] = nearestTarget(nu, target, points, i).least / 2;
    },
    gradientInto(out) {
      const { dim, positions } = mu;
      for (let i = 0; i < mu.count; i++) {
        if (mu.masses[i] > 0) continue;
        const toStart = nearestTarget(nu, target, positions, i).at * dim;
        displacementInto(mu.space, out, i * dim, { from: positions, fromStart: i * dim, to: nu.positions, toStart });
        for (let c = i * dim; c < (i + 1) * dim; c++) out[c] = -out[c];
      }
      pullGradientInto(out, mu, nu, { rows, columns, strengths: masses });
    },
  };
}

const noPlan = { rows: new Int32Array(0), columns: new Int32Array(0), masses: new Float64Array(0) };
