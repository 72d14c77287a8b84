import { fail } from '../errors.js';
import { measureFromParts } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { barycenterWeights } from './barycenterWeights.js';
import { sharedMasses } from './divergences.js';

const maxIterations = 1000;

/**
 * The Fisher-Rao barycenter `argmin_mu sum_k w_k FR(mu, nu_k)^2` of measures on shared atoms. On positive measures it is
 * the squared mean of roots, `sqrt m = sum_k w_k sqrt m_k`. Between probabilities (all of them of that kind) roots lie on
 * the unit sphere and it is their mean there, from the normalized mean of roots by
 * `s <- exp_s(sum_k w_k log_s(sqrt m_k))` until that step is rounding; unique, as they lie in one orthant.
 *
 * @param measures - one or more, with the same positions in the same order.
 * @param weights - w_k >= 0, divided by their sum; default equal.
 * @returns a measure with positions and ids of the first.
 * @throws as `fisherRaoDistance` and for unusable weights. Source: [LieroMielkeSavare2018]; [Karcher1977].
 *
 * @example
 * ```ts
 * import { diracs, fisherRaoBarycenter } from '@muflow/core';
 * const ends = [diracs([0, 1], [1, 0]), diracs([0, 1], [0, 1])];
 * console.log(fisherRaoBarycenter(ends).masses[0].toFixed(4)); // => 0.5000
 * ```
 */
export function fisherRaoBarycenter(measures: readonly Measure[], weights?: ArrayLike<number>): Measure {
  const shares = barycenterWeights('fisherRaoBarycenter', measures, weights);
  const [first] = measures;
  const roots = measures.map((mu) => Float64Array.from(sharedMasses('fisherRaoBarycenter', first, mu)[1], Math.sqrt));
  const mean = new Float64Array(first.count);
  roots.forEach((root, k) => {
    for (let i = 0; i < mean.length; i++) mean[i] += shares[k] * root[i];
  });
  const kind = measures.every((mu) => mu.kind === 'probability') ? 'probability' : 'positive';
  const root = kind === 'positive' ? mean : sphericalMean(normalized(mean), roots, shares);
  return measureFromParts({ ...first, kind, logMasses: root.map((value) => 2 * Math.log(value)) });
}

/** The mean of unit vectors on the sphere, all within a quarter turn of the start. */
function sphericalMean(start: Float64Array, points: readonly Float64Array[], weights: Float64Array): Float64Array {
  let at = start;
  let last = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const step = new Float64Array(at.length);
    points.forEach((point, k) => {
      let chord = 0;
      let along = 0;
      for (let i = 0; i < at.length; i++) {
        chord += (point[i] - at[i]) ** 2;
        along += point[i] * at[i];
      }
      const angle = 2 * Math.asin(Math.min(1, Math.sqrt(chord) / 2));
      const scale = angle < 1e-8 ? weights[k] : (weights[k] * angle) / Math.sin(angle);
      for (let i = 0; i < at.length; i++) step[i] += scale * (point[i] - along * at[i]);
    });
    const length = Math.hypot(...step);
    // Below this only rounding is left once steps no longer shrink.
    if (length === 0 || (length < 1e-13 && length >= last)) return at;
    last = length;
    const [keep, go] = [Math.cos(length), Math.sin(length) / length];
    at = normalized(at.map((value, i) => Math.max(0, keep * value + go * step[i])));
  }
  return fail({
    code: 'internal',
    where: 'fisherRaoBarycenter',
    problem: 'the mean on the sphere was not reached',
    got: `step ${last} after ${maxIterations} rounds`,
    expected: 'a step of rounding',
    fix: 'report the masses and weights',
  });
}

function normalized(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
