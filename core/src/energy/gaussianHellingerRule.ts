import type { Measure } from '../measure/measure.js';
import { displacementInto } from '../transport/displacement.js';
import { gaussianHellinger } from '../transport/gaussianHellinger.js';
import { type DistanceRule, nearestTarget, pullGradientInto } from './distanceRule.js';

/**
 * Half of the squared Gaussian-Hellinger discrepancy. With the potential psi of the reference,
 * `V(x) = (rho/2) (1 - exp(-phi(x)/rho))`, `phi(x) = min_j dist(x, y_j)^2 - psi_j`, and at an atom
 * `grad V(x_i) = -sum_j (P_ij / m_i) log_{x_i}(y_j)` for the optimal plan P. Source: [LieroMielkeSavare2018], section 7.8.
 */
export function gaussianHellingerRule(reference: Measure, rho: number): DistanceRule {
  return {
    name: `half squared Gaussian-Hellinger(${rho})`,
    smooth: true,
    normalizes: false,
    value: (mu) => gaussianHellinger(mu, reference, { rho }).squared / 2,
    solve(mu) {
      const { squared, plan, potentials } = gaussianHellinger(mu, reference, { rho });
      const psi = potentials?.target ?? new Float64Array(reference.count);
      return {
        value: squared / 2,
        potentialInto(out, points, count) {
          for (let i = 0; i < count; i++)
            out[i] = (-rho / 2) * Math.expm1(-nearestTarget(reference, psi, points, i).least / rho);
        },
        gradientInto(out) {
          const { dim, positions, space } = mu;
          for (let i = 0; i < mu.count; i++) {
            if (mu.masses[i] > 0) continue;
            const { least, at } = nearestTarget(reference, psi, positions, i);
            out.fill(0, i * dim, (i + 1) * dim);
            if (!Number.isFinite(least)) continue;
            const pair = { from: positions, fromStart: i * dim, to: reference.positions, toStart: at * dim };
            displacementInto(space, out, i * dim, pair);
            for (let c = i * dim; c < (i + 1) * dim; c++) out[c] *= -Math.exp(-least / rho);
          }
          if (plan === undefined) return;
          pullGradientInto(out, mu, reference, { rows: plan.rows, columns: plan.columns, strengths: plan.masses });
        },
      };
    },
  };
}
