import type { Measure } from '../measure/measure.js';
import type { CertifiedDistance } from './certifiedDistance.js';
import { rooted } from './exactResult.js';
import { transportSides } from './sides.js';
import { type Bracket, balancedBounds } from './sinkhornBounds.js';
import { release } from './sinkhornKernel.js';
import { densePlan, type EntropicOptions, entropicCost, entropicPotentials, solveEntropic } from './sinkhornProblem.js';

/** An entropic distance with the parts of its cost. */
export interface EntropicDistance extends CertifiedDistance {
  readonly epsilon: number;
  /** `<P, C> + epsilon KL(P | a x b)`, with `KL(P | Q) = sum P log(P / Q) - P + Q`. */
  readonly entropicCost: number;
  /** `<P, C> + epsilon sum P (log P - 1)`, the same minimum with the entropy of the plan itself. */
  readonly negentropyCost: number;
  /** `<P, C>` of the plan with its marginals repaired: an upper bound of the cost without entropy. */
  readonly transportCost: number;
  /** Bounds of the least cost without entropy, that of `wassersteinDistance` to the power p. */
  readonly plainCost: Bracket;
  /** Mass that was moved to repair the marginals of the plan. */
  readonly repaired: number;
}

/**
 * Entropic optimal transport, `OT_epsilon = min_P <P, C> + epsilon KL(P | a x b)` over the couplings P, with
 * `c = dist(x, y)^p`: `value` is its p-th root, `squared` the square of that (for p = 2 the cost itself). With `cost`
 * the value is the cost. Sinkhorn's iteration on a kernel that absorbs large scalings, with epsilon scaling and
 * Anderson's acceleration.
 *
 * `lower <= value <= upper` bound `OT_epsilon` (dual value; plan with repaired marginals); `plainCost` bounds the problem
 * without entropy from the same potentials.
 *
 * @param mu - measure with n atoms; atoms without mass take no part.
 * @param nu - measure with m atoms on the same space and of the same total within 1e-9.
 * @returns the certified distance with its parts; potentials are those of the entropic dual. One exponential per pair for
 * each epsilon and a pass over n m numbers per iteration; memory n m numbers up to 2^24, O(n + m) beyond (an
 * exponential per pair and iteration then).
 * @throws `shape-mismatch` on different spaces; `invalid-argument` where totals differ or epsilon is not usable; `not-finite`
 * where a cost is not finite. Source: [Cuturi2013]; [PeyreCuturi2019], chapter 4.
 *
 * @example
 * ```ts
 * import { diracs, sinkhornDistance } from '@muflow/core';
 * const { lower, plainCost } = sinkhornDistance(diracs([0, 1]), diracs([1, 3]), { epsilon: 0.01 });
 * console.log(plainCost.lower <= 2.5, plainCost.upper >= 2.5, lower > 0); // => true true true
 * ```
 */
export function sinkhornDistance(mu: Measure, nu: Measure, options: EntropicOptions): EntropicDistance {
  const ends = transportSides('sinkhornDistance', [mu, nu], { balanced: true });
  const cost = entropicCost('sinkhornDistance', [mu, nu], ends, options);
  const symmetric = mu === nu && options.cost === undefined;
  const { scaling, solved } = solveEntropic('sinkhornDistance', cost, ends, { ...options, symmetric });
  const { entropic, plain, repaired } = balancedBounds(scaling);
  const { epsilon } = options;
  const [source, target] = ends;
  const total = source.total;
  const { value, lower, upper } = entropic;
  const found: EntropicDistance = {
    ...rooted(value, { lower, upper }, options.cost === undefined ? (options.p ?? 2) : undefined),
    status: solved.converged ? 'converged' : 'maxIterations',
    iterations: solved.iterations,
    epsilon,
    entropicCost: value,
    negentropyCost: value + epsilon * (negentropy(source.masses) + negentropy(target.masses) - total * total),
    transportCost: plain.value,
    plainCost: plain,
    repaired,
    potentials: entropicPotentials(scaling, ends, [mu, nu]),
    ...(options.plan === true ? { plan: densePlan(scaling, ends) } : {}),
  };
  release(scaling);
  return found;
}

/** Sinkhorn's divergence with the three costs it is made of. */
export interface SinkhornDivergence extends CertifiedDistance {
  readonly epsilon: number;
  /** `OT_epsilon(mu, nu)`, `OT_epsilon(mu, mu)` and `OT_epsilon(nu, nu)`. */
  readonly costs: readonly [Bracket, Bracket, Bracket];
}

/**
 * The debiased divergence `S = OT_epsilon(mu, nu) - OT_epsilon(mu, mu) / 2 - OT_epsilon(nu, nu) / 2`, zero between equal
 * measures: between half the squared energy distance (for `p = 1`, epsilon to infinity) and `W_p^p` (epsilon to 0). `value`
 * is its p-th root. Options as for {@link sinkhornDistance}, without plan.
 *
 * @returns the divergence; the bounds combine those of its three parts, so they are as tight as `tolerance`. Where the kernel
 * `exp(-c / epsilon)` is positive definite S is >= 0, and the bounds are cut at 0.
 * @throws as {@link sinkhornDistance}. Source: [FeydyEtAl2019], equation 3 and theorem 1.
 *
 * @example
 * ```ts
 * import { diracs, sinkhornDivergence } from '@muflow/core';
 * console.log(sinkhornDivergence(diracs([0]), diracs([2]), { epsilon: 1 }).squared.toFixed(9)); // => 4.000000000
 * ```
 */
export function sinkhornDivergence(mu: Measure, nu: Measure, options: EntropicOptions): SinkhornDivergence {
  const pair = (first: Measure, second: Measure) => {
    const ends = transportSides('sinkhornDivergence', [first, second], { balanced: true });
    const cost = entropicCost('sinkhornDivergence', [first, second], ends, options);
    const { scaling, solved } = solveEntropic('sinkhornDivergence', cost, ends, {
      ...options,
      symmetric: first === second && options.cost === undefined,
    });
    const bracket = balancedBounds(scaling).entropic;
    release(scaling);
    return { bracket, solved };
  };
  const parts = [pair(mu, nu), pair(mu, mu), pair(nu, nu)] as const;
  const [cross, first, second] = parts.map(({ bracket }) => bracket);
  const value = cross.value - (first.value + second.value) / 2;
  const lower = cross.lower - (first.upper + second.upper) / 2;
  const upper = cross.upper - (first.lower + second.lower) / 2;
  return {
    ...rooted(value, { lower, upper }, options.cost === undefined ? (options.p ?? 2) : undefined),
    status: parts.every(({ solved }) => solved.converged) ? 'converged' : 'maxIterations',
    iterations: parts.reduce((sum, { solved }) => sum + solved.iterations, 0),
    epsilon: options.epsilon,
    costs: [cross, first, second],
  };
}

/** `sum a log a`. */
function negentropy(masses: Float64Array): number {
  let sum = 0;
  for (const mass of masses) sum += mass * Math.log(mass);
  return sum;
}
