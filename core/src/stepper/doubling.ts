import { fail } from '../errors.js';
import type { Profile } from '../measure/measure.js';
import { copyProfileInto } from '../measure/working.js';
import { advance, type Spent } from './advance.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import type { EstimatingStepper, Stepper, Tolerance } from './stepper.js';
import { checkTolerance, defaultTolerance, profileError } from './tolerance.js';

/** One state for the whole step, one for its halves. */
export interface DoublingState {
  readonly whole: unknown;
  readonly halves: unknown;
  readonly results: ResultBuffers;
}

/**
 * Any deterministic stepper with an error estimate: it takes two half steps, compares them with one whole step, and
 * reports `|whole - halves| / (2^p - 1)` in units of the tolerance, p the order of the stepper. The result is that of
 * the halves, of the same order. Three times the cost of a step. Source: [HairerNorsettWanner1993], section II.4.
 *
 * @throws `unsupported` for a stepper that follows noise: its two paths would not be the same.
 */
export function doubling(stepper: Stepper, tolerance: Tolerance = defaultTolerance): EstimatingStepper<DoublingState> {
  checkTolerance('doubling', tolerance);
  if (stepper.accepts.noise) {
    fail({
      code: 'unsupported',
      where: 'doubling',
      problem: 'noise has no local error of this kind',
      got: stepper.name,
      expected: 'a stepper of deterministic flows',
      fix: 'use fixed steps with eulerMaruyama',
    });
  }
  return {
    name: `doubling ${stepper.name}`,
    order: stepper.order,
    errorOrder: stepper.order,
    accepts: stepper.accepts,
    conservesMass: stepper.conservesMass,
    init: (flow, profile) => ({
      whole: stepper.init(flow, profile),
      halves: stepper.init(flow, profile),
      results: resultBuffers(profile),
    }),
    step: (flow, profile, context, state) => {
      const spent: Spent = { evaluations: 0, rejected: 0, status: 'ok' };
      const half = context.dt / 2;
      const halves = { stepper, flow, state: state.halves };
      const whole = advance({ stepper, flow, state: state.whole }, profile, context, spent);
      const middle = advance(halves, profile, { ...context, dt: half }, spent);
      const fine: Profile = advance(halves, middle, { ...context, time: context.time + half, dt: half }, spent);
      const next = state.results.target(profile);
      copyProfileInto(next, fine);
      const errorEstimate = profileError(whole, fine, 2 ** stepper.order - 1, tolerance);
      return { next, dt: context.dt, state, errorEstimate, changedSupport: false, ...spent };
    },
    withTolerance: (other) => doubling(stepper, other),
  };
}
