import type { Measure } from '../measure/measure.js';
import { displacementInto } from '../transport/displacement.js';
import { semiCouplingCost } from '../transport/semiCoupling.js';
import { wfrAngle, wfrCost } from '../transport/wfrCosts.js';
import { solveWfr, type WfrSolution } from '../transport/wfrDistance.js';
import { type DistanceRule, pullGradientInto } from './distanceRule.js';

/**
 * Half of WFR^2. With the dual point Q of the reference, `V(x) = (2/alpha) (1 - max_j cos^2 th(x, y_j) / Q_j)`, and at an
 * atom `grad V(x_i) = -sum_j (sqrt(g0_ij g1_ij) / m_i) (sin th_ij / th_ij) log_{x_i}(y_j)` for the optimal semi-coupling:
 * the envelope theorem. V is -Infinity at atoms of no mass within reach of isolated mass of the reference.
 * Source: [LieroMielkeSavare2018].
 */
export function wfrRule(reference: Measure, alpha: number): DistanceRule {
  const solved = (mu: Measure): WfrSolution => solveWfr('distanceEnergy', [mu, reference], { alpha });
  const half = ({ coupling }: WfrSolution): number => (2 / alpha) * semiCouplingCost(coupling);
  return {
    name: `half squared WFR(${alpha})`,
    smooth: true,
    normalizes: false,
    value: (mu) => half(solved(mu)),
    solve(mu) {
      const solution = solved(mu);
      return {
        value: half(solution),
        potentialInto(out, points, count) {
          for (let i = 0; i < count; i++) out[i] = (-2 / alpha) * Math.expm1(-best(solution, points, i).least);
        },
        gradientInto: (out) => gradientInto(out, mu, reference, solution),
      };
    },
  };
}

function gradientInto(out: Float64Array, mu: Measure, nu: Measure, solution: WfrSolution): void {
  const { dim, positions, space } = mu;
  const { coupling, sides, v, alpha } = solution;
  const [source, target] = sides;
  for (let i = 0; i < mu.count; i++) {
    if (mu.masses[i] > 0) continue;
    const { at, least } = best(solution, positions, i);
    const pair = { from: positions, fromStart: i * dim, to: target.positions, toStart: Math.max(at, 0) * dim };
    out.fill(0, i * dim, (i + 1) * dim);
    if (!Number.isFinite(least)) continue;
    const angle = wfrAngle(space.distance(positions, i * dim, target.positions, at * dim), alpha);
    displacementInto(space, out, i * dim, pair);
    const strength = Math.exp(v[at]) * Math.cos(angle) * sinc(angle);
    for (let c = i * dim; c < (i + 1) * dim; c++) out[c] *= -strength;
  }
  pullGradientInto(out, mu, nu, {
    rows: coupling.rows.map((i) => source.atoms[i]),
    columns: coupling.columns.map((j) => target.atoms[j]),
    strengths: coupling.from.map((mass, k) => Math.sqrt(mass * coupling.to[k]) * sinc(coupling.angles[k])),
  });
}

const sinc = (angle: number): number => (angle === 0 ? 1 : Math.sin(angle) / angle);

/** `u(x_i) = min_j c(x_i, y_j) - v_j` over the reference within reach; Infinity, at -1, where there is none. */
function best({ sides, space, v, alpha }: WfrSolution, points: Float64Array, i: number) {
  const [, target] = sides;
  const d = space.dim;
  let least = Number.POSITIVE_INFINITY;
  let at = -1;
  for (let j = 0; j < target.count; j++) {
    const cost = wfrCost(wfrAngle(space.distance(points, i * d, target.positions, j * d), alpha));
    if (cost === Number.POSITIVE_INFINITY || cost - v[j] >= least) continue;
    least = cost - v[j];
    at = j;
  }
  return { least, at };
}
