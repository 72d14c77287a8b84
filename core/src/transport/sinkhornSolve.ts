import { absorb, logSweep, needsAbsorption, type Scaling, sweep } from './sinkhornKernel.js';

/** When to stop, and what to solve. */
export interface SolveRule {
  readonly epsilon: number;
  /** Weight of the marginals; Infinity for the balanced problem. */
  readonly rho: number;
  /** Bound of the sum of marginal errors, relative to the masses. */
  readonly tolerance: number;
  readonly maxIterations: number;
}

export interface Solved {
  readonly iterations: number;
  readonly converged: boolean;
}

/** Sweeps between two looks at the rate of convergence. */
const window = 8;
/** Ratio of successive values of epsilon on the way down. */
const scalingRatio = 5;
/** Relative marginal error at which the next epsilon is taken. */
const stageTolerance = 0.05;

/**
 * Sinkhorn's iteration with epsilon scaling and overrelaxation. From `epsilon = range of the potentials / 20` on, a
 * few sweeps each, it goes down to the epsilon asked for; there the factor of the overrelaxation follows the rate observed:
 * errors that fall by r a sweep ask for `omega = 2 / (1 + sqrt(1 - r))`, which turns r into about `omega - 1`, so that a
 * number of iterations becomes its square root. Where the error rises the factor goes back to 1. A sum outside the range
 * of numbers is answered by a sweep in the logarithmic domain.
 *
 * Source: [Cuturi2013]; [PeyreCuturi2019], section 4.4 (stabilization); [ThibaultEtAl2021] (overrelaxation);
 * [SejourneVialardPeyre2022], section 3 (translations of the unbalanced problem).
 */
export function solveScaling(scaling: Scaling, rule: SolveRule): Solved {
  let iterations = 0;
  for (const epsilon of stages(scaling, rule.epsilon)) {
    const last = epsilon === rule.epsilon;
    absorb(scaling, epsilon);
    const budget = last ? rule.maxIterations - iterations : Math.min(60, rule.maxIterations - iterations);
    const tolerance = last ? rule.tolerance : Math.max(rule.tolerance, stageTolerance);
    const stage = solveStage(scaling, { ...rule, tolerance, maxIterations: budget });
    iterations += stage.iterations;
    if (last) return { iterations, converged: stage.converged };
  }
  return { iterations, converged: false };
}

/**
 * A balanced problem between a measure and itself: `f <- (f + T(f)) / 2` on both sides at once keeps f = g, and has none of the slow
 * modes that move mass between far groups of atoms. Source: [FeydyEtAl2019], section 3.
 */
export function solveSymmetric(scaling: Scaling, rule: SolveRule): Solved {
  const { f, g } = scaling;
  // Any start will do; the transforms of the general problem differ in f and g.
  for (let i = 0; i < f.length; i++) f[i] = g[i] = (f[i] + g[i]) / 2;
  let iterations = 0;
  for (const epsilon of stages(scaling, rule.epsilon)) {
    const last = epsilon === rule.epsilon;
    absorb(scaling, epsilon);
    const goal = Math.max(last ? rule.tolerance : stageTolerance, roundingFloor(scaling)) * totalOf(scaling);
    for (let k = 0; k < (last ? rule.maxIterations : 20); k++) {
      const error = sweep(scaling, { rho: rule.rho, relaxation: 0.5 }, false);
      iterations++;
      g.set(f);
      if (Number.isNaN(error)) rescue(scaling, rule.rho);
      else if (error <= goal) {
        if (last) return { iterations, converged: true };
        break;
      }
      if (needsAbsorption(scaling)) absorb(scaling);
    }
  }
  return { iterations, converged: false };
}

/** A last sweep that makes f the (damped) soft c-transform of g, ready for bounds. */
export function finishScaling(scaling: Scaling, rho: number): void {
  const last = (): boolean => Number.isFinite(sweep(scaling, { rho, relaxation: 1 }, false));
  if (!scaling.stored) absorb(scaling);
  for (let tries = 0; tries < 20 && !last(); tries++) rescue(scaling, rho);
}

/** The values of epsilon, ending with the one asked for. */
function stages({ f, g }: Scaling, epsilon: number): readonly number[] {
  let largest = 0;
  for (const value of f) largest = Math.max(largest, Math.abs(value));
  for (const value of g) largest = Math.max(largest, Math.abs(value));
  const list = [epsilon];
  while (list[0] * scalingRatio < largest / 20) list.unshift(list[0] * scalingRatio);
  return list;
}

function solveStage(scaling: Scaling, { rho, tolerance, maxIterations }: SolveRule): Solved {
  const goal = Math.max(tolerance, roundingFloor(scaling)) * totalOf(scaling);
  let relaxation = 1;
  let before = Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  let settled = 0;
  for (let k = 1; k <= maxIterations; k++) {
    const error = sweep(scaling, { rho, relaxation });
    if (Number.isNaN(error)) {
      rescue(scaling, rho);
      [relaxation, before, settled] = [1, Number.POSITIVE_INFINITY, 0];
      continue;
    }
    if (error <= goal) return { iterations: k, converged: true };
    if (needsAbsorption(scaling)) absorb(scaling);
    if (rho < Number.POSITIVE_INFINITY && relaxation === 1) translate(scaling, rho);
    least = Math.min(least, error);
    if (error > 30 * least && relaxation > 1) {
      [relaxation, before, settled, least] = [1, Number.POSITIVE_INFINITY, 0, error];
    }
    if (++settled % window !== 0) continue;
    relaxation = nextRelaxation(relaxation, (error / before) ** (1 / window));
    before = error;
  }
  return { iterations: maxIterations, converged: false };
}

/**
 * The overrelaxation for the rate seen: at factor omega an iteration that would contract by r contracts by the root of
 * `(l + omega - 1)^2 = l omega^2 r`, as long as that is real; then r, and the best factor for it, follow from l.
 */
function nextRelaxation(relaxation: number, rate: number): number {
  if (!(rate > 0 && rate < 1)) return relaxation;
  if (rate <= relaxation - 1 + 1e-3) return relaxation;
  const plain = (rate + relaxation - 1) ** 2 / (rate * relaxation * relaxation);
  if (!(plain < 1)) return relaxation;
  return Math.min(1.99, Math.max(relaxation, 2 / (1 + Math.sqrt(1 - plain))));
}

/** Marginal errors below this are rounding of the exponents and sums. */
function roundingFloor({ largest, epsilon, rows, columns }: Scaling): number {
  return 2 ** -53 * (8 + (2 * largest) / epsilon + Math.sqrt(rows + columns));
}

function totalOf({ a, b }: Scaling): number {
  let total = 0;
  for (const mass of a) total += mass;
  for (const mass of b) total += mass;
  return total;
}

/** Potentials that have left the range start again from where the last absorption put them. */
function rescue(scaling: Scaling, rho: number): void {
  const { f, g, rowShift, columnShift } = scaling;
  f.set(rowShift);
  g.set(columnShift);
  logSweep(scaling, rho);
  absorb(scaling);
}

/** The best common shift `f + t, g - t` of the unbalanced dual: `e^(2t/rho) = sum a e^(-f/rho) / sum b e^(-g/rho)`. */
function translate({ a, b, f, g }: Scaling, rho: number): void {
  let [left, right] = [0, 0];
  for (let i = 0; i < a.length; i++) left += a[i] * Math.exp(-f[i] / rho);
  for (let j = 0; j < b.length; j++) right += b[j] * Math.exp(-g[j] / rho);
  const shift = (rho / 2) * Math.log(left / right);
  if (!Number.isFinite(shift)) return;
  for (let i = 0; i < a.length; i++) f[i] += shift;
  for (let j = 0; j < b.length; j++) g[j] -= shift;
}
