import { fail, show } from '../errors.js';
import type { RandomKey } from '../math/random.js';
import { randomKey, randomStream } from '../math/random.js';
import type { Measure } from '../measure/measure.js';
import { allocateFirstVariation, checkNumber } from './checks.js';
import type { Energy } from './energy.js';

/**
 * The gap `Vbar - inf V`, `Vbar = int V dmu / int dmu`: for a convex F on probability measures
 * `F(mu) - F* <= Vbar - inf V`, and mu is optimal iff the gap is 0. A proof needs a proven lower bound of
 * inf V; with an estimate the gap is an estimate.
 *
 * @param potential - V at the atoms (n).
 * @param masses - n numbers >= 0, of positive total.
 * @param infimum - a lower bound or an estimate of inf V over the whole space.
 * @throws `not-finite` where the infimum is not finite.
 */
export function optimalityGap(potential: Float64Array, masses: Float64Array, infimum: number): number {
  checkNumber('optimalityGap', 'infimum', infimum);
  let [sum, total] = [0, 0];
  for (let i = 0; i < masses.length; i++) {
    if (masses[i] === 0) continue;
    sum += masses[i] * potential[i];
    total += masses[i];
  }
  return sum / total - infimum;
}

export interface GapOptions {
  /** Uniform points of the space at which V is looked at besides the atoms, default 10,000. */
  readonly samples?: number;
  readonly key?: RandomKey;
}

/** A gap with its parts; `estimated`, since the infimum is over finitely many points. */
export interface GapEstimate {
  readonly gap: number;
  readonly mean: number;
  /** Smallest value of V seen, and where. */
  readonly infimum: number;
  readonly at: Float64Array;
  readonly status: 'estimated';
}

/**
 * {@link optimalityGap} with inf V estimated over the atoms and uniform samples of the space: a lower
 * estimate of the gap, since the true infimum may be smaller.
 *
 * @throws `unsupported` where the space has no uniform law (infinite volume).
 */
export function estimateOptimalityGap(energy: Energy, mu: Measure, options: GapOptions = {}): GapEstimate {
  const { samples = 10_000, key = randomKey('optimality gap') } = options;
  const { space, dim, count } = mu;
  if (!Number.isFinite(space.volume)) {
    fail({
      code: 'unsupported',
      where: 'estimateOptimalityGap',
      problem: 'the space has no uniform law to sample',
      got: show(space.name),
      expected: 'a space of finite volume',
      fix: 'bound inf V yourself and call optimalityGap',
    });
  }
  const atAtoms = allocateFirstVariation(count, dim);
  energy.firstVariationInto(atAtoms, mu);
  const points = new Float64Array(samples * dim);
  space.sampleInto(points, samples, randomStream(key));
  const values = new Float64Array(samples);
  energy.potentialAt(values, points, samples, mu);
  let infimum = Number.POSITIVE_INFINITY;
  let at = new Float64Array(dim);
  const look = (where: Float64Array, potential: Float64Array, n: number): void => {
    for (let i = 0; i < n; i++) {
      if (!(potential[i] < infimum)) continue;
      infimum = potential[i];
      at = where.slice(i * dim, (i + 1) * dim);
    }
  };
  look(mu.positions, atAtoms.potential, count);
  look(points, values, samples);
  const gap = optimalityGap(atAtoms.potential, mu.masses, infimum);
  return { gap, mean: gap + infimum, infimum, at, status: 'estimated' };
}
