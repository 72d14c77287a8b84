import { compensatedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import { boundedLipschitzDistance } from '../transport/boundedLipschitz.js';
import type { TransportPlan } from '../transport/certifiedDistance.js';
import { displacementInto } from '../transport/displacement.js';
import { type DistanceRule, pullGradientInto } from './distanceRule.js';

/**
 * Half of the squared bounded-Lipschitz distance D. With the optimal function f, given at the atoms of the reference,
 * `V(x) = D f(x)`, `f(x) = min(1, min_j f(y_j) + dist(x, y_j))`, and at an atom `grad V(x_i) = -D sum_j (P_ij / m_i) log_{x_i}(y_j) /
 * dist(x_i, y_j)`: the way to go has no slope where points meet, and mass that is destroyed does not move. Where nothing is
 * destroyed or created, F has a kink in the total mass, and f is taken in the middle of what is allowed.
 * Source: [ChizatPeyreSchmitzerVialard2018], section 1.
 */
export function boundedLipschitzRule(reference: Measure): DistanceRule {
  return {
    name: 'half squared bounded-Lipschitz distance',
    smooth: true,
    normalizes: false,
    value: (mu) => boundedLipschitzDistance(mu, reference).squared / 2,
    solve(mu) {
      const { value, squared, plan, potentials } = boundedLipschitzDistance(mu, reference);
      const given = potentials?.target.map((potential) => -potential) ?? new Float64Array(reference.count);
      const f = destroysNothing(mu, reference, plan) ? centered(mu, reference, given) : given;
      return {
        value: squared / 2,
        potentialInto(out, points, count) {
          for (let i = 0; i < count; i++) out[i] = value * highest(reference, f, points, i).least;
        },
        gradientInto(out) {
          const { dim, positions, space } = mu;
          for (let i = 0; i < mu.count; i++) {
            if (mu.masses[i] > 0) continue;
            const { at } = highest(reference, f, positions, i);
            out.fill(0, i * dim, (i + 1) * dim);
            const distance = at < 0 ? 0 : space.distance(positions, i * dim, reference.positions, at * dim);
            if (distance === 0) continue;
            const pair = { from: positions, fromStart: i * dim, to: reference.positions, toStart: at * dim };
            displacementInto(space, out, i * dim, pair);
            for (let c = i * dim; c < (i + 1) * dim; c++) out[c] *= -value / distance;
          }
          if (plan === undefined) return;
          out.forEach((_, k) => {
            if (mu.masses[Math.floor(k / dim)] > 0) out[k] = 0;
          });
          const strengths = plan.masses.map((mass, k) => {
            const distance = space.distance(positions, plan.rows[k] * dim, reference.positions, plan.columns[k] * dim);
            return distance === 0 ? 0 : (value * mass) / distance;
          });
          pullGradientInto(out, mu, reference, { rows: plan.rows, columns: plan.columns, strengths });
        },
      };
    },
  };
}

function destroysNothing(mu: Measure, nu: Measure, plan: TransportPlan | undefined): boolean {
  const moved = plan === undefined ? 0 : compensatedSum(plan.masses);
  return [mu, nu].every(({ masses }) => compensatedSum(masses) - moved <= 1e-12 * moved);
}

/** f with a constant added, so that its extremes on both measures are opposite. */
function centered(mu: Measure, nu: Measure, f: Float64Array): Float64Array {
  const values = [...f.filter((_, j) => nu.masses[j] > 0)];
  for (let i = 0; i < mu.count; i++) if (mu.masses[i] > 0) values.push(highest(nu, f, mu.positions, i).least);
  const [low, high] = values.reduce(([least, most], x) => [Math.min(least, x), Math.max(most, x)], [1, -1]);
  return f.map((value) => value - (low + high) / 2);
}

/** `min(1, min_j f_j + dist(x_i, y_j))` over the atoms with mass, and the atom, -1 where 1 is least. */
function highest({ space, dim, count, positions, masses }: Measure, f: Float64Array, points: Float64Array, i: number) {
  let least = 1;
  let at = -1;
  for (let j = 0; j < count; j++) {
    if (!(masses[j] > 0)) continue;
    const value = f[j] + space.distance(points, i * dim, positions, j * dim);
    if (value >= least) continue;
    least = value;
    at = j;
  }
  return { least, at };
}
