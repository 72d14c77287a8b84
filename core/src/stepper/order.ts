import type { Flow } from '../flow/flow.js';
import { deriveKey, type RandomKey, randomKey } from '../math/random.js';
import { convergenceOrder } from '../math/slopes.js';
import type { Profile } from '../measure/measure.js';
import { snapshot } from '../measure/working.js';
import { advance, type Spent } from './advance.js';
import { checkStepper } from './checkStepper.js';
import type { Stepper } from './stepper.js';

/** A flow whose solution from a given start is known in closed form. */
export interface ExactProblem {
  readonly name: string;
  readonly flow: Flow;
  readonly initial: Profile;
  /** Time at which solutions are compared. */
  readonly time: number;
  readonly exact: (time: number) => Profile;
}

/** Errors against step sizes, and the exponent fitted to them. */
export interface MeasuredOrder {
  readonly order: number;
  readonly stepSizes: readonly number[];
  readonly errors: readonly number[];
}

/**
 * Measures the order of a stepper: the exponent p of `error ~ C dt^p` at the final time of a problem with known
 * solution, by a line fitted through the logarithms.
 *
 * @param steps - numbers of equal steps to take, two or more; take them so that errors stay above 1e-12.
 * @throws `invalid-argument` where an error vanishes: the stepper is then exact and has no order there.
 */
export function measureOrder(stepper: Stepper, problem: ExactProblem, steps: readonly number[]): MeasuredOrder {
  const exact = problem.exact(problem.time);
  const stepSizes = steps.map((count) => problem.time / count);
  const errors = steps.map((count) => profileDistance(follow(stepper, problem, count), exact));
  return { order: convergenceOrder(stepSizes, errors), stepSizes, errors };
}

/** The profile after `count` equal steps over the time of a problem; step k has the key of (key, k). */
export function follow(
  stepper: Stepper,
  { flow, initial, time }: Omit<ExactProblem, 'exact' | 'name'>,
  count: number,
  key: RandomKey = randomKey(0),
): Profile {
  checkStepper(stepper, flow, initial);
  const state = stepper.init(flow, initial);
  const spent: Spent = { evaluations: 0, rejected: 0, status: 'ok' };
  let profile = initial;
  for (let step = 0; step < count && spent.status === 'ok'; step++) {
    const dt = time / count;
    profile = advance(
      { stepper, flow, state },
      profile,
      { time: step * dt, dt, step, key: deriveKey(key, step) },
      spent,
    );
  }
  return profile.map(snapshot);
}

/** Largest distance between atoms of the same index, and largest difference of masses, over all players. */
export function profileDistance(a: Profile, b: Profile): number {
  let largest = 0;
  a.forEach((mu, k) => {
    const nu = b[k];
    for (let i = 0; i < mu.count; i++) {
      const distance = mu.space.distance(mu.positions, i * mu.dim, nu.positions, i * mu.dim);
      largest = Math.max(largest, distance, Math.abs(mu.masses[i] - nu.masses[i]));
    }
  });
  return largest;
}
