import { fail, show } from '../errors.js';
import { compensatedSum, weightedSum } from '../math/sums.js';
import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { distanceCost } from './groundCost.js';
import { type TransportSide, transportSides } from './sides.js';

/**
 * Energy distance, the square root of
 * `2 sum_ij a_i b_j |x_i - y_j| - sum_ij a_i a_j |x_i - x_j| - sum_ij b_i b_j |y_i - y_j|`, with the geodesic distance of
 * the space: a metric on measures of one total wherever the space is of strict negative type (Euclidean spaces; on
 * spheres antipodal pairs may be missed). For totals m it is `m` times that of the normalized measures.
 *
 * @param mu - measure with n atoms.
 * @param nu - measure with m atoms on the same space and of the same total within 1e-9.
 * @returns the distance with bounds that allow for the rounding of distances and sums. On the line O((n + m) log(n + m)),
 * else `n^2 + n m + m^2` distances and memory O(n + m).
 * @throws `shape-mismatch` on different spaces; `invalid-argument` where totals differ; `not-finite` on overflow;
 * `unsupported` where the space proves not to be of negative type. Source: [SzekelyRizzo2013], definition 1.
 *
 * @example
 * ```ts
 * import { diracs, energyDistance } from '@muflow/core';
 * console.log(energyDistance(diracs([0]), diracs([2])).squared); // => 4
 * ```
 */
export function energyDistance(mu: Measure, nu: Measure): CertifiedDistance {
  const [source, target] = transportSides('energyDistance', [mu, nu], { balanced: true });
  const onLine = mu.space.intrinsicDim === 1 && (mu.space.kind === 'euclidean' || mu.space.kind === 'box');
  const { squared, error } = onLine ? lineSquared(source, target) : pairSquared(mu, source, target);
  checkFinite('energyDistance', squared);
  if (squared < -error) {
    fail({
      code: 'unsupported',
      where: 'energyDistance',
      problem: 'the distance of the space is not of negative type: a squared energy distance is negative',
      got: `${show(squared)} on ${mu.space.name}`,
      expected: 'a number >= 0',
      fix: 'use mmdDistance with a positive definite kernel, or a transport distance',
    });
  }
  const rooted = (value: number): number => Math.sqrt(Math.max(0, value));
  return {
    value: rooted(squared),
    squared: Math.max(0, squared),
    lower: rooted(squared - error) * (1 - 2 ** -52),
    upper: rooted(squared + error) * (1 + 2 ** -52),
    status: 'exact',
    iterations: 0,
  };
}

/** Refuses what has overflowed on the way. */
export function checkFinite(where: string, squared: number): void {
  if (Number.isFinite(squared)) return;
  fail({
    code: 'not-finite',
    where,
    problem: 'the distance overflows',
    got: show(squared),
    expected: 'a finite number',
    fix: 'rescale the positions or the masses',
  });
}

interface Squared {
  readonly squared: number;
  readonly error: number;
}

/** On the line the energy distance is `2 int (F - G)^2 dx`, F and G the distribution functions. */
function lineSquared(source: TransportSide, target: TransportSide): Squared {
  const count = source.count + target.count;
  const at = new Float64Array(count);
  const jump = new Float64Array(count);
  at.set(source.positions);
  at.set(target.positions, source.count);
  jump.set(source.masses);
  for (let j = 0; j < target.count; j++) jump[source.count + j] = -target.masses[j];
  const order = Uint32Array.from(at, (_, k) => k).sort((a, b) => at[a] - at[b] || a - b);
  const terms = new Float64Array(count);
  let difference = 0;
  let width = 0;
  for (let k = 0; k + 1 < count; k++) {
    difference += jump[order[k]];
    width += at[order[k + 1]] - at[order[k]];
    terms[k] = 2 * difference * difference * (at[order[k + 1]] - at[order[k]]);
  }
  const squared = compensatedSum(terms);
  // The running difference is off by at most `drift`, so that its square is off by (2 |difference| + drift) drift.
  const drift = source.total * (count + 4) * 2 ** -53;
  const error = 4 * drift * Math.sqrt(squared * width) + 2 * drift * drift * width + squared * 2 ** -49;
  return { squared, error };
}

function pairSquared({ space }: Measure, source: TransportSide, target: TransportSide): Squared {
  const sum = (rows: TransportSide, columns: TransportSide): number => {
    const cost = distanceCost(
      { space, rows: rows.count, columns: columns.count, x: rows.positions, y: columns.positions },
      1,
    );
    const distances = new Float64Array(columns.count);
    const means = new Float64Array(rows.count);
    for (let i = 0; i < rows.count; i++) {
      cost.rowInto(distances, i);
      means[i] = weightedSum(distances, columns.masses);
    }
    return weightedSum(means, rows.masses);
  };
  const cross = 2 * sum(source, target);
  const inner = sum(source, source) + sum(target, target);
  return { squared: cross - inner, error: (cross + inner) * (space.dim + 32) * 2 ** -53 };
}
