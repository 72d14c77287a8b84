import { fail, show } from '../errors.js';
import type { Measure } from '../measure/measure.js';
import type { Space } from '../space/space.js';

/** What an iteration for a barycenter found. */
export interface Barycenter {
  readonly measure: Measure;
  /** `sum_k w_k D(mu, nu_k)^2` at the measure, at most `upper`; a local minimum over measures with that many atoms. */
  readonly objective: number;
  /** No measure whatever has a smaller objective than `lower`; the objective of this one is at most `upper`. */
  readonly lower: number;
  readonly upper: number;
  readonly status: 'converged' | 'maxIterations';
  readonly iterations: number;
}

/** Options of barycenters with free atoms. */
export interface BarycenterOptions {
  /** Weights w_k >= 0, divided by their sum; default equal. */
  readonly weights?: ArrayLike<number>;
  /** Where atoms start; how many there are stays. Default: the first of the measures with the most atoms. */
  readonly initial?: Measure;
  /** Stops where a round moves atoms by less than this in mean square, relative to the objective; default 1e-12. */
  readonly tolerance?: number;
  /** Default 200. */
  readonly maxIterations?: number;
}

/**
 * The weights of a barycenter, divided by their sum.
 *
 * @throws `invalid-argument` without measures, or where weights are negative, not finite, or vanish; `shape-mismatch`
 * where there are not as many weights as measures, or measures live on different spaces.
 */
export function barycenterWeights(
  where: string,
  measures: readonly Measure[],
  weights: ArrayLike<number> | undefined,
): Float64Array {
  const count = measures.length;
  const given = weights === undefined ? new Float64Array(count).fill(1) : Float64Array.from(weights);
  const spaces = [...new Set(measures.map(({ space }) => space.name))];
  if (count === 0 || given.length !== count || spaces.length > 1) {
    fail({
      code: count === 0 ? 'invalid-argument' : 'shape-mismatch',
      where,
      problem: count === 0 ? 'there are no measures' : 'measures and weights do not agree',
      got: `${count} measures on ${spaces.join(' and ') || 'no space'}, ${given.length} weights`,
      expected: 'one or more measures on one space, and a weight for each',
      fix: 'pass { weights } with one number for each measure, or leave them out',
    });
  }
  const total = given.reduce((sum, weight) => sum + weight, 0);
  const wrong = given.findIndex((weight) => !(weight >= 0));
  if (wrong >= 0 || !(total > 0 && Number.isFinite(total))) {
    fail({
      code: 'invalid-argument',
      where,
      problem: 'the weights are not usable',
      got: wrong >= 0 ? `weight ${wrong}: ${show(given[wrong])}` : `sum ${show(total)}`,
      expected: 'numbers >= 0 with a positive finite sum',
      fix: 'pass { weights: [1, 1, ...] }',
    });
  }
  return given.map((weight) => weight / total);
}

/**
 * Refuses spaces without geodesics, and those of negative curvature: on flat spaces, tori, spheres and their products a
 * step to the mean of logarithms lowers a mean of squared distances (the hinge comparison of Toponogov).
 */
export function checkCurvature(where: string, { space }: Measure): void {
  const known = ({ kind, factors }: Space): boolean =>
    kind === 'product' && factors
      ? factors.every(known)
      : ['euclidean', 'box', 'simplex', 'torus', 'sphere'].includes(kind);
  if (known(space)) return;
  fail({
    code: 'unsupported',
    where,
    problem: 'means of points are taken along geodesics, which the space has not got here',
    got: space.name,
    expected: 'a euclidean space, box, simplex, torus, sphere or a product of these',
    fix: 'embed the points in a euclidean space, or use fisherRaoBarycenter, which moves no atoms',
  });
}

/** The measure with the most atoms that have mass, the first of several. */
export function largest(measures: readonly Measure[]): Measure {
  const size = ({ masses }: Measure): number => masses.reduce((count, mass) => count + (mass > 0 ? 1 : 0), 0);
  return measures.reduce((best, next) => (size(next) > size(best) ? next : best));
}
