import { type Acceleration, anderson } from './sinkhornAcceleration.js';
import { absorb, halfSweep, logSweep, needsAbsorption, type Scaling, sweep } from './sinkhornKernel.js';

/** When to stop, and what to solve. */
export interface SolveRule {
  readonly epsilon: number;
  /** Weight of the marginals; Infinity for the balanced problem. */
  readonly rho: number;
  /** Bound of the sum of marginal errors, relative to the mass of the plan. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

export interface Solved {
  readonly iterations: number;
  readonly converged: boolean;
}

/** The first epsilon is below this part of the range of the potentials, and there is only one above the second part. */
const firstShare = 1 / 20;
const singleShare = 1 / 200;
/** Ratio of successive values of epsilon on the way down, and the most sweeps for one of them. */
const scalingRatio = 4;
const stageSweeps = 100;
/** Relative marginal error at which the next epsilon is taken. */
const stageTolerance = 0.01;
/** How far, in units of epsilon, a combination may go beyond the plain step: what it extrapolates holds that near only. */
const largestStep = 2;
/** An error that rises by more than this takes the last step back. */
const largestRise = 3;

/**
 * Sinkhorn's iteration with epsilon scaling and Anderson's acceleration. From `epsilon = range of the potentials / 20` on it
 * goes down to a small epsilon by factors of 4. Each step combines the last ones; one after which the error has risen
 * is taken back, and some plain ones follow. A sum outside the range of numbers is answered by a sweep in the
 * logarithmic domain. It ends on a sweep that makes f the (damped) soft c-transform of g, ready for bounds.
 *
 * Source: [Cuturi2013]; [PeyreCuturi2019], section 4.4 (stabilization); [WalkerNi2011] (acceleration).
 */
export function solveScaling(scaling: Scaling, rule: SolveRule): Solved {
  const { rho } = rule;
  const acceleration = anderson(scaling.b, rho === Number.POSITIVE_INFINITY);
  const evaluate = (): number => {
    const error = sweep(scaling, rho);
    if (rho < Number.POSITIVE_INFINITY) translate(scaling, rho);
    return error;
  };
  let iterations = 0;
  for (const epsilon of stages(scaling, rule.epsilon)) {
    const last = epsilon === rule.epsilon;
    absorb(scaling, epsilon);
    acceleration.forget();
    const tolerance = last ? rule.tolerance : Math.max(rule.tolerance, stageTolerance);
    const left = last ? rule.maxIterations - iterations : Math.min(stageSweeps, rule.maxIterations - iterations - 1);
    if (left < 1) continue;
    const stage = iterate(scaling, { rule: { ...rule, tolerance }, left, acceleration, evaluate });
    iterations += stage.iterations;
    if (last) return { ...stage, iterations };
  }
  return { iterations, converged: false };
}

/**
 * A balanced problem between a measure and itself: `f <- (f + T(f)) / 2` on both sides at once keeps f = g, and has none of the slow
 * modes that move mass between far groups of atoms; accelerated as the general problem. Source: [FeydyEtAl2019], section 3.
 */
export function solveSymmetric(scaling: Scaling, rule: SolveRule): Solved {
  const { f, g, image } = scaling;
  // Any start will do; the transforms of the general problem differ in f and g.
  for (let i = 0; i < f.length; i++) f[i] = g[i] = (f[i] + g[i]) / 2;
  absorb(scaling, rule.epsilon);
  const solved = iterate(scaling, {
    ...{ rule, left: rule.maxIterations, acceleration: anderson(scaling.a, false) },
    evaluate() {
      f.set(g);
      const error = halfSweep(scaling);
      for (let i = 0; i < f.length; i++) image[i] = (g[i] + image[i]) / 2;
      return error;
    },
  });
  settle(scaling, rule.rho);
  return solved;
}

interface Iteration {
  readonly rule: SolveRule;
  readonly left: number;
  readonly acceleration: Acceleration;
  /** The error at g, whose image it leaves; NaN where that cannot be told. */
  readonly evaluate: () => number;
}

/** Iterates to the tolerance at the epsilon of the scaling. */
function iterate(scaling: Scaling, { rule, left, acceleration, evaluate }: Iteration): Solved {
  const { g, image } = scaling;
  const goal = Math.max(rule.tolerance, roundingFloor(scaling));
  const safe = g.slice();
  let least = Number.POSITIVE_INFINITY;
  // Plain steps that follow when a combination has failed, twice as many each time.
  let plain = 0;
  let penalty = 4;
  let combined = false;
  for (let k = 1; ; k++) {
    const error = evaluate();
    if (error <= goal * scaling.mass) return { iterations: k, converged: true };
    if (k >= left) {
      if (Number.isNaN(error)) settle(scaling, rule.rho);
      return { iterations: k, converged: false };
    }
    if (combined && !(error <= largestRise * least)) {
      g.set(safe);
      acceleration.forget();
      [combined, plain, penalty, least] = [false, penalty, 2 * penalty, Number.POSITIVE_INFINITY];
      continue;
    }
    if (Number.isNaN(error)) {
      rescue(scaling, rule.rho);
      acceleration.forget();
      continue;
    }
    least = Math.min(least, error);
    if (needsAbsorption(scaling)) absorb(scaling);
    safe.set(image);
    if (plain > 0) {
      plain--;
      g.set(image);
    } else {
      acceleration.advance(g, image, largestStep * scaling.epsilon);
      combined = true;
    }
  }
}

/** The best common shift `f + t, g - t` of the unbalanced dual: `e^(2t/rho) = sum a e^(-f/rho) / sum b e^(-g/rho)`. */
function translate({ a, b, f, image }: Scaling, rho: number): void {
  let [left, right] = [0, 0];
  for (let i = 0; i < a.length; i++) left += a[i] * Math.exp(-f[i] / rho);
  for (let j = 0; j < b.length; j++) right += b[j] * Math.exp(-image[j] / rho);
  const shift = (rho / 2) * Math.log(left / right);
  if (Number.isFinite(shift)) for (let j = 0; j < b.length; j++) image[j] -= shift;
}

/** The values of epsilon, ending with the one asked for. */
function stages({ f, g }: Scaling, epsilon: number): readonly number[] {
  let largest = 0;
  for (const value of f) largest = Math.max(largest, Math.abs(value));
  for (const value of g) largest = Math.max(largest, Math.abs(value));
  const list = [epsilon];
  if (epsilon > singleShare * largest) return list;
  while (list[0] * scalingRatio < firstShare * largest) list.unshift(list[0] * scalingRatio);
  return list;
}

/** Marginal errors below this are rounding of the exponents and sums. */
function roundingFloor({ largest, epsilon, rows, columns }: Scaling): number {
  return 2 ** -53 * (8 + (2 * largest) / epsilon + Math.sqrt(rows + columns));
}

/** A closing sweep, until its sums are in the range of numbers. */
function settle(scaling: Scaling, rho: number): void {
  for (let tries = 0; tries < 20 && Number.isNaN(sweep(scaling, rho)); tries++) rescue(scaling, rho);
}

/** Potentials that have left the range start again from where the last absorption put them. */
function rescue(scaling: Scaling, rho: number): void {
  const { f, g, rowShift, columnShift } = scaling;
  f.set(rowShift);
  g.set(columnShift);
  logSweep(scaling, rho);
  absorb(scaling);
}
