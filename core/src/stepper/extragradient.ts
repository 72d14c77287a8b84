import { fail, show } from '../errors.js';
import type { Flow, StepContext } from '../flow/flow.js';
import { allocateTangents } from '../flow/tangents.js';
import type { Measure, Profile, Tangent } from '../measure/measure.js';
import { pushInto, type WorkingMeasure, workingProfile } from '../measure/working.js';
import { type ResultBuffers, resultBuffers } from './buffers.js';
import type { Stepper } from './stepper.js';

export interface ExtragradientOptions {
  /** Default false. True scales each atom's move by `half mass / old mass`: the proximal step of the conic distance. */
  readonly ratio?: boolean;
  /** How often to look ahead, default 1; more goes towards the implicit step, 0 is the explicit one. */
  readonly ghostSteps?: number;
}

/** Buffers; `half` is the extrapolated profile of the last step, whose average is what converges in convex games. */
export interface ExtragradientState {
  readonly tangents: readonly Tangent[];
  readonly half: readonly WorkingMeasure[];
  readonly results: ResultBuffers;
}

/**
 * Extragradient, in the masses mirror-prox: look ahead by a full step, then step from the start with what is seen there,
 * `half = push(z, T(z), dt)`, `next = push(z, T(half), dt)`. It damps the rotation of games, where Euler steps diverge.
 *
 * As an integrator it has order 1 (the look-ahead is a full step; half of one would be the midpoint rule of order 2,
 * without the damping). Looking ahead s times, `half <- push(z, T(half), dt)` from `half = z`, takes `s + 1` evaluations
 * and tends to the implicit step `next = push(z, T(next), dt)` where dt is short for the field. With `ratio: true` it is conic particle mirror-prox: velocities are scaled by
 * `half mass_i / old mass_i` per atom, and an atom without mass stays.
 * Sources: [Nemirovski2004], [WangChizat2022].
 *
 * @throws `invalid-argument` for ghost steps that are no whole number >= 0.
 *
 * @example
 * ```ts
 * import { extragradient } from '@muflow/core';
 * console.log(extragradient({ ratio: true }).order); // => 1
 * ```
 */
export function extragradient({
  ratio = false,
  ghostSteps = 1,
}: ExtragradientOptions = {}): Stepper<ExtragradientState> {
  if (!(Number.isInteger(ghostSteps) && ghostSteps >= 0)) {
    fail({
      code: 'invalid-argument',
      where: 'extragradient',
      problem: 'ghostSteps is not a number of looks ahead',
      got: show(ghostSteps),
      expected: 'an integer >= 0',
      fix: 'leave it at 1 for mirror-prox',
    });
  }
  return {
    name: `${ratio ? 'conic-extragradient' : 'extragradient'}${ghostSteps === 1 ? '' : `-${ghostSteps}`}`,
    order: 1,
    accepts: { noise: false, transport: true, reaction: true },
    conservesMass: true,
    init: (flow: Flow, profile: Profile) => ({
      tangents: allocateTangents(flow, profile),
      half: workingProfile(profile),
      results: resultBuffers(profile),
    }),
    step: (flow, profile, context, state) => {
      const { tangents, half } = state;
      const ahead = { ...context, time: context.time + context.dt };
      flow.tangentInto(tangents, profile, context);
      for (let look = 0; look < ghostSteps; look++) {
        pushProfile(half, profile, tangents, context);
        flow.tangentInto(tangents, half, ahead);
        if (ratio) for (let k = 0; k < profile.length; k++) scaleByMassRatio(tangents[k], half[k], profile[k]);
      }
      const next = state.results.target(profile);
      pushProfile(next, profile, tangents, context);
      const evaluations = ghostSteps + 1;
      return { next, dt: context.dt, state, evaluations, rejected: 0, changedSupport: false, status: 'ok' };
    },
  };
}

function pushProfile(
  target: readonly WorkingMeasure[],
  source: Profile,
  tangents: readonly Tangent[],
  { dt }: StepContext,
): void {
  for (let k = 0; k < source.length; k++) pushInto(target[k], source[k], tangents[k], dt);
}

/** Masses below this have lost digits; their logarithms have not. */
const leastMass = 1e-290;

/** `v_i <- v_i m_i(half) / m_i(start)`, through the log-masses where masses are tiny; 0 for an atom without mass. */
function scaleByMassRatio({ velocity }: Tangent, half: Measure, start: Measure): void {
  if (velocity === null) return;
  const { count, dim, masses, logMasses } = start;
  const { masses: halfMasses, logMasses: halfLogs } = half;
  for (let i = 0; i < count; i++) {
    const mass = masses[i];
    const halfMass = halfMasses[i];
    let factor = halfMass / mass;
    if (!(mass > leastMass && halfMass > leastMass && halfMass < Number.POSITIVE_INFINITY)) {
      factor = logMasses[i] === Number.NEGATIVE_INFINITY ? 0 : Math.exp(halfLogs[i] - logMasses[i]);
    }
    for (let k = 0; k < dim; k++) velocity[i * dim + k] *= factor;
  }
}
