import type { Measure } from '../measure/measure.js';
import { displacementInto } from '../transport/displacement.js';
import { energyDistance } from '../transport/energyDistance.js';
import type { DistanceRule } from './distanceRule.js';

/**
 * Half of the squared energy distance, `V(x) = sum_j b_j dist(x, y_j) - sum_k a_k dist(x, x_k)`, with gradient 0 of a
 * distance at its kink, where points agree. Source: [SzekelyRizzo2013].
 */
export function energyDistanceRule(reference: Measure): DistanceRule {
  return {
    name: 'half squared energy distance',
    smooth: true,
    normalizes: true,
    value: (mu) => energyDistance(mu, reference).squared / 2,
    solve: (mu) => ({
      value: energyDistance(mu, reference).squared / 2,
      potentialInto(out, points, count) {
        out.fill(0, 0, count);
        addDistances(out, { at: points, count }, reference, 1);
        addDistances(out, { at: points, count }, mu, -1);
      },
      gradientInto(out) {
        out.fill(0, 0, mu.count * mu.dim);
        addDirections(out, mu, reference, 1);
        addDirections(out, mu, mu, -1);
      },
    }),
  };
}

/** Adds `sign sum_j m_j dist(x_i, y_j)` at `count` points. */
function addDistances(out: Float64Array, points: { at: Float64Array; count: number }, nu: Measure, sign: number): void {
  const { space, dim, masses, positions } = nu;
  for (let i = 0; i < points.count; i++) {
    for (let j = 0; j < nu.count; j++) {
      out[i] += sign * masses[j] * space.distance(points.at, i * dim, positions, j * dim);
    }
  }
}

/** Adds `sign sum_j m_j grad_x dist(x_i, y_j)`, the unit vectors away from y_j. */
function addDirections(out: Float64Array, mu: Measure, nu: Measure, sign: number): void {
  const { space, dim } = mu;
  const step = new Float64Array(dim);
  for (let i = 0; i < mu.count; i++) {
    for (let j = 0; j < nu.count; j++) {
      const distance = space.distance(mu.positions, i * dim, nu.positions, j * dim);
      if (distance === 0) continue;
      displacementInto(space, step, 0, {
        from: mu.positions,
        fromStart: i * dim,
        to: nu.positions,
        toStart: j * dim,
      });
      for (let c = 0; c < dim; c++) out[i * dim + c] -= (sign * nu.masses[j] * step[c]) / distance;
    }
  }
}
