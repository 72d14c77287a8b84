import type { Backend } from '../compute/backend.js';
import { fail, show } from '../errors.js';
import { normalize } from '../measure/createMeasure.js';
import type { Measure } from '../measure/measure.js';
import { totalMass } from '../measure/profile.js';
import { boundedLipschitzRule } from './boundedLipschitzRule.js';
import { buresRule } from './buresRule.js';
import { checkBuffers, checkMeasure, checkNumber, integrate } from './checks.js';
import type { DistanceRule } from './distanceRule.js';
import type { Energy } from './energy.js';
import { energyDistanceRule } from './energyDistanceRule.js';
import { fisherRaoRule } from './fisherRaoRule.js';
import { gaussianHellingerRule } from './gaussianHellingerRule.js';
import { mmdEnergy } from './mmdEnergy.js';
import { entropicRule, sinkhornRule, unbalancedRule } from './sinkhornRule.js';
import { slicedRule } from './slicedRule.js';
import { sphericalRule } from './sphericalRule.js';
import { wassersteinRule } from './wassersteinRule.js';
import { wfrRule } from './wfrRule.js';

/** The distances that {@link distanceEnergy} knows. */
export const distanceKinds = [
  'w2',
  'wfr',
  'spherical-hellinger-kantorovich',
  'gaussian-hellinger',
  'fisher-rao',
  'bounded-lipschitz',
  'sliced',
  'bures',
  'mmd',
  'energy-distance',
  'sinkhorn',
  'sinkhorn-divergence',
  'unbalanced',
] as const;

export type DistanceKind = (typeof distanceKinds)[number];

export interface DistanceEnergyOptions {
  /** Default `w2`. */
  readonly distance?: DistanceKind;
  /** Reaction rate alpha > 0 of `wfr` (default 1) and `spherical-hellinger-kantorovich` (default 4). */
  readonly alpha?: number;
  /** Width of the Gaussian kernel of `mmd`, default 1. */
  readonly width?: number;
  /** Weight of the entropy in `sinkhorn`, `sinkhorn-divergence` and `unbalanced`, in units of squared distance; default 0.1. */
  readonly epsilon?: number;
  /** Weight of the marginals in `gaussian-hellinger` and `unbalanced`, in units of squared distance; default 1. */
  readonly rho?: number;
  /** How many random directions `sliced` takes (default 100), or the directions (k*d numbers); the same for all measures. */
  readonly directions?: number | ArrayLike<number>;
  /** Seed of random directions, default 0. */
  readonly seed?: number | string;
  readonly backend?: Backend;
}

/**
 * Half the squared distance to a reference measure, `F(mu) = D(mu, nu)^2 / 2`. Its first variation comes from the
 * potentials and plan of the solved distance by the envelope theorem, so a gradient costs one distance:
 *
 * - `w2`: `grad V(x_i) = x_i - (mean of the places that atom i is sent to)`; its Wasserstein flow goes straight to nu.
 * - `wfr`: of rate alpha; F is finite between any two measures.
 * - `fisher-rao`: masses place by place; not smooth, as mass off the places of nu is equally far wherever it is.
 * - `mmd`: {@link mmdEnergy}; `energy-distance`: the kernel `-dist(x, y)`.
 * - `spherical-hellinger-kantorovich`: the same along probabilities; `gaussian-hellinger`: quadratic cost, marginals that
 *   may be missed.
 * - `bounded-lipschitz`: mass moves at the price of the way, or is destroyed at price 1.
 * - `sliced`: the mean of line problems along fixed directions; `bures`: between the Gaussians with the means and
 *   covariances of mu and nu, a comparison of moments.
 * - `sinkhorn`: the entropic cost at temperature epsilon, which is least at a blurred nu; `sinkhorn-divergence`: debiased;
 *   `unbalanced`: with marginals that may be missed. All are smooth in positions.
 *
 * `w2`, `sliced`, `bures`, `energy-distance`, `sinkhorn`, `sinkhorn-divergence` and `spherical-hellinger-kantorovich` need equal masses: they
 * compare the normalized measures, with V of mean 0 and divided by the total of mu. F is differentiable where the optimal plan is unique; V is a subgradient elsewhere. It allocates.
 *
 * @param reference - the measure nu, of positive mass.
 * @returns an energy on the space of nu.
 * @throws `invalid-argument` for another kind, a wrong parameter, or a reference without mass that must be normalized;
 * later as the distance does. Source: [PeyreCuturi2019], section 9.1; [LieroMielkeSavare2018].
 *
 * @example
 * ```ts
 * import { diracs, distanceEnergy } from '@muflow/core';
 * const toTarget = distanceEnergy(diracs([0, 2]), { distance: 'w2' });
 * console.log(toTarget.value(diracs([1, 3]))); // => 0.5
 * ```
 */
export function distanceEnergy(reference: Measure, options: DistanceEnergyOptions = {}): Energy {
  const { distance = 'w2', width = 1, backend } = options;
  const { space, dim } = reference;
  if (distance === 'mmd') return mmdEnergy({ target: reference, width, ...(backend && { backend }) });
  const rule = ruleOf(reference, distance, options);
  const compared = rule.normalizes ? normalize : (mu: Measure): Measure => mu;
  const checked = (mu: Measure): Measure => {
    checkMeasure('distanceEnergy', mu, dim);
    return compared(mu);
  };
  return {
    name: `${rule.name} to ${reference.count} atoms`,
    dim,
    space,
    smooth: rule.smooth,
    value: (mu) => rule.value(checked(mu)),
    firstVariationInto(out, mu) {
      checkBuffers('distanceEnergy', out, mu);
      const shape = checked(mu);
      const solved = rule.solve(shape);
      solved.potentialInto(out.potential, mu.positions, mu.count);
      solved.gradientInto(out.gradient);
      if (!rule.normalizes) return;
      const mean = integrate(shape, out.potential);
      const total = totalMass(mu);
      for (let i = 0; i < mu.count; i++) out.potential[i] = (out.potential[i] - mean) / total;
      for (let k = 0; k < mu.count * dim; k++) out.gradient[k] /= total;
    },
    potentialAt(out, points, count, mu) {
      const shape = checked(mu);
      const solved = rule.solve(shape);
      solved.potentialInto(out, points, count);
      if (!rule.normalizes) return;
      const own = new Float64Array(mu.count);
      solved.potentialInto(own, mu.positions, mu.count);
      const mean = integrate(shape, own);
      const total = totalMass(mu);
      for (let i = 0; i < count; i++) out[i] = (out[i] - mean) / total;
    },
  };
}

function ruleOf(reference: Measure, distance: DistanceKind, options: DistanceEnergyOptions): DistanceRule {
  const { epsilon = 0.1, rho = 1, directions = 100, seed = 0 } = options;
  const { alpha = distance === 'wfr' ? 1 : 4 } = options;
  const positive = { alpha, epsilon, rho };
  for (const [name, value] of Object.entries(positive)) checkNumber('distanceEnergy', name, value, Number.MIN_VALUE);
  switch (distance) {
    case 'w2':
      return wassersteinRule(normalize(reference));
    case 'wfr':
      return wfrRule(reference, alpha);
    case 'spherical-hellinger-kantorovich':
      return sphericalRule(normalize(reference), alpha);
    case 'gaussian-hellinger':
      return gaussianHellingerRule(reference, rho);
    case 'sliced':
      return slicedRule(normalize(reference), { directions, seed });
    case 'bounded-lipschitz':
      return boundedLipschitzRule(reference);
    case 'bures':
      return buresRule(normalize(reference));
    case 'sinkhorn':
      return entropicRule(normalize(reference), epsilon);
    case 'unbalanced':
      return unbalancedRule(reference, epsilon, rho);
    case 'fisher-rao':
      return fisherRaoRule(reference);
    case 'energy-distance':
      return energyDistanceRule(normalize(reference));
    case 'sinkhorn-divergence':
      return sinkhornRule(normalize(reference), epsilon);
    default:
      return fail({
        code: 'invalid-argument',
        where: 'distanceEnergy',
        problem: 'there is no such distance',
        got: show(distance),
        expected: distanceKinds.join(', '),
        fix: "pass { distance: 'w2' }",
      });
  }
}
