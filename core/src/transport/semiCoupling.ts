import { compensatedSum } from '../math/sums.js';
import type { Space } from '../space/space.js';
import type { TransportSide } from './sides.js';
import { wfrAngle } from './wfrCosts.js';

/**
 * A pair of plans `g0, g1` on the same pairs of atoms: mass `from[k]` of the first measure leaves along pair k and
 * arrives as `to[k]`; what no pair takes (`sourceRest`, `targetRest`) vanishes and appears in place. The marginals
 * `sum g0 = a`, `sum g1 = b` hold exactly. Indices are those of the packed sides.
 * Source: [ChizatPeyreSchmitzerVialard2018].
 */
export interface SemiCoupling {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** `th` of each pair, in [0, pi/2]. */
  readonly angles: Float64Array;
  readonly sourceRest: Float64Array;
  readonly targetRest: Float64Array;
}

/** A plan in coordinates of packed sides; flows of zero are allowed. */
export interface SparseFlows {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly flows: Float64Array;
}

/**
 * The semi-coupling of a plan: each atom's mass is divided among its pairs in proportion to their flows,
 * `g0_ij = a_i f_ij / sum_j f_ij`, the best one on the two marginals of an optimal plan. O(edges d).
 */
export function semiCouplingOf(
  space: Space,
  [source, target]: readonly [TransportSide, TransportSide],
  plan: SparseFlows,
  alpha: number,
): SemiCoupling {
  const kept = plan.flows.reduce((count, flow) => count + (flow > 0 ? 1 : 0), 0);
  const coupling = {
    rows: new Int32Array(kept),
    columns: new Int32Array(kept),
    from: new Float64Array(kept),
    to: new Float64Array(kept),
    angles: new Float64Array(kept),
    sourceRest: source.masses.slice(),
    targetRest: target.masses.slice(),
  };
  const leaving = new Float64Array(source.count);
  const arriving = new Float64Array(target.count);
  for (let k = 0; k < plan.flows.length; k++) {
    leaving[plan.rows[k]] += plan.flows[k];
    arriving[plan.columns[k]] += plan.flows[k];
  }
  for (let k = 0, out = 0; k < plan.flows.length; k++) {
    const [i, j, flow] = [plan.rows[k], plan.columns[k], plan.flows[k]];
    if (!(flow > 0)) continue;
    coupling.rows[out] = i;
    coupling.columns[out] = j;
    coupling.from[out] = source.masses[i] * (flow / leaving[i]);
    coupling.to[out] = target.masses[j] * (flow / arriving[j]);
    coupling.sourceRest[i] = 0;
    coupling.targetRest[j] = 0;
    const distance = space.distance(source.positions, i * space.dim, target.positions, j * space.dim);
    coupling.angles[out++] = wfrAngle(distance, alpha);
  }
  return coupling;
}

/**
 * `(alpha / 4) WFR^2` along a semi-coupling, `sum (sqrt g0 - sqrt g1)^2 + 4 sqrt(g0 g1) sin^2(th/2)` and the rests:
 * a sum of squares without cancellation, never below the true value.
 */
export function semiCouplingCost({ from, to, angles, sourceRest, targetRest }: SemiCoupling): number {
  const terms = from.map((mass, k) => {
    const [p, q] = [Math.sqrt(mass), Math.sqrt(to[k])];
    return (p - q) ** 2 + 4 * p * q * Math.sin(angles[k] / 2) ** 2;
  });
  return compensatedSum(terms) + compensatedSum(sourceRest) + compensatedSum(targetRest);
}
