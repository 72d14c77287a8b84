import { allocateFirstVariation, type Energy, fail, type Measure, measure, show } from '@muflow/core';

export interface ShrinkMassesOptions {
  /** Penalty `lambda sum_i m_i` on top of what the energy charges already, default 0. */
  readonly lambda?: number;
  /** Stop where the optimality conditions hold to this, default 1e-10. */
  readonly tolerance?: number;
  /** Most steps, default 20,000. */
  readonly maxSteps?: number;
  /** First step size, default 1; it is halved where it is too long. */
  readonly stepSize?: number;
}

export interface ShrunkMasses {
  /** The measure on the same atoms, masses of exactly 0 included. */
  readonly measure: Measure;
  /** `max_i |V_i + lambda|` where m_i > 0, `max(0, -V_i - lambda)` where m_i = 0: 0 at an optimum. */
  readonly violation: number;
  readonly steps: number;
  readonly status: 'converged' | 'maxSteps' | 'stepTooSmall';
}

/**
 * The convex problem in the masses alone, `min_{m >= 0} F(sum_i m_i delta_{x_i}) + lambda sum_i m_i` for an energy F that
 * is convex in the measure, by accelerated forward-backward steps: from `z = max(0, m + momentum (m - m_before))`,
 *
 *     m_i <- max(0, z_i - tau (V_z(x_i) + lambda)),
 *
 * soft thresholding on masses >= 0. tau is halved until F lies below its quadratic bound, momentum starts anew where the
 * objective rises. F falls as `1/k^2`. Unlike the multiplicative step (`mirror`), masses become exactly 0 and come back.
 * Cost O(1) evaluations of F and V a step. Source: [BeckTeboulle2009] for the steps and their rate,
 * [CombettesWajs2005] for the splitting.
 *
 * @param initial - atoms, which stay, and the masses to start from.
 * @throws `invalid-argument` for a penalty, step size or tolerance out of range.
 * @example
 * const { measure: sparse } = shrinkMasses(energy, start, { lambda: 0.1 });
 */
export function shrinkMasses(energy: Energy, initial: Measure, options: ShrinkMassesOptions = {}): ShrunkMasses {
  const { lambda = 0, tolerance = 1e-10, maxSteps = 20_000, stepSize = 1 } = options;
  checkOptions({ lambda, tolerance, maxSteps, stepSize });
  const { space, positions, count } = initial;
  const at = (masses: Float64Array): Measure => measure({ space, kind: 'positive', positions, masses });
  const objective = (mu: Measure): number => energy.value(mu) + lambda * sumOf(mu.masses);
  const variation = allocateFirstVariation(count, initial.dim);
  const potentialOf = (mu: Measure): Float64Array => {
    energy.firstVariationInto(variation, mu);
    return variation.potential;
  };

  let tau = stepSize;
  let current: Float64Array = initial.masses.slice();
  let before = current;
  let value = objective(at(current));
  let momentum = 1;
  for (let step = 0; ; step++) {
    const violation = violationOf(current, potentialOf(at(current)), lambda);
    if (violation <= tolerance || step >= maxSteps) {
      return {
        measure: at(current),
        violation,
        steps: step,
        status: violation <= tolerance ? 'converged' : 'maxSteps',
      };
    }
    const next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const base = extrapolated(current, before, (momentum - 1) / next);
    const taken = backward(base, tau);
    if (taken === null) return { measure: at(current), violation, steps: step, status: 'stepTooSmall' };
    tau = taken.tau;
    const reached = objective(at(taken.masses));
    if (reached > value && momentum > 1) {
      // Momentum overshoots: go on from the last point without it.
      before = current;
      momentum = 1;
      continue;
    }
    before = current;
    current = taken.masses;
    value = reached;
    momentum = next;
  }

  /** The step from `base` with the longest tau among halvings for which the quadratic bound holds. */
  function backward(base: Float64Array, longest: number): { masses: Float64Array; tau: number } | null {
    const mu = at(base);
    const slopes = potentialOf(mu).slice();
    const start = energy.value(mu);
    for (let tried = longest; tried > 1e-14 * stepSize; tried /= 2) {
      const masses = base.map((mass, i) => Math.max(0, mass - tried * (slopes[i] + lambda)));
      let bound = start;
      for (let i = 0; i < count; i++) {
        const change = masses[i] - base[i];
        bound += slopes[i] * change + (change * change) / (2 * tried);
      }
      if (energy.value(at(masses)) <= bound + 1e-14 * Math.abs(bound)) return { masses, tau: tried };
    }
    return null;
  }
}

const sumOf = (masses: Float64Array): number => masses.reduce((sum, mass) => sum + mass, 0);

/** `max(0, m + momentum (m - m_before))`. */
function extrapolated(current: Float64Array, before: Float64Array, momentum: number): Float64Array {
  return current.map((mass, i) => Math.max(0, mass + momentum * (mass - before[i])));
}

function violationOf(masses: Float64Array, potential: Float64Array, lambda: number): number {
  let most = 0;
  for (let i = 0; i < masses.length; i++) {
    const slope = potential[i] + lambda;
    most = Math.max(most, masses[i] > 0 ? Math.abs(slope) : -slope);
  }
  return most;
}

function checkOptions(options: Required<ShrinkMassesOptions>): void {
  const { lambda, tolerance, maxSteps, stepSize } = options;
  const fine =
    lambda >= 0 &&
    Number.isFinite(lambda) &&
    tolerance >= 0 &&
    stepSize > 0 &&
    Number.isFinite(stepSize) &&
    maxSteps >= 1;
  if (fine) return;
  fail({
    code: 'invalid-argument',
    where: 'shrinkMasses',
    problem: 'the options are not usable',
    got: `lambda ${show(lambda)}, tolerance ${show(tolerance)}, maxSteps ${show(maxSteps)}, stepSize ${show(stepSize)}`,
    expected: 'a finite lambda >= 0, a tolerance >= 0, at least one step and a step size > 0',
    fix: 'leave out what need not be set',
  });
}
