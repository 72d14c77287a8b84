import { type Energy, euclidean, type Measure, product, type Space } from '@muflow/core';
import { checkPenalty } from '../certificate/penalizedProblem.js';

/** A finite number of features of every point of a space, with what sums of them are to approach. */
export interface FeatureMap {
  readonly name: string;
  readonly space: Space;
  /** Number of features. */
  readonly size: number;
  readonly goal: Float64Array;
  /** Writes `weight phi(theta)`, theta at `start`. */
  featuresInto(out: Float64Array, points: Float64Array, start: number, weight: number): void;
  /** Writes the ambient gradient of `<r, phi(theta)>` at `at`, and returns its value. */
  correlateInto(out: Float64Array, at: number, residual: Float64Array, points: Float64Array, start: number): number;
}

export interface SquareEnergyOptions {
  /** Penalty lambda >= 0 of the total variation. */
  readonly lambda: number;
  /** Atoms are `(s, theta)` of charge s times mass; default false: atoms are theta, masses are positive. */
  readonly signed?: boolean;
}

/**
 * `F(mu) = (1/2) |int phi dnu - y|^2 + lambda |nu|` with `nu = mu`, or for signed problems `nu = int s mu(ds, .)`:
 * `V(s, theta) = s <r, phi(theta)> + lambda |s|`, `r = int phi dnu - y`. As a sum of squares of features it has no
 * cancellation near its least value. Allocates nothing after it was made.
 *
 * @throws `invalid-argument` for a lambda that is not finite and >= 0.
 */
export function squareEnergy(map: FeatureMap, { lambda, signed = false }: SquareEnergyOptions): Energy {
  checkPenalty(map.name, lambda);
  const { space, size, goal } = map;
  const lead = signed ? 1 : 0;
  const dim = space.dim + lead;
  const feature = new Float64Array(size);
  const residual = new Float64Array(size);
  const unused = new Float64Array(space.dim);

  /** The features of nu without y; returns `int |s| dmu`. */
  const loadResidual = ({ count, positions, masses }: Measure): number => {
    let variation = 0;
    for (let f = 0; f < size; f++) residual[f] = -goal[f];
    for (let i = 0; i < count; i++) {
      const weight = signed ? masses[i] * positions[i * dim] : masses[i];
      if (weight === 0) continue;
      map.featuresInto(feature, positions, i * dim + lead, weight);
      for (let f = 0; f < size; f++) residual[f] += feature[f];
      variation += Math.abs(weight);
    }
    return variation;
  };
  return {
    name: map.name,
    dim,
    space: signed ? product([euclidean(1), space]) : space,
    smooth: true,
    value(mu) {
      const variation = loadResidual(mu);
      let squares = 0;
      for (let f = 0; f < size; f++) squares += residual[f] * residual[f];
      return squares / 2 + lambda * variation;
    },
    firstVariationInto(out, mu) {
      loadResidual(mu);
      for (let i = 0; i < mu.count; i++) {
        const start = i * dim;
        const slope = map.correlateInto(out.gradient, start + lead, residual, mu.positions, start + lead);
        if (!signed) {
          out.potential[i] = slope + lambda;
          continue;
        }
        const charge = mu.positions[start];
        out.potential[i] = charge * slope + lambda * Math.abs(charge);
        out.gradient[start] = slope + lambda * Math.sign(charge);
        for (let j = 1; j < dim; j++) out.gradient[start + j] *= charge;
      }
    },
    potentialAt(out, points, count, mu) {
      loadResidual(mu);
      for (let i = 0; i < count; i++) {
        const slope = map.correlateInto(unused, 0, residual, points, i * dim + lead);
        const charge = signed ? points[i * dim] : 1;
        out[i] = charge * slope + lambda * Math.abs(charge);
      }
    },
  };
}
